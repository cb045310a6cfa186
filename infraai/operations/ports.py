"""What operating needs from outside, each protocol on one screen. `tools` has the real ones."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from infraai.models import RunId


@dataclass(frozen=True, slots=True)
class Measured:
    """One value, at the end of its period."""

    at: datetime
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredSeries:
    """One time series: whose it is, and its values, oldest first.

    `labels` are named as a filter names them: `resource.labels.instance_id`, `metric.labels.device_name`.
    """

    metric: str
    resource_type: str
    labels: Mapping[str, str]
    points: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class Alignment:
    """How raw points become comparable ones; Google's names."""

    aligner: str
    period_s: int = 60
    reducer: str = "REDUCE_NONE"
    group_by: tuple[str, ...] = ()


class Metrics(Protocol):
    """What Cloud Monitoring measured. Raises `CloudError`."""

    async def time_series(
        self, project: str, wanted: str, *, start: datetime, end: datetime, alignment: Alignment | None = None
    ) -> tuple[MeasuredSeries, ...]:
        """Return the series that pass a monitoring filter, with values after `start` until `end`."""
        ...

    async def alert_policies(self, project: str) -> tuple[dict[str, Any], ...]:
        """Return the project's alert policies as Google's JSON has them (snake_case names)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a resource is: a zone for a machine, a zone or a region for a group."""

    project: str
    zone: str = ""
    region: str = ""

    def path(self, collection: str, name: str) -> str:
        """Return `projects/P/zones/Z/instances/NAME`."""
        where = f"zones/{self.zone}" if self.zone else f"regions/{self.region}"
        return f"projects/{self.project}/{where}/{collection}/{name}"


class Compute(Protocol):
    """Machines, groups and disks: looked at and acted on. Raises `CloudError`.

    Every change takes an idempotency key: the same key again changes nothing a second time.
    """

    async def instance(self, project: str, zone: str, name: str) -> dict[str, Any]:
        """Return the machine as Google's JSON has it (`status`, `machine_type`, `disks` …)."""
        ...

    async def reset(self, project: str, zone: str, name: str, *, key: str) -> None:
        """Restart a running machine the hard way, and wait for it."""
        ...

    async def start(self, project: str, zone: str, name: str, *, key: str) -> None:
        """Start a stopped machine and wait for it."""
        ...

    async def instance_group_size(self, place: Place, name: str) -> int:
        """Return the target size of a managed group."""
        ...

    async def group_instances(self, place: Place, name: str) -> tuple[str, ...]:
        """Return the links of a managed group's machines."""
        ...

    async def recreate_instances(
        self, place: Place, name: str, instances: tuple[str, ...], *, key: str
    ) -> None:
        """Make machines of a group anew, under the same names, and wait."""
        ...

    async def resize_disk(self, project: str, zone: str, name: str, size_gb: int, *, key: str) -> None:
        """Grow a disk and wait; it cannot be made smaller."""
        ...


NoticeKind = Literal["incident", "approval", "action", "resolved", "escalated", "stopped", "expiring"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something people are told, in every channel that is open."""

    kind: NoticeKind
    incident_id: str
    run_id: RunId = ""
    title: str
    body: str = ""
    approval_id: str = ""
    data: Mapping[str, Any] = field(default_factory=dict[str, Any])


class Notifier(Protocol):
    """Tells people."""

    async def tell(self, notice: Notice) -> None:
        """Tell everybody who is to know; a channel that fails is recorded and never stops the work."""
        ...
