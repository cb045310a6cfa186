"""What an external load balancer answers.

From the forwarding rule over its target proxy and URL map to a backend, as described at
https://cloud.google.com/load-balancing/docs/forwarding-rule-concepts.
"""

from collections.abc import Iterator
from http import HTTPStatus

from sandbox.network.backends import backend_status
from sandbox.network.firewall import INTERNET
from sandbox.network.groups import Endpoint, endpoints
from sandbox.network.machines import INSTANCE, Machine
from sandbox.network.proxy import Answer, Visit
from sandbox.network.replies import page, redirect
from sandbox.network.urlmaps import Redirect, route
from sandbox.network.view import Values, View, blocks, refers, texts

RULES = ("google_compute_global_forwarding_rule", "google_compute_forwarding_rule")
_ADDRESSES = ("google_compute_global_address", "google_compute_address")
_HTTP = ("google_compute_target_http_proxy", "google_compute_region_target_http_proxy")
_HTTPS = ("google_compute_target_https_proxy", "google_compute_region_target_https_proxy")
_STREAM = ("google_compute_target_tcp_proxy", "google_compute_target_ssl_proxy",
           "google_compute_region_target_tcp_proxy")  # fmt: skip
_MAPS = ("google_compute_url_map", "google_compute_region_url_map")
_BACKENDS = ("google_compute_backend_service", "google_compute_region_backend_service")


def answer_at(view: View, visit: Visit, address: str) -> Answer | None:
    """Return what the load balancer at this address answers at the visit's port; None where there is none."""
    for rule in view.all(*RULES):
        if _external(rule) and address in addresses(view, rule) and _takes(rule, visit.port):
            return _through(view, rule, visit)
    return None


def addresses(view: View, rule: Values) -> set[str]:
    """Return the address of a forwarding rule, which may be written as a reference to an address resource."""
    written = str(rule.get("ip_address") or "")
    held = [one for one in view.all(*_ADDRESSES) if written and refers(written, one)]
    return {str(one.get("address")) for one in held} or {written.partition("/")[0]}


def _external(rule: Values) -> bool:
    return not str(rule.get("load_balancing_scheme") or "EXTERNAL").startswith("INTERNAL")


def _takes(rule: Values, port: int) -> bool:
    if rule.get("all_ports"):
        return True
    spans = [str(rule["port_range"])] if rule.get("port_range") else list(texts(rule.get("ports")))
    return not spans or any(_within(span, port) for span in spans)


def _within(span: str, port: int) -> bool:
    low, _, high = span.partition("-")
    return low.isdigit() and int(low) <= port <= int(high or low)


def _through(view: View, rule: Values, visit: Visit) -> Answer | None:
    target = str(rule.get("target") or "")
    for scheme, proxies in (("http", _HTTP), ("https", _HTTPS)):
        proxy = view.one(target, *proxies)
        if proxy is not None:
            return _http(view, proxy, visit) if scheme == visit.scheme else None
    stream = view.one(target, *_STREAM)
    if stream is not None:
        service = view.one(str(stream.get("backend_service") or ""), *_BACKENDS)
        status = backend_status(view, service, visit) if service else 502
        return None if status == HTTPStatus.BAD_GATEWAY else page(status, str(rule.get("name")))
    return _passed_through(view, rule, visit)


def _http(view: View, proxy: Values, visit: Visit) -> Answer:
    url_map = view.one(str(proxy.get("url_map") or ""), *_MAPS)
    if url_map is None:
        return page(404, "load balancer")
    found = route(url_map, visit)
    if isinstance(found, Redirect):
        return redirect(found.status, found.location)
    service = view.one(found, *_BACKENDS, "google_compute_backend_bucket")
    return page(backend_status(view, service, visit) if service else 404, str(url_map.get("name")))


def _passed_through(view: View, rule: Values, visit: Visit) -> Answer | None:
    """Answer for a passthrough load balancer: packets arrive at a machine from the visitor's own address."""
    for machine in _pool(view, rule):
        if machine.running and machine.lets_in(INTERNET, visit.port):
            status = machine.status(visit.port, visit.path)
            if status is not None:
                return page(status, str(machine.values.get("name")))
    return None


def _pool(view: View, rule: Values) -> Iterator[Machine]:
    target = str(rule.get("target") or "")
    pool = view.one(target, "google_compute_target_pool")
    if pool is not None:
        for reference in texts(pool.get("instances")):
            yield from _instance(view, reference)
        yield from _managed(view, pool)
    single = view.one(target, "google_compute_target_instance")
    if single is not None:
        yield from _instance(view, str(single.get("instance") or ""))
    service = view.one(str(rule.get("backend_service") or ""), *_BACKENDS)
    for backend in blocks(service or {}, "backend"):
        yield from _machines(endpoints(view, str(backend.get("group") or ""), ""))


def _managed(view: View, pool: Values) -> Iterator[Machine]:
    from sandbox.network.groups import MANAGERS, members

    for manager in view.all(*MANAGERS):
        if any(refers(reference, pool) for reference in texts(manager.get("target_pools"))):
            yield from members(view, manager)


def _machines(found: list[Endpoint]) -> Iterator[Machine]:
    return (one.machine for one in found if one.machine is not None)


def _instance(view: View, reference: str) -> Iterator[Machine]:
    # a target pool names its members as ZONE/NAME
    zone, _, name = reference.rpartition("/")
    for values in view.all(INSTANCE):
        if refers(reference, values) or (
            values.get("name") == name and str(values.get("zone", "")).endswith(zone)
        ):
            yield Machine(view, values)
