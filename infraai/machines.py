"""Machine types of Compute Engine, and tiers of Cloud SQL, by the pattern of their names.

Sources: https://cloud.google.com/compute/docs/machine-resource and
https://cloud.google.com/sql/docs/mysql/instance-settings (machine type).
"""

import re
from dataclasses import dataclass
from difflib import get_close_matches

_SHARED = {
    "f1-micro": (1, 0.6),
    "g1-small": (1, 1.7),
    "e2-micro": (2, 1.0),
    "e2-small": (2, 2.0),
    "e2-medium": (2, 4.0),
}
# family → (GiB per vCPU by shape, vCPU counts)
_SMALL = (2, 4, 8, 16)
_FAMILIES: dict[str, tuple[dict[str, float], tuple[int, ...]]] = {
    "e2": ({"standard": 4, "highmem": 8, "highcpu": 1}, (*_SMALL, 32)),
    "n1": ({"standard": 3.75, "highmem": 6.5, "highcpu": 0.9}, (1, *_SMALL, 32, 64, 96)),
    "n2": ({"standard": 4, "highmem": 8, "highcpu": 1}, (*_SMALL, 32, 48, 64, 80, 96, 128)),
    "n2d": ({"standard": 4, "highmem": 8, "highcpu": 1}, (*_SMALL, 32, 48, 64, 80, 96, 128, 224)),
    "n4": ({"standard": 4, "highmem": 8, "highcpu": 2}, (*_SMALL, 32, 48, 64, 80)),
    "n4d": ({"standard": 4, "highmem": 8, "highcpu": 2}, (*_SMALL, 32, 48, 64, 80, 96)),
    "c2": ({"standard": 4}, (4, 8, 16, 30, 60)),
    "c2d": ({"standard": 4, "highmem": 8, "highcpu": 2}, (*_SMALL, 32, 56, 112)),
    "c3": ({"standard": 4, "highmem": 8, "highcpu": 2}, (4, 8, 22, 44, 88, 176)),
    "c3d": ({"standard": 4, "highmem": 8, "highcpu": 2}, (4, 8, 16, 30, 60, 90, 180, 360)),
    "c4": ({"standard": 3.75, "highmem": 7.75, "highcpu": 2}, (*_SMALL, 32, 48, 96, 192)),
    "c4a": ({"standard": 4, "highmem": 8, "highcpu": 2}, (1, *_SMALL, 32, 48, 64, 72)),
    "t2d": ({"standard": 4}, (1, *_SMALL, 32, 48, 60)),
    "t2a": ({"standard": 4}, (1, *_SMALL, 32, 48)),
    "g2": ({"standard": 4}, (4, 8, 12, 16, 24, 32, 48, 96)),
}
_OTHER = re.compile(r"^(a2|a3|a4|m1|m2|m3|m4|x4|h3|h4d|z3|c4d)-[a-z]+-\d+(g|-metal|-[a-z]+)?$")
_NAME = re.compile(r"^([a-z]\d[a-z]?)-(standard|highmem|highcpu)-(\d+)(-lssd|-metal)?$")
_CUSTOM = re.compile(r"^(?:(e2|n1|n2|n2d|n4|n4d|g2|c4)-)?custom-(\d+)-(\d+)(-ext)?$")
_SQL_CUSTOM = re.compile(r"^db-custom-(\d+)-(\d+)$")
_SQL_CLASSIC = re.compile(r"^db-n1-(standard|highmem)-(\d+)$")
_SQL_SHARED = {"db-f1-micro": (1, 0.6), "db-g1-small": (1, 1.7)}


@dataclass(frozen=True, slots=True)
class MachineType:
    """What a machine type gives; zeros where the name is known and its size is not."""

    name: str
    vcpus: int
    memory_gb: float


def find_machine_type(name: str) -> MachineType | None:
    """Return the machine type, or None where no family has such a one."""
    if name in _SHARED:
        return MachineType(name, *_SHARED[name])
    custom = _CUSTOM.match(name)
    if custom:
        return MachineType(name, int(custom[2]), int(custom[3]) / 1024)
    named = _NAME.match(name)
    if named and named[1] in _FAMILIES:
        shapes, counts = _FAMILIES[named[1]]
        count = int(named[3])
        if named[2] in shapes and count in counts:
            return MachineType(name, count, round(count * shapes[named[2]], 2))
        return None
    return MachineType(name, 0, 0) if _OTHER.match(name) else None


def find_sql_tier(name: str) -> MachineType | None:
    """Return what a Cloud SQL tier gives, or None for a name that is none (or whose size its name hides)."""
    if name in _SQL_SHARED:
        return MachineType(name, *_SQL_SHARED[name])
    custom = _SQL_CUSTOM.match(name)
    if custom:
        return MachineType(name, int(custom[1]), int(custom[2]) / 1024)
    classic = _SQL_CLASSIC.match(name)
    if classic:
        count = int(classic[2])
        return MachineType(name, count, count * (3.75 if classic[1] == "standard" else 6.5))
    return None


def known_machine_types() -> tuple[str, ...]:
    """Return all names of the families by pattern, custom types excluded."""
    names = list(_SHARED)
    for family, (shapes, counts) in _FAMILIES.items():
        names += [f"{family}-{shape}-{count}" for shape in shapes for count in counts]
    return tuple(names)


def near_machine_types(name: str, count: int = 3) -> tuple[str, ...]:
    """Return the machine types somebody may have meant, the likeliest first."""
    wanted = name.strip().lower().replace("_", "-").replace(" ", "-")
    if find_machine_type(wanted):
        return (wanted,)
    named = re.match(r"^([a-z]\d[a-z]?)-(standard|highmem|highcpu)-(\d+)", wanted)
    if named and named[2] in _FAMILIES.get(named[1], ({}, ()))[0]:
        sizes = sorted(_FAMILIES[named[1]][1], key=lambda size: (abs(size - int(named[3])), size))
        return tuple(f"{named[1]}-{named[2]}-{size}" for size in sizes[:count])
    return tuple(get_close_matches(wanted, known_machine_types(), n=count, cutoff=0.6))
