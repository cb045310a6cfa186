"""What every kind of fault has: which resources it fits, what it does to their load, what ends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox.physics.load import Capacity, Event, Fault, Happening, Load
from sandbox.physics.world import Subject, World

VMS = (
    "google_compute_instance",
    "google_compute_instance_from_template",
    "google_compute_instance_from_machine_image",
)
GROUPS = ("google_compute_instance_group_manager", "google_compute_region_instance_group_manager")
SQL = ("google_sql_database_instance",)
RUN = ("google_cloud_run_v2_service", "google_cloud_run_service")
BALANCERS = ("google_compute_url_map", "google_compute_region_url_map")
CLUSTERS = ("google_container_cluster",)
ZONE = ("zone",)
FIREWALLS = ("google_compute_firewall",)


class InjectError(ValueError):
    """The fault cannot be injected; `next_step` says what can be done instead."""

    def __init__(self, message: str, next_step: str) -> None:
        self.message = message
        self.next_step = next_step
        super().__init__(f"{message}; {next_step}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a fault is to begin: the resource, its capacity and its usual load."""

    subject: Subject
    world: World
    capacity: Capacity
    usual: Load


class Kind:
    """One kind of fault. Set what describes it; override what it does."""

    name: ClassVar[str]
    summary: ClassVar[str]
    fits: ClassVar[tuple[str, ...]]
    ends_with: ClassVar[tuple[Happening, ...]] = ()  # what was done to the resource that ends it
    lasts_s: ClassVar[float | None] = None  # where nobody says for how long; None: until something ends it
    alert: ClassVar[str] = ""  # which alerts fire
    cure: ClassVar[str] = ""  # what helps

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return what is to be remembered from the fault's beginning."""
        del place
        return {}

    def lasts(self, place: Place) -> float | None:
        """Return for how long it lasts where nobody says, in seconds."""
        del place
        return self.lasts_s

    def disturb(self, place: Place, fault: Fault) -> None:
        """Change the cloud itself, as somebody outside Terraform would."""

    def undo(self, world: World, fault: Fault) -> None:
        """Change the cloud back."""

    def is_mended(self, world: World, fault: Fault) -> bool:
        """Return whether the cloud itself is as it was before."""
        del world, fault
        return False

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Change what is asked of the resource at a moment."""

    def hear(self, fault: Fault, event: Event) -> None:
        """Let the fault end, or begin anew, by what was done to its resource."""
        if event.happening in self.ends_with and fault.active(event.at):
            end(fault, event.at, event.happening)


def end(fault: Fault, at: float, why: str) -> None:
    """Let a fault be over from a moment on."""
    fault.ended, fault.why = max(at, fault.started), why


def raised(target: float, usual: float, capacity: float) -> float:
    """Return how much demand lifts a resource from its usual load to a share of its capacity."""
    return max(0.0, target * capacity - usual)


def grown(fault: Fault, at: float, whole_s: float) -> float:
    """Return which part of its full size a growing fault has reached."""
    return min(1.0, max(0.0, (at - fault.started) / whole_s))


def number(body: Mapping[str, Any], name: str) -> float:
    """Return what a fault remembers under a name."""
    return float(body.get(name, 0.0))
