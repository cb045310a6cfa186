"""Executor: apply exactly the approved plan, once."""

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Protocol

from agents.asked import Asked, by_hand, permitted
from agents.jobs import Jobs
from agents.previewer import priced_preview, refuse_guarded
from infraai.apply_errors import advice_for, kind_of
from infraai.errors import ApprovalError, ConflictError, StoppedError
from infraai.journal import Journal
from infraai.models import Outcome, Preview, Report, Request, Sha256
from infraai.policy import VERSION
from infraai.ports import Applied, Artifacts, Clock, Identities, Job, SavedPlan, StateStamp, Terraform
from infraai.preview import covered
from infraai.registry.approvals import Approvals, seal_of
from infraai.registry.audit import Audit
from infraai.registry.control import KillSwitch
from infraai.registry.effects import Effects
from infraai.state import Answered, Update

MAX_ATTEMPTS = 5
FIRST_WAIT_S = 5.0
WATCH_S = 0.5
ADOPTED_FILE = "adopted.tf"


class Beginning(Protocol):
    """What has to be known of an action before it is applied; of a change that is no action, nothing."""

    async def __call__(self, state: Any, by: str) -> str:
        """Write down whose word it is and that it begins."""
        ...

    async def over(self, state: Any) -> str:
        """Return why it is not to be applied any more, or nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Executor:
    """Reads `preview` and `answer`; writes `outcome`.

    The approval's seal, the state's lineage and serial and the kill-switch are checked here, whoever resumed the
    run. The apply is an effect: recorded before and after under a key of the run and the plan.
    """

    terraform: Terraform
    artifacts: Artifacts
    approvals: Approvals
    effects: Effects
    kill_switch: KillSwitch
    audit: Audit
    clock: Clock
    journal: Journal
    jobs: Jobs
    identities: Identities
    asked: Asked
    begun: Beginning
    first_wait_s: float = FIRST_WAIT_S

    async def __call__(self, state: Answered) -> Update:
        """Return how the apply ended."""
        preview = state["preview"]
        request = await self.asked.request(state)
        if preview.empty:
            return {"outcome": Outcome(ending="applied", attempts=0, message="Nothing had to be changed.")}
        key = f"apply:{state['run_id']}:{preview.plan_digest}:{state.get('applies', 0)}"
        known = await self.effects.get(key)
        if known is not None:
            return await self._again(state, key, known.status, known.detail.get("outcome"))
        refuse_guarded(state)
        if over := await self.begun.over(state):
            raise StoppedError(over, next_step="Nothing has to be done.")
        try:
            by = await self._permit(state, request)
        except StoppedError as error:
            return {"outcome": Outcome(ending="stopped", message=str(error))}
        except ApprovalError as error:
            self.journal.note(state["run_id"], str(error))
            return {"outcome": Outcome(ending="stale", message=str(error))}
        await self.begun(state, by)
        begun = await self.effects.begin(
            key, state["run_id"], "terraform_apply", {"plan": preview.plan_digest}
        )
        if begun is not None:
            raise ConflictError(
                f"Run {state['run_id']} is being applied by another process.", next_step="Wait for it."
            )
        await self.audit.append(by, "apply_started", state["run_id"], {"key": key})
        outcome = await self._apply(state)
        adopted = await self._adopt(state, outcome)
        if adopted:
            outcome = outcome.model_copy(update={"ending": "adopting"})
        await self.effects.finish(
            key, "done" if outcome.success else "failed", {"outcome": outcome.model_dump(mode="json")}
        )
        await self.audit.append(
            "graph", "apply_ended", state["run_id"], {"key": key, "ending": outcome.ending}
        )
        update: Update = {"outcome": outcome, "report": outcome.report, "applies": 1}
        return update | {"bundle": adopted} if adopted else update

    async def _adopt(self, state: Answered, outcome: Outcome) -> Sha256 | None:
        """Return the bundle with import blocks for what exists already, if an interrupted apply of this run made it."""
        if outcome.ending != "mendable" or not await self.effects.interrupted(state["run_id"]):
            return None
        blocks = import_blocks(outcome.report, state["preview"], self.identities)
        if not blocks:
            return None
        self.journal.note(state["run_id"], "What the interrupted apply had created is taken over.")
        bundle = await self.artifacts.get_bundle(state["bundle"])
        known = bundle.files.get(ADOPTED_FILE, "")
        return await self.artifacts.put_bundle(bundle.with_files({ADOPTED_FILE: known + blocks}))

    async def _again(self, state: Answered, key: str, status: str, outcome: object) -> Update:
        """The node was begun before, and its end never reached the checkpoint."""
        if status == "done":
            return {"outcome": Outcome.model_validate(outcome)}
        if status == "started":
            await self.terraform.recover(self.jobs.of(state))
            await self.effects.finish(key, "failed", {"interrupted": True})
        message = "An apply was interrupted; what it did is kept, and the rest is previewed again."
        self.journal.note(state["run_id"], message)
        return {"outcome": Outcome(ending="stale", message=message), "applies": 1}

    async def _permit(self, state: Answered, request: Request) -> str:
        """Spend the approval and return whose word it was."""
        flag = await permitted(self.kill_switch, request)
        preview = state["preview"]
        await self._same_state(self.jobs.of(state), preview)
        used = await self.approvals.use(
            state["approval_id"],
            state["run_id"],
            seal_of(preview),
            policy_version=VERSION,
            epoch=flag.epoch,
        )
        return used.decided_by or "somebody"

    async def _same_state(self, job: Job, preview: Preview) -> None:
        now = await self.terraform.state(job)
        stamp = (str(now.get("lineage", "")), int(now.get("serial", 0)))
        if stamp[0] and stamp != (preview.state_lineage, preview.state_serial):
            raise ApprovalError(
                f"The state moved from serial {preview.state_serial} to {stamp[1]} since the preview.",
                next_step="It is previewed and asked again.",
            )

    async def _apply(self, state: Answered) -> Outcome:
        job, preview = self.jobs.of(state), state["preview"]
        file = await self.artifacts.get(preview.plan_digest)
        stamp = StateStamp(lineage=preview.state_lineage, serial=preview.state_serial)
        plan = SavedPlan(file=file, shown={}, stamp=stamp)
        await self.terraform.prepare(job, await self.artifacts.get_bundle(state["bundle"]))
        await self.terraform.init(job)
        done: tuple[str, ...] = ()
        wait_s = self.first_wait_s
        for attempt in range(1, MAX_ATTEMPTS + 1):
            applied = await self._watched(job, plan, state)
            done = (*done, *applied.completed)
            outcome = replace_completed(outcome_of(applied, attempt), done)
            if not self._passes(applied, attempt):
                return outcome
            self.journal.note(job.run_id, f"This passes with time; trying again in {wait_s:.0f} s.")
            await self.clock.sleep(wait_s)
            wait_s *= 2
            rest = await self._rest(job, preview, state["bundle"])
            if rest is None:
                return Outcome(
                    ending="stale", applied=done, attempts=attempt, message="What is left has changed."
                )
            plan = rest
        raise AssertionError

    @staticmethod
    def _passes(applied: Applied, attempt: int) -> bool:
        kinds = {kind_of(error) for error in applied.report.errors}
        return kinds == {"passing"} and not applied.stopped and attempt < MAX_ATTEMPTS

    async def _rest(self, job: Job, approved: Preview, bundle_sha: str) -> SavedPlan | None:
        """Return a plan of what is left, if the approval covers all of it."""
        planned = await self.terraform.plan(job, destroy=approved.destroy)
        if planned.plan is None:
            return None
        rest = priced_preview(planned.plan, bundle_sha, destroy=approved.destroy)
        return planned.plan if all(covered(change, approved) for change in rest.changes) else None

    async def _stopped(self, state: Answered) -> bool:
        """Return whether autonomy is stopped, or was since the permission was given.

        Who acts by hand, by name, goes on under a stop that was there before, but not under a new one.
        """
        flag = await self.kill_switch.read()
        held = flag.stopped and not (flag.readable and by_hand(state["request"], flag.epoch))
        return held or flag.epoch != state["epoch"]

    async def _watched(self, job: Job, plan: SavedPlan, state: Answered) -> Applied:
        """Apply, unless the kill-switch was set, and stop Terraform gracefully when it is set meanwhile."""
        if await self._stopped(state):
            return Applied(report=Report(), stopped=True)
        apply = asyncio.create_task(self.terraform.apply(job, plan))
        stopping = False
        try:
            while not apply.done():
                await asyncio.wait({apply}, timeout=WATCH_S)
                if not apply.done() and not stopping and await self._stopped(state):
                    stopping = True
                    self.journal.note(
                        job.run_id, "Autonomy was stopped: Terraform is told to finish and stop."
                    )
                    apply.cancel()
        except asyncio.CancelledError:
            apply.cancel()
            with suppress(asyncio.CancelledError):
                await apply
            raise
        if apply.cancelled():
            return Applied(report=Report(), stopped=True)
        applied = apply.result()
        return replace(applied, stopped=True) if stopping else applied


def outcome_of(applied: Applied, attempt: int) -> Outcome:
    """Return how one `terraform apply` ended, in the run's terms."""
    errors = applied.report.errors
    if applied.stopped:
        message = f"Stopped; {len(applied.completed)} changes were completed and are kept in the state."
        return Outcome(ending="stopped", applied=applied.completed, attempts=attempt, message=message)
    if not errors:
        return Outcome(ending="applied", applied=applied.completed, report=applied.report, attempts=attempt)
    kinds = [kind_of(error) for error in errors]
    advice = next((advice_for(error) for error in errors if advice_for(error)), "")
    if "stale" in kinds:
        ending = "stale"
    elif advice or "passing" in kinds:
        ending = "told"
    else:
        ending = "mendable"
    return Outcome.model_validate(
        {
            "ending": ending,
            "applied": applied.completed,
            "report": applied.report,
            "attempts": attempt,
            "message": advice,
        }
    )


def replace_completed(outcome: Outcome, done: tuple[str, ...]) -> Outcome:
    """Return the outcome with everything that was completed over all attempts."""
    return outcome.model_copy(update={"applied": tuple(dict.fromkeys(done))})


def import_blocks(report: Report, preview: Preview, identities: Identities) -> str:
    """Return an import block for each error that says a resource of this preview exists already."""
    creating = {change.address: change for change in preview.changes if change.action == "create"}
    blocks = ""
    for error in report.errors:
        change = creating.get(error.address)
        found = change and identities.import_id(change.type, change.after)
        if kind_of(error) == "exists" and found:
            blocks += f"\nimport {{\n  to = {error.address}\n  id = {json.dumps(found)}\n}}\n"
    return blocks
