"""Generator: from a plan to the files of a bundle."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from agents.bundling import Layout, assemble, missing_resources, strip_fence
from agents.prompting import render
from agents.reckoning import reckon
from infraai.drafts import TerraformDraft
from infraai.models import Bundle, InfraPlan
from infraai.naming import free_names
from infraai.ports import Artifacts, ChatModel, Hcl, Identities, Prompt, Schemas
from infraai.regions import default_zone
from infraai.state import Planned, Update

_MOST_ARGUMENTS = 250
_AGAIN = """
Your last answer left these resources of the plan out; write all of the plan, these included: {left_out}.
"""


@dataclass(frozen=True, slots=True)
class Generator:
    """Reads `plan`; writes `bundle`, the plan's cost and risks if it was edited, and `notes`."""

    model: ChatModel
    schemas: Schemas
    hcl: Hcl
    artifacts: Artifacts
    identities: Identities
    taken: Callable[[], Awaitable[Iterable[str]]]  # the Google ids of everything that stands
    project: str
    webhook_url: str = ""

    async def __call__(self, state: Planned) -> Update:
        """Return the bundle's sha256; raise a `ModelError`. Faults in the files are for the validator."""
        plan = reckon(state["plan"])  # a person may have edited it since the planner did
        written = await self._written(state["run_id"], plan)
        layout = Layout(
            plan=plan,
            deployment_id=state["deployment_id"],
            project=self.project,
            webhook_url=self.webhook_url,
        )
        named = free_names(
            written,
            self.hcl.parse(Bundle(files={"main.tf": written})),
            await self.taken(),
            self.identities,
            values={
                "var.project": self.project,
                "var.region": plan.region,
                "var.zone": default_zone(plan.region),
            },
            suffix=state["deployment_id"],
        )
        bundle, notes = assemble(named.text, layout, self.hcl)
        notes = (*named.notes, *notes)
        return {"bundle": await self.artifacts.put_bundle(bundle), "plan": plan, "notes": list(notes)}

    async def _written(self, run_id: str, plan: InfraPlan) -> str:
        """Return the model's `main.tf`; what it left out is asked for once more."""
        text = strip_fence((await self._ask(run_id, plan, "")).main_tf)
        left_out = missing_resources(plan, self.hcl.parse(Bundle(files={"main.tf": text})))
        if not left_out:
            return text
        more = _AGAIN.format(left_out=", ".join(left_out))
        again = strip_fence((await self._ask(run_id, plan, more)).main_tf)
        still = missing_resources(plan, self.hcl.parse(Bundle(files={"main.tf": again})))
        return again if len(still) < len(left_out) else text

    async def _ask(self, run_id: str, plan: InfraPlan, more: str) -> TerraformDraft:
        block = {
            "task": "write",
            "plan": plan,
            "variables": ["project", "region", "zone"],
            "schemas": self._grounding(plan),
        }
        prompt = Prompt(run_id=run_id, task="write", text=render("write.md", block, more=more))
        return await self.model.ask(prompt, TerraformDraft)

    def _grounding(self, plan: InfraPlan) -> dict[str, Any]:
        settings: dict[str, set[str]] = {}
        for one in plan.resources:
            settings.setdefault(one.type, set()).update(one.settings)
        return {kind: trimmed(self.schemas.describe(kind), wanted) for kind, wanted in settings.items()}


def trimmed(described: Mapping[str, Any], wanted: Iterable[str] = ()) -> dict[str, Any]:
    """Return a type's schema without what cannot be written, and at most 250 arguments.

    First those that the plan sets, then by depth, required ones before others.
    """
    arguments: Mapping[str, Mapping[str, Any]] = described.get("arguments") or {}
    names = {path.rsplit(".", 1)[-1] for path in wanted}
    named = {path for path in arguments if path.rsplit(".", 1)[-1] in names}
    named |= {".".join(path.split(".")[:depth]) for path in named for depth in range(1, path.count(".") + 1)}

    def rank(path: str) -> tuple[bool, int, bool, str]:
        return path not in named, path.count("."), not arguments[path].get("required"), path

    settable = (path for path, facts in arguments.items() if facts.get("required") or facts.get("optional"))
    kept = sorted(settable, key=rank)[:_MOST_ARGUMENTS]
    return {"arguments": {path: _said(arguments[path]) for path in sorted(kept)}}


def _said(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if value not in (None, False, "", [], ())}
