"""`terraform init`, only where something that it depends on changed."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from infraai.masking import mask
from infraai.models import Diagnostic, Report
from infraai.ports import Job
from tools.terraform.blocks import top_level_blocks
from tools.terraform.engine import Engine
from tools.terraform.failures import broken, check
from tools.terraform.process import Finished
from tools.terraform.runner import Shell
from tools.terraform.stream import Stream
from tools.terraform.workspace import LOCK_FILE, OURS, Workspace, write_private

KEYED = frozenset({"terraform", "module", "provider"})
TYPED = frozenset({"resource", "data", "ephemeral"})
CHOSEN = re.compile(r"^\s*provider\s*=\s*([\w.-]+)", re.MULTILINE)
PLAIN_ERROR = re.compile(r"^Error: (?P<summary>.+)\n+(?P<detail>(?:.*\n?)*?)(?=^Error: |\Z)", re.MULTILINE)
PREAMBLE = "Terraform encountered problems during initialisation"
FOREIGN_BACKEND = Diagnostic(
    summary="Backend not allowed",
    detail="The bundle sends its state elsewhere. States are kept by INFRAai: remove the backend block.",
)
ASKS_FOR_INIT = re.compile(r"(?:terraform|tofu) init")
NO_JSON = "flag provided but not defined: -json"


async def init(job: Job, shell: Shell) -> Report:
    """Return what `init` found; an empty report, without a process, where the last one still holds."""
    space = shell.space
    if _holds(space, shell.engine):
        return Report()
    space.stamp_file.unlink(missing_ok=True)
    stream = Stream(job.on_event)
    words = ("init", "-json", "-input=false", "-no-color", "-reconfigure")
    finished = await shell.read(*words, on_line=stream.line)
    if finished.code and NO_JSON in finished.stderr:  # before Terraform 1.9
        return await _plain(space, shell)
    check(job, shell, stream, finished)
    return _finish(space, shell, _without_preamble(stream.report))


def forget(space: Workspace, report: Report) -> bool:
    """Return whether `init` has to run again, by Terraform's own words, though it was taken to hold."""
    asked = any(ASKS_FOR_INIT.search(f"{one.summary} {one.detail}") for one in report.errors)
    if not asked or not space.stamp_file.is_file():
        return False
    space.stamp_file.unlink()
    return True


def _holds(space: Workspace, engine: Engine) -> bool:
    done = space.stamp_file.is_file() and space.data_folder.is_dir()
    return done and space.stamp_file.read_text() == _digest(space, engine)


def _without_preamble(report: Report) -> Report:
    """Return the report without the error that only says that there are errors."""
    rest = tuple(one for one in report.diagnostics if not one.summary.startswith(PREAMBLE))
    return Report(diagnostics=rest) if rest else report


async def _plain(space: Workspace, shell: Shell) -> Report:
    finished = await shell.read("init", "-input=false", "-no-color", "-reconfigure")
    return _finish(space, shell, _parse_plain(finished) if finished.code else Report())


def _parse_plain(finished: Finished) -> Report:
    found = tuple(
        Diagnostic(summary=mask(one["summary"].strip()), detail=mask(one["detail"].strip()))
        for one in PLAIN_ERROR.finditer(finished.stderr)
    )
    if not found:
        raise broken(finished)
    return Report(diagnostics=found)


def _finish(space: Workspace, shell: Shell, report: Report) -> Report:
    if not report.passed:
        return report
    if not _keeps_state_with_us(space):
        return Report(diagnostics=(*report.diagnostics, FOREIGN_BACKEND))
    write_private(space.stamp_file, _digest(space, shell.engine).encode())
    return report


def _keeps_state_with_us(space: Workspace) -> bool:
    """Return whether the backend is the one laid out here: `http`, with everything from the environment.

    Another override file of the bundle can still replace it; whatever does shows in this record of `init`.
    """
    record = cast("dict[str, Any]", json.loads((space.data_folder / "terraform.tfstate").read_text()))
    backend = record.get("backend") or {}
    return backend.get("type") == "http" and not any((backend.get("config") or {}).values())


def _digest(space: Workspace, engine: Engine) -> str:
    """Return a digest of all that decides what `init` does: providers, modules, lock file, engine."""
    parts = [" ".join(engine.argv)]
    lock = space.folder / LOCK_FILE
    parts.append(lock.read_text() if lock.is_file() else "")
    for path in _sources(space.folder):
        text = path.read_text()
        parts.append(str(path.relative_to(space.folder)))
        parts.extend([text] if path.name.endswith(".json") else _deciding(text))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _sources(folder: Path) -> list[Path]:
    found = (*folder.rglob("*.tf"), *folder.rglob("*.tf.json"))
    return sorted(path for path in found if path.relative_to(folder).parts[0] not in {".terraform", OURS})


def _deciding(text: str) -> Iterator[str]:
    """Yield the blocks that decide, whole, and the provider each resource type implies."""
    yield from sorted(set(CHOSEN.findall(text)))
    for block in top_level_blocks(text):
        kind, *labels = block.partition("{")[0].replace('"', " ").split() or [""]
        if kind in KEYED:
            yield block
        elif kind in TYPED and labels:
            yield labels[0].partition("_")[0]
