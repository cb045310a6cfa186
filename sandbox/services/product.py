"""What the resource types written by hand have in common: names, places, references, protection, use."""

import re
from typing import ClassVar

from sandbox.catalog.places import is_region, is_zone
from sandbox.services import references
from sandbox.services.references import Reference, invalid_value, look_up, name_of, values_at
from sandbox.services.service import ApiError, Context, Service, Values

_UNNAMED = re.compile(r"\d{19}")  # what stands for a name until the provider makes one
_LONGEST = 63
_MADE = "made"
_COMPUTE_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")


class Product(Service):
    """A type written by hand. Override `admit`, `settle`, `alter` and `dismiss`; list `references`."""

    references: ClassVar[tuple[Reference, ...]] = ()
    alone: ClassVar[bool] = False  # of two created at once under one id, the second is refused

    def create(self, context: Context, values: Values) -> None:
        """Check place, name, what is referred to and the type's own rules; then set what Google decides."""
        _name(context, values)
        self.check_place(context, values)
        self.check_name(context, values)
        references.check(context, values, self.references)
        self.admit(context, values)
        kind, key = context.resource_type, str(values.get("id"))
        if self.alone and not context.cloud.take(_MADE, f"{kind}/{key}", kind, key):
            raise self.taken(values)
        try:
            self.settle(context, values)
        except ApiError:
            context.cloud.release(_MADE, f"{kind}/{key}")
            raise

    def update(self, context: Context, prior: Values, values: Values) -> None:
        """Check what is referred to and the type's own rules."""
        references.check(context, values, self.references)
        self.alter(context, prior, values)

    def delete(self, context: Context, values: Values) -> None:
        """Refuse what is in use."""
        self.dismiss(context, values)
        key = str(values.get("id"))
        if (user := user_of(context, context.resource_type, key)) not in {None, key}:
            raise in_use(context.resource_type, key, str(user))

    def admit(self, context: Context, values: Values) -> None:
        """Raise `ApiError` for what the API would not create."""

    def settle(self, context: Context, values: Values) -> None:
        """Set in place what the API decides."""

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Raise `ApiError` for a change the API would not make; set what it decides."""

    def dismiss(self, context: Context, values: Values) -> None:
        """Raise `ApiError` for what the API would not delete; let go what came with it."""

    def taken(self, values: Values) -> ApiError:
        """Return what the API says to the second of one id."""
        return ApiError(409, f"The resource '{values.get('id')}' already exists", "alreadyExists")

    def check_place(self, context: Context, values: Values) -> None:
        """Raise `ApiError` for a region or zone that does not exist."""

    def check_name(self, context: Context, values: Values) -> None:
        """Raise `ApiError` for a name the API does not take."""


def _name(context: Context, values: Values) -> None:
    """Name what was left unnamed, or has a prefix only, as the provider does: `terraform-20260101…`."""
    name, key = values.get("name"), str(values.get("id"))
    if not isinstance(name, str) or not _UNNAMED.fullmatch(name) or not key.endswith(f"/{name}"):
        return
    prefix = values.get("name_prefix") or "terraform-"
    stamp = f"{context.now:%Y%m%d%H%M%S}{context.cloud.new_number()[:12]}"
    values["name"] = f"{prefix}{stamp}"[:_LONGEST]
    values["id"] = key.removesuffix(name) + values["name"]


class ComputeProduct(Product):
    """A Compute Engine resource: its names and places follow that API's rules."""

    alone: ClassVar[bool] = True

    def check_place(self, context: Context, values: Values) -> None:
        """Raise Compute's answer to an unknown region or zone."""
        del context
        zone, region = values.get("zone"), values.get("region")
        if isinstance(zone, str) and zone and not is_zone(name_of(zone)):
            raise invalid_value("zone", name_of(zone), "Unknown zone.")
        if isinstance(region, str) and region and not is_region(name_of(region)):
            raise invalid_value("region", name_of(region), "Unknown region.")

    def check_name(self, context: Context, values: Values) -> None:
        """Raise Compute's answer to a name out of its pattern."""
        del context
        check_compute_name(values.get("name"))


def check_compute_name(name: object, field: str = "resource.name") -> None:
    """Raise Compute's answer to a name out of its pattern (RFC 1035)."""
    if isinstance(name, str) and not _COMPUTE_NAME.fullmatch(name):
        pattern = f"(?:{_COMPUTE_NAME.pattern})"
        raise invalid_value(field, name, f"Must be a match of regex '{pattern}'")


def user_of(context: Context, resource_type: str, resource_id: str) -> str | None:
    """Return the id of a resource that refers to another and so keeps it from being deleted."""
    from sandbox.services.registry import holders_of

    for holder, reference in holders_of(resource_type):
        for row in context.cloud.list(holder):
            for value in values_at(row.values, reference.path):
                if name_of(value) != name_of(resource_id):
                    continue
                if look_up(context, value, reference.to, row.values).id == resource_id:
                    return row.id
    return None


def in_use(resource_type: str, resource_id: str, user: str) -> ApiError:
    """Return Compute's answer to deleting what something else needs."""
    noun = resource_type.removeprefix("google_").removeprefix("compute_").removeprefix("region_")
    return ApiError(
        400,
        f"The {noun} resource '{resource_id}' is already being used by '{user}'",
        "resourceInUseByAnotherResource",
    )
