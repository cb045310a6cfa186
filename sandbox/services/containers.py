"""What Cloud Run asks of a container: its image, its port, its size, what it refers to."""

import re

from sandbox.services.compute_machine import account_exists
from sandbox.services.references import name_of
from sandbox.services.service import ApiError, Context, Values

_IMAGE = re.compile(
    r"(?:(?:[a-z]+\.)?gcr\.io/[^/]+/.+|[a-z0-9-]+-docker\.pkg\.dev/[^/]+/[^/]+/.+|(?:docker\.io/|mirror\.gcr\.io/).+"
    r"|[a-z0-9][a-z0-9._-]*(?:/[a-z0-9][a-z0-9._-]*)?(?:[:@].+)?)"
)
_HOSTED = re.compile(r"(?P<place>[a-z0-9-]+)-docker\.pkg\.dev/(?P<project>[^/]+)/(?P<repository>[^/]+)/.+")
_RESERVED = {"PORT", "K_SERVICE", "K_REVISION", "K_CONFIGURATION"}
_CPU = re.compile(r"0?\.\d+|\d{1,4}m|[124688]|1\.0|2\.0|4\.0|6|8")
_MEMORY = re.compile(r"(?P<number>\d+(?:\.\d+)?)(?P<unit>Ki|Mi|Gi|k|M|G|m)?")
_UNITS = {"Ki": 2**10, "Mi": 2**20, "Gi": 2**30, "k": 10**3, "M": 10**6, "G": 10**9, "m": 0.001, None: 1}
_SMALLEST, _LARGEST = 64 * 10**6, 32 * 2**30
_MAX_PORT = 65535


def check_container(
    context: Context, container: Values, field: str, project: str, *, ingress: bool = True
) -> None:
    """Raise Cloud Run's answer to a container it would not run; a sidecar, not `ingress`, may set its PORT."""
    check_image(context, str(container.get("image") or ""), f"{field}.image", project)
    for port in container.get("ports") or []:
        number = port.get("container_port")
        if isinstance(number, int | float) and number and not 1 <= number <= _MAX_PORT:
            raise ApiError(
                400,
                f"{field}.ports.container_port: Port must be between 1 and 65535 inclusive.",
                "badRequest",
            )
    names = [str(one.get("name")) for one in container.get("env") or []]
    taken = _RESERVED if ingress else _RESERVED - {"PORT"}
    reserved = sorted(taken & set(names))
    if reserved:
        raise ApiError(
            400,
            f"{field}.env: The following reserved env names were provided: {', '.join(reserved)}. These"
            " values are"
            " automatically set by the system.",
            "badRequest",
        )
    for block in container.get("resources") or []:
        _check_limits(block.get("limits") or {}, f"{field}.resources.limits")


def check_image(context: Context, image: str, field: str, project: str) -> None:
    """Raise Cloud Run's answer to an image of another registry, or of a repository that does not exist."""
    if not _IMAGE.fullmatch(image):
        raise ApiError(
            400,
            f"{field}: Expected an image path like [host/]repo-path[:tag and/or @digest], where host is"
            " one of"
            f" [region.]gcr.io, [region-]docker.pkg.dev or docker.io but obtained {image}. To deploy"
            " container images"
            " from other public or private registries, set up an Artifact Registry remote repository.",
            "badRequest",
        )
    hosted = _HOSTED.fullmatch(image)
    if hosted and hosted["project"] == project:
        key = f"projects/{project}/locations/{hosted['place']}/repositories/{hosted['repository']}"
        if context.cloud.get("google_artifact_registry_repository", key) is None:
            raise ApiError(400, f"{field}: Image '{image}' not found.", "badRequest")


def _check_limits(limits: Values, field: str) -> None:
    cpu, memory = limits.get("cpu"), limits.get("memory")
    if cpu and not _CPU.fullmatch(str(cpu)):
        raise ApiError(
            400,
            f"{field}.cpu: Invalid value specified for cpu. For the specified value, use a fraction of 1,"
            " or 1, 2, 4,"
            f" 6 or 8; got {cpu}.",
            "badRequest",
        )
    if not memory:
        return
    found = _MEMORY.fullmatch(str(memory))
    size = float(found["number"]) * _UNITS[found["unit"]] if found else 0
    if not _SMALLEST <= size <= _LARGEST:
        raise ApiError(
            400,
            f"{field}.memory: Invalid value specified for container memory: {memory}. Memory must be"
            " between 128Mi and"
            " 32Gi.",
            "badRequest",
        )
    cpus = _cpus(str(cpu or "1"))
    needed = next(
        (count for count, most in ((1, 4), (2, 8), (4, 16), (6, 24), (8, 32)) if size <= most * 2**30), 8
    )
    if cpus < needed and needed > 1:
        raise ApiError(
            400,
            f"{field}.memory: Invalid value specified for container memory. For {memory} memory, CPU must"
            f" be {needed}"
            " or greater.",
            "badRequest",
        )


def _cpus(text: str) -> float:
    return float(text.removesuffix("m")) / 1000 if text.endswith("m") else float(text)


def check_identity(context: Context, account: object, project: str) -> None:
    """Raise Cloud Run's answer to a service account that does not exist."""
    if isinstance(account, str) and account and not account_exists(context, name_of(account), project):
        raise ApiError(
            403,
            f"Permission 'iam.serviceaccounts.actAs' denied on service account {account} (or it may not"
            " exist).",
            "forbidden",
        )


def check_connector(context: Context, connector: object, place: str, project: str) -> None:
    """Raise Cloud Run's answer to a VPC connector that does not exist."""
    if not isinstance(connector, str) or not connector:
        return
    key = connector if "/" in connector else f"projects/{project}/locations/{place}/connectors/{connector}"
    if (
        f"/{key}".find(f"/projects/{project}/") >= 0
        and context.cloud.get("google_vpc_access_connector", key) is None
    ):
        raise ApiError(
            400,
            f"VPC connector {key} does not exist, or Cloud Run does not have permission to use it.",
            "badRequest",
        )


def check_secret(context: Context, secret: object, project: str) -> None:
    """Raise Cloud Run's answer to a secret that does not exist."""
    if not isinstance(secret, str) or not secret:
        return
    key = secret if secret.startswith("projects/") else f"projects/{project}/secrets/{secret}"
    if key.split("/")[1] == project and context.cloud.get("google_secret_manager_secret", key) is None:
        raise ApiError(400, f"Secret {key}/versions/latest was not found", "badRequest")
