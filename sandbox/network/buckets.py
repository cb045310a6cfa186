"""What Cloud Storage answers to a visitor who is not signed in.

Rules of https://cloud.google.com/storage/docs/request-endpoints and /storage/docs/static-website.
"""

from sandbox.network.policies import public_roles
from sandbox.network.view import Values, View, block, texts

_BUCKET = "google_storage_bucket"
_HOST = "storage.googleapis.com"
_READ = (
    "storage.objectViewer", "storage.legacyObjectReader", "storage.legacyObjectOwner", "storage.objectAdmin",
    "storage.admin", "storage.objectUser",
)  # fmt: skip
_LIST = ("storage.objectViewer", "storage.legacyBucketReader", "storage.admin", "storage.objectAdmin")


def status_at(view: View, host: str, path: str) -> int | None:
    """Return the status at a storage host; None where the host is not one."""
    path = path.partition("?")[0]
    if host in {_HOST, "storage.cloud.google.com"}:
        bucket, _, name = path.strip("/").partition("/")
        return 400 if not bucket else _plain(view, bucket, name)
    if host.endswith(f".{_HOST}"):
        return _plain(view, host.removesuffix(f".{_HOST}"), path.lstrip("/"))
    return website(view, host, path) if _bucket(view, host) else None


def website(view: View, bucket: str, path: str) -> int:
    """Return the status of a bucket served as a website (by a domain name or a load balancer)."""
    values = _bucket(view, bucket)
    if values is None:
        return 404
    page = str(block(values, "website").get("main_page_suffix") or "")
    name = path.partition("?")[0].lstrip("/")
    if not name or name.endswith("/"):
        name += page
    if not name:
        return 200 if _allows(view, values, _LIST) else 403
    return _object(view, values, name)


def _plain(view: View, bucket: str, name: str) -> int:
    values = _bucket(view, bucket)
    if values is None:
        return 404
    if not name:
        return 200 if _allows(view, values, _LIST) else 403
    return _object(view, values, name)


def _object(view: View, bucket: Values, name: str) -> int:
    found = next(
        (
            one
            for one in view.all("google_storage_bucket_object")
            if one.get("bucket") == bucket.get("name") and one.get("name") == name
        ),
        None,
    )
    if found and (_allows(view, bucket, _READ) or _object_public(view, bucket, name)):
        return 200
    # who may not list is not told whether an object is there
    return 404 if _allows(view, bucket, _LIST) else 403


def _bucket(view: View, name: str) -> Values | None:
    return next((one for one in view.all(_BUCKET) if one.get("name") == name), None)


def _allows(view: View, bucket: Values, roles: tuple[str, ...]) -> bool:
    if bucket.get("public_access_prevention") == "enforced":
        return False
    name = str(bucket.get("name"))
    granted = public_roles(view, _BUCKET, bucket=name)
    if any(role.removeprefix("roles/") in roles for role in granted):
        return True
    return not bucket.get("uniform_bucket_level_access") and _acl_allows(view, name, listing=roles is _LIST)


def _acl_allows(view: View, bucket: str, *, listing: bool) -> bool:
    entries = view.all(
        "google_storage_bucket_access_control" if listing else "google_storage_default_object_access_control"
    )
    if any(one.get("bucket") == bucket and one.get("entity") == "allUsers" for one in entries):
        return True
    lists = view.all("google_storage_bucket_acl" if listing else "google_storage_default_object_acl")
    return any(
        one.get("bucket") == bucket
        and (
            str(one.get("predefined_acl") or "").lower().startswith("publicread")
            or any(entity.endswith(":allUsers") for entity in texts(one.get("role_entity")))
        )
        for one in lists
    )


def _object_public(view: View, bucket: Values, name: str) -> bool:
    if bucket.get("uniform_bucket_level_access") or bucket.get("public_access_prevention") == "enforced":
        return False
    return any(
        one.get("bucket") == bucket.get("name")
        and one.get("object") == name
        and (
            one.get("entity") == "allUsers"
            or str(one.get("predefined_acl") or "").lower().startswith("publicread")
            or any(entity.endswith(":allUsers") for entity in texts(one.get("role_entity")))
        )
        for one in view.all("google_storage_object_access_control", "google_storage_object_acl")
    )
