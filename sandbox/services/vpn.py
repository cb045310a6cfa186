"""Cloud VPN: gateways and tunnels."""

import hashlib
from typing import ClassVar

from sandbox.projects import COMPUTE
from sandbox.services.addresses import public_address
from sandbox.services.compute_machine import fingerprint
from sandbox.services.compute_network import NETWORK
from sandbox.services.compute_router import ROUTER, TUNNEL
from sandbox.services.product import ComputeProduct
from sandbox.services.references import Reference, invalid_value, look_up
from sandbox.services.service import ApiError, Context, Service, Values, at

CLASSIC = "google_compute_vpn_gateway"
HA = "google_compute_ha_vpn_gateway"
EXTERNAL = "google_compute_external_vpn_gateway"


class ClassicGateway(ComputeProduct):
    """A classic VPN gateway."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("network", (NETWORK,)),)

    def settle(self, context: Context, values: Values) -> None:
        """Number it."""
        values["self_link"] = COMPUTE + str(values["id"])
        values["gateway_id"] = int(context.cloud.new_number())


class HaGateway(ComputeProduct):
    """An HA VPN gateway: two interfaces, each with an address."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("network", (NETWORK,)),)

    def settle(self, context: Context, values: Values) -> None:
        """Give its interfaces addresses."""
        key = str(values["id"])
        values["self_link"] = COMPUTE + key
        values["label_fingerprint"] = fingerprint(values.get("labels"))
        given = context.given(values, "vpn_interfaces")
        blocks: list[Values] = given or [{"id": number, "interconnect_attachment": ""} for number in (0, 1)]
        for block in blocks:
            block["ip_address"] = public_address(context, HA, key)
        values["vpn_interfaces"] = blocks


class ExternalGateway(ComputeProduct):
    """Somebody else's gateway."""

    def admit(self, context: Context, values: Values) -> None:
        """Check that it has as many interfaces as its redundancy says."""
        del context
        wanted = {"SINGLE_IP_INTERNALLY_REDUNDANT": 1, "TWO_IPS_REDUNDANCY": 2, "FOUR_IPS_REDUNDANCY": 4}
        count = wanted.get(str(values.get("redundancy_type") or ""))
        if count is not None and len(values.get("interface") or []) != count:
            raise invalid_value(
                "resource.interfaces", "", f"{values['redundancy_type']} needs exactly {count} interface(s)."
            )

    def settle(self, context: Context, values: Values) -> None:
        """Set its link."""
        del context
        values["self_link"] = COMPUTE + str(values["id"])
        values["label_fingerprint"] = fingerprint(values.get("labels"))


class Tunnel(ComputeProduct):
    """A tunnel."""

    references: ClassVar[tuple[Reference, ...]] = (
        Reference("target_vpn_gateway", (CLASSIC,)),
        Reference("vpn_gateway", (HA,)),
        Reference("peer_gcp_gateway", (HA,)),
        Reference("peer_external_gateway", (EXTERNAL,)),
        Reference("router", (ROUTER,)),
    )

    def admit(self, context: Context, values: Values) -> None:
        """Check that there is one gateway here, one there, and what each needs."""
        if not values.get("target_vpn_gateway") and not values.get("vpn_gateway"):
            raise ApiError(400, "Either a target VPN gateway or a VPN gateway must be specified.", "invalid")
        if values.get("vpn_gateway"):
            if not values.get("router"):
                raise invalid_value("resource.router", "", "A router must be specified for an HA VPN tunnel.")
            if not values.get("peer_gcp_gateway") and not values.get("peer_external_gateway"):
                raise invalid_value("resource.peerExternalGateway", "", "A peer gateway must be specified.")
        elif not context.given(values, "peer_ip"):
            raise invalid_value("resource.peerIp", "", "The peer's address must be specified.")

    def settle(self, context: Context, values: Values) -> None:
        """Number it, and find the peer's address."""
        values["self_link"] = COMPUTE + str(values["id"])
        values["tunnel_id"] = context.cloud.new_number()
        secret = str(values.get("shared_secret") or "")
        values["shared_secret_hash"] = hashlib.sha256(secret.encode()).hexdigest()[:40]
        values["detailed_status"] = "Waiting for full config."
        values["label_fingerprint"] = fingerprint(values.get("labels"))
        for attribute in ("local_traffic_selector", "remote_traffic_selector"):
            context.fill(values, attribute, ["0.0.0.0/0"])
        if context.given(values, "peer_ip") is None:
            values["peer_ip"] = self._peer_address(context, values)

    @staticmethod
    def _peer_address(context: Context, values: Values) -> str:
        if values.get("peer_gcp_gateway"):
            peer = look_up(context, str(values["peer_gcp_gateway"]), (HA,), values).values
            return str(
                at(peer, "vpn_interfaces", int(values.get("vpn_gateway_interface") or 0), "ip_address") or ""
            )
        peer = look_up(context, str(values.get("peer_external_gateway")), (EXTERNAL,), values).values
        number = int(values.get("peer_external_gateway_interface") or 0)
        return str(at(peer, "interface", number, "ip_address") or "")


SERVICES: dict[str, Service] = {
    CLASSIC: ClassicGateway(),
    HA: HaGateway(),
    EXTERNAL: ExternalGateway(),
    TUNNEL: Tunnel(),
}
