"""Uptime checks: the simulated internet is really asked.

https://cloud.google.com/monitoring/uptime-checks; metric: monitoring.googleapis.com/uptime_check/check_passed.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from sandbox.network.firewall import INTERNET
from sandbox.network.internet import Internet
from sandbox.network.machines import by_address
from sandbox.network.proxy import Visit
from sandbox.network.view import block
from sandbox.physics.load import Capacity, Load
from sandbox.physics.measure import Moments, Sample, Source
from sandbox.physics.world import Subject, World

CHECK = "google_monitoring_uptime_check_config"
_METRIC = "monitoring.googleapis.com/uptime_check/check_passed"
_REGIONS = {
    "USA": ("usa-iowa", "usa-oregon", "usa-virginia"),
    "USA_IOWA": ("usa-iowa",),
    "USA_OREGON": ("usa-oregon",),
    "USA_VIRGINIA": ("usa-virginia",),
    "EUROPE": ("eur-belgium",),
    "SOUTH_AMERICA": ("sa-brazil-sao_paulo",),
    "ASIA_PACIFIC": ("apac-singapore",),
}
_EVERYWHERE = ("USA", "EUROPE", "SOUTH_AMERICA", "ASIA_PACIFIC")
_PERIOD_S = 60


class Checks:
    """`google_monitoring_uptime_check_config`."""

    types = (CHECK,)

    def capacity(self, subject: Subject, world: World) -> Capacity:
        """Return nothing: a check bears no load."""
        del subject, world
        return Capacity()

    def first_load(self, subject: Subject, capacity: Capacity) -> Load:
        """Return nothing."""
        del subject, capacity
        return Load()

    def samples(self, subject: Subject, world: World, moments: Moments) -> Iterator[Sample]:
        """Yield, once a period, whether the host answered each of the checkers."""
        period = int(str(subject.values.get("period") or "").removesuffix("s") or _PERIOD_S)
        due = [at for at, _ in moments if int(at) % period == 0]
        if not due:
            return
        resource = block(subject.values, "monitored_resource")
        labels: dict[str, str] = {**(resource.get("labels") or {})}
        labels.setdefault("project_id", subject.project)
        source = Source(str(resource.get("type") or "uptime_url"), labels)
        passed = float(_passes(subject, world, labels))
        check_id = str(subject.values.get("uptime_check_id") or subject.name)
        for place in _checkers(subject):
            series = source.series(
                _METRIC,
                check_id=check_id,
                checker_location=place,
                checked_resource_id=labels.get("host") or labels.get("instance_id", ""),
            )
            for at in due:
                yield series.at(at, passed)


def _checkers(subject: Subject) -> list[str]:
    asked = subject.values.get("selected_regions") or _EVERYWHERE
    return [place for region in asked for place in _REGIONS.get(str(region), ())]


def _passes(subject: Subject, world: World, labels: dict[str, str]) -> bool:
    host = labels.get("host", "") or _address(world, labels.get("instance_id", ""))
    http, tcp = block(subject.values, "http_check"), block(subject.values, "tcp_check")
    if tcp:
        machine = by_address(world.view, host)
        port = int(tcp.get("port") or 0)
        return bool(
            machine and machine.running and machine.lets_in(INTERNET, port) and machine.status(port, "/")
        )
    secure = bool(http.get("use_ssl"))
    visit = Visit(
        scheme="https" if secure else "http",
        host=host,
        port=int(http.get("port") or (443 if secure else 80)),
        path=str(http.get("path") or "/"),
    )
    answer = Internet(world, now=lambda: datetime.now(UTC))(visit)
    return answer is not None and _accepted(http, answer.status)


def _accepted(http: dict[str, object], status: int) -> bool:
    """Return whether a status passes; where the check names none, 2xx does, and so does a redirect followed."""
    codes = http.get("accepted_response_status_codes")
    wanted = codes if isinstance(codes, list) else []
    for one in wanted:
        if one.get("status_value") == status or one.get("status_class") == f"STATUS_CLASS_{status // 100}XX":
            return True
        if one.get("status_class") == "STATUS_CLASS_ANY":
            return True
    return not wanted and status // 100 in {2, 3}


def _address(world: World, number: str) -> str:
    """Return the external address of the machine of this number."""
    from sandbox.network.machines import machines

    for machine in machines(world.view):
        if str(machine.values.get("instance_id")) == number:
            return next(iter(sorted(machine.addresses())), "")
    return ""
