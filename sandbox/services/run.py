"""Cloud Run: services of both APIs, and jobs."""

import hashlib
import re
import uuid
from typing import Any

from sandbox.catalog.places import is_region
from sandbox.services.compute_machine import default_account
from sandbox.services.containers import check_connector, check_container, check_identity, check_secret
from sandbox.services.product import Product
from sandbox.services.service import ApiError, Context, Service, Values, at

SERVICE = "google_cloud_run_v2_service"
JOB = "google_cloud_run_v2_job"
KNATIVE = "google_cloud_run_service"
_NAME = re.compile(r"[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?")
_WHOLE = 100


class _RunProduct(Product):
    """What services and jobs have in common."""

    def check_place(self, context: Context, values: Values) -> None:
        """Check the location."""
        del context
        place = str(values.get("location") or "")
        if not is_region(place):
            raise ApiError(
                403, f"Permission denied on 'locations/{place}' (or it may not exist).", "forbidden"
            )

    def check_name(self, context: Context, values: Values) -> None:
        """Check the name."""
        del context
        if not _NAME.fullmatch(str(values.get("name") or "")):
            raise ApiError(
                400,
                f"Violation in {'job' if 'job' in str(values.get('id')) else 'service'} name: only"
                " lowercase, digits, and"
                " hyphens; must begin with letter, and may not end with hyphen; must be less than 64"
                " characters.",
                "badRequest",
            )


class RunService(_RunProduct):
    """A Cloud Run service (API v2)."""

    def admit(self, context: Context, values: Values) -> None:
        """Check containers, identity, network, secrets and traffic."""
        for template in values.get("template") or []:
            check_template(context, template, values)
        shares = [int(one.get("percent") or 0) for one in values.get("traffic") or []]
        if shares and sum(shares) != _WHOLE:
            raise ApiError(
                400, f"traffic: Traffic percentages must sum to 100, but got {sum(shares)}.", "badRequest"
            )

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Give it addresses and a first revision."""
        name = str(values.get("name"))
        revision = f"{values['id']}/revisions/{name}-00001-{uuid.uuid4().hex[:3]}"
        first, second = _addresses(context, values)
        ready = _condition("Ready")
        values["uri"] = first
        values["urls"] = [second, first]
        values["latest_ready_revision"] = values["latest_created_revision"] = revision
        values["generation"] = values["observed_generation"] = "1"
        values["uid"] = str(uuid.uuid4())
        values["etag"] = f'"{uuid.uuid4().hex[:24]}"'
        values["reconciling"] = False
        values["terminal_condition"] = [ready]
        values["conditions"] = [_condition("RoutesReady"), _condition("ConfigurationsReady")]
        values["traffic_statuses"] = [
            {
                "percent": _WHOLE,
                "revision": "",
                "tag": "",
                "type": "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST",
                "uri": "",
            }
        ]
        context.fill(values, "ingress", "INGRESS_TRAFFIC_ALL")
        context.fill(values, "launch_stage", "GA")
        for block in values.get("template") or []:
            if context.given(values, "template", 0, "service_account") is None:
                block["service_account"] = default_account(context, values)
            if context.given(values, "template", 0, "max_instance_request_concurrency") is None:
                block["max_instance_request_concurrency"] = 80
            if context.given(values, "template", 0, "timeout") is None:
                block["timeout"] = "300s"


class RunJob(_RunProduct):
    """A Cloud Run job."""

    def admit(self, context: Context, values: Values) -> None:
        """Check containers, identity, network and secrets."""
        for outer in values.get("template") or []:
            for template in outer.get("template") or []:
                check_template(context, template, values)

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Set its conditions."""
        values["generation"] = values["observed_generation"] = "1"
        values["uid"] = str(uuid.uuid4())
        values["reconciling"] = False
        values["execution_count"] = 0
        values["latest_created_execution"] = []
        values["terminal_condition"] = [_condition("Ready")]
        values["conditions"] = []
        context.fill(values, "launch_stage", "GA")


def check_template(context: Context, template: Values, values: Values) -> None:
    """Raise Cloud Run's answer to a revision it would not run."""
    project, place = str(values.get("project") or context.project), str(values.get("location") or "")
    for position, container in enumerate(template.get("containers") or []):
        field = f"template.containers[{position}]"
        check_container(context, container, field, project, ingress=_takes_traffic(template, container))
        for env in container.get("env") or []:
            check_secret(context, at(env, "value_source", 0, "secret_key_ref", 0, "secret"), project)
    mounts = {str(volume.get("name")) for volume in template.get("volumes") or []}
    for position, container in enumerate(template.get("containers") or []):
        for mount in container.get("volume_mounts") or []:
            if mount.get("name") not in mounts:
                raise ApiError(
                    400,
                    f"template.containers[{position}].volume_mounts: No volume with name"
                    f" {mount.get('name')} found.",
                    "badRequest",
                )
    for volume in template.get("volumes") or []:
        check_secret(context, at(volume, "secret", 0, "secret"), project)
    check_identity(context, template.get("service_account"), project)
    check_connector(context, at(template, "vpc_access", 0, "connector"), place, project)
    low = at(template, "scaling", 0, "min_instance_count")
    high = at(template, "scaling", 0, "max_instance_count")
    if low and high and int(low) > int(high):
        raise ApiError(
            400,
            f"template.scaling.min_instance_count: must not exceed max_instance_count ({high}); got {low}.",
            "badRequest",
        )


def _takes_traffic(template: Values, container: Values) -> bool:
    """Return whether a container is the one that requests come to: the only one, or the one with a port."""
    return len(template.get("containers") or []) == 1 or bool(container.get("ports"))


class KnativeService(_RunProduct):
    """A Cloud Run service (API v1)."""

    def admit(self, context: Context, values: Values) -> None:
        """Check containers, identity and secrets."""
        project = str(values.get("project") or context.project)
        for template in values.get("template") or []:
            for spec in template.get("spec") or []:
                for position, container in enumerate(spec.get("containers") or []):
                    field, ingress = (
                        f"spec.template.spec.containers[{position}]",
                        _takes_traffic(spec, container),
                    )
                    check_container(context, container, field, project, ingress=ingress)
                    for env in container.get("env") or []:
                        check_secret(context, at(env, "value_from", 0, "secret_key_ref", 0, "name"), project)
                check_identity(context, spec.get("service_account_name"), project)

    def alter(self, context: Context, prior: Values, values: Values) -> None:
        """Check as at creation."""
        del prior
        self.admit(context, values)

    def settle(self, context: Context, values: Values) -> None:
        """Give it an address, a first revision and metadata."""
        name = str(values.get("name"))
        revision = f"{name}-00001-{uuid.uuid4().hex[:3]}"
        url = _addresses(context, values)[0]
        values["status"] = [
            {
                "conditions": [
                    {"message": "", "reason": "", "status": "True", "type": kind}
                    for kind in ("Ready", "ConfigurationsReady", "RoutesReady")
                ],
                "latest_created_revision_name": revision,
                "latest_ready_revision_name": revision,
                "observed_generation": 1,
                "traffic": [
                    {
                        "latest_revision": True,
                        "percent": _WHOLE,
                        "revision_name": revision,
                        "tag": "",
                        "url": "",
                    }
                ],
                "url": url,
            }
        ]
        project = str(values.get("project") or context.project)
        for block in values.get("metadata") or []:
            block["generation"] = 1
            block["uid"] = str(uuid.uuid4())
            block["resource_version"] = "AAYp" + uuid.uuid4().hex[:8]
            block["self_link"] = (
                f"/apis/serving.knative.dev/v1/namespaces/{context.cloud.project_number(project)}/services/{name}"
            )
            block["namespace"] = block.get("namespace") or project


def _addresses(context: Context, values: Values) -> tuple[str, str]:
    """Return a service's address by hash and the one by project number."""
    name, place = str(values.get("name")), str(values.get("location") or "")
    project = str(values.get("project") or context.project)
    mark = hashlib.sha256(f"{project}/{place}".encode()).hexdigest()[:10]
    number = context.cloud.project_number(project)
    return (
        f"https://{name}-{mark}-{short_region(place)}.a.run.app",
        f"https://{name}-{number}.{place}.run.app",
    )


def short_region(region: str) -> str:
    """Return the short form of a region that Cloud Run's addresses have: us-central1 is uc."""
    area, _, rest = region.partition("-")
    word = rest.rstrip("0123456789")
    number = rest[len(word) :]
    if region in {"us-central1", "us-east1", "us-west1", "europe-west1", "europe-north1"}:
        return {
            "us-central1": "uc",
            "us-east1": "ue",
            "us-west1": "uw",
            "europe-west1": "ew",
            "europe-north1": "lz",
        }[region]
    return f"{area[:1]}{word[:1]}{number}"


def _condition(kind: str) -> dict[str, Any]:
    return {
        "execution_reason": "",
        "last_transition_time": "",
        "message": "",
        "reason": "",
        "revision_reason": "",
        "severity": "",
        "state": "CONDITION_SUCCEEDED",
        "type": kind,
    }


SERVICES: dict[str, Service] = {SERVICE: RunService(), JOB: RunJob(), KNATIVE: KnativeService()}
