"""What a backend service or bucket answers, by the health of what stands behind it.

Health checks come from 130.211.0.0/22 and 35.191.0.0/16, which the firewall must let in:
https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges.
"""

from http import HTTPStatus

from sandbox.network import buckets, serverless
from sandbox.network.firewall import HEALTH_CHECKS, INTERNET
from sandbox.network.groups import Endpoint, endpoints
from sandbox.network.machines import Machine
from sandbox.network.proxy import Visit
from sandbox.network.view import Values, View, block, blocks, texts

_CHECKS = ("google_compute_health_check", "google_compute_region_health_check",
           "google_compute_http_health_check", "google_compute_https_health_check")  # fmt: skip
_KINDS = ("http_health_check", "https_health_check", "http2_health_check", "tcp_health_check",
          "ssl_health_check", "grpc_health_check")  # fmt: skip
_PATHS = _KINDS[:3]
_HTTP, _HTTPS = 80, 443
_TLS = frozenset({"https_health_check", "http2_health_check", "ssl_health_check"})


def backend_status(view: View, service: Values, visit: Visit) -> int:
    """Return the status a visitor gets through this backend; 502 where none is healthy."""
    if service.get("bucket_name"):
        return buckets.website(view, str(service["bucket_name"]), visit.path)
    if _denied(view, service):
        return 403
    port_name = str(service.get("port_name") or "")
    for backend in blocks(service, "backend"):
        for endpoint in endpoints(view, str(backend.get("group") or ""), port_name):
            status = _status(view, service, endpoint, visit)
            if status is not None:
                return status
    return HTTPStatus.BAD_GATEWAY


def _status(view: View, service: Values, endpoint: Endpoint, visit: Visit) -> int | None:
    if endpoint.service:
        return serverless.named(view, *endpoint.service, through_balancer=True)
    if endpoint.host:
        return None  # an endpoint outside the cloud: nothing out there answers the sandbox
    machine = endpoint.machine
    if machine is None or not healthy(view, service, machine, endpoint.port):
        return None
    return machine.status(endpoint.port, visit.path)


def healthy(view: View, service: Values, machine: Machine, port: int) -> bool:
    """Return whether a machine passes the backend service's health checks and gets requests at `port`."""
    if not machine.running or not all(machine.lets_in(source, port) for source in HEALTH_CHECKS):
        return False
    checks = [found for one in texts(service.get("health_checks")) if (found := view.one(one, *_CHECKS))]
    return all(_passes(check, machine, port) for check in checks) and machine.status(port, "/") is not None


def _passes(check: Values, machine: Machine, serving: int) -> bool:
    kind = next((one for one in _KINDS if block(check, one)), "")
    settings = block(check, kind) if kind else check  # the legacy kinds have everything at the top
    port = int(settings.get("port") or (_HTTPS if kind in _TLS else _HTTP))
    if settings.get("port_specification") in {"USE_SERVING_PORT", "USE_NAMED_PORT"}:
        port = serving
    if not all(machine.lets_in(source, port) for source in HEALTH_CHECKS):
        return False
    by_path = kind in _PATHS or not kind
    status = machine.status(port, str(settings.get("request_path") or "/") if by_path else "/")
    return status is not None and (not by_path or status == HTTPStatus.OK)


def _denied(view: View, service: Values) -> bool:
    """Return whether a Cloud Armor policy keeps a visitor from the internet out."""
    import ipaddress

    policy = view.one(str(service.get("security_policy") or ""), "google_compute_security_policy")
    visitor = ipaddress.ip_address(INTERNET)
    for rule in sorted(blocks(policy or {}, "rule"), key=lambda one: int(one.get("priority") or 0)):
        ranges = texts(block(block(rule, "match"), "config").get("src_ip_ranges"))
        if any(one == "*" or visitor in ipaddress.ip_network(one, strict=False) for one in ranges):
            return str(rule.get("action") or "").startswith("deny")
    return False
