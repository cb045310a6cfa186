"""All mends by code on one report: each error by the first mend that knows it, edits that never overlap."""

from collections.abc import Callable
from dataclasses import dataclass

from infraai.mending import (
    arguments,
    duplicates,
    grants,
    indexes,
    labels,
    meta,
    moved,
    nested,
    references,
    refused,
    required,
    twins,
    types,
    unparsed,
    values,
    variables,
)
from infraai.mending.faithful import objection
from infraai.mending.fault import Edit, Fault, Mend
from infraai.models import Bundle, Report
from infraai.ports import Hcl, Schemas

MENDS: tuple[Callable[[Fault], Mend | None], ...] = (
    unparsed.mend_unparsed,
    types.mend_type,
    labels.mend_label,
    meta.mend_reference_list,
    meta.mend_for_each,
    meta.mend_count_and_for_each,
    meta.mend_uncounted,
    meta.mend_lifecycle,
    meta.mend_sensitive,
    meta.mend_type_constraint,
    meta.mend_version,
    meta.mend_dynamic,
    duplicates.mend_duplicate,
    twins.mend_twins,
    grants.mend_grant,
    moved.mend_moved,
    moved.mend_removed,
    arguments.mend_argument,
    nested.mend_block,
    required.mend_required,
    refused.mend_refused,
    refused.mend_fixed,
    values.mend_value,
    variables.mend_undeclared_variable,
    variables.mend_no_value,
    variables.mend_default,
    references.mend_bare_word,
    references.mend_reference,
    references.mend_local,
    references.mend_no_attributes,
    references.mend_attribute,
    references.mend_function,
    references.mend_module,
    indexes.mend_index,
)


@dataclass(frozen=True, slots=True)
class Mended:
    """A bundle with what code could mend, and a note for each mend; no notes where there was none."""

    bundle: Bundle
    notes: tuple[str, ...] = ()


def mend(
    report: Report,
    bundle: Bundle,
    hcl: Hcl,
    schemas: Schemas,
    *,
    project: str = "",
    region: str = "us-central1",
) -> Mended:
    """Return the bundle after every certain mend of the report's errors.

    Mends whose edits would touch the same bytes wait for the next report. What would weaken or drop anything
    is left alone (`infraai.mending.faithful`).
    """
    configuration = hcl.parse(bundle)
    taken: list[Edit] = []
    notes: list[str] = []
    for diagnostic in report.errors:
        fault = Fault(diagnostic, configuration, bundle, schemas, hcl, project, region)
        found = _first(fault)
        if found is None or any(_meets(one, other) for one in found.edits for other in taken):
            continue
        if objection(configuration, hcl.parse(apply(bundle, [*taken, *found.edits])), schemas) is not None:
            continue
        fresh = [one for one in found.edits if one not in taken]
        taken += fresh
        if fresh:
            notes.append(f"code: {found.what} ({diagnostic.file}:{diagnostic.line})")
    return Mended(apply(bundle, taken), tuple(notes))


def _first(fault: Fault) -> Mend | None:
    if fault.diagnostic.file and fault.diagnostic.file not in fault.bundle.files:
        return None
    known = (unparsed.mend_unparsed,) if fault.diagnostic.file.endswith(".json") else MENDS
    return next((found for one in known if (found := one(fault)) and found.edits), None)


def _meets(one: Edit, other: Edit) -> bool:
    """Two insertions at one place may both stand; a change within a change may not."""
    if one == other or one.file != other.file:
        return False
    if one.start == one.end == other.start == other.end:
        return False
    return (one.start < other.end and other.start < one.end) or one.start == other.start


def apply(bundle: Bundle, edits: list[Edit]) -> Bundle:
    """Return the bundle with all edits made, byte for byte."""
    changed: dict[str, str] = {}
    for file in dict.fromkeys(one.file for one in edits):
        source = bundle.files.get(file, "").encode()
        mine = [one for one in edits if one.file == file]
        for edit in sorted(mine, key=lambda one: (one.start, one.end), reverse=True):
            source = source[: edit.start] + edit.text.encode() + source[edit.end :]
        changed[file] = source.decode()
    return bundle.with_files(changed)
