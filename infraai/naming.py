"""Names that are free: what a new deployment writes must not collide with what another one built.

Google's names are unique per project and place, a bucket's in all the world; the ids are those of
https://registry.terraform.io/providers/hashicorp/google/latest/docs (each resource's "Import").
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from infraai.configuration import Block, Configuration, Expression
from infraai.editing import Edit, apply_edits, attribute_edit
from infraai.ports import Identities

PLACES = frozenset({"project", "region", "zone", "location"})
LONGEST = {"account_id": 30}
LONGEST_NAME = 63
UNDERSCORED = ("google_bigquery_", "google_logging_")
ANY = "\x00"  # stands for an interpolation that is not known yet, such as count.index
MAX_SUFFIX = 4


@dataclass(frozen=True, slots=True)
class Renamed:
    """The text with free names, and what was renamed."""

    text: str
    notes: tuple[str, ...]


def free_names(
    text: str,
    configuration: Configuration,
    taken: Iterable[str],
    identities: Identities,
    *,
    values: Mapping[str, str],
    suffix: str,
) -> Renamed:
    """Return the text in which no resource has a Google id that is taken; `values` are those of the variables."""
    ids, edits, notes = frozenset(taken), list[Edit](), list[str]()
    for block in configuration.resources if ids else ():
        found = _name_of(block, identities)
        if found is None:
            continue
        attribute, expression = found
        pattern = _pattern(block, attribute, _said(expression, values), identities, values)
        if pattern is not None and any(pattern.fullmatch(one) for one in ids):
            new = _suffixed(expression, block, attribute, suffix[:MAX_SUFFIX])
            edits.append(attribute_edit(text, block, attribute, new))
            notes.append(
                f"{block.address} is named {new.strip(chr(34))}: another deployment has its first name."
            )
    return Renamed(apply_edits(text, edits), tuple(notes))


def _name_of(block: Block, identities: Identities) -> tuple[str, Expression] | None:
    attribute = identities.name_attribute(block.labels[0])
    found = block.attribute(attribute) if attribute else None
    if found is None or not found.expression.text.startswith('"'):
        return None
    return found.name, found.expression


def _said(expression: Expression, values: Mapping[str, str]) -> str:
    """Return the text with the variables' values put in, and `ANY` for all else that is interpolated."""
    if isinstance(expression.literal, str):
        return expression.literal
    parts: list[str] = []
    for part in expression.parts:
        if isinstance(part, str):
            parts.append(part)
        else:
            parts.append(values.get(part.text.strip(), ANY))
    return "".join(parts)


def _pattern(
    block: Block, attribute: str, name: str, identities: Identities, values: Mapping[str, str]
) -> re.Pattern[str] | None:
    if not name.replace(ANY, ""):
        return None
    attributes = {place: values.get(f"var.{place}", "") for place in ("project", "region", "zone")}
    attributes["location"] = attributes["region"]
    for place in PLACES:
        found = block.attribute(place)
        if found is not None:
            attributes[place] = (
                _said(found.expression, values)
                if found.expression.parts
                else str(found.expression.literal or values.get(found.expression.text, attributes[place]))
            )
    google_id = identities.import_id(block.labels[0], attributes | {attribute: name})
    if google_id is None:
        return None
    return re.compile(re.escape(google_id).replace(re.escape(ANY), "[^/]+"))


def _suffixed(expression: Expression, block: Block, attribute: str, suffix: str) -> str:
    between = "_" if block.labels[0].startswith(UNDERSCORED) else "-"
    inner = expression.text[1:-1]
    if isinstance(expression.literal, str):
        inner = inner[: LONGEST.get(attribute, LONGEST_NAME) - len(suffix) - 1].rstrip("-_")
    return f'"{inner}{between}{suffix}"'
