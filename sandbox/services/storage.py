"""Cloud Storage: buckets and objects."""

import base64
import hashlib
import re
from typing import ClassVar
from urllib.parse import quote

from sandbox.catalog.places import is_region
from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values

BUCKET = "google_storage_bucket"
OBJECT = "google_storage_bucket_object"
_NAME = re.compile(r"[a-z0-9](?:[-_.a-z0-9]*[a-z0-9])?")
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")
_MULTI = {"us", "eu", "asia", "nam4", "eur4", "eur5", "eur7", "eur8", "asia1", "in", "au", "ca", "jp"}
_CLASSES = {
    "STANDARD",
    "MULTI_REGIONAL",
    "REGIONAL",
    "NEARLINE",
    "COLDLINE",
    "ARCHIVE",
    "DURABLE_REDUCED_AVAILABILITY",
    "RAPID",
}
_CRC_POLYNOMIAL = 0x82F63B78  # Castagnoli's, as GCS counts


class Bucket(Product):
    """A bucket: its name is one in all the world."""

    alone: ClassVar[bool] = True

    def taken(self, values: Values) -> ApiError:
        """Return what Cloud Storage says to a second bucket of a name."""
        del values
        words = "Your previous request to create the named bucket succeeded and you already own it."
        return ApiError(409, words, "conflict")

    def check_place(self, context: Context, values: Values) -> None:
        """Check the location: a region, a dual region or a multi region."""
        del context
        place = str(values.get("location") or "").lower()
        if place not in _MULTI and not is_region(place):
            raise ApiError(400, "The specified location constraint is not valid.", "invalid")

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name by Google's naming rules."""
        del context
        name = str(values.get("name") or "")
        longest = 222 if "." in name else 63
        parts = name.split(".")
        if (
            not _NAME.fullmatch(name)
            or not 3 <= len(name) <= longest  # noqa: PLR2004 - Cloud Storage's own limits
            or not all(0 < len(part) <= 63 for part in parts)  # noqa: PLR2004 - as above
            or _ADDRESS.fullmatch(name)
            or name.startswith("goog")
            or "google" in name
        ):
            raise ApiError(400, f"Invalid bucket name: '{name}'", "invalid")

    def admit(self, context: Context, values: Values) -> None:
        """Check the storage class."""
        del context
        kind = str(values.get("storage_class") or "STANDARD")
        if kind.upper() not in _CLASSES:
            raise ApiError(400, f"Invalid storage class: {kind}.", "invalid")

    def settle(self, context: Context, values: Values) -> None:
        """Set links and what Google defaults."""
        name = str(values["name"])
        now = f"{context.now:%Y-%m-%dT%H:%M:%S}.000Z"
        values["url"] = f"gs://{name}"
        values["self_link"] = f"https://www.googleapis.com/storage/v1/b/{name}"
        values["project_number"] = int(
            context.cloud.project_number(str(values.get("project") or context.project))
        )
        values["time_created"] = values["updated"] = now
        context.fill(values, "public_access_prevention", "inherited")
        context.fill(values, "uniform_bucket_level_access", value=False)
        context.fill(values, "rpo", "DEFAULT" if str(values.get("location")).lower() in _MULTI else "")

    def delete(self, context: Context, values: Values) -> None:
        """Refuse while there are objects, unless they may be destroyed too."""
        objects = [
            row for row in context.cloud.list(OBJECT) if row.values.get("bucket") == values.get("name")
        ]
        if objects and not values.get("force_destroy"):
            raise ApiError(
                409,
                f"Error trying to delete bucket {values.get('name')} containing objects without"
                " `force_destroy` set to"
                " true",
                raw=True,
            )
        super().delete(context, values)
        for row in objects:
            context.cloud.remove(OBJECT, row.id)


class BucketObject(Product):
    """An object."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a bucket that does not exist."""
        check_bucket(context, values.get("bucket"))

    def settle(self, context: Context, values: Values) -> None:
        """Set links and digests."""
        bucket, name = str(values.get("bucket")), str(values.get("name"))
        data = str(values.get("content") or values.get("source") or "").encode()
        digest = hashlib.md5(data, usedforsecurity=False).digest()
        values["md5hash"] = base64.b64encode(digest).decode()
        values["md5hexhash"] = digest.hex()
        values["crc32c"] = base64.b64encode(_crc32c(data).to_bytes(4, "big")).decode()
        values["generation"] = int(context.now.timestamp() * 1_000_000)
        path = quote(name, safe="")
        values["self_link"] = f"https://www.googleapis.com/storage/v1/b/{bucket}/o/{path}"
        values["media_link"] = (
            f"https://storage.googleapis.com/download/storage/v1/b/{bucket}/o/{path}"
            f"?generation={values['generation']}&alt=media"
        )
        values["output_name"] = name
        context.fill(
            values,
            "content_type",
            "text/plain; charset=utf-8" if values.get("content") else "application/octet-stream",
        )
        context.fill(values, "storage_class", "STANDARD")

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Take the new content."""
        del prior
        self.settle(context, values)


class OfBucket(Product):
    """What belongs to a bucket: a notification, an access control."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a bucket that does not exist."""
        check_bucket(context, values.get("bucket"))


def check_bucket(context: Context, bucket: object) -> None:
    """Raise Cloud Storage's answer to a bucket that does not exist."""
    name = str(bucket or "").removeprefix("b/").removeprefix("gs://").rpartition("/")[2]
    if name and context.cloud.get(BUCKET, name) is None:
        raise ApiError(404, "The specified bucket does not exist.", "notFound")


def _crc32c(data: bytes) -> int:
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (_CRC_POLYNOMIAL if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


SERVICES: dict[str, Service] = {
    BUCKET: Bucket(),
    OBJECT: BucketObject(),
    "google_storage_notification": OfBucket(),
    "google_storage_bucket_acl": OfBucket(),
    "google_storage_bucket_access_control": OfBucket(),
}
