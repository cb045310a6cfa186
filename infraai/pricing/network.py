"""External addresses, NAT gateways and VPN tunnels."""

from infraai.pricing.compute import MANAGERS, TEMPLATES, group_size
from infraai.pricing.estate import Estate, Item
from infraai.pricing.tally import Part, Tally

ADDRESSES = ("google_compute_address", "google_compute_global_address")
_RULES = ("google_compute_forwarding_rule", "google_compute_global_forwarding_rule")


def price_addresses(estate: Estate, tally: Tally) -> None:
    """Price external addresses: one on a machine is in use; a reserved one that nothing can take is not.

    A reserved address of a load balancer or of NAT costs nothing by itself.
    """
    taken = 0.0
    for item in estate.items:
        count = _external_addresses(estate, item)
        if count:
            region = item.region(estate.region)
            tally.add(Part(item.address, f"{count:g} external address", region, count), "network", "ip/vm")
            taken += count
    reserved = [item for item in estate.of(*ADDRESSES) if _is_external(item)]
    spare = int(taken) + len(estate.of(*_RULES)) + len(estate.of("google_compute_router_nat"))
    for item in reserved[spare:]:
        region = item.region(estate.region)
        tally.add(Part(item.address, "reserved address, unused", region, 1), "network", "ip/unused")


def price_nat(estate: Estate, item: Item, tally: Tally) -> None:
    """Price a NAT gateway at the table's rate; data is paid by the GB.

    That rate is reached at 32 machines; fewer pay by the machine (https://cloud.google.com/nat/pricing).
    """
    region = item.region(estate.region)
    tally.add(Part(item.address, "NAT gateway, at most", region, 1), "network", "nat/gateway")
    price = tally.table.find("network", "nat/data", region)
    if price:
        tally.skip(item.address, f"data through it, {price.usd_month:g} USD a GB")


def price_tunnel(estate: Estate, item: Item, tally: Tally) -> None:
    """Price a VPN tunnel; traffic is paid by the GB."""
    tally.add(Part(item.address, "VPN tunnel", item.region(estate.region), 1), "network", "vpn/tunnel")


def _external_addresses(estate: Estate, item: Item) -> float:
    if item.type == "google_compute_instance":
        return _access_configs(item)
    if item.type in MANAGERS:
        template = estate.linked(item, "version.instance_template", TEMPLATES)
        size = group_size(estate, item)
        return _access_configs(template) * size[0] if template and size else 0
    return 0


def _access_configs(item: Item) -> float:
    nested = sum(len(Item("", "", one).blocks("access_config")) for one in item.blocks("network_interface"))
    flat = item.flag("external_ip", "public_ip", "assign_external_ip", "public", "access_config")
    return float(nested or flat or bool(item.text("nat_ip")))


def _is_external(item: Item) -> bool:
    purpose = item.text("purpose").upper()
    internal = {"VPC_PEERING", "PRIVATE_SERVICE_CONNECT", "GCE_ENDPOINT", "SHARED_LOADBALANCER_VIP"}
    return item.text("address_type").upper() != "INTERNAL" and purpose not in internal
