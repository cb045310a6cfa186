"""Cloud DNS: zones and record sets."""

import re
from ipaddress import ip_address
from typing import ClassVar

from sandbox.services.compute_network import NETWORK
from sandbox.services.product import Product
from sandbox.services.references import Reference, look_up
from sandbox.services.service import ApiError, Context, Service, Values

ZONE = "google_dns_managed_zone"
RECORDS = "google_dns_record_set"
_NAME = re.compile(
    r"(?:(?:\*|[a-z0-9_](?:[-_a-z0-9]{0,61}[a-z0-9_])?)\.)*[a-z0-9_](?:[-_a-z0-9]{0,61}[a-z0-9_])?\.",
    re.IGNORECASE,
)
_HOST_TYPES = {"CNAME", "NS", "PTR"}


class ManagedZone(Product):
    """A zone."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("private_visibility_config.networks.network_url", (NETWORK,)),
        Reference("peering_config.target_network.network_url", (NETWORK,)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check the DNS name."""
        del context
        name = str(values.get("dns_name") or "")
        if name != "." and not _NAME.fullmatch(name):
            raise ApiError(400, f"Invalid value for 'entity.managedZone.dnsName': '{name}'", "invalid")

    def settle(self, context: Context, values: Values) -> None:
        """Give it name servers."""
        number = context.cloud.new_number()
        values["managed_zone_id"] = int(number)
        values["creation_time"] = f"{context.now:%Y-%m-%dT%H:%M:%S}.000Z"
        group = "abcde"[int(number) % 5]
        private = values.get("visibility") == "private"
        values["name_servers"] = [
            "ns-gcp-private.googledomains.com."
            if private
            else f"ns-cloud-{group}{position}.googledomains.com."
            for position in range(1, 2 if private else 5)
        ]

    def delete(self, context: Context, values: Values) -> None:
        """Refuse while there are record sets, unless they may go too."""
        inside = [
            row for row in context.cloud.list(RECORDS) if _zone_of(context, row.values) == values.get("id")
        ]
        if inside and not values.get("force_destroy"):
            raise ApiError(
                400,
                f"The resource named '{values.get('name')}' cannot be deleted because it contains one or"
                " more 'resource"
                " records'.",
                "containerNotEmpty",
            )
        super().delete(context, values)
        for row in inside:
            context.cloud.remove(RECORDS, row.id)


class RecordSet(Product):
    """A record set."""

    def admit(self, context: Context, values: Values) -> None:
        """Check zone, name and data."""
        zone = look_up(context, str(values.get("managed_zone") or ""), (ZONE,), values)
        if zone.missing:
            raise ApiError(
                404,
                f"The 'parameters.managedZone' resource named '{values.get('managed_zone')}' does not exist.",
                "notFound",
            )
        name, kind = str(values.get("name") or ""), str(values.get("type") or "")
        field = f"entity.change.additions[{name}][{kind}]"
        suffix = str((zone.values or {}).get("dns_name") or "")
        inside = suffix in {"", ".", name} or name.endswith("." + suffix)
        if not _NAME.fullmatch(name) or not inside:
            raise ApiError(400, f"Invalid value for '{field}.name': '{name}'", "invalid")
        for position, data in enumerate(values.get("rrdatas") or []):
            if not _fits(kind, str(data)):
                raise ApiError(400, f"Invalid value for '{field}.rrdata[{position}]': '{data}'", "invalid")

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)


def _fits(kind: str, data: str) -> bool:
    """Return whether a record's data is of its type."""
    if kind in {"A", "AAAA"}:
        try:
            return ip_address(data).version == (4 if kind == "A" else 6)
        except ValueError:
            return False
    if kind in _HOST_TYPES:
        return data.endswith(".")
    if kind == "MX":
        parts = data.split()
        return len(parts) == 2 and parts[0].isdigit()  # noqa: PLR2004 - preference and host
    return bool(data)


def _zone_of(context: Context, values: Values) -> str:
    return look_up(context, str(values.get("managed_zone") or ""), (ZONE,), values).id


SERVICES: dict[str, Service] = {ZONE: ManagedZone(), RECORDS: RecordSet()}
