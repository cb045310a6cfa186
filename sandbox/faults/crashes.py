"""Programs that die."""

from typing import ClassVar

from sandbox.faults.kind import CLUSTERS, GROUPS, VMS, Kind, number
from sandbox.physics.load import Event, Fault, Happening, Load

_ALIVE_S = 60.0  # how long a program in a crash loop lives after a restart
_RESTARTS_S = 0.1  # of a failing container: one each ten seconds


class ServiceCrash(Kind):
    """The program on a machine is dead, and nothing starts it."""

    name: ClassVar[str] = "service_crash"
    summary: ClassVar[str] = "the program is dead: nothing answers, and the processors have little to do"
    fits: ClassVar[tuple[str, ...]] = (*VMS, *GROUPS)
    ends_with: ClassVar[tuple[Happening, ...]] = ("restart", "replace", "redeploy")
    alert: ClassVar[str] = "uptime check; 5xx of a load balancer before it"
    cure: ClassVar[str] = "a restart (a group: recreated instances), a replacement"

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Answer nothing."""
        del fault, at
        load.down = True
        load.errors = 1.0
        load.cpu *= 0.1


class CrashLoop(Kind):
    """The program dies again a minute after each start."""

    name: ClassVar[str] = "crash_loop"
    summary: ClassVar[str] = "the program dies; after a restart it lives for a minute and dies again"
    fits: ClassVar[tuple[str, ...]] = (*VMS, *GROUPS)
    ends_with: ClassVar[tuple[Happening, ...]] = ("redeploy",)
    alert: ClassVar[str] = "uptime check; 5xx of a load balancer before it"
    cure: ClassVar[str] = "a redeploy, rollback or replacement; a restart helps for a minute"

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Answer nothing, but for a minute after a restart."""
        if at < number(fault.body, "alive_until"):
            return
        load.down = True
        load.errors = 1.0
        load.cpu *= 0.4

    def hear(self, fault: Fault, event: Event) -> None:
        """Live for a minute after a restart; end by a redeploy."""
        if event.happening == "restart":
            fault.body["alive_until"] = event.at + _ALIVE_S
        super().hear(fault, event)


class PodCrashLoop(Kind):
    """A container of a cluster that is restarted again and again."""

    name: ClassVar[str] = "pod_crash_loop"
    summary: ClassVar[str] = "a container restarts six times a minute"
    fits: ClassVar[tuple[str, ...]] = CLUSTERS
    alert: ClassVar[str] = "container restart count"
    cure: ClassVar[str] = (
        "nothing that Terraform or Compute can do: a person with kubectl (`clear` stands for it)"
    )

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Restart."""
        del fault, at
        load.restarts_s += _RESTARTS_S
