"""Which machine a call is about: one with a row of its own, or the member of a managed group."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sandbox.compute_api.members import STATUS, Member, made_anew, members
from sandbox.compute_api.operations import not_found
from sandbox.compute_api.representation import name_of
from sandbox.network.machines import MANAGED, machines
from sandbox.network.view import View
from sandbox.services.service import ApiError

if TYPE_CHECKING:
    from sandbox.cloud import Cloud
    from sandbox.compute_api.server import Call

Json = dict[str, Any]
FAULTY = frozenset({"service_down", "crashed", "fault_down"})  # of what goes on inside: gone when it starts


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A machine: its Terraform type, its attributes, and which group made it, if one did."""

    kind: str
    values: Json
    shown: Mapping[str, Any] = field(default_factory=dict[str, Any])  # as it was found, its template included
    member: Member | None = None

    @property
    def path(self) -> str:
        """Return the resource's id, which is also the key of its inner state."""
        return str(self.values["id"])

    def save(self, cloud: "Cloud", verb: str) -> None:
        """Keep the attributes and log the verb; of a group's member only the status can change."""
        if self.member is None:
            row = cloud.get(self.kind, self.path) or {}
            changed = {
                key: value
                for key, value in self.values.items()
                if key in row or key not in self.shown or value != self.shown[key]
            }
            cloud.put(self.kind, self.path, {**row, **changed}, verb)
            return
        inner = {key: value for key, value in cloud.machine(self.path).items() if key != STATUS}
        status = self.values[STATUS]
        cloud.set_machine(self.path, inner if status == "RUNNING" else {**inner, STATUS: status})
        log_on_group(cloud, self.member, verb)

    def replace(self, cloud: "Cloud") -> None:
        """Let the group make its member anew, as it does when one is deleted."""
        if self.member is not None:
            made_anew(cloud, str(self.member.manager["id"]), [self.member])
            log_on_group(cloud, self.member, "recreateInstances")

    def reboot(self, cloud: "Cloud") -> None:
        """Forget what had gone wrong inside: the processes start again."""
        inner = cloud.machine(self.path)
        kept = {key: value for key, value in inner.items() if key not in FAULTY}
        if kept != inner:
            cloud.set_machine(self.path, kept)


def log_on_group(cloud: "Cloud", member: Member, verb: str) -> None:
    """Log on the group what was done to its member."""
    key = str(member.manager["id"])
    manager = cloud.get(member.manager_type, key) or dict(member.manager)
    cloud.put(member.manager_type, key, manager, verb)


def every_machine(cloud: "Cloud", project: str) -> Iterator[Found]:
    """Yield all machines of a project, those of managed groups last."""
    view = View(cloud)
    made = {str(one.values["id"]): one.values for one in machines(view)}
    for kind in MANAGED:
        for row in cloud.list(kind, project):
            key = str(row.values.get("id") or row.id)
            shown = {**made.get(key, row.values), "id": key}
            yield Found(kind=kind, values=dict(shown), shown=shown)
    for member in members(cloud, project):
        yield Found(kind=member.manager_type, values=dict(member.values), member=member)


def required(call: "Call") -> Found:
    """Return the machine by its name or its number; raise Google's 404."""
    asked = call["instance"]
    for one in every_machine(call.cloud, call["project"]):
        named = asked in {one.values.get("name"), str(one.values.get("instance_id"))}
        if named and name_of(one.values.get("zone")) == call["zone"]:
            return one
    raise not_found(path_of(call))


def path_of(call: "Call") -> str:
    """Return the path of the machine that a call names."""
    return f"projects/{call['project']}/zones/{call['zone']}/instances/{call['instance']}"


def own_row(found: Found, verb: str) -> Mapping[str, Any]:
    """Return the attributes; raise for a group's member, whose template decides."""
    if found.member is not None:
        group = found.member.manager.get("name")
        raise ApiError(
            400,
            f"Invalid usage: '{verb}' on the instance '{found.path}', which the managed group '{group}' made"
            " from its template: change the template.",
            "invalidUsage",
        )
    return found.values
