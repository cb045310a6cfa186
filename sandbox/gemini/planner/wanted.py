"""Which of the parts beside the hosts a goal wants, where naming them alone does not say it."""

from collections.abc import Callable, Mapping

from sandbox.gemini.planner.hosts import is_of_another
from sandbox.gemini.planner.parts.databases import ENGINES
from sandbox.gemini.planner.reading import Reading
from sandbox.gemini.planner.schedule import cron_of

Wanted = Callable[[Reading, list[str]], bool]
# words that tell a schedule from a remark about time
STARTS = (
    "cron",
    "cronjob",
    "crontab",
    "schedule",
    "scheduled",
    "scheduler",
    "call",
    "trigger",
    "run",
    "every",
    "timer",
    "invoke",
    "ping",
    "script",
    "nightly",
    "periodically",
    "each",
)


def is_wanted(reading: Reading, concept: str, hosts: list[str]) -> bool:
    """Return whether the goal wants this part beside what `hosts` run."""
    rule = RULES.get(concept)
    return rule(reading, hosts) if rule else reading.wants(concept)


def _disk(reading: Reading, hosts: list[str]) -> bool:
    alone = reading.wants("plain_disk") and not hosts and not reading.wants("sql", *ENGINES)
    return reading.wants("disk") or alone


def _snapshot(reading: Reading, hosts: list[str]) -> bool:
    backup = reading.wants("backup") and "vm" in hosts and not reading.wants("sql", *ENGINES)
    return reading.wants("snapshot") or backup


def _uptime(reading: Reading, hosts: list[str]) -> bool:
    del hosts
    return reading.wants("uptime") or (reading.wants("alerts") and bool(reading.amounts.domain))


def _job(reading: Reading, hosts: list[str]) -> bool:
    on_machines = "vm" in hosts and is_of_another(reading, "job")
    return reading.wants("job") and not on_machines


def _schedule(reading: Reading, hosts: list[str]) -> bool:
    del hosts
    if reading.wants("job", "function"):
        return reading.wants("schedule") or bool(cron_of(reading.text)[1])
    return reading.wants("schedule") and not reading.wants("snapshot", "backup") and reading.says(*STARTS)


def _bucket(reading: Reading, hosts: list[str]) -> bool:
    if not reading.wants("bucket"):
        return False
    return "static" not in hosts or reading.wants("api", "web") or (reading.count("bucket") or 1) > 1


RULES: Mapping[str, Wanted] = {
    "disk": _disk,
    "snapshot": _snapshot,
    "uptime": _uptime,
    "job": _job,
    "schedule": _schedule,
    "bucket": _bucket,
}
