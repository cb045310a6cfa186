"""The person of a scenario, who is asked, and answers as the scenario has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.incidents.hands import Hands
from bench.incidents.record import Record
from bench.incidents.scenario import Person
from graphs.wiring import System
from infraai.errors import InfraError
from infraai.registry.approvals import Approval

NAME = "ada"
CHANNEL = "bench"


@dataclass(slots=True)
class Answering:
    """Answers each approval once, when its time has come; a late person answers whatever became of it meanwhile."""

    person: Person
    system: System
    record: Record
    clock: Hands
    since: dict[str, float] = field(default_factory=dict[str, float])
    answered: set[str] = field(default_factory=set[str])
    chosen: list[str] = field(default_factory=list[str])

    @property
    def asked(self) -> bool:
        """Return whether anything was ever asked."""
        return bool(self.since)

    @property
    def waits(self) -> bool:
        """Return whether an answer is still to be given later, whatever becomes of the question."""
        return (
            self.person.stale
            and self.person.answer != "absent"
            and any(one not in self.answered for one in self.since)
        )

    async def look(self) -> list[Approval]:
        """Return what waits; each is remembered from when it was first seen."""
        found = list(await self.system.registry.approvals.pending())
        for one in found:
            self.since.setdefault(one.approval_id, self.clock.seconds())
        return found

    async def will_answer(self) -> bool:
        """Return whether something waits that this person has an answer to."""
        return any(one.approval_id not in self.answered and self._answer(one) for one in await self.look())

    async def answer(self) -> None:
        """Answer what is due."""
        await self.look()
        for approval_id, since in list(self.since.items()):
            due = self.clock.seconds() - since >= self.person.after_s
            if approval_id in self.answered or not due:
                continue
            approval = await self.system.registry.approvals.get(approval_id)
            if approval.status != "pending" and not self.person.stale:
                self.answered.add(approval_id)
                continue
            said = self._answer(approval)
            if said is not None:
                self.answered.add(approval_id)
                await self._say(approval, said)

    def _answer(self, approval: Approval) -> dict[str, Any] | None:
        """Return the arguments of the decision, or None where this person has nothing to say."""
        if self.person.answer == "absent":
            return None
        if self.person.answer == "reject":
            return {"decision": "reject", "reason": "Not now."}
        if approval.subject != "question":
            return {"decision": "approve"}
        choice = self._choice(approval)
        return None if choice is None else {"decision": "approve", "choice": choice}

    def _choice(self, approval: Approval) -> Mapping[str, Any] | None:
        for name in self.person.choose:
            if name in self.chosen:
                continue
            if name == "ignore":
                return {"name": "ignore"}
            found = next((one for one in approval.choices if one.get("action") == name), None)
            if found is not None:
                return {"id": found["id"]}
        return None

    async def _say(self, approval: Approval, said: dict[str, Any]) -> None:
        choice = said.get("choice") or {}
        name = next(
            (str(one["action"]) for one in approval.choices if one.get("id") == choice.get("id")), "ignore"
        )
        if choice:
            self.chosen.append(name)
        words = f"{NAME}: {said['decision']} {approval.subject} {name if choice else ''}"
        self.record.say(words, self.clock.seconds())
        try:
            await self.system.operations.decide(approval.approval_id, by=NAME, channel=CHANNEL, **said)
        except InfraError as error:
            self.record.say(f"not taken: {error}", self.clock.seconds())
