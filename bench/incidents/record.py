"""What happened in a scenario: what the cloud and the registry say, and nothing that anybody claimed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infraai.models import ModelUsage
from infraai.registry.actions import ActionRecord
from infraai.registry.approvals import Approval
from infraai.registry.incidents import Incident
from sandbox.cloud import Operation, Values


@dataclass(slots=True)
class Record:
    """One scenario's traces; times are simulated epoch seconds."""

    began: float = 0
    ended: float = 0
    incidents: list[Incident] = field(default_factory=list[Incident])
    approvals: list[Approval] = field(default_factory=list[Approval])
    actions: list[ActionRecord] = field(default_factory=list[ActionRecord])
    operations: list[Operation] = field(default_factory=list[Operation])  # all since the beginning
    staged: set[int] = field(
        default_factory=set[int]
    )  # operations of the faults' and of the scenario's own making
    stops: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])  # from after, to
    by_hand: set[int] = field(default_factory=set[int])  # operations of actions by hand
    refused: int = 0  # bodies that were refused
    should_refuse: int = 0
    notices: list[str] = field(default_factory=list[str])
    open_alerts: list[str] = field(default_factory=list[str])  # in the cloud, at the end
    before: dict[tuple[str, str], Values] = field(default_factory=dict[tuple[str, str], Values])
    after: dict[tuple[str, str], Values] = field(default_factory=dict[tuple[str, str], Values])
    keys: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])  # of the checks
    usage: list[ModelUsage] = field(default_factory=list[ModelUsage])
    locked: list[str] = field(default_factory=list[str])  # deployments whose state is still locked
    faults: list[str] = field(default_factory=list[str])
    story: list[str] = field(default_factory=list[str])
    error: str = ""

    def say(self, words: str, at: float) -> None:
        """Keep a line of what happened, with the seconds since the beginning."""
        self.story.append(f"{at - self.began:6.0f} s  {words}")

    @property
    def effects(self) -> list[Operation]:
        """Return the operations that the system did: what the scenario staged and autoscaling does is left out."""
        scaled = {one.seq for one in self.operations if one.verb == "resize" and not self._resized_by_action}
        return [one for one in self.operations if one.seq not in self.staged | scaled]

    @property
    def _resized_by_action(self) -> bool:
        return any(
            one.request.method == "api" and one.request.action_type == "scale_up" for one in self.actions
        )

    def summary(self) -> dict[str, Any]:
        """Return what to look at first where a scenario failed."""
        return {
            "incidents": [(one.title, one.status, one.message) for one in self.incidents],
            "actions": [
                (
                    one.request.action_type,
                    one.resource,
                    one.request.parameters,
                    one.status,
                    one.resolved,
                    one.allowed_by,
                )
                for one in self.actions
            ],
            "approvals": [(one.subject, one.status, one.decided_by) for one in self.approvals],
            "effects": [f"{one.verb} {one.type} {one.id.rpartition('/')[2]}" for one in self.effects],
            "open_alerts": self.open_alerts,
            "notices": self.notices,
        }
