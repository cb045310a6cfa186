"""A machine's network interfaces: what they may name, and the addresses they get."""

from typing import Any

from sandbox.catalog.places import region_of
from sandbox.projects import COMPUTE
from sandbox.services.addresses import inner_address, public_address, take_address, within
from sandbox.services.compute_network import NETWORK, SUBNETWORK
from sandbox.services.references import Target, invalid_value, look_up, name_of
from sandbox.services.service import ApiError, Context, Values

_FIELD = "resource.networkInterfaces[{}]"


def check_interfaces(context: Context, values: Values, region: str, *, template: bool = False) -> None:
    """Raise the provider's or Compute's answer to interfaces that cannot be."""
    seen: list[str] = []
    prefix = "resource.properties.networkInterfaces[{}]" if template else _FIELD
    for position, nic in enumerate(values.get("network_interface") or []):
        field = prefix.format(position)
        network, subnetwork = _named(context, values, nic, position, region)
        if network is None and subnetwork is None:
            if nic.get("network_attachment"):
                continue
            raise ApiError(
                400, "exactly one of network, subnetwork, or network_attachment must be provided", raw=True
            )
        network_id = _check_pair(field, network, subnetwork, region, nic)
        if network_id in seen and not nic.get("parent_nic_name"):
            raise invalid_value(
                f"{field}.network", nic.get("network"), "Networks must be distinct for NICs attached to a VM."
            )
        seen.append(network_id)
        address = context.given(values, "network_interface", position, "network_ip")
        if address and subnetwork and subnetwork.values:
            cidr = str(subnetwork.values.get("ip_cidr_range"))
            if not within(str(address), cidr):
                raise invalid_value(
                    f"{field}.networkIP",
                    address,
                    f"Requested internal IP address is outside the subnetwork range {cidr}.",
                )


def _named(
    context: Context, values: Values, nic: Values, position: int, region: str
) -> tuple[Target | None, Target | None]:
    """Return the network and subnetwork that a person named; raise 404 where they do not exist."""
    owner = {**values, "region": region, "zone": None}
    if nic.get("subnetwork_project") and "/" not in str(nic.get("subnetwork") or ""):
        owner["project"] = nic["subnetwork_project"]
    network = context.given(values, "network_interface", position, "network")
    subnetwork = context.given(values, "network_interface", position, "subnetwork")
    found: list[Target | None] = []
    for reference, kind, noun in ((network, NETWORK, "network"), (subnetwork, SUBNETWORK, "subnetwork")):
        target = look_up(context, str(reference), (kind,), owner) if reference else None
        ours = target is not None and target.ours and owner.get("project") == values.get("project")
        if target is not None and ours and target.values is None:
            raise invalid_value(
                f"{_FIELD.format(position)}.{noun}",
                target.id,
                f"The referenced {noun} resource cannot be found.",
            )
        found.append(target)
    return found[0], found[1]


def _check_pair(
    field: str, network: Target | None, subnetwork: Target | None, region: str, nic: Values
) -> str:
    """Return the id of the interface's network; raise where network, subnetwork and region do not fit."""
    if subnetwork is not None:
        inside = subnetwork.values or {}
        if inside.get("region") and region and name_of(str(inside["region"])) != region:
            raise invalid_value(
                f"{field}.subnetwork",
                nic.get("subnetwork"),
                f"Subnetwork must be in the region of the instance's zone: '{region}'.",
            )
        own = name_of(str(inside.get("network") or ""))
        if network is not None and own and own != name_of(network.id):
            raise invalid_value(
                f"{field}.subnetwork",
                nic.get("subnetwork"),
                f"The subnetwork is not of the specified network '{name_of(network.id)}'.",
            )
        return own or subnetwork.id
    assert network is not None
    if (network.values or {}).get("auto_create_subnetworks") is False:
        raise invalid_value(field, "", "Subnetwork should be specified for custom subnetmode network")
    return name_of(network.id)


def settle_interfaces(context: Context, values: Values, region: str) -> None:
    """Set in place the names, links and addresses that Compute gives a machine's interfaces."""
    for position, nic in enumerate(values.get("network_interface") or []):
        network, subnetwork = _named(context, values, nic, position, region)
        if subnetwork is None and network is not None:
            owner = {**values, "project": _project(network.id), "region": region, "zone": None}
            subnetwork = look_up(context, name_of(network.id), (SUBNETWORK,), owner)
        inside = (subnetwork.values if subnetwork else None) or {}
        _set_links(context, values, position, (network, subnetwork))
        nic["name"] = f"nic{position}"
        nic["stack_type"] = nic.get("stack_type") or "IPV4_ONLY"
        nic["ipv6_access_type"] = nic["ipv6_address"] = ""
        nic["internal_ipv6_prefix_length"] = 0
        _set_address(context, values, position, nic, inside)
        for at, access in enumerate(nic.get("access_config") or []):
            access["network_tier"] = access.get("network_tier") or "PREMIUM"
            if context.given(values, "network_interface", position, "access_config", at, "nat_ip") is None:
                access["nat_ip"] = public_address(context, context.resource_type, str(values["id"]))


def _set_links(
    context: Context, values: Values, position: int, named: tuple[Target | None, Target | None]
) -> None:
    network, subnetwork = named
    nic: Values = values["network_interface"][position]
    inside: dict[str, Any] = (subnetwork.values if subnetwork else None) or {}
    path = ("network_interface", position)
    if context.given(values, *path, "network") is None:
        nic["network"] = inside.get("network") or (COMPUTE + network.id if network else "")
    if context.given(values, *path, "subnetwork") is None:
        nic["subnetwork"] = COMPUTE + subnetwork.id if subnetwork and subnetwork.values else ""
    if context.given(values, *path, "subnetwork_project") is None:
        nic["subnetwork_project"] = _project(subnetwork.id) if subnetwork else values.get("project")


def _set_address(context: Context, values: Values, position: int, nic: Values, inside: Values) -> None:
    kind, key = context.resource_type, str(values["id"])
    given = context.given(values, "network_interface", position, "network_ip")
    if given is not None:
        if inside.get("id") and not _reserved(context, str(given)):
            take_address(context, str(inside["id"]), str(given), kind, key)
    elif inside.get("id"):
        nic["network_ip"] = inner_address(context, str(inside["id"]), str(inside["ip_cidr_range"]), kind, key)
    else:
        nic["network_ip"] = inner_address(
            context, f"{nic.get('subnetwork') or 'foreign'}", "10.200.0.0/16", kind, key
        )


def _reserved(context: Context, address: str) -> bool:
    rows = context.cloud.list("google_compute_address")
    return any(row.values.get("address") == address for row in rows)


def check_public_addresses(context: Context, values: Values, region: str) -> None:
    """Raise Compute's answer to an external address that is not reserved in the region, or is in use."""
    for position, nic in enumerate(values.get("network_interface") or []):
        for at, _ in enumerate(nic.get("access_config") or []):
            path = ("network_interface", position, "access_config", at, "nat_ip")
            address = context.given(values, *path)
            if not address:
                continue
            field = f"{_FIELD.format(position)}.accessConfigs[{at}].natIP"
            rows = [
                row
                for row in context.cloud.list("google_compute_address")
                if row.values.get("address") == address
            ]
            if not any(name_of(str(row.values.get("region"))) == region for row in rows):
                raise invalid_value(
                    field,
                    address,
                    f"The specified external IP address '{address}' was not found in region '{region}'.",
                )
            for row in context.cloud.list("google_compute_instance"):
                if row.id != values.get("id") and address in _public(row.values):
                    raise invalid_value(field, address, f"External IP address: {address} is already in-use.")


def _public(values: Values) -> list[str]:
    return [
        str(access.get("nat_ip"))
        for nic in values.get("network_interface") or []
        for access in nic.get("access_config") or []
    ]


def _project(resource_id: str) -> str:
    return resource_id.split("/")[1] if resource_id.startswith("projects/") else ""


def region_of_machine(values: Values) -> str:
    """Return the region of a machine's zone."""
    return region_of(name_of(str(values.get("zone") or "")))
