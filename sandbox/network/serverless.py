"""What Cloud Run services, functions and App Engine answer.

Access: https://cloud.google.com/run/docs/authenticating/public and /run/docs/securing/ingress.
"""

from urllib.parse import SplitResult, urlsplit

from sandbox.network.containers import Container
from sandbox.network.policies import public_roles
from sandbox.network.view import Values, View, block, blocks

_RUN = ("google_cloud_run_v2_service", "google_cloud_run_service")
_FUNCTIONS = ("google_cloudfunctions2_function", "google_cloudfunctions_function")
_INGRESS = "run.googleapis.com/ingress"
_DEFAULT_PORT = 8080
_OPEN_ALL = {"", "all", "ingress_traffic_all", "allow_all"}
_OPEN_TO_BALANCER = {
    "internal-and-cloud-load-balancing", "ingress_traffic_internal_load_balancer", "allow_internal_and_gclb"
}  # fmt: skip


def status_at(view: View, host: str, path: str) -> int | None:
    """Return the status a visitor from the internet gets at this host name; None where nobody has it."""
    known = False
    for kind in (*_RUN, *_FUNCTIONS):
        for values in view.all(kind):
            for url in _urls(values):
                known = known or url.hostname == host
                if url.hostname == host and _below(path, url.path):
                    return status_of(view, kind, values)
    if known:
        return 404  # the functions of a region share a host
    for mapping in view.all("google_cloud_run_domain_mapping"):
        if mapping.get("name") == host:
            return named(
                view, str(block(mapping, "spec").get("route_name") or ""), str(mapping.get("location") or "")
            )
    return 200 if _app_engine(view, host) else None


def named(view: View, name: str, location: str, *, through_balancer: bool = False) -> int | None:
    """Return the status of the Cloud Run service or function of this name, None where there is none."""
    for kind in (*_RUN, *_FUNCTIONS):
        for values in view.all(kind):
            places = {str(values.get("location") or ""), str(values.get("region") or "")}
            if values.get("name") == name and (not location or location in places):
                return status_of(view, kind, values, through_balancer=through_balancer)
    return None


def status_of(view: View, kind: str, values: Values, *, through_balancer: bool = False) -> int:
    """Return 404 where ingress keeps the visitor out, 403 where IAM does, 503 where no container serves."""
    ingress = _ingress(values).lower()
    if ingress not in _OPEN_ALL and not (through_balancer and ingress in _OPEN_TO_BALANCER):
        return 404
    if not through_balancer and values.get("default_uri_disabled"):
        return 404
    if not _is_public(view, kind, values):
        return 403
    failing = view.inner(str(values.get("id"))).get("answers")
    return int(failing) if failing else 200 if kind in _FUNCTIONS or _serves(values) else 503


def _below(path: str, root: str) -> bool:
    plain, root = path.partition("?")[0], root.rstrip("/")
    return plain == root or plain.startswith(f"{root}/")


def _urls(values: Values) -> list[SplitResult]:
    urls = [
        values.get("uri"),
        values.get("url"),
        values.get("https_trigger_url"),
        *(values.get("urls") or ()),
        *(one.get("url") for one in blocks(values, "status")),
        *(one.get("uri") for one in blocks(values, "service_config")),
    ]
    return [urlsplit(str(url)) for url in urls if url]


def _ingress(values: Values) -> str:
    annotations = block(values, "metadata").get("annotations") or {}
    settings = block(values, "service_config").get("ingress_settings") or values.get("ingress_settings")
    return str(values.get("ingress") or annotations.get(_INGRESS) or settings or "")


def _is_public(view: View, kind: str, values: Values) -> bool:
    if values.get("invoker_iam_disabled"):
        return True
    name, project = str(values.get("name") or ""), str(values.get("project") or "")
    place = str(values.get("location") or values.get("region") or "")
    run_roles = public_roles(view, _RUN[0], name=name, location=place, project=project) | public_roles(
        view, _RUN[1], service=name, location=place, project=project
    )
    if kind == _FUNCTIONS[0]:
        run_roles |= public_roles(view, kind, cloud_function=name, project=project)
    if kind == _FUNCTIONS[1]:
        run_roles |= public_roles(view, kind, cloud_function=name, project=project)
    return any(role.endswith(("invoker", "roles/run.admin", "roles/run.developer")) for role in run_roles)


def _serves(values: Values) -> bool:
    template = block(values, "template")
    holder = block(template, "spec") if template.get("spec") else template
    containers = blocks(holder, "containers")
    return not containers or any(_listens(one) for one in containers)


def _listens(container: Values) -> bool:
    """Return whether a container listens on the port the service sends requests to.

    Cloud Run sets PORT, which programs that are not known to ignore it listen on.
    """
    port = int(block(container, "ports").get("container_port") or _DEFAULT_PORT)
    arguments = " ".join(str(one) for key in ("command", "args") for one in container.get(key) or ())
    serves = Container(image=str(container.get("image") or ""), arguments=arguments).serves()
    reads_port = serves in ((_DEFAULT_PORT,), (), None)
    return reads_port or port in (serves or ())


def _app_engine(view: View, host: str) -> bool:
    served = any(view.all("google_app_engine_standard_app_version", "google_app_engine_flexible_app_version"))
    return served and any(
        host == app.get("default_hostname") for app in view.all("google_app_engine_application")
    )
