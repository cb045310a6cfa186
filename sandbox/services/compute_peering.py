"""Peerings of VPC networks."""

from typing import ClassVar

from sandbox.services.addresses import overlap
from sandbox.services.compute_network import NETWORK, SUBNETWORK, ranges_of
from sandbox.services.product import ComputeProduct
from sandbox.services.references import Reference, invalid_value, look_up
from sandbox.services.service import ApiError, Context, Service, Values


class Peering(ComputeProduct):
    """One side of a peering: active when the other side is there too."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("network", (NETWORK,), holds=False),
        Reference("peer_network", (NETWORK,), holds=False),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a network that is peered with itself or whose ranges overlap with its peer's."""
        near = look_up(context, str(values["network"]), (NETWORK,), values)
        far = look_up(context, str(values["peer_network"]), (NETWORK,), values)
        if near.id == far.id:
            raise invalid_value(
                "networkPeering.network", values["peer_network"], "Cannot peer a network to itself."
            )
        theirs = network_ranges(context, far.id)
        for name, cidr in network_ranges(context, near.id):
            for other_name, other in theirs:
                if overlap(cidr, other):
                    raise ApiError(
                        400,
                        f"An IP range in the peer network ({other}) overlaps with an IP range in the local"
                        f" network ({cidr}) allocated by resource ({name}; {other_name}).",
                        "badRequest",
                    )

    def settle(self, context: Context, values: Values) -> None:
        """Set the state by whether the other side is there."""
        self.read(context, values)

    def read(self, context: Context, values: Values) -> None:
        """Refresh the state."""
        near = look_up(context, str(values["network"]), (NETWORK,), values).id
        far = look_up(context, str(values["peer_network"]), (NETWORK,), values).id
        both = any(
            look_up(context, str(row.values["network"]), (NETWORK,), row.values).id == far
            and look_up(context, str(row.values["peer_network"]), (NETWORK,), row.values).id == near
            for row in context.cloud.list(context.resource_type)
        )
        values["state"] = "ACTIVE" if both else "INACTIVE"
        values["state_details"] = (
            "[Connected]."
            if both
            else "[Waiting for peer network to connect]: The peer network has no peering."
        )


def network_ranges(context: Context, network: str) -> list[tuple[str, str]]:
    """Return (subnetwork, CIDR) for each range of a network, by the network's id."""
    found: list[tuple[str, str]] = []
    for row in context.cloud.list(SUBNETWORK, built_in=True):
        if look_up(context, str(row.values.get("network")), (NETWORK,), row.values).id == network:
            found += [(row.id, cidr) for _, cidr in ranges_of(row.values)]
    return found


SERVICES: dict[str, Service] = {"google_compute_network_peering": Peering()}
