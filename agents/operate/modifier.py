"""Modifier: the action, written into the deployment's configuration; the change loop takes it from there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from infraai.errors import ActionError, NotFoundError
from infraai.journal import Journal
from infraai.models import Bundle, DeploymentId, InfraPlan, RecordedResource, Report, RunId, Sha256
from infraai.operations.edits import edit, going_back
from infraai.operations.shapes import ActionRequest, Target
from infraai.ports import Artifacts, Hcl
from infraai.registry.deployments import Deployment
from infraai.registry.revisions import Revision
from infraai.state import OperateState, OperateUpdate


class Standing(Protocol):
    """What stands, of the registry's deployments."""

    async def get(self, any_run_id: RunId) -> Deployment:
        """Return the deployment; raise `NotFoundError`."""
        ...

    async def resources(self, deployment_id: DeploymentId) -> Sequence[RecordedResource]:
        """Return its resources."""
        ...


class History(Protocol):
    """What stood, of the registry's revisions."""

    async def before(self, run_id: RunId) -> Revision | None:
        """Return what stood before a run changed it, or None."""
        ...

    async def last(self, deployment_id: DeploymentId) -> Revision | None:
        """Return the newest revision, or None."""
        ...


@dataclass(frozen=True, slots=True)
class Modifier:
    """Reads `action` and the deployment's bundle; writes `bundle`, `before`, `plan` and an empty change loop.

    What cannot be written is left to a person: `ended` is escalated, with the reason.
    """

    deployments: Standing
    revisions: History
    artifacts: Artifacts
    hcl: Hcl
    journal: Journal

    async def __call__(self, state: OperateState) -> OperateUpdate:
        """Return the edited bundle, or why there is none."""
        action = state["action"]
        if action is None:
            raise ActionError("There is no action to write into the configuration.")
        try:
            deployment = await self.deployments.get(action.deployment_id or state["deployment_id"])
            await self._stands(state, action, deployment)
            standing = deployment.bundle_sha
            sha, notes = await self._written(state, action, standing)
        except (ActionError, NotFoundError) as error:
            self.journal.note(state["run_id"], str(error))
            return {"ended": "escalated", "message": str(error)}
        for note in notes:
            self.journal.note(state["run_id"], note)
        update: OperateUpdate = {"bundle": sha, "before": standing, "notes": list(notes), **_anew(state)}
        if deployment.plan is not None:
            update["plan"] = InfraPlan.model_validate(deployment.plan)
        return update

    async def _stands(self, state: OperateState, action: ActionRequest, deployment: Deployment) -> None:
        """Raise `ActionError` where the deployment, or what the action is about, was destroyed meanwhile."""
        if deployment.status == "destroyed":
            raise ActionError(
                f"Deployment {deployment.deployment_id[:8]} was destroyed meanwhile; it is not made anew.",
                next_step="Deploy it again if it is to stand: infraai deploy, or infraai apply.",
            )
        if action.action_type != "rollback":
            await self._target(state, action)

    async def _written(
        self, state: OperateState, action: ActionRequest, standing: Sha256
    ) -> tuple[Sha256, tuple[str, ...]]:
        if action.action_type == "rollback":
            return await self._earlier(state, action, standing)
        target = await self._target(state, action)
        bundle = await self.artifacts.get_bundle(standing)
        edited = edit(bundle, self.hcl.parse(bundle), action, target)
        return await self._kept(standing, bundle, edited.bundle), edited.notes

    async def _earlier(
        self, state: OperateState, action: ActionRequest, standing: Sha256
    ) -> tuple[Sha256, tuple[str, ...]]:
        """Return the bundle to go back to: that before this very action where it failed, else that before a run."""
        sha, said = await self._older(state, action)
        undoing = bool(state.get("undoing"))
        earlier = await self.artifacts.get_bundle(sha)
        now = await self.artifacts.get_bundle(state["bundle"] if undoing else standing)
        back = going_back(earlier, self.hcl.parse(earlier), self.hcl.parse(now))
        if back.bundle == now and not undoing:
            raise ActionError("The deployment stands on the files from before that change already.")
        return await self._kept(sha, earlier, back.bundle), (said, *back.notes)

    async def _older(self, state: OperateState, action: ActionRequest) -> tuple[Sha256, str]:
        if state.get("undoing") and state.get("before"):
            return state["before"], "It goes back to the files from before the action."
        run_id = str(action.parameters.get("run_id") or "")
        if not run_id:
            last = await self.revisions.last(action.deployment_id)
            run_id = last.run_id if last else ""
        earlier = await self.revisions.before(run_id) if run_id else None
        if earlier is None or earlier.deployment_id != action.deployment_id:
            raise ActionError(
                "There is nothing to go back to: no earlier files of this deployment are kept.",
                next_step="Change the files and run `infraai apply`.",
            )
        return earlier.bundle_sha, f"It goes back to the files of run {earlier.run_id[:8]}."

    async def _kept(self, sha: Sha256, bundle: Bundle, edited: Bundle) -> Sha256:
        """Return the sha256 of the edited bundle: the old one where nothing changed."""
        return sha if edited == bundle else await self.artifacts.put_bundle(edited)

    async def _target(self, state: OperateState, action: ActionRequest) -> Target:
        """Return what the action is about, which may be another resource of the deployment than the alert's."""
        target = state.get("target")
        for resource in await self.deployments.resources(action.deployment_id):
            if resource.address == action.resource_id:
                if target is not None and target.resource.address == action.resource_id:
                    return target
                return Target(deployment_id=action.deployment_id, resource=resource, matched_by="address")
        raise ActionError(
            f"{action.resource_id} is no resource of the deployment any more.",
            next_step="It was destroyed or renamed; nothing is done.",
        )


def _anew(state: OperateState) -> OperateUpdate:
    """Return what makes the change loop begin anew, whatever an earlier action of the run left in it."""
    return {
        "findings": [],
        "report": Report(),
        "outcome": None,
        "status": None,
        "reason": None,
        "message": "",
        "seen": [],
        "reviewed": False,
        "edited_files": {},
        "fixes": -state.get("fixes", 0),
        "applies": -state.get("applies", 0),
    }
