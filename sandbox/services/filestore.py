"""Filestore instances."""

from typing import ClassVar

from sandbox.catalog.places import is_region, is_zone
from sandbox.services.compute_address import service_address
from sandbox.services.compute_machine import fingerprint
from sandbox.services.compute_network import NETWORK
from sandbox.services.product import Product
from sandbox.services.references import Reference, look_up, name_of
from sandbox.services.service import ApiError, Context, Service, Values

INSTANCE = "google_filestore_instance"
_LEAST_GB = {
    "STANDARD": 1024,
    "BASIC_HDD": 1024,
    "PREMIUM": 2560,
    "BASIC_SSD": 2560,
    "HIGH_SCALE_SSD": 10240,
    "ZONAL": 1024,
    "REGIONAL": 1024,
    "ENTERPRISE": 1024,
}


class Filestore(Product):
    """A Filestore instance."""

    references: ClassVar[tuple[Reference, ...]] = (Reference("networks.network", (NETWORK,), checked=False),)

    def check_place(self, context: Context, values: Values) -> None:
        """Check the location: a zone or, for the large tiers, a region."""
        del context
        place = str(values.get("location") or values.get("zone") or "")
        if place and not is_zone(place) and not is_region(place):
            raise ApiError(
                403, f"Permission denied on 'locations/{place}' (or it may not exist).", "forbidden"
            )

    def admit(self, context: Context, values: Values) -> None:
        """Check tier, size and network."""
        tier = str(values.get("tier") or "")
        if tier not in _LEAST_GB:
            raise ApiError(400, f'Invalid value at "instance.tier": "{tier}".', "badRequest")
        for share in values.get("file_shares") or []:
            if float(share.get("capacity_gb") or 0) < _LEAST_GB[tier]:
                raise ApiError(
                    400,
                    f"file_shares[0].capacity_gb must be at least {_LEAST_GB[tier]} for tier {tier}.",
                    "badRequest",
                )
        for network in values.get("networks") or []:
            found = look_up(context, str(network.get("network")), (NETWORK,), values)
            if found.missing:
                raise ApiError(404, f"network '{name_of(found.id)}' does not exist.", "notFound")

    def settle(self, context: Context, values: Values) -> None:
        """Give it addresses."""
        values["create_time"] = f"{context.now:%Y-%m-%dT%H:%M:%S.%f}Z"
        values["etag"] = fingerprint([values["id"], values["create_time"]])
        for network in values.get("networks") or []:
            found = look_up(context, str(network.get("network")), (NETWORK,), values).id
            address = service_address(context, found, INSTANCE, str(values["id"]))
            network["ip_addresses"] = [address]
            if not network.get("reserved_ip_range"):
                network["reserved_ip_range"] = f"{address.rpartition('.')[0]}.0/29"


SERVICES: dict[str, Service] = {INSTANCE: Filestore()}
