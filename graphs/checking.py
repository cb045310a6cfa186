"""Checking a bundle, and what came of it."""

import difflib
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from graphs import check
from graphs.deps import ChangeNodes
from graphs.driver import MAX_STEPS
from infraai.errors import ModelError
from infraai.models import Bundle, Diagnostic, Finding, Report, Request
from infraai.ports import Artifacts

CheckStatus = Literal["passed", "fixed", "refused", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a check found, and the bundle as it is now."""

    status: CheckStatus
    attempts: int
    findings: tuple[Finding, ...]
    diagnostics: tuple[Diagnostic, ...]
    mends: tuple[str, ...]
    bundle: Bundle
    changes: str
    message: str = ""

    def document(self) -> dict[str, Any]:
        """Return the reply of `infraai check --json`."""
        return {
            "status": self.status,
            "attempts": self.attempts,
            "findings": [one.model_dump(mode="json") for one in self.findings],
            "diagnostics": [one.model_dump(mode="json") for one in self.diagnostics],
            "mends": list(self.mends),
            "changes": self.changes,
            "message": self.message,
        }


async def check_bundle(nodes: ChangeNodes, artifacts: Artifacts, bundle: Bundle, *, fix: bool) -> Checked:
    """Return what guard and validation say, mended if asked; a model that fails ends the mending, not the check."""
    run_id = f"check-{uuid.uuid4()}"
    state: dict[str, Any] = {
        "run_id": run_id,
        "deployment_id": run_id,
        "request": Request(kind="apply"),
        "bundle": await artifacts.put_bundle(bundle),
        "fixes": 0,
        "notes": [],
        "seen": [],
        "findings": [],
        "report": Report(),
    }
    graph = check.build(nodes, fix=fix).compile(name="check")
    message = ""
    try:
        async for values in graph.astream(state, {"recursion_limit": MAX_STEPS}, stream_mode="values"):
            state = dict(values)
    except ModelError as error:
        message = str(error)
    after = await artifacts.get_bundle(state["bundle"])
    return Checked(
        status=_status(state, changed=after != bundle),
        attempts=int(state["fixes"]),
        findings=tuple(state["findings"]),
        diagnostics=state["report"].diagnostics,
        mends=tuple(state["notes"]),
        bundle=after,
        changes=diff(bundle, after),
        message=message or str(state.get("message") or ""),
    )


def _status(state: dict[str, Any], *, changed: bool) -> CheckStatus:
    if any(one.verdict in {"refuse", "unparsed"} for one in state["findings"]):
        return "refused"
    if not state["report"].passed:
        return "failed"
    return "fixed" if changed else "passed"


def diff(before: Bundle, after: Bundle) -> str:
    """Return a unified diff of all text files."""
    parts: list[str] = []
    for name in sorted({*before.files, *after.files}):
        old, new = before.files.get(name, ""), after.files.get(name, "")
        if old != new:
            lines = difflib.unified_diff(
                old.splitlines(keepends=True), new.splitlines(keepends=True), f"a/{name}", f"b/{name}"
            )
            parts += [line if line.endswith("\n") else line + "\n" for line in lines]
    return "".join(parts)
