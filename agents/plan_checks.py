"""The model's plan against what exists: resource types, regions, machine types, names."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches

from infraai.drafts import PlanDraft
from infraai.machines import find_machine_type, near_machine_types
from infraai.models import PlannedResource, Setting
from infraai.ports import Schemas
from infraai.regions import default_zone, find_region, nearest_region, region_of

_LESS_SURE = 0.9
_LOCATIONS = ("region", "zone", "location")
_FOREIGN = frozenset(
    {"aws", "azurerm", "azuread", "digitalocean", "oci", "alicloud", "ibm", "kubernetes", "helm"}
)
_WITHOUT_SCHEMA = ("random_", "time_", "null_")


@dataclass(frozen=True, slots=True)
class Checked:
    """What is left of a draft, and what was changed on the way."""

    resources: tuple[PlannedResource, ...]
    region: str
    machine_type: str
    confidence: float
    notes: tuple[str, ...] = field(default=())


def check_draft(draft: PlanDraft, schemas: Schemas, fixed_region: str, default_region: str) -> Checked:
    """Return the draft's resources as they can be built; each note lowers the confidence a little."""
    notes: list[str] = []
    region = _region(draft.region, fixed_region, default_region, notes)
    move = (region_of(draft.region), region)
    resources = [_placed(one, move, notes) for one in _known(draft.resources, schemas, notes)]
    resources = [_sized(one, notes) for one in _named(resources, notes)]
    machine_type = _machine_type(draft.machine_type, resources, notes)
    confidence = round(draft.confidence * _LESS_SURE ** len(notes), 3)
    return Checked(tuple(resources), region, machine_type, confidence, tuple(notes))


def _region(wanted: str, fixed: str, default: str, notes: list[str]) -> str:
    if fixed:
        if wanted and region_of(wanted) != fixed:
            notes.append(f"The region {wanted} was replaced by {fixed}, which was asked for.")
        return fixed
    known = find_region(wanted) if wanted else None
    if known:
        return known.name
    found = nearest_region(wanted, default)
    if wanted:
        notes.append(f"There is no region {wanted}: {found} is used.")
    return found


def _known(resources: Iterable[PlannedResource], schemas: Schemas, notes: list[str]) -> list[PlannedResource]:
    kept: list[PlannedResource] = []
    for one in resources:
        if schemas.known(one.type) or one.type.startswith(_WITHOUT_SCHEMA):
            kept.append(one)
        elif one.type.split("_", 1)[0] in _FOREIGN:
            notes.append(f"{one.type}.{one.name} was dropped: it is not Google Cloud's.")
        else:
            near = ", ".join(near_types(one.type, schemas))
            meant = f" (near: {near})" if near else ""
            notes.append(f"{one.type}.{one.name} was dropped: the provider has no such resource type{meant}.")
    return kept


def near_types(resource_type: str, schemas: Schemas) -> tuple[str, ...]:
    """Return the provider's types somebody may have meant, the likeliest first."""
    return tuple(get_close_matches(resource_type, schemas.types(), n=3, cutoff=0.8))


def unknown_types(draft: PlanDraft, schemas: Schemas) -> dict[str, tuple[str, ...]]:
    """Return Google types of the draft that the provider lacks, each with the types that come near."""
    wanted = dict.fromkeys(one.type for one in draft.resources if one.type.startswith("google_"))
    return {one: near_types(one, schemas) for one in wanted if not schemas.known(one)}


def _named(resources: list[PlannedResource], notes: list[str]) -> list[PlannedResource]:
    taken: set[tuple[str, str]] = set()
    kept: list[PlannedResource] = []
    for one in resources:
        name = re.sub(r"[^a-z0-9_]+", "_", one.name.lower()).strip("_") or "main"
        name = name if not name[0].isdigit() else f"r_{name}"
        free, number = name, 2
        while (one.type, free) in taken:
            free, number = f"{name}_{number}", number + 1
        if free != name:
            notes.append(f"A second {one.type}.{name} was named {free}.")
        taken.add((one.type, free))
        kept.append(one.model_copy(update={"name": free}))
    return kept


def _placed(one: PlannedResource, move: tuple[str, str], notes: list[str]) -> PlannedResource:
    """Return the resource where it can stand: what was planned for the model's region moves with the plan.

    What deliberately stands in yet another region stays there.
    """
    drafted, region = move
    settings: dict[str, Setting] = dict(one.settings)
    for key in _LOCATIONS:
        value = settings.get(key)
        if not isinstance(value, str) or not value or value.startswith(("var.", "local.", "${")):
            continue
        there = region_of(value)
        multi_region = key == "location" and "-" not in value
        if multi_region or (find_region(there) and (there != drafted or there == region)):
            continue
        zonal = key == "zone" or there != value.strip().lower()
        settings[key] = default_zone(region) if zonal else region
        if not find_region(there):
            notes.append(f"{one.type}.{one.name}: there is no {key} {value}; {settings[key]} is used.")
    return one.model_copy(update={"settings": settings})


def _sized(one: PlannedResource, notes: list[str]) -> PlannedResource:
    wanted = one.settings.get("machine_type")
    if not isinstance(wanted, str) or not one.type.startswith(("google_compute_", "google_container_")):
        return one
    found = _nearest_machine(wanted)
    if found == wanted:
        return one
    notes.append(f"{one.type}.{one.name}: there is no machine type {wanted}; {found} is used.")
    return one.model_copy(update={"settings": {**one.settings, "machine_type": found}})


def _machine_type(wanted: str, resources: list[PlannedResource], notes: list[str]) -> str:
    if wanted and find_machine_type(wanted):
        return wanted
    used = next(
        (str(one.settings["machine_type"]) for one in resources if "machine_type" in one.settings), ""
    )
    if not wanted or used:
        return used
    found = _nearest_machine(wanted)
    notes.append(f"There is no machine type {wanted}: {found} is used.")
    return found


def _nearest_machine(wanted: str) -> str:
    if find_machine_type(wanted):
        return wanted
    near = near_machine_types(wanted, 1)
    return near[0] if near else "e2-medium"
