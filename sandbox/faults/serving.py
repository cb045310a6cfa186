"""Requests that are answered late, or with an error."""

from typing import Any, ClassVar

from sandbox.faults.kind import BALANCERS, GROUPS, RUN, VMS, Kind, Place, number
from sandbox.physics.balancers import behind, services_of
from sandbox.physics.load import Fault, Happening, Load

_LINE = 2.0  # how many times what the processors can bear waits in line
_FAILING, _BROKEN = 0.4, 0.6  # shares of requests
_SERVER_ERROR = 500


class Latency(Kind):
    """Requests wait for each other."""

    name: ClassVar[str] = "latency"
    summary: ClassVar[str] = "requests wait in line for almost four seconds"
    fits: ClassVar[tuple[str, ...]] = (*RUN, *BALANCERS)
    alert: ClassVar[str] = "latency"
    cure: ClassVar[str] = (
        "more capacity (of a load balancer: behind it): twice as much is a quarter of the wait"
    )

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return how much work waits."""
        return {"waiting": _LINE * place.capacity.cpu}

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Let work wait."""
        del at
        load.waiting += number(fault.body, "waiting")


class Errors5xx(Kind):
    """A program in a bad state answers many requests with an error."""

    name: ClassVar[str] = "errors_5xx"
    summary: ClassVar[str] = "40% of the requests are answered with a 5xx"
    fits: ClassVar[tuple[str, ...]] = (*RUN, *BALANCERS)
    ends_with: ClassVar[tuple[Happening, ...]] = ("restart", "replace", "redeploy")
    alert: ClassVar[str] = "5xx"
    cure: ClassVar[str] = "a restart or redeploy (of a load balancer: of what stands behind it)"

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return what stands behind a load balancer: what is done to it counts."""
        if place.subject.type not in BALANCERS:
            return {}
        services = services_of(place.subject, place.world)
        return {"behind": [[one.type, one.id] for each in services for one in behind(each, place.world)]}

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Fail."""
        del fault, at
        load.errors = max(load.errors, _FAILING)


class BadDeploy(Kind):
    """The newest version does not work."""

    name: ClassVar[str] = "bad_deploy"
    summary: ClassVar[str] = "the newest version answers with 500s, a restart changes nothing"
    fits: ClassVar[tuple[str, ...]] = (*RUN, *GROUPS, *VMS)
    ends_with: ClassVar[tuple[Happening, ...]] = ("redeploy",)
    alert: ClassVar[str] = "5xx (of a machine or group: of a load balancer before it); uptime check"
    cure: ClassVar[str] = "a rollback or redeploy"

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Fail, for whoever asks."""
        del fault, at
        load.errors = max(load.errors, _BROKEN)
        load.answers = _SERVER_ERROR
