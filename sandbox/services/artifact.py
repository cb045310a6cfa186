"""Artifact Registry repositories, and the old Container Registry."""

import re

from sandbox.catalog.places import is_region
from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values

REPOSITORY = "google_artifact_registry_repository"
_NAME = re.compile(r"[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")
_FORMATS = {"DOCKER", "MAVEN", "NPM", "PYTHON", "APT", "YUM", "GO", "KFP", "GENERIC", "RUBY", "GOOGET"}
_MULTI = {"us", "europe", "asia"}


class Repository(Product):
    """A repository."""

    def check_place(self, context: Context, values: Values) -> None:
        """Check the location."""
        del context
        place = str(values.get("location") or "")
        if place and place not in _MULTI and not is_region(place):
            raise ApiError(
                403, f"Permission denied on 'locations/{place}' (or it may not exist).", "forbidden"
            )

    def check_name(self, context: Context, values: Values) -> None:
        """Check the id."""
        del context
        name = str(values.get("repository_id") or "")
        if not _NAME.fullmatch(name):
            raise ApiError(
                400,
                f'invalid repository ID "{name}": it may only contain lowercase letters, numbers and'
                " hyphens, must"
                " begin with a letter and must not end with a hyphen.",
                "badRequest",
            )

    def admit(self, context: Context, values: Values) -> None:
        """Check the format and, of a virtual repository, what is upstream."""
        kind = str(values.get("format") or "").upper()
        if kind not in _FORMATS:
            raise ApiError(
                400, f'invalid value "{values.get("format")}" for field "repository.format".', "badRequest"
            )
        for block in values.get("virtual_repository_config") or []:
            for policy in block.get("upstream_policies") or []:
                key = str(policy.get("repository") or "")
                if (
                    key.startswith(f"projects/{context.project}/")
                    and context.cloud.get(REPOSITORY, key) is None
                ):
                    raise ApiError(404, f'Repository "{key}" not found.', "notFound")

    def settle(self, context: Context, values: Values) -> None:
        """Name its registry."""
        project, place = values.get("project"), values.get("location")
        kind = str(values.get("format") or "").lower()
        values["name"] = values.get("repository_id")
        values["registry_uri"] = f"{place}-{kind}.pkg.dev/{project}/{values.get('repository_id')}"
        values["create_time"] = values["update_time"] = f"{context.now:%Y-%m-%dT%H:%M:%S.%f}Z"


class ContainerRegistry(Product):
    """The bucket behind gcr.io."""

    def settle(self, context: Context, values: Values) -> None:
        """Name the bucket."""
        project = values.get("project") or context.project
        place = str(values.get("location") or "").lower()
        bucket = f"{place + '.' if place else ''}artifacts.{project}.appspot.com"
        values["id"] = bucket
        values["bucket_self_link"] = f"https://www.googleapis.com/storage/v1/b/{bucket}"


SERVICES: dict[str, Service] = {REPOSITORY: Repository(), "google_container_registry": ContainerRegistry()}
