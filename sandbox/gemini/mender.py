"""The sandbox model's answer to the task "mend": each diagnostic by the first rule that knows it."""

from collections.abc import Callable
from typing import Any

from sandbox.gemini.mends import conflicts, missing, twice, undeclared, unknown, values
from sandbox.gemini.mends.case import Case, Edit, Mend, cases
from sandbox.gemini.mends.tree import sound

RULES: tuple[Callable[[Case], Mend | None], ...] = (
    missing.labels,
    missing.missing_alternative,
    missing.missing_block,
    missing.missing_argument,
    unknown.unconfigurable,
    unknown.unknown_argument,
    unknown.unknown_block,
    unknown.unknown_output,
    unknown.unknown_attribute,
    undeclared.provider_alias,
    undeclared.undeclared_resource,
    undeclared.undeclared_local,
    undeclared.variable_value,
    twice.declared_twice,
    twice.too_many,
    conflicts.conflicting,
    conflicts.cycle,
    conflicts.self_reference,
    values.aligner,
    values.enum,
    values.number,
    values.cidr,
    values.name,
    values.arguments,
    values.default,
    values.provider_name,
    values.version,
    values.template,
    values.zone,
    values.stray_root,
)


def mend(block: dict[str, Any]) -> dict[str, Any]:
    """Return a mend draft: the files that change, whole, and what was done; no files where no rule fits."""
    done: list[Edit] = []
    said: list[str] = []
    unknown_errors: list[str] = []
    for case in cases(block):
        found = (
            next((one for rule in RULES if (one := rule(case)) and one.edits), None)
            if _readable(case)
            else None
        )
        if found is None:
            unknown_errors.append(case.summary)
            continue
        fresh = [one for one in found.edits if one not in done]
        if fresh and not any(_meets(one, other) for one in fresh for other in done):
            done += fresh
            said.append(found.said)
    files = [
        {"name": name, "content": _applied(block["files"][name], name, done)}
        for name in dict.fromkeys(one.file for one in done)
    ]
    if unknown_errors:
        said.append(f"no rule for: {', '.join(dict.fromkeys(unknown_errors))}")
    return {"files": files, "explanation": "; ".join(said)}


def _readable(case: Case) -> bool:
    """A file that does not parse cannot be changed with a sure hand."""
    return not case.file.endswith(".tf") or sound(case.files.get(case.file, ""))


def _meets(one: Edit, other: Edit) -> bool:
    if one.file != other.file or (one.start == one.end == other.start == other.end):
        return False
    return (one.start < other.end and other.start < one.end) or one.start == other.start


def _applied(text: str, file: str, edits: list[Edit]) -> str:
    source = text.encode()
    mine = [one for one in edits if one.file == file]
    for _, (_, start, end, new) in sorted(
        enumerate(mine), key=lambda one: (one[1].start, one[1].end, one[0]), reverse=True
    ):
        source = source[:start] + new.encode() + source[end:]
    return source.decode()
