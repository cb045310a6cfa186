"""Cloud Functions, both generations."""

import re
import uuid

from sandbox.catalog.places import is_region
from sandbox.services.compute_machine import default_account
from sandbox.services.containers import check_identity
from sandbox.services.product import Product
from sandbox.services.run import KNATIVE, SERVICE, short_region
from sandbox.services.service import ApiError, Context, Path, Service, Values, at
from sandbox.services.storage import BUCKET, OBJECT

FUNCTION2 = "google_cloudfunctions2_function"
_RUNTIME = re.compile(r"(nodejs|python|go|java|ruby|php|dotnet)\d{1,3}")
_NAME = re.compile(r"[a-zA-Z](?:[-_a-zA-Z0-9]{0,61}[a-zA-Z0-9])?")


def _check_runtime(runtime: object) -> None:
    if isinstance(runtime, str) and not _RUNTIME.fullmatch(runtime):
        raise ApiError(
            400, f"The request has errors: runtime: Runtime '{runtime}' is not supported.", "badRequest"
        )


def _check_source(context: Context, bucket: object, name: object) -> None:
    """Raise the API's answer to source code that is not there."""
    if not isinstance(bucket, str) or not bucket:
        return
    known = context.cloud.get(BUCKET, bucket)
    there = known is not None and any(
        row.values.get("bucket") == bucket and row.values.get("name") == name
        for row in context.cloud.list(OBJECT)
    )
    if not there:
        raise ApiError(
            400,
            f"Failed to retrieve function source code: object gs://{bucket}/{name} does not exist.",
            "badRequest",
        )


class Function(Product):
    """A function of the first generation."""

    def validate(self, config: Values) -> list[tuple[str, str, Path]]:
        """Ask for a trigger, as the provider does."""
        if config.get("trigger_http") is None and config.get("event_trigger") == []:
            summary = (
                "One of `event_trigger` or `trigger_http` is required: You must specify a trigger when"
                " deploying"
                " a new function."
            )
            return [(summary, "", ())]
        return []

    def check_place(self, context: Context, values: Values) -> None:
        """Check the region."""
        del context
        place = str(values.get("region") or "")
        if not is_region(place):
            raise ApiError(
                403, f"Permission denied on 'locations/{place}' (or it may not exist).", "forbidden"
            )

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name."""
        del context
        check_function_name(values)

    def admit(self, context: Context, values: Values) -> None:
        """Check runtime, source, trigger and identity."""
        _check_runtime(values.get("runtime"))
        _check_source(context, values.get("source_archive_bucket"), values.get("source_archive_object"))
        project = str(values.get("project") or context.project)
        check_identity(context, context.given(values, "service_account_email"), project)
        for trigger in values.get("event_trigger") or []:
            _check_event(context, trigger, project)

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation; count the versions."""
        self.admit(context, values)
        values["version_id"] = str(int(prior.get("version_id") or 1) + 1)

    def settle(self, context: Context, values: Values) -> None:
        """Give it an address."""
        project, place = str(values.get("project") or context.project), values.get("region")
        values["status"] = "ACTIVE"
        values["version_id"] = "1"
        url = f"https://{place}-{project}.cloudfunctions.net/{values.get('name')}"
        context.fill(values, "https_trigger_url", url if values.get("trigger_http") else "")
        context.fill(
            values, "https_trigger_security_level", "SECURE_OPTIONAL" if values.get("trigger_http") else ""
        )
        context.fill(values, "service_account_email", f"{project}@appspot.gserviceaccount.com")
        context.fill(values, "docker_registry", "ARTIFACT_REGISTRY")
        context.fill(values, "max_instances", 3000)


def _check_event(context: Context, trigger: Values, project: str) -> None:
    kind, resource = str(trigger.get("event_type") or ""), str(trigger.get("resource") or "")
    if "storage" in kind and context.cloud.get(BUCKET, resource.rpartition("/")[2]) is None:
        raise ApiError(400, f"The bucket {resource} of the event trigger does not exist.", "badRequest")
    if "pubsub" in kind:
        key = resource if resource.startswith("projects/") else f"projects/{project}/topics/{resource}"
        if key.split("/")[1] == project and context.cloud.get("google_pubsub_topic", key) is None:
            raise ApiError(400, f"The topic {key} of the event trigger does not exist.", "badRequest")


def check_function_name(values: Values) -> None:
    """Raise the API's answer to a name out of pattern."""
    name = str(values.get("name") or "")
    if not _NAME.fullmatch(name):
        raise ApiError(
            400,
            f"Function name {name} must contain only Latin letters, digits, hyphens and underscores. It"
            " must start with"
            " a letter, must not end with a hyphen, and must be at most 63 characters long.",
            "badRequest",
        )


class Function2(Function):
    """A function of the second generation: it runs on Cloud Run."""

    def validate(self, config: Values) -> list[tuple[str, str, Path]]:
        """Find nothing: a trigger is not required."""
        del config
        return []

    def check_place(self, context: Context, values: Values) -> None:
        """Check the location."""
        super().check_place(context, {"region": values.get("location")})

    def admit(self, context: Context, values: Values) -> None:
        """Check runtime, source and identity."""
        project = str(values.get("project") or context.project)
        build: Values = at(values, "build_config", 0) or {}
        _check_runtime(build.get("runtime"))
        source: Values = at(build, "source", 0, "storage_source", 0) or {}
        _check_source(context, source.get("bucket"), source.get("object"))
        check_identity(context, context.given(values, "service_config", 0, "service_account_email"), project)

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Give it addresses, and the Cloud Run service behind it."""
        project, place, name = (
            str(values.get("project") or context.project),
            str(values.get("location")),
            values.get("name"),
        )
        values["environment"], values["state"] = "GEN_2", "ACTIVE"
        values["url"] = f"https://{place}-{project}.cloudfunctions.net/{name}"
        service = _run_name(values)
        uri = f"https://{service}-{uuid.uuid4().hex[:10]}-{short_region(place)}.a.run.app"
        for block in values.get("service_config") or []:
            block["uri"] = block["gcf_uri"] = uri
            block["service"] = f"projects/{project}/locations/{place}/services/{service}"
            for attribute, default in (
                ("service_account_email", default_account(context, values)),
                ("available_memory", "256M"),
                ("available_cpu", "0.1666"),
                ("timeout_seconds", 60),
                ("max_instance_count", 100),
                ("max_instance_request_concurrency", 1),
            ):
                if context.given(values, "service_config", 0, attribute) is None:
                    block[attribute] = default


def run_service_exists(context: Context, project: str, place: str, name: str) -> bool:
    """Return whether Cloud Run has a service: of either API's making, or behind a function."""
    key = f"projects/{project}/locations/{place}/services/{name}"
    knative = f"locations/{place}/namespaces/{project}/services/{name}"
    if context.cloud.get(SERVICE, key) is not None or context.cloud.get(KNATIVE, knative) is not None:
        return True
    functions = (one.values for one in context.cloud.list(FUNCTION2, project))
    return any(one.get("location") == place and _run_name(one) == name for one in functions)


def _run_name(function: Values) -> str:
    """Return the name of the Cloud Run service behind a function."""
    return str(function.get("name")).replace("_", "-").lower()


SERVICES: dict[str, Service] = {"google_cloudfunctions_function": Function(), FUNCTION2: Function2()}
