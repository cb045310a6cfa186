"""Compute Engine's machine types: which there are, and how big they are."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("machines.json")
_CUSTOM = re.compile(r"(?:(?P<family>[a-z]\d[a-z]?)-)?custom-(?P<cpus>\d+)-(?P<memory>\d+)(?:-ext)?")
_CUSTOM_SHARED = re.compile(r"e2-custom-(?:micro|small|medium)-(?P<memory>\d+)")
_SUFFIXES = ("-lssd", "-metal", "-standardlssd", "-highlssd", "-nolssd", "-node")
_MEMORY_STEP = 256


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine type's size."""

    name: str
    family: str
    cpus: float
    memory_mb: int
    platform: str
    shared: bool = False


@cache
def _families() -> dict[str, dict[str, Any]]:
    return json.loads(_FILE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@cache
def machine(name: str) -> Machine | None:
    """Return a machine type by name, custom ones included; None where there is none."""
    if match := _CUSTOM_SHARED.fullmatch(name):
        return Machine(name, "e2", 2, int(match["memory"]), _families()["e2"]["platform"], shared=True)
    if match := _CUSTOM.fullmatch(name):
        return _custom(name, match["family"] or "n1", int(match["cpus"]), int(match["memory"]))
    family = name.partition("-")[0]
    facts = _families().get(family)
    if facts is None:
        return None
    if size := facts.get("types", {}).get(name):
        return Machine(name, family, size[0], size[1], facts["platform"], shared=size[0] <= 1)
    base = next((name.removesuffix(suffix) for suffix in _SUFFIXES if name.endswith(suffix)), name)
    shape, _, count = base.removeprefix(family + "-").rpartition("-")
    sizes, memory_gb = facts.get("shapes", {}).get(shape, ((), 0))
    if not count.isdigit() or int(count) not in sizes:
        return None
    return Machine(name, family, int(count), int(int(count) * memory_gb * 1024), facts["platform"])


def _custom(name: str, family: str, cpus: int, memory_mb: int) -> Machine | None:
    facts = _families().get(family)
    if facts is None or not facts.get("custom") or memory_mb % _MEMORY_STEP:
        return None
    if not 1 <= cpus <= int(facts["custom"]) or (cpus > 1 and cpus % 2):
        return None
    return Machine(name, family, cpus, memory_mb, facts["platform"])
