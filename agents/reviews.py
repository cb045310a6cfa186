"""Reviews: the two places where a person may edit before the run goes on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from langgraph.types import interrupt

from infraai.models import InfraPlan
from infraai.ports import Artifacts
from infraai.state import Answered, Planned, Update, Validated


async def review_plan(state: Planned) -> Update:
    """Reads `plan`; writes it as edited."""
    answer = interrupt({"review": "plan", "plan": state["plan"].model_dump(mode="json")})
    edited: Any = answer.get("plan") if isinstance(answer, Mapping) else None
    return {"plan": InfraPlan.model_validate(edited) if edited else state["plan"]}


async def review_files(state: Validated) -> Update:
    """Asks for the files to be looked over; `FilesEdited` reads the answer."""
    return {"edited_files": _files(interrupt({"review": "files", "bundle": state["bundle"]}))}


@dataclass(frozen=True, slots=True)
class FilesEdited:
    """Reads `edited_files`; writes `bundle`."""

    artifacts: Artifacts

    async def __call__(self, state: Validated) -> Update:
        """Return the bundle with what the person changed."""
        edited = state.get("edited_files") or {}
        if not edited:
            return {"reviewed": True}
        bundle = await self.artifacts.get_bundle(state["bundle"])
        return {"bundle": await self.artifacts.put_bundle(bundle.with_files(edited)), "reviewed": True}


@dataclass(frozen=True, slots=True)
class Edited:
    """Reads the `answer` to an approval that edits the files; writes `bundle`."""

    artifacts: Artifacts

    async def __call__(self, state: Answered) -> Update:
        """Return the bundle as edited; it is guarded, previewed and asked again."""
        bundle = await self.artifacts.get_bundle(state["bundle"])
        edited = state["answer"].edited
        return {"bundle": await self.artifacts.put_bundle(bundle.with_files(edited.files if edited else {}))}


def _files(answer: Any) -> dict[str, str]:
    files = answer.get("files") if isinstance(answer, Mapping) else None
    return {str(name): str(text) for name, text in (files or {}).items()}
