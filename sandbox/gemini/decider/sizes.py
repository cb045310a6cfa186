"""How much bigger an option makes a resource: by machine type, tier, limits or count."""

import re

from sandbox.catalog.machines import machine
from sandbox.gemini.decider.case import ELSEWHERE, Case, Json, mapping, number

_TIERS = {"db-f1-micro": (0.2, 614), "db-g1-small": (0.5, 1741)}
_CUSTOM_TIER = re.compile(r"^db-custom-(\d+)-(\d+)$")
_CLASSIC_TIER = re.compile(r"^db-n1-(standard|highmem)-(\d+)$")
_CLASSIC_MB = {"standard": 3840, "highmem": 6656}
_NAMES = re.compile(r"([\w-]+)(?:\s*\([^)]*\))?\s*(?:→|->)\s*([\w-]+)")
_AMOUNTS = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*(?:→|->)\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)")
_MEMORY = re.compile(r"(\d+(?:\.\d+)?)\s*([MGK]i?B?)\b")
_UNITS = {"K": 1 / 1024, "M": 1.0, "G": 1024.0}  # in MiB, near enough for a ratio
COUNTS = frozenset(
    {"target_size", "max_replicas", "min_replicas", "node_count", "max_instance_count", "max_node_count"}
)


def growth(case: Case, option: Json, *, memory: bool = False) -> float | None:
    """Return new size / old size, None where it cannot be told. `memory`: of memory instead of processors."""
    parameters = mapping(option.get("parameters"))
    summary = str(option.get("summary") or "")
    kind = str(parameters.get("machine_type") or parameters.get("tier") or "")
    if kind:
        named = _NAMES.search(summary)
        old = named[1] if named else ""
        before = _capacity(old, memory=memory) or _capacity(current(case), memory=memory)
        after = _capacity(kind, memory=memory)
        return after / before if before and after else None
    if "cpu" in parameters or "memory" in parameters:
        return _limits(parameters, summary, memory=memory)
    return _counted(case, parameters, summary)


def counted(option: Json) -> tuple[str, float] | None:
    """Return the name and the new value of the option's count of machines; None where it has none."""
    for name, value in mapping(option.get("parameters")).items():
        found = number(value)
        if name in COUNTS and found:
            return name, found
    return None


def current(case: Case) -> str:
    """Return the machine type or the tier the resource has, "" where that is not known."""
    for piece in (case.resource, case.config):
        if piece and piece.data.get("machine_type"):
            return str(piece.data["machine_type"])
    return ""


def _counted(case: Case, parameters: Json, summary: str) -> float | None:
    amounts = _AMOUNTS.search(summary)
    for name, value in parameters.items():
        after = number(value)
        if after is None or name == ELSEWHERE:
            continue
        before = number(_standing(case, name)) or (float(amounts[1]) if amounts else None)
        return after / before if before else None
    return float(amounts[3]) / float(amounts[1]) if amounts and float(amounts[1]) else None


def _standing(case: Case, name: str) -> object:
    if name == "target_size" and case.resource and case.resource.data.get("target_size"):
        return case.resource.data["target_size"]
    settings = mapping(case.config.data.get("settings")) if case.config else {}
    return next((value for path, value in settings.items() if path.rpartition(".")[2] == name), None)


def _limits(parameters: Json, summary: str, *, memory: bool) -> float | None:
    before = re.split(r"→|->", summary)[0]
    if memory:
        old, new = _MEMORY.search(before), _MEMORY.search(str(parameters.get("memory") or ""))
        return _megabytes(new) / _megabytes(old) if old and new else None
    first, wanted = _AMOUNT.search(before), _AMOUNT.search(str(parameters.get("cpu") or ""))
    if first is None or wanted is None:
        return None
    old_cpu, new_cpu = _cores(first), _cores(wanted)
    return new_cpu / old_cpu if old_cpu else None


def _megabytes(found: re.Match[str]) -> float:
    return float(found[1]) * _UNITS[found[2][0]]


def _cores(found: re.Match[str]) -> float:
    return float(found[1]) / (1000 if found[2] == "m" else 1)


def _capacity(name: str, *, memory: bool) -> float | None:
    custom, classic = _CUSTOM_TIER.match(name), _CLASSIC_TIER.match(name)
    if name in _TIERS:
        return _TIERS[name][1] if memory else _TIERS[name][0]
    if custom:
        return float(custom[2] if memory else custom[1])
    if classic:
        return float(classic[2]) * (_CLASSIC_MB[classic[1]] if memory else 1)
    found = machine(name) if name else None
    if found is None:
        return None
    return float(found.memory_mb) if memory else float(found.cpus)
