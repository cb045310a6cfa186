"""What somebody, or Google, does to the cloud behind Terraform's back."""

from typing import Any, ClassVar

from sandbox.faults.kind import FIREWALLS, GROUPS, VMS, ZONE, InjectError, Kind, Place
from sandbox.network.firewall import HEALTH_CHECKS, INTERNET
from sandbox.network.groups import members
from sandbox.network.machines import Machine
from sandbox.network.view import Values, View
from sandbox.physics.load import Fault, Load
from sandbox.physics.world import Subject, World

_RULE = "google_compute_firewall"
_OUTAGE_S = 1800.0
_SSH = 22


class FirewallBlock(Kind):
    """Somebody disables the rules that let visitors in."""

    name: ClassVar[str] = "firewall_block"
    summary: ClassVar[str] = "somebody disables the firewall rules that let visitors in, outside Terraform"
    fits: ClassVar[tuple[str, ...]] = (*VMS, *GROUPS, *FIREWALLS)
    alert: ClassVar[str] = "uptime check; 5xx of a load balancer before it"
    cure: ClassVar[str] = "the rules as they were (an apply of the same configuration), or another rule"

    def prepare(self, place: Place) -> dict[str, Any]:
        """Return which rules are disabled, and which ways were open."""
        rules = _rules(place)
        if not rules:
            raise InjectError(
                f"no firewall rule lets anybody in to what {place.subject.name} serves",
                "name a firewall rule, or a machine with one",
            )
        ways = [] if place.subject.type == _RULE else _open_ways(place.world.view, place.subject)
        return {"rules": [one.id for one in rules], "ways": ways}

    def disturb(self, place: Place, fault: Fault) -> None:
        """Disable them."""
        _set_disabled(place.world, fault, disabled=True)

    def undo(self, world: World, fault: Fault) -> None:
        """Enable them again."""
        _set_disabled(world, fault, disabled=False)

    def is_mended(self, world: World, fault: Fault) -> bool:
        """Return whether visitors get in again."""
        rules = [one for one in world.subjects((_RULE,)) if one.id in fault.body["rules"]]
        if not any(one.values.get("disabled") for one in rules):
            return True
        subject = _one(world, fault)
        ways = _open_ways(world.view, subject) if subject and fault.type != _RULE else []
        return bool(ways) and all(way in ways for way in fault.body["ways"])


class MachineStopped(Kind):
    """Somebody stops a machine."""

    name: ClassVar[str] = "machine_stopped"
    summary: ClassVar[str] = "somebody stops the machine, outside Terraform: it writes nothing"
    fits: ClassVar[tuple[str, ...]] = VMS
    alert: ClassVar[str] = "absence of measurements; uptime check"
    cure: ClassVar[str] = "a start"

    def disturb(self, place: Place, fault: Fault) -> None:
        """Stop it."""
        del fault
        place.subject.values["current_status"] = "TERMINATED"
        place.world.put(place.subject, "stop")

    def undo(self, world: World, fault: Fault) -> None:
        """Start it."""
        one = _one(world, fault)
        if one is not None and one.values.get("current_status") == "TERMINATED":
            one.values["current_status"] = "RUNNING"
            world.put(one, "start")

    def is_mended(self, world: World, fault: Fault) -> bool:
        """Return whether it runs."""
        one = _one(world, fault)
        return one is not None and one.values.get("current_status") == "RUNNING"


class ZoneOutage(Kind):
    """All machines of a zone are out of reach."""

    name: ClassVar[str] = "zone_outage"
    summary: ClassVar[str] = "the machines of a zone answer nothing and write nothing, for half an hour"
    fits: ClassVar[tuple[str, ...]] = ZONE
    lasts_s: ClassVar[float | None] = _OUTAGE_S
    alert: ClassVar[str] = "absence of measurements; uptime checks"
    cure: ClassVar[str] = "time, or machines in another zone"

    def shape(self, load: Load, fault: Fault, at: float) -> None:
        """Be out of reach there."""
        del at
        load.lost_zones |= {fault.name}


class _OneRule(View):
    """The cloud as if it had just one firewall rule."""

    def __init__(self, world: World, rule: Subject) -> None:
        super().__init__(world)
        self._rule = rule

    def all(self, *types: str) -> list[Values]:
        """Return that rule alone where rules are asked for."""
        if _RULE in types:
            return [self._rule.values]
        return [] if any("firewall_policy" in one for one in types) else super().all(*types)


def _rules(place: Place) -> list[Subject]:
    """Return the enabled rules of Terraform's making that let visitors, or health checks, in to what serves."""
    every = [one for one in place.world.subjects((_RULE,)) if not one.values.get("disabled")]
    if place.subject.type == _RULE:
        return [one for one in every if one.id == place.subject.id]
    return [one for one in every if _open_ways(_OneRule(place.world, one), place.subject)]


def _open_ways(view: View, subject: Subject) -> list[list[str | int]]:
    """Return who reaches which port that something listens on."""
    values = {**subject.values}
    found = list(members(view, values))[:1] if subject.type in GROUPS else [Machine(view, values)]
    return [
        [source, socket.port]
        for machine in found
        for socket in machine.sockets()
        if socket.port != _SSH
        for source in (INTERNET, *HEALTH_CHECKS)
        if machine.lets_in(source, socket.port)
    ]


def _one(world: World, fault: Fault) -> Subject | None:
    return next((one for one in world.subjects((fault.type,)) if one.id == fault.resource_id), None)


def _set_disabled(world: World, fault: Fault, *, disabled: bool) -> None:
    for one in world.subjects((_RULE,)):
        if one.id in fault.body["rules"]:
            one.values["disabled"] = disabled
            world.put(one, "patch")
