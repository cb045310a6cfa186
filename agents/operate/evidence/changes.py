"""What was changed in the deployment, and how long before the alert began."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.operate.evidence.case import Case
from agents.operate.evidence.pieces import ago, clock_time, piece
from infraai.configuration import Configuration
from infraai.errors import InfraError
from infraai.operations.shapes import Evidence
from infraai.ports import Artifacts, Hcl
from infraai.registry.actions import ActionRecord, Actions
from infraai.registry.revisions import Revision, Revisions
from infraai.registry.runs import Runs

_MOST = 5
_COMPARED = 2  # of the newest revisions, with the one before each
_LOOKED_THROUGH = 100


@dataclass(frozen=True, slots=True)
class Changes:
    """Reads the deployment's revisions and its past actions."""

    revisions: Revisions
    actions: Actions
    runs: Runs
    artifacts: Artifacts
    hcl: Hcl

    async def __call__(self, case: Case) -> list[Evidence]:
        """Return one piece: the last changes, newest first, and how long before the alert the last one was."""
        revisions = await self.revisions.of(case.deployment.deployment_id)
        newest = sorted(revisions, key=lambda one: one.at, reverse=True)[:_MOST]
        done = await self.actions.list(limit=_LOOKED_THROUGH)
        own = [one for one in done if one.deployment_id == case.deployment.deployment_id][:_MOST]
        listed = [await self._revision(one, newest, case) for one in newest] + [_action(one) for one in own]
        listed.sort(key=lambda one: float(one["at"]), reverse=True)
        for one in listed:
            one["before_alert_s"] = round(case.began - one["at"])
        before = [one for one in listed if one["before_alert_s"] >= 0]
        data = {
            "changes": listed,
            "revisions": len(revisions),
            "last_change_before_alert_s": before[0]["before_alert_s"] if before else None,
            "can_go_back": len(revisions) > 1,
        }
        return [piece("changes", _sentence(before, case), data)]

    async def _revision(self, one: Revision, newest: Sequence[Revision], case: Case) -> dict[str, Any]:
        older = [other for other in newest if other.at < one.at]
        compared = older and one in newest[:_COMPARED]
        touched = await self._touched(older[0].bundle_sha, one.bundle_sha) if compared else []
        address = case.target.resource.address.partition("[")[0]
        return {
            "kind": "revision",
            "at": one.at,
            "run_id": one.run_id,
            "why": await self._why(one.run_id),
            "first": len(newest) < _MOST and not older,
            "touched": touched,
            "touches_target": address in touched,
        }

    async def _touched(self, before: str, after: str) -> list[str]:
        if before == after:
            return []
        try:
            old, new = [self._texts(await self._read(sha)) for sha in (before, after)]
        except InfraError:
            return []
        return sorted(address for address in {*old, *new} if old.get(address) != new.get(address))

    async def _read(self, sha: str) -> tuple[Configuration, dict[str, str]]:
        bundle = await self.artifacts.get_bundle(sha)
        return self.hcl.parse(bundle), bundle.files

    def _texts(self, read: tuple[Configuration, dict[str, str]]) -> dict[str, str]:
        configuration, files = read
        return {
            one.address: files.get(one.file, "")
            .encode()[one.span.start : one.span.end]
            .decode(errors="replace")
            for one in configuration.resources
        }

    async def _why(self, run_id: str) -> str:
        try:
            request = (await self.runs.get(run_id)).request
        except InfraError:
            return ""
        return f"{request.kind} by {request.requested_by}: {request.goal or request.directory}".rstrip(": ")


def _action(one: ActionRecord) -> dict[str, Any]:
    return {
        "kind": "action",
        "at": one.ended_at or one.started_at,
        "run_id": one.run_id,
        "action": one.request.action_type,
        "parameters": one.request.parameters,
        "resource": one.resource,
        "status": one.status,
        "resolved": one.resolved,
        "allowed_by": one.allowed_by,
    }


def _sentence(before: Sequence[dict[str, Any]], case: Case) -> str:
    """Return the last change in words; where there is no alert, how long ago it was."""
    alerted = case.alert is not None
    if not before:
        return f"No change of the deployment is recorded{' before the alert began' if alerted else ''}."
    last = before[0]
    what = (
        f"the action {last['action']} on {last['resource']}" if last["kind"] == "action" else _revised(last)
    )
    when = f"{ago(last['before_alert_s'])} {'before the alert' if alerted else 'ago'}"
    return f"The last change was {what} at {clock_time(last['at'])}, {when}."


def _revised(one: dict[str, Any]) -> str:
    if one["first"]:
        return "the deployment itself"
    touched = ", ".join(one["touched"][:3])
    return f"a change of {touched}" if touched else "a change of the configuration"
