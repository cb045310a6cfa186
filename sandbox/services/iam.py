"""Service accounts, their keys, custom roles, and who may be a member."""

import base64
import json
import re
from difflib import get_close_matches
from typing import ClassVar

from sandbox.services.certificates import private_key_pem
from sandbox.services.product import Product
from sandbox.services.references import name_of
from sandbox.services.service import ApiError, Context, Service, Values

ACCOUNT = "google_service_account"
CUSTOM_ROLE = "google_project_iam_custom_role"
_ACCOUNT_ID = re.compile(r"[a-z](?:[-a-z0-9]*[a-z0-9])?")
_NEAR = 0.85
_KINDS = {
    "user",
    "serviceAccount",
    "group",
    "domain",
    "principal",
    "principalSet",
    "projectOwner",
    "projectEditor",
    "projectViewer",
    "deleted",
    "principalHierarchy",
}
_PUBLIC = {"allUsers", "allAuthenticatedUsers"}


class ServiceAccount(Product):
    """A service account."""

    def check_name(self, context: Context, values: Values) -> None:
        """Check the account's id."""
        account = str(values.get("account_id") or "")
        if not _ACCOUNT_ID.fullmatch(account) or not 6 <= len(account) <= 30:  # noqa: PLR2004 - IAM's own limits
            raise ApiError(
                400,
                f'The account ID "{account}" does not match the expected pattern. It must be 6 to 30'
                " characters of"
                " lowercase letters, digits and hyphens, and begin with a letter.",
                "badRequest",
            )
        del context

    def settle(self, context: Context, values: Values) -> None:
        """Set its email and numbers."""
        project = str(values.get("project") or context.project)
        domain, _, scope = project.rpartition(":")[::-1]
        suffix = f"{domain}.{scope}" if scope else domain
        email = f"{values['account_id']}@{suffix}.iam.gserviceaccount.com"
        values["email"] = email
        values["member"] = f"serviceAccount:{email}"
        values["name"] = values["id"] = f"projects/{project}/serviceAccounts/{email}"
        values["unique_id"] = f"1{context.cloud.new_number()}0"


class AccountKey(Product):
    """A key of a service account."""

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a key of an account that does not exist."""
        email = name_of(str(values.get("service_account_id")))
        check_member_account(context, email, str(values.get("project") or context.project), 404)

    def settle(self, context: Context, values: Values) -> None:
        """Make the key, as the JSON file that people download."""
        email = name_of(str(values.get("service_account_id")))
        project = email.partition("@")[2].partition(".")[0] or context.project
        key_id = f"{int(context.cloud.new_number()):x}".ljust(40, "0")[:40]
        values["name"] = values["id"] = f"projects/{project}/serviceAccounts/{email}/keys/{key_id}"
        if values.get("public_key_data"):
            values["private_key"] = ""
            return
        pem = private_key_pem()
        text = {
            "type": "service_account",
            "project_id": project,
            "private_key_id": key_id,
            "private_key": pem,
            "client_email": email,
            "client_id": context.cloud.new_number(),
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": "https://oauth2.googleapis.com/token",
            "universe_domain": "googleapis.com",
        }
        values["private_key"] = base64.b64encode(json.dumps(text, indent=2).encode()).decode()


class CustomRole(Product):
    """A custom role of a project."""

    def settle(self, context: Context, values: Values) -> None:
        """Name it."""
        project = values.get("project") or context.project
        values["name"] = values["id"] = f"projects/{project}/roles/{values.get('role_id')}"
        values["deleted"] = False


def check_member(context: Context, member: str, project: str) -> None:
    """Raise IAM's answer to a member that cannot be."""
    kind, _, name = member.partition(":")
    if member in _PUBLIC:
        return
    if kind not in _KINDS:
        raise ApiError(
            400,
            f"The member {member} is of an unknown type. Please set a valid type prefix for the member.",
            "badRequest",
        )
    if kind in {"user", "group", "serviceAccount"} and "@" not in name and ".svc.id.goog" not in name:
        noun = {"user": "user", "group": "group", "serviceAccount": "service account"}[kind]
        raise ApiError(400, f"Invalid {noun} ({name}).", "badRequest")
    if kind == "serviceAccount" and _near_miss(context, name, project):
        raise ApiError(400, f"Service account {name} does not exist.", "badRequest")


def _near_miss(context: Context, email: str, project: str) -> bool:
    """Return whether an account is not there but one of nearly its name is.

    An account that somebody made before, outside this cloud, is taken on trust; a slip of the pen is not.
    """
    key = f"projects/{project}/serviceAccounts/{email}"
    if not email.endswith(f"@{project}.iam.gserviceaccount.com") or context.cloud.get(ACCOUNT, key):
        return False
    known = [str(row.values.get("account_id")) for row in context.cloud.list(ACCOUNT, project)]
    return bool(get_close_matches(email.partition("@")[0], known, 1, _NEAR))


def check_member_account(context: Context, email: str, project: str, code: int) -> None:
    """Raise IAM's answer to a service account of this project that does not exist."""
    if not email.endswith(f"@{project}.iam.gserviceaccount.com"):
        return
    if context.cloud.get(ACCOUNT, f"projects/{project}/serviceAccounts/{email}") is None:
        if code == 404:  # noqa: PLR2004 - HTTP's own number
            raise ApiError(
                404, f"Service account projects/{project}/serviceAccounts/{email} does not exist.", "notFound"
            )
        raise ApiError(400, f"Service account {email} does not exist.", "badRequest")


class ProjectServiceIdentity(Product):
    """A product's own account in a project."""

    _NAMES: ClassVar[dict[str, str]] = {
        "sqladmin.googleapis.com": "gcp-sa-cloud-sql",
        "container.googleapis.com": "container-engine-robot",
        "compute.googleapis.com": "compute-system",
        "run.googleapis.com": "serverless-robot-prod",
        "cloudfunctions.googleapis.com": "gcf-admin-robot",
        "storage.googleapis.com": "gs-project-accounts",
    }

    def settle(self, context: Context, values: Values) -> None:
        """Set its email."""
        service = str(values.get("service") or "")
        number = context.cloud.project_number(str(values.get("project") or context.project))
        domain = self._NAMES.get(service, f"gcp-sa-{service.partition('.')[0]}")
        values["email"] = f"service-{number}@{domain}.iam.gserviceaccount.com"
        values["member"] = f"serviceAccount:{values['email']}"


SERVICES: dict[str, Service] = {
    ACCOUNT: ServiceAccount(),
    "google_service_account_key": AccountKey(),
    CUSTOM_ROLE: CustomRole(),
    "google_project_service_identity": ProjectServiceIdentity(),
}
