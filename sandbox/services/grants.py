"""Roles given to members, on anything that has an IAM policy."""

import re

from sandbox.catalog.roles import is_role
from sandbox.services.functions import run_service_exists
from sandbox.services.iam import CUSTOM_ROLE, check_member, check_member_account
from sandbox.services.references import look_up, name_of, relative
from sandbox.services.service import ApiError, Context, Path, Service, Values
from sandbox.services.storage import BUCKET

GRANT = re.compile(r"google_(?P<on>\w+)_iam_(member|binding|policy)")
_ROLE_FORM = re.compile(r"(?:(?:organizations|projects)/[^/]+/)?roles/[^/]+")
_PUBLIC = {"allUsers", "allAuthenticatedUsers"}
_OF_GOOGLE = re.compile(r".*\.appspot\.com|gcf-.*|.*_cloudbuild|dataproc-.*|run-sources-.*")
_NAMED = ("bucket", "topic", "subscription", "secret_id", "crypto_key_id", "service_account_id", "service")
# What a role is given on: its type, and the attribute that names it.
_PARENTS = {
    "pubsub_topic": ("google_pubsub_topic", "topic"),
    "secret_manager_secret": ("google_secret_manager_secret", "secret_id"),
}
_RUN = {"cloud_run_service": "service", "cloud_run_v2_service": "name"}  # the attribute that names it


class Grant(Service):
    """A role given to members."""

    def validate(self, config: Values) -> list[tuple[str, str, Path]]:
        """Check the members as the provider does."""
        members = config.get("members")
        named: list[tuple[object, Path]] = [(config.get("member"), ("member",))]
        named += [(one, ("members",)) for one in (members if isinstance(members, list) else [])]
        found = [(_fault(member), path) for member, path in named if isinstance(member, str)]
        return [(f"invalid value for {path[0]} ({why})", "", path) for why, path in found if why]

    def create(self, context: Context, values: Values) -> None:
        """Check role, members and what the role is given on."""
        target = _target_of(context, values)
        try:
            _check_parent(context, values)
            _check_role(context, values)
            for member in [values.get("member"), *(values.get("members") or [])]:
                if isinstance(member, str):
                    check_member(context, member, str(values.get("project") or context.project))
        except ApiError as error:
            raise ApiError(
                error.code,
                f"Error applying IAM policy for {target}: Error setting IAM policy for {target}: {error}",
                raw=True,
            ) from None

    def update(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.create(context, values)


def _fault(member: str) -> str:
    """Return why the provider takes no such member; "" where it does."""
    if member.startswith("deleted:"):
        return "Terraform does not support IAM members for deleted principals"
    if member not in _PUBLIC and not re.search(r".+:.+", member):
        return (
            "IAM members must have one of the values outlined here:"
            " https://cloud.google.com/billing/docs/reference/rest/v1/Policy#Binding"
        )
    return ""


def _check_role(context: Context, values: Values) -> None:
    role = values.get("role")
    if not isinstance(role, str):
        return
    if not _ROLE_FORM.fullmatch(role):
        raise ApiError(
            400,
            'The role name must be in the form "roles/{role}",'
            ' "organizations/{organization_id}/roles/{role}", or "projects/{project_id}/roles/{role}".',
            "badRequest",
        )
    if role.startswith("roles/") and not is_role(role):
        raise ApiError(400, f"Role {role} is not supported for this resource.", "badRequest")
    if role.startswith(f"projects/{context.project}/") and context.cloud.get(CUSTOM_ROLE, role) is None:
        raise ApiError(400, f"Role ({role}) does not exist in the resource's hierarchy.", "badRequest")


def _check_parent(context: Context, values: Values) -> None:
    """Raise the answer of what a role is given on, where that is of this project and not there."""
    found = GRANT.fullmatch(context.resource_type)
    on = found["on"] if found else ""
    if on == "storage_bucket":
        name = name_of(str(values.get("bucket") or ""))
        if name and not _OF_GOOGLE.fullmatch(name) and context.cloud.get(BUCKET, name) is None:
            raise ApiError(404, "The specified bucket does not exist.", "notFound")
    elif on == "service_account":
        email = name_of(str(values.get("service_account_id") or ""))
        check_member_account(context, email, str(values.get("project") or context.project), 404)
    elif on in _PARENTS:
        kind, attribute = _PARENTS[on]
        target = look_up(context, str(values.get(attribute) or ""), (kind,), values)
        if target.missing:
            raise ApiError(404, f"Resource not found (resource={name_of(target.id)}).", "notFound")
    elif on in _RUN:
        project = str(values.get("project") or context.project)
        name, place = name_of(str(values.get(_RUN[on]) or "")), str(values.get("location") or context.region)
        if project == context.project and not run_service_exists(context, project, place, name):
            raise ApiError(
                404, f"Resource '{name}' of kind 'SERVICE' in region '{place}' does not exist.", "notFound"
            )


def _target_of(context: Context, values: Values) -> str:
    """Return what a role is given on, as the provider tells it."""
    found = GRANT.fullmatch(context.resource_type)
    noun = (found["on"] if found else "").replace("_", " ")
    for attribute in _NAMED:
        if values.get(attribute):
            return f'{noun} "{relative(str(values[attribute]))}"'
    named = (values.get(one) for one in ("project", "folder", "org_id", "id"))
    return f'{noun} "{next((one for one in named if one), "")}"'
