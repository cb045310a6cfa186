"""Asked: what was asked of a run, and by whom, as the registry has it; a run's state is not believed."""

from dataclasses import dataclass

from infraai.errors import AmbiguousError, InputError, NotFoundError
from infraai.models import Request
from infraai.registry.control import Control, KillSwitch
from infraai.registry.people import is_person
from infraai.registry.runs import Run, Runs
from infraai.state import Requested


@dataclass(frozen=True, slots=True)
class Asked:
    """Reads `run_id` and `request`: a thread can be started or changed past every channel."""

    runs: Runs

    async def request(self, state: Requested) -> Request:
        """Return the run's request; raise `NotFoundError` for an unknown run, `InputError` where the state differs."""
        request = (await self._run(state["run_id"])).request
        incident_id = str(state.get("incident_id") or "")
        if request != state["request"] or (request.incident_id and request.incident_id != incident_id):
            raise InputError(
                f"Run {state['run_id']} was asked for something else than its state says; nothing is done.",
                next_step="Start a new one: infraai act, apply or deploy.",
            )
        if request.action and not is_person(request.requested_by):
            raise InputError(
                f"{request.requested_by or 'Nobody'!r} is nobody who can act by hand.",
                next_step="Give a person's name: --by NAME.",
            )
        return request

    async def _run(self, run_id: str) -> Run:
        """Return the run of exactly this id."""
        try:
            run = await self.runs.get(run_id)
        except AmbiguousError:
            run = None
        if run is None or run.run_id != run_id:
            raise NotFoundError(
                f"There is no run {run_id!r}; nothing is done for it.",
                next_step="Runs begin by infraai deploy, apply, act, or by an alert.",
            )
        return run


def by_hand(request: Request, epoch: int) -> str:
    """Return who acts by hand although autonomy is stopped, or nothing; their word holds under that one stop."""
    meant = request.despite_stop and bool(request.action) and request.stop_epoch == epoch
    return request.requested_by if meant and is_person(request.requested_by) else ""


async def permitted(kill_switch: KillSwitch, request: Request) -> Control:
    """Return the kill-switch; raise `StoppedError` while it is set, except for who acts by hand despite this stop."""
    seen = await kill_switch.read()
    flag = await kill_switch.check(by_hand(request, seen.epoch))
    return flag if flag.epoch == seen.epoch else await kill_switch.check()
