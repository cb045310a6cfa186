"""Measurements that cross a threshold and come back by themselves."""

from typing import Any, ClassVar

from sandbox.faults.kind import BALANCERS, CLUSTERS, GROUPS, RUN, SQL, VMS, Kind, Place
from sandbox.faults.policies import longest_wait_s
from sandbox.physics.load import Fault, Load

_OVER_S, _UNDER_S = 180.0, 120.0
_FAR_OVER = 2.0  # times the capacity: measurements stop at 100%
_EVERYTHING = (*VMS, *GROUPS, *RUN, *SQL, *CLUSTERS, *BALANCERS)


class FalseAlarm(Kind):
    """One blip: over just as the alert fires."""

    name: ClassVar[str] = "false_alarm"
    summary: ClassVar[str] = (
        "one blip over the threshold, just long enough for an alert; then all is as usual"
    )
    fits: ClassVar[tuple[str, ...]] = _EVERYTHING
    alert: ClassVar[str] = "cpu; 5xx of a load balancer"
    cure: ClassVar[str] = "nothing: it is over by itself"

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return how far over it goes."""
        return {"cpu": _FAR_OVER * place.capacity.most_cpu}

    def lasts(self, place: Place) -> float | None:
        """Return how long a policy needs before it fires."""
        return longest_wait_s(place.world, place.subject)

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Go over."""
        _over(load, fault)
        del at


class Flapping(FalseAlarm):
    """Over and under the threshold every few minutes."""

    name: ClassVar[str] = "flapping"
    summary: ClassVar[str] = "over the threshold for three minutes, under it for two, for an hour"
    alert: ClassVar[str] = "cpu; 5xx of a load balancer: again and again"
    cure: ClassVar[str] = "time; twice the capacity is still too little"

    def lasts(self, place: Place) -> float | None:
        """Return an hour."""
        del place
        return 3600.0

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Go over and under."""
        if (at - fault.started) % (_OVER_S + _UNDER_S) < _OVER_S:
            _over(load, fault)


def _over(load: Load, fault: Fault) -> None:
    if fault.type in BALANCERS:
        load.errors = max(load.errors, 0.5)
    else:
        load.cpu += float(fault.body["cpu"])
