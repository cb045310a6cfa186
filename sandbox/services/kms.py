"""Cloud KMS: key rings and keys. Neither can be deleted: Terraform only forgets them."""

import re

from sandbox.catalog.places import is_region
from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values

KEY_RING = "google_kms_key_ring"
CRYPTO_KEY = "google_kms_crypto_key"
_NAME = re.compile(r"[a-zA-Z0-9_-]{1,63}")
_MULTI = re.compile(r"global|us|europe|asia|in|(eur|nam|asia)\d+|nam-eur-asia\d+")
_SECONDS = re.compile(r"(\d+)(?:\.\d+)?s")
_DAY = 86_400
_FORGOTTEN = "kms/forgotten"


class _Lasting(Product):
    """What stays when it is deleted."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse the name of one that was only forgotten."""
        key = str(values.get("id"))
        if key in context.cloud.claimed(_FORGOTTEN):
            kind = "KeyRing" if "/cryptoKeys/" not in key else "CryptoKey"
            raise ApiError(409, f"{kind} {key} already exists.", "alreadyExists")

    def dismiss(self, context: Context, values: Values) -> None:
        """Remember the name for ever."""
        context.cloud.claim(_FORGOTTEN, str(values.get("id")), "kms", "forgotten")


class KeyRing(_Lasting):
    """A key ring."""

    def check_place(self, context: Context, values: Values) -> None:
        """Check the location."""
        del context
        place = str(values.get("location") or "")
        if not _MULTI.fullmatch(place) and not is_region(place):
            raise ApiError(
                404,
                f"The request concerns location '{place}' but was sent to location 'global'. Either Cloud"
                " KMS is not"
                f" available in '{place}' or the request was misrouted.",
                "notFound",
            )

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name."""
        del context
        check_key_name(values)


class CryptoKey(_Lasting):
    """A key, with a first version where it is symmetric."""

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name."""
        del context
        check_key_name(values)

    def admit(self, context: Context, values: Values) -> None:
        """Check ring and rotation."""
        ring = str(values.get("key_ring") or "")
        mine = ring.startswith(f"projects/{context.project}/")
        if mine and context.cloud.get(KEY_RING, ring) is None:
            raise ApiError(404, f"KeyRing {ring} not found.", "notFound")
        super().admit(context, values)
        self._check_rotation(values)

    @staticmethod
    def _check_rotation(values: Values) -> None:
        rotation = values.get("rotation_period")
        if not rotation:
            return
        found = _SECONDS.fullmatch(str(rotation))
        if found is None or int(found[1]) < _DAY:
            raise ApiError(400, "Rotation period must be at least one day, in seconds: 86400s.", "badRequest")
        if values.get("purpose") not in {None, "", "ENCRYPT_DECRYPT"}:
            raise ApiError(
                400, "Rotation can only be set for keys with the purpose ENCRYPT_DECRYPT.", "badRequest"
            )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check the rotation again."""
        del context, prior
        self._check_rotation(values)

    def settle(self, context: Context, values: Values) -> None:
        """Give it a primary version."""
        symmetric = values.get("purpose") in {None, "", "ENCRYPT_DECRYPT"}
        made = symmetric and not values.get("skip_initial_version_creation")
        values["primary"] = (
            [{"name": f"{values['id']}/cryptoKeyVersions/1", "state": "ENABLED"}] if made else []
        )
        context.fill(values, "destroy_scheduled_duration", "2592000s")
        context.fill(values, "import_only", value=False)
        context.fill(values, "crypto_key_backend", "")


def check_key_name(values: Values) -> None:
    """Raise Cloud KMS's answer to a name out of pattern."""
    name = str(values.get("name") or "")
    if not _NAME.fullmatch(name):
        raise ApiError(
            400, f"Resource name [{name}] must match the pattern [a-zA-Z0-9_-]{{1,63}}.", "badRequest"
        )


SERVICES: dict[str, Service] = {KEY_RING: KeyRing(), CRYPTO_KEY: CryptoKey()}
