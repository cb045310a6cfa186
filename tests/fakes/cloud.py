"""Fakes of `infraai.operations.ports.Compute` and `Metrics`: what is done to machines, and scripted series."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from infraai.errors import CloudError
from infraai.operations.ports import Alignment, Measured, MeasuredSeries, Place

Script = Callable[[str, datetime, datetime], Sequence[MeasuredSeries]]
_COMPUTE = "https://www.googleapis.com/compute/v1/"


@dataclass(slots=True)
class FakeGroup:
    """A managed group: its members' links, in order."""

    members: list[str]


@dataclass(slots=True)
class FakeCompute:
    """`infraai.operations.ports.Compute` over dictionaries, with a record of each change.

    `machines` are by path (`projects/P/zones/Z/instances/NAME`) with their status, `disks` by path with their
    GB. `faults` gives, by verb, the error that the next such call raises.
    """

    machines: dict[str, str] = field(default_factory=dict[str, str])
    groups: dict[str, FakeGroup] = field(default_factory=dict[str, FakeGroup])
    disks: dict[str, int] = field(default_factory=dict[str, int])
    shown: dict[str, dict[str, Any]] = field(default_factory=dict[str, dict[str, Any]])
    faults: dict[str, CloudError] = field(default_factory=dict[str, CloudError])
    on_change: Callable[[str, str], None] | None = None
    resets: list[str] = field(default_factory=list[str])
    starts: list[str] = field(default_factory=list[str])
    recreated: list[str] = field(default_factory=list[str])
    resized: list[tuple[str, int]] = field(default_factory=list[tuple[str, int]])
    keys: list[str] = field(default_factory=list[str])

    @property
    def calls(self) -> int:
        """How many changes were made."""
        return len(self.resets) + len(self.starts) + len(self.recreated) + len(self.resized)

    async def instance(self, project: str, zone: str, name: str) -> dict[str, Any]:
        path = Place(project=project, zone=zone).path("instances", name)
        status = self._found(self.machines, path)
        return {"name": name, "status": status, **self.shown.get(path, {})}

    async def reset(self, project: str, zone: str, name: str, *, key: str) -> None:
        path = Place(project=project, zone=zone).path("instances", name)
        if self._is_new("reset", path, key):
            if self._found(self.machines, path) != "RUNNING":
                raise _error(path, f"The resource '{path}' is not ready")
            self._done("reset", path, key, self.resets)

    async def start(self, project: str, zone: str, name: str, *, key: str) -> None:
        path = Place(project=project, zone=zone).path("instances", name)
        if self._is_new("start", path, key):
            self._found(self.machines, path)
            self.machines[path] = "RUNNING"
            self._done("start", path, key, self.starts)

    async def instance_group_size(self, place: Place, name: str) -> int:
        return len(self._found(self.groups, place.path("instanceGroupManagers", name)).members)

    async def group_instances(self, place: Place, name: str) -> tuple[str, ...]:
        return tuple(self._found(self.groups, place.path("instanceGroupManagers", name)).members)

    async def recreate_instances(
        self, place: Place, name: str, instances: tuple[str, ...], *, key: str
    ) -> None:
        path = place.path("instanceGroupManagers", name)
        if self._is_new("recreate", path, key):
            members = {one.rsplit("/", 1)[-1] for one in self._found(self.groups, path).members}
            for one in instances:
                if one.rsplit("/", 1)[-1] not in members:
                    raise _error(path, f"Instance '{one.rsplit('/', 1)[-1]}' is not a member of '{name}'")
            self.recreated += [one.removeprefix(_COMPUTE) for one in instances]
            self._done("recreate", path, key, [])

    async def resize_disk(self, project: str, zone: str, name: str, size_gb: int, *, key: str) -> None:
        path = Place(project=project, zone=zone).path("disks", name)
        if self._is_new("resize_disk", path, key):
            before = self._found(self.disks, path)
            if size_gb <= before:
                raise _error(
                    path, f"New disk size '{size_gb}' GB must be larger than existing size '{before}' GB."
                )
            self.disks[path] = size_gb
            self.resized.append((path, size_gb))
            self._done("resize_disk", path, key, [])

    def _is_new(self, verb: str, path: str, key: str) -> bool:
        fault = self.faults.pop(verb, None)
        if fault is not None:
            raise fault
        return f"{verb} {path} {key}" not in self.keys

    def _done(self, verb: str, path: str, key: str, record: list[str]) -> None:
        self.keys.append(f"{verb} {path} {key}")
        record.append(path)
        if self.on_change is not None:
            self.on_change(verb, path)

    @staticmethod
    def _found(known: Mapping[str, Any], path: str) -> Any:
        if path not in known:
            raise _error(path, f"The resource '{path}' was not found")
        return known[path]


def nothing(wanted: str, start: datetime, end: datetime) -> Sequence[MeasuredSeries]:
    """The script of a project that measures nothing."""
    return ()


@dataclass(slots=True)
class FakeMetrics:
    """`infraai.operations.ports.Metrics`: what `script` says of a filter between two times.

    Values outside (start, end] are left out; `asked` records each question.
    """

    script: Script = nothing
    policies: tuple[dict[str, Any], ...] = ()
    fault: CloudError | None = None
    asked: list[tuple[str, datetime, datetime, Alignment | None]] = field(default_factory=list[Any])

    async def time_series(
        self, project: str, wanted: str, *, start: datetime, end: datetime, alignment: Alignment | None = None
    ) -> tuple[MeasuredSeries, ...]:
        self.asked.append((wanted, start, end, alignment))
        if self.fault is not None:
            raise self.fault
        return tuple(_within(one, start, end) for one in self.script(wanted, start, end))

    async def alert_policies(self, project: str) -> tuple[dict[str, Any], ...]:
        if self.fault is not None:
            raise self.fault
        return self.policies


def series(
    metric: str, points: Sequence[tuple[datetime, float]], resource_type: str = "gce_instance", **labels: str
) -> MeasuredSeries:
    """Return a series; its labels are named without dots (`instance_id="1"` is `resource.labels.instance_id`)."""
    return MeasuredSeries(
        metric=metric,
        resource_type=resource_type,
        labels={f"resource.labels.{name}": value for name, value in labels.items()},
        points=tuple(Measured(at, value) for at, value in points),
    )


def _within(one: MeasuredSeries, start: datetime, end: datetime) -> MeasuredSeries:
    points = tuple(point for point in one.points if start < point.at <= end)
    return MeasuredSeries(
        metric=one.metric, resource_type=one.resource_type, labels=one.labels, points=points
    )


def _error(thing: str, reason: str) -> CloudError:
    return CloudError("Compute Engine", f"{thing}: {reason}", next_step="Look at the reason above.")
