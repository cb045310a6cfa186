"""HTTP(S) load balancers: requests, errors and latencies, by the state of what stands behind them.

Metrics: https://cloud.google.com/monitoring/api/metrics_gcp_i_o#gcp-loadbalancing.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from http import HTTPStatus

from sandbox.network.backends import backend_status
from sandbox.network.balancers import addresses
from sandbox.network.groups import MANAGERS
from sandbox.network.machines import MANAGED
from sandbox.network.proxy import Visit
from sandbox.network.view import Values, block, blocks, name_of, refers, texts
from sandbox.physics.groups import Groups
from sandbox.physics.load import Capacity, Load
from sandbox.physics.machines import Machines
from sandbox.physics.measure import Moments, Sample, Source
from sandbox.physics.noise import seed_of, wobble
from sandbox.physics.run import RUN, Services
from sandbox.physics.serving import counted, latency_ms, observed
from sandbox.physics.world import Subject, World

URL_MAPS = ("google_compute_url_map", "google_compute_region_url_map")
RULES = ("google_compute_global_forwarding_rule", "google_compute_forwarding_rule")
BACKENDS = ("google_compute_backend_service", "google_compute_region_backend_service")
BUCKETS = ("google_compute_backend_bucket",)
_PROXIES = {
    "google_compute_target_http_proxy": "http",
    "google_compute_region_target_http_proxy": "http",
    "google_compute_target_https_proxy": "https",
    "google_compute_region_target_https_proxy": "https",
}
_NEGS = ("google_compute_region_network_endpoint_group",)
_ROOT = "loadbalancing.googleapis.com/https"
_BEHIND = (Machines(), Groups(), Services())
_USUAL = Capacity(cpu=1.0)
_BACKEND_SHARE = 0.9  # of the whole time that a request takes


class Balancers:
    """`google_compute_url_map` and its regional kind, with all forwarding rules that lead to it."""

    types = URL_MAPS

    def capacity(self, subject: Subject, world: World) -> Capacity:
        """Return what the machines and services behind it give together."""
        cpu = sum(
            _capacity(one, world).cpu
            for service in services_of(subject, world)
            for one in behind(service, world)
        )
        return Capacity(cpu=cpu, most_cpu=cpu) if cpu else _USUAL

    def first_load(self, subject: Subject, capacity: Capacity) -> Load:
        """Return some thirty requests a second."""
        del capacity
        seed = seed_of(subject.id)
        return Load(requests_s=30 * wobble(seed, 1, 0.3), latency_ms=90 * wobble(seed, 2, 0.3), errors=0.001)

    def samples(self, subject: Subject, world: World, moments: Moments) -> Iterator[Sample]:
        """Yield the measurements of each forwarding rule and backend."""
        services = services_of(subject, world)
        for rule, proxy in rules_of(subject, world):
            visit = _visit(rule, proxy, world)
            for service in services:
                status = _status(service, world, visit)
                source = Source("https_lb_rule", _labels(subject, rule, proxy, service))
                machines = behind(service, world)
                yield from _served(source, status, _joined(moments, machines, world, len(services)))


def services_of(subject: Subject, world: World) -> list[Subject]:
    """Return the backend services and buckets that a URL map names."""
    text = json.dumps(subject.values)
    named = {part for part in text.split('"') if "/backend" in part}
    return [
        one
        for one in world.subjects((*BACKENDS, *BUCKETS))
        if any(refers(reference, one.values) for reference in named)
    ]


def rules_of(subject: Subject, world: World) -> list[tuple[Subject, Subject]]:
    """Return the forwarding rules that lead to a URL map, each with its proxy."""
    found: list[tuple[Subject, Subject]] = []
    for proxy in world.subjects(_PROXIES):
        if refers(str(proxy.values.get("url_map") or "-"), subject.values):
            found += [
                (rule, proxy)
                for rule in world.subjects(RULES)
                if refers(str(rule.values.get("target") or "-"), proxy.values)
            ]
    return found


def behind(service: Subject, world: World) -> list[Subject]:
    """Return the machines, groups and services that a backend service sends requests to."""
    found: list[Subject] = []
    for backend in blocks(service.values, "backend"):
        reference = str(backend.get("group") or "")
        found += [one for one in world.subjects(MANAGERS) if _is_group(reference, one)]
        for group in world.subjects(("google_compute_instance_group",)):
            if refers(reference, group.values):
                listed = list(texts(group.values.get("instances")))
                machines = world.subjects(MANAGED)
                found += [one for one in machines if any(refers(link, one.values) for link in listed)]
        for group in world.subjects(_NEGS):
            if refers(reference, group.values):
                name = block(group.values, "cloud_run").get("service")
                found += [one for one in world.subjects(RUN) if one.name == name]
    return found


def _is_group(reference: str, manager: Subject) -> bool:
    group = str(manager.values.get("instance_group") or "")
    return bool(reference) and (
        group.endswith(reference.partition("/projects/")[2] or reference)
        or refers(reference.replace("/instanceGroups/", "/instanceGroupManagers/"), manager.values)
    )


def _capacity(one: Subject, world: World) -> Capacity:
    model = next(model for model in _BEHIND if one.type in model.types)
    return model.capacity(one, world)


def _visit(rule: Subject, proxy: Subject, world: World) -> Visit:
    scheme = _PROXIES[proxy.type]
    port = str(rule.values.get("port_range") or "").partition("-")[0]
    host = next(iter(sorted(addresses(world.view, rule.values))), "")
    return Visit(
        scheme=scheme, host=host, port=int(port) if port.isdigit() else (443 if scheme == "https" else 80)
    )


def _status(service: Subject, world: World, visit: Visit) -> int:
    return backend_status(world.view, service.values, visit) if service.type in BACKENDS else HTTPStatus.OK


def _joined(
    moments: Moments, machines: Sequence[Subject], world: World, services: int
) -> Iterator[tuple[float, Load, Capacity]]:
    """Yield the balancer's load with that of what stands behind it."""
    sizes = [_capacity(one, world) for one in machines]
    capacity = Capacity(cpu=sum(one.cpu for one in sizes)) if sizes else _USUAL
    for at, load in moments:
        inner = [world.load_of(one, at) for one in machines]
        failing = sum(one.errors for one in inner) / len(inner) if inner else 0.0
        yield (
            at,
            replace(
                load,
                requests_s=load.requests_s / max(1, services),
                cpu=sum(one.cpu for one in inner),
                errors=1 - (1 - load.errors) * (1 - failing),
                waiting=load.waiting + sum(one.waiting for one in inner),
            ),
            capacity,
        )


def _served(source: Source, status: int, moments: Iterator[tuple[float, Load, Capacity]]) -> Iterator[Sample]:
    seed = seed_of(str(sorted(source.labels.items())))
    code = max(status, HTTPStatus.INTERNAL_SERVER_ERROR)
    good = source.series(f"{_ROOT}/request_count", response_code="200", response_code_class="200")
    bad = source.series(f"{_ROOT}/request_count", response_code=str(int(code)), response_code_class="500")
    whole = source.series(f"{_ROOT}/total_latencies", response_code_class="200")
    inner = source.series(f"{_ROOT}/backend_latencies", response_code_class="200")
    for at, load, capacity in moments:
        total, failed = counted(load, status, seed, at)
        usual = latency_ms(load, capacity)
        yield good.at(at, total - failed)
        yield bad.at(at, failed)
        yield from observed(whole, at, usual, seed)
        yield from observed(inner, at, usual * _BACKEND_SHARE, seed)


def _labels(subject: Subject, rule: Subject, proxy: Subject, service: Subject) -> dict[str, str]:
    kind = "BACKEND_SERVICE" if service.type in BACKENDS else "BACKEND_BUCKET"
    groups: list[Values] = blocks(service.values, "backend")
    return {
        "project_id": subject.project,
        "region": subject.place or "global",
        "url_map_name": subject.name,
        "forwarding_rule_name": rule.name,
        "target_proxy_name": proxy.name,
        "backend_target_name": service.name,
        "backend_target_type": kind,
        "backend_name": name_of(str(groups[0].get("group") or "")) if groups else "INVALID_BACKEND",
        "matched_url_path_rule": "UNMATCHED",
    }
