"""Projects, and the APIs switched on in them."""

import re

from sandbox.catalog.apis import suggestion
from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Path, Service, Values

_FORM = re.compile(r"[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)+")
_PROJECT = re.compile(r"[a-z][-a-z0-9]{4,28}[a-z0-9]")


class ProjectService(Product):
    """An API switched on."""

    def validate(self, config: Values) -> list[tuple[str, str, Path]]:
        """Check the service's form."""
        service = config.get("service")
        if isinstance(service, str) and not _FORM.fullmatch(service):
            summary = f'expected "service" to be a service name such as compute.googleapis.com, got {service}'
            return [(summary, "", ("service",))]
        return []

    def admit(self, context: Context, values: Values) -> None:
        """Refuse a service that Google does not have."""
        del context
        service = str(values.get("service") or "")
        wrong = service.endswith(".googleapis.com") and suggestion(service)
        if not wrong and service.endswith((".googleapis.com", ".goog", ".com")):
            return
        raise ApiError(
            403,
            f"Error when reading or editing Project Service {values.get('project')}/{service}: Request"
            " `List Project"
            f" Services {values.get('project')}` returned error: failed to enable services: googleapi:"
            " Error 403: Not"
            f" found or permission denied for service(s): {service}.,"
            " SERVICE_CONFIG_NOT_FOUND_OR_PERMISSION_DENIED,"
            " forbidden",
            raw=True,
        )


class Project(Product):
    """A project."""

    def check_name(self, context: Context, values: Values) -> None:
        """Check the id."""
        del context
        project = str(values.get("project_id") or "")
        if not _PROJECT.fullmatch(project):
            raise ApiError(
                400,
                f"project_id contains invalid characters or has a wrong length: '{project}'. It must be 6"
                " to 30 lowercase"
                " letters, digits or hyphens, and begin with a letter.",
                "badRequest",
            )

    def settle(self, context: Context, values: Values) -> None:
        """Number it, and give it what a new project has."""
        project = str(values["project_id"])
        values["number"] = context.cloud.project_number(project)
        context.cloud.open_project(project)


SERVICES: dict[str, Service] = {"google_project_service": ProjectService(), "google_project": Project()}
