"""Firewall rules of VPC networks."""

import re
from typing import ClassVar

from sandbox.projects import COMPUTE
from sandbox.services.addresses import is_range
from sandbox.services.compute_network import NETWORK
from sandbox.services.product import ComputeProduct, check_compute_name
from sandbox.services.references import Reference, invalid_value
from sandbox.services.service import ApiError, Context, Path, Service, Values

_WITH_PORTS = {"tcp", "udp", "sctp", "6", "17", "132"}
_PROTOCOLS = {"tcp", "udp", "icmp", "esp", "ah", "sctp", "ipip", "all"}
_PORTS = re.compile(r"\d{1,5}(-\d{1,5})?")
_MAX_PORT = 65535


class Firewall(ComputeProduct):
    """A firewall rule of a network."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("network", (NETWORK,)),)

    def customise(
        self, context: Context, prior: Values | None, planned: Values, config: Values
    ) -> list[Path]:
        """Refuse an ingress rule without a source, as the provider does at plan time."""
        del context, prior, planned
        sources = ("source_tags", "source_ranges", "source_service_accounts")
        if config.get("direction") in (None, "INGRESS") and not any(_set(config.get(one)) for one in sources):
            raise ApiError(
                400,
                "one of source_tags, source_ranges, or source_service_accounts must be defined",
                raw=True,
            )
        return []

    def admit(self, context: Context, values: Values) -> None:
        """Check protocols, ports, ranges and tags."""
        del context
        for attribute, field in (("allow", "allowed"), ("deny", "denied")):
            for position, block in enumerate(values.get(attribute) or []):
                _check_protocol(f"resource.{field}[{position}]", block)
        if values.get("allow") and values.get("deny"):
            raise invalid_value("resource.allowed", "", "Only one of allowed and denied may be specified.")
        for attribute, field in (
            ("source_ranges", "sourceRanges"),
            ("destination_ranges", "destinationRanges"),
        ):
            for position, cidr in enumerate(values.get(attribute) or []):
                if "/" in cidr and not is_range(cidr):
                    raise invalid_value(
                        f"resource.{field}[{position}]", cidr, "Must be a valid CIDR address range."
                    )
        for attribute, field in (("source_tags", "sourceTags"), ("target_tags", "targetTags")):
            for position, tag in enumerate(values.get(attribute) or []):
                check_compute_name(tag, f"resource.{field}[{position}]")
        if values.get("direction") == "EGRESS" and any(
            values.get(one) for one in ("source_tags", "source_ranges", "source_service_accounts")
        ):
            raise invalid_value(
                "resource.direction", "EGRESS", "Sources may only be specified for INGRESS rules."
            )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set the direction and the default of destination ranges."""
        values["self_link"] = COMPUTE + str(values["id"])
        context.fill(values, "direction", "INGRESS")
        context.fill(values, "priority", 1000)
        if values["direction"] == "EGRESS":
            context.fill(values, "destination_ranges", ["0.0.0.0/0"])
        else:
            context.fill(values, "destination_ranges", [])


def _set(value: object) -> bool:
    return value is not None and value not in ("", [])


def _check_protocol(field: str, block: Values) -> None:
    protocol = str(block.get("protocol") or "").lower()
    if protocol not in _PROTOCOLS and not (protocol.isdigit() and int(protocol) < 256):  # noqa: PLR2004
        raise invalid_value(
            f"{field}.IPProtocol",
            block.get("protocol"),
            "Must be one of [tcp, udp, icmp, esp, ah, sctp, ipip, all] or an IP protocol number.",
        )
    for position, ports in enumerate(block.get("ports") or []):
        if protocol not in _WITH_PORTS:
            raise invalid_value(
                f"{field}.ports[{position}]",
                ports,
                "Ports may only be specified on rules whose protocol is one of [TCP, UDP, SCTP].",
            )
        ends = [int(end) for end in str(ports).split("-")] if _PORTS.fullmatch(str(ports)) else []
        if not ends or ends != sorted(ends) or ends[-1] > _MAX_PORT:
            raise invalid_value(
                f"{field}.ports[{position}]",
                ports,
                "Must be an integer between 0 and 65535, or a range such as 80-90.",
            )


SERVICES: dict[str, Service] = {"google_compute_firewall": Firewall()}
