"""Fixer: mend the bundle by what Terraform said, by code where that is certain, else by asking the model."""

import hashlib
import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agents.generator import trimmed
from agents.prompting import render
from infraai.configuration import Configuration, Expression
from infraai.drafts import MendDraft
from infraai.errors import ModelError
from infraai.masking import mask, mask_all, restore
from infraai.mending.advice import hint, personal
from infraai.mending.faithful import objection
from infraai.mending.mend import mend
from infraai.mending.original import dropped
from infraai.models import Bundle, Diagnostic, InfraPlan, Report, Sha256
from infraai.ports import Artifacts, ChatModel, Hcl, Prompt, Schemas
from infraai.state import Update, Validated

_MOST_BY_CODE = 40
_CODE = "code:"
_REJECTED = """
Your last answer was rejected: {why}. Mend the errors without that.
"""


@dataclass(frozen=True, slots=True)
class Fixer:
    """Reads `bundle`, `report`, `fixes` and `seen`; writes `bundle`, `notes`, `seen`; counts in `fixes`.

    A step by code is not counted, and ends the turn where it changed anything: the validator looks first.
    """

    model: ChatModel
    hcl: Hcl
    artifacts: Artifacts
    schemas: Schemas
    project: str = ""
    region: str = "us-central1"
    max_fixes: int = 3

    async def __call__(self, state: Validated) -> Update:
        """Return the mended bundle, or why there is none; raise a `ModelError` while nothing was applied.

        After an apply a `ModelError` is an ending: what was changed is still recorded, and settled.
        """
        bundle = await self.artifacts.get_bundle(state["bundle"])
        try:
            return await self._by_code(state, bundle) or await self._by_model(state, bundle)
        except ModelError as error:
            if not state.get("applies"):
                raise
            return {"status": "failed", "reason": "model", "message": str(error)}

    async def _by_code(self, state: Validated, bundle: Bundle) -> Update | None:
        seen = state.get("seen", [])
        steps = {one for one in seen if one.startswith(_CODE)}
        mended = mend(
            state["report"], bundle, self.hcl, self.schemas, project=self.project, region=self.region
        )
        if not mended.notes or mended.bundle == bundle or len(steps) >= _MOST_BY_CODE:
            return None
        sha = await self.artifacts.put_bundle(mended.bundle)
        if sha == state["bundle"] or _CODE + sha in steps:
            return None
        return {
            "bundle": sha,
            "notes": list(mended.notes),
            "seen": [*seen, _CODE + state["bundle"], _CODE + sha],
        }

    async def _by_model(self, state: Validated, bundle: Bundle) -> Update:
        """Ask until an answer is faithful, the tries are used up, or nothing new comes."""
        report, seen, used = state["report"], list(state.get("seen", [])), state.get("fixes", 0)
        digest = digest_of(report)
        configuration = self.hcl.parse(bundle)
        own = personal(report, bundle, configuration, self.schemas)
        told_already = [*own.values(), hint(report.errors[0], configuration)]
        end = _End(report, tuple(one for one in told_already if one), _where_to(state))
        rest = tuple(one for one in report.errors if one not in own)
        if not rest:
            return end.personal()
        asked = [one for one in seen if not one.startswith(_CODE)]
        if asked and asked[-1] == digest:
            return end.closed("not_converging", used)
        if used >= self.max_fixes:
            return end.closed("validation_exhausted", used)
        notes: list[str] = []
        why = ""
        for attempt in range(1, self.max_fixes - used + 1):
            draft = await self._ask(state, Report(diagnostics=rest), bundle, why)
            after = bundle.with_files(
                {one.name: restore(one.content, bundle.files.get(one.name, "")) for one in draft.files}
            )
            if after == bundle:
                told = [*notes, f"model: it has no mend. {draft.explanation}".strip()]
                return end.closed("not_converging", used + attempt) | {"fixes": attempt, "notes": told}
            found = self._unseen(state, bundle, draft) or self._objection(bundle, after)
            if found is None:
                sha: Sha256 = await self.artifacts.put_bundle(after)
                told = [
                    *notes,
                    f"model: {draft.explanation or 'changed ' + ', '.join(one.name for one in draft.files)}",
                ]
                return {"bundle": sha, "fixes": attempt, "notes": told, "seen": [*seen, digest]}
            notes.append(f"model: a mend was rejected: {found}")
            why = found
        closed = end.closed("validation_exhausted", self.max_fixes, why)
        return closed | {"fixes": self.max_fixes - used, "notes": notes}

    def _unseen(self, state: Validated, bundle: Bundle, draft: MendDraft) -> str | None:
        """Return the objection to what was written over a file that the prompt did not show."""
        shown = shown_files(bundle, state["report"], self.hcl.parse(bundle))
        names = [one.name for one in draft.files if one.name in bundle.files and one.name not in shown]
        return f"it writes over {', '.join(names)}, which it was not shown" if names else None

    def _objection(self, bundle: Bundle, after: Bundle) -> str | None:
        before, then = self.hcl.parse(bundle), self.hcl.parse(after)
        if lost := dropped(bundle, then):
            return f"it drops {', '.join(lost)}"
        return objection(before, then, self.schemas)

    async def _ask(self, state: Validated, report: Report, bundle: Bundle, why: str) -> MendDraft:
        plan = state.get("plan")
        block = material(
            bundle,
            report,
            plan if isinstance(plan, InfraPlan) else None,
            self.schemas,
            self.hcl.parse(bundle),
        )
        text = render("mend.md", block, rejected=_REJECTED.format(why=why) if why else "")
        return await self.model.ask(Prompt(run_id=state["run_id"], task="mend", text=text), MendDraft)


def material(
    bundle: Bundle, report: Report, plan: InfraPlan | None, schemas: Schemas, configuration: Configuration
) -> dict[str, Any]:
    """Return the typed block of a mend prompt: files, exact errors, schemas of the types they name.

    Of variable files it has the names and the kinds of values, and of tokens and keys only marks.
    """
    return {
        "task": "mend",
        "files": {name: mask(text) for name, text in shown_files(bundle, report, configuration).items()},
        "values": {
            block.file: {one.name: _kind_of(one.expression) for one in block.attributes}
            for block in configuration.values
        },
        "diagnostics": [_told(one) for one in report.errors],
        "plan": mask_all(plan.model_dump(mode="json")) if plan else None,
        "schemas": _grounding(report, schemas, configuration),
    }


def shown_files(bundle: Bundle, report: Report, configuration: Configuration) -> dict[str, str]:
    """Return the files a mend may see: configuration, and what a diagnostic names; never variables' values."""
    named = {posixpath.normpath(one.file) for one in report.errors if one.file}
    return {
        name: text
        for name, text in bundle.files.items()
        if (name in configuration.files or name in named) and not _has_values(name)
    }


def _has_values(name: str) -> bool:
    return name.endswith((".tfvars", ".tfvars.json"))


def _told(one: Diagnostic) -> object:
    """Return a diagnostic without what it quotes of a file of values."""
    shown = one.model_copy(update={"snippet": ""}) if _has_values(one.file) else one
    return mask_all(shown.model_dump(mode="json"))


def _kind_of(value: Expression) -> object:
    """Return a value of the same kind and shape that tells nothing."""
    if value.kind == "object":
        return {key or "...": _kind_of(one) for key, one in value.items}
    if value.kind == "list":
        return [_kind_of(one) for _, one in value.items]
    if isinstance(value.literal, bool):
        return False
    if isinstance(value.literal, int | float):
        return 0
    return None if value.text.strip() == "null" else "..."


def _grounding(report: Report, schemas: Schemas, configuration: Configuration) -> Mapping[str, Any]:
    """Return what the schema says of the types in trouble: those at the errors' lines, else all of them."""
    places = {(one.file, one.line) for one in report.errors if one.line}
    words = " ".join(f"{one.summary} {one.detail} {one.address}" for one in report.errors)
    kinds = [one.labels[0] for one in configuration.resources if one.labels]
    named = [
        one.labels[0]
        for one in configuration.resources
        if one.labels
        and (
            any(file == one.file and one.span.line <= line <= one.span.end_line for file, line in places)
            or one.labels[0] in words
        )
    ]
    spoken = re.findall(r"google_\w+", words)
    wanted = dict.fromkeys([*(named or kinds), *spoken])
    return {kind: trimmed(schemas.describe(kind)) for kind in wanted if schemas.known(kind)}


def digest_of(report: Report) -> str:
    """Return what makes two reports the same one, wherever their errors moved to."""
    keys = sorted(one.key for one in report.errors)
    return hashlib.sha256(json.dumps(keys).encode()).hexdigest()


def _where_to(state: Validated) -> str:
    """Return what a person does next, by whose files these are."""
    if state["request"].kind == "deploy":
        run_id = state["run_id"]
        return (
            f"Next step: infraai files {run_id} shows the files as they are; correct and apply them,"
            " or state the goal in other words."
        )
    return "Next step: correct that in your files, and run this again."


@dataclass(frozen=True, slots=True)
class _End:
    """How mending ends without a mend."""

    report: Report
    told: tuple[str, ...]  # what a person should know or do
    step: str

    def personal(self) -> Update:
        """Nothing is left that code or a model may mend."""
        message = " ".join(("The Terraform needs you.", *self.told))
        return {"status": "failed", "reason": "validation_exhausted", "message": message}

    def closed(self, reason: Any, tries: int, why: str = "") -> Update:
        """Return why there is no mend: the first error, the last objection, what to do."""
        first = self.report.errors[0]
        where = f" ({first.file}:{first.line})" if first.line else ""
        more = f", and {len(self.report.errors) - 1} more" if len(self.report.errors) > 1 else ""
        what = f"{first.summary}{where}{more}. {first.detail}".strip()
        said = {
            "not_converging": "LLM fix not converging: the same errors remain after the model's mend.",
            "validation_exhausted": f"The Terraform is still not valid after {tries} attempts.",
        }
        refused = (f"What the model offered was not taken: {why}.",) if why else ()
        message = " ".join((said[reason], what, *refused, *self.told, self.step))
        return {"status": "failed", "reason": reason, "message": message}
