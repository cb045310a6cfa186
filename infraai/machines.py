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
# family → (GiB per vCPU by shape, vCPU counts), and below what a shape has instead
_SMALL = (2, 4, 8, 16)
_FAMILIES: dict[str, tuple[dict[str, float], tuple[int, ...]]] = {
    "e2": ({"standard": 4, "highmem": 8, "highcpu": 1}, (*_SMALL, 32)),
    "n1": ({"standard": 3.75, "highmem": 6.5, "highcpu": 0.9}, (1, *_SMALL, 32, 64, 96)),
    "n2": ({"standard": 4, "highmem": 8, "highcpu": 1}, (*_SMALL, 32, 48, 64, 80, 96, 128)),
    "n2d": ({"standard": 4, "highmem": 8, "highcpu": 1}, (*_SMALL, 32, 48, 64, 80, 96, 128, 224)),
    "n4": ({"standard": 4, "highmem": 8, "highcpu": 2}, (*_SMALL, 32, 48, 64, 80)),
    "n4d": ({"standard": 4, "highmem": 8, "highcpu": 2}, (*_SMALL, 32, 48, 64, 80, 96)),
    "n4a": ({"standard": 4, "highmem": 8, "highcpu": 2}, (1, *_SMALL, 32, 48, 64)),
    "c2": ({"standard": 4}, (4, 8, 16, 30, 60)),
    "c2d": ({"standard": 4, "highmem": 8, "highcpu": 2}, (*_SMALL, 32, 56, 112)),
    "c3": ({"standard": 4, "highmem": 8, "highcpu": 2}, (4, 8, 22, 44, 88, 176)),
    "c3d": ({"standard": 4, "highmem": 8, "highcpu": 2}, (4, 8, 16, 30, 60, 90, 180, 360)),
    "c4": ({"standard": 3.75, "highmem": 7.75, "highcpu": 2}, (*_SMALL, 24, 32, 48, 96, 144, 192, 288)),
    "c4a": ({"standard": 4, "highmem": 8, "highcpu": 2}, (1, *_SMALL, 32, 48, 64, 72)),
    "t2d": ({"standard": 4}, (1, *_SMALL, 32, 48, 60)),
    "t2a": ({"standard": 4}, (1, *_SMALL, 32, 48)),
    "g2": ({"standard": 4}, (4, 8, 12, 16, 24, 32, 48, 96)),
}
_SHAPE_COUNTS: dict[tuple[str, str], tuple[int, ...]] = {
    ("e2", "highmem"): _SMALL,
    ("n1", "highmem"): (*_SMALL, 32, 64, 96),
    ("n1", "highcpu"): (*_SMALL, 32, 64, 96),
    ("n2", "highcpu"): (*_SMALL, 32, 48, 64, 80, 96),
    ("n2d", "highmem"): (*_SMALL, 32, 48, 64, 80, 96),
}
_METAL = {"c3": 192, "c4": 288, "c4a": 96}  # vCPUs of a family's bare-metal machines
_LOCAL_SSD = frozenset(
    {"c3", "c3d", "c4", "c4a"}
)  # families that have machines with local SSDs by their name
# family → the most vCPUs of a custom type, the least and the most GB for each
_CUSTOM_BOUNDS: dict[str, tuple[int, float, float]] = {
    "e2": (32, 0.5, 8),
    "n1": (96, 0.9, 6.5),
    "n2": (128, 0.5, 8),
    "n2d": (224, 0.5, 8),
    "n4": (80, 2, 8),
    "n4d": (96, 2, 8),
    "n4a": (64, 2, 8),
    "g2": (96, 4, 13.5),
}
_OTHER = re.compile(
    r"^(a2|a3|a4|a4x|g4|m1|m2|m3|m4|x4|h3|h4d|z3|c4d)-[a-z]+-\d+(g|-metal|-[a-z]+)?$", re.ASCII
)
_NAME = re.compile(r"^([a-z]\d[a-z]?)-(standard|highmem|highcpu)-(\d+)(-lssd|-metal)?$", re.ASCII)
_CUSTOM = re.compile(r"^(?:(e2|n1|n2|n2d|n4|n4d|n4a|g2)-)?custom-(\d+)-(\d+)(-ext)?$", re.ASCII)
_SQL_CUSTOM = re.compile(r"^db-custom-(\d+)-(\d+)$", re.ASCII)
_SQL_CLASSIC = re.compile(r"^db-n1-(standard|highmem)-(\d+)$", re.ASCII)
_SQL_SHARED = {"db-f1-micro": (1, 0.6), "db-g1-small": (1, 1.7)}


@dataclass(frozen=True, slots=True)
class MachineType:
    """What a machine type gives; zeros where the name is known and its size is not."""

    name: str
    vcpus: int
    memory_gb: float


def _custom(name: str, family: str, vcpus: int, memory_mb: int) -> MachineType | None:
    """Return a custom machine type: vCPUs 1 or even, memory in steps of 256 MB and within the family's bounds."""
    most, least_gb, most_gb = _CUSTOM_BOUNDS[family]
    if not 1 <= vcpus <= most or (vcpus > 1 and vcpus % 2) or memory_mb % 256 or not memory_mb:
        return None
    each = memory_mb / 1024 / vcpus
    if each < least_gb or (each > most_gb and not name.endswith("-ext")):
        return None
    return MachineType(name, vcpus, memory_mb / 1024)


def _has(family: str, shape: str, count: int, suffix: str) -> bool:
    if suffix == "-metal":
        return shape in _FAMILIES[family][0] and _METAL.get(family) == count
    return count in _counts(family, shape) and (not suffix or family in _LOCAL_SSD)


def _counts(family: str, shape: str) -> tuple[int, ...]:
    """Return how many vCPUs the machine types of a family's shape have, () for a shape that it lacks."""
    shapes, counts = _FAMILIES[family]
    return _SHAPE_COUNTS.get((family, shape), counts) if shape in shapes else ()


def find_machine_type(name: str) -> MachineType | None:
    """Return the machine type, or None where no family has such a one."""
    if name in _SHARED:
        return MachineType(name, *_SHARED[name])
    custom = _CUSTOM.fullmatch(name)
    if custom:
        return _custom(name, custom[1] or "n1", int(custom[2]), int(custom[3]))
    named = _NAME.fullmatch(name)
    if named and named[1] in _FAMILIES:
        shapes, count = _FAMILIES[named[1]][0], int(named[3])
        if _has(named[1], named[2], count, named[4] or ""):
            return MachineType(name, count, round(count * shapes[named[2]], 2))
        return None
    return MachineType(name, 0, 0) if _OTHER.fullmatch(name) else None


def find_sql_tier(name: str) -> MachineType | None:
    """Return what a Cloud SQL tier gives, or None for a name that is none (or whose size its name hides)."""
    if name in _SQL_SHARED:
        return MachineType(name, *_SQL_SHARED[name])
    custom = _SQL_CUSTOM.fullmatch(name)
    if custom:
        return MachineType(name, int(custom[1]), int(custom[2]) / 1024)
    classic = _SQL_CLASSIC.fullmatch(name)
    if classic:
        count = int(classic[2])
        return MachineType(name, count, count * (3.75 if classic[1] == "standard" else 6.5))
    return None


def known_machine_types() -> tuple[str, ...]:
    """Return all names of the families by pattern, custom types excluded."""
    names = list(_SHARED)
    for family, (shapes, _) in _FAMILIES.items():
        names += [f"{family}-{shape}-{count}" for shape in shapes for count in _counts(family, shape)]
    return tuple(names)


def near_machine_types(name: str, count: int = 3) -> tuple[str, ...]:
    """Return the machine types somebody may have meant, the likeliest first."""
    wanted = name.strip().lower().replace("_", "-").replace(" ", "-")
    if find_machine_type(wanted):
        return (wanted,)
    named = re.match(r"^([a-z]\d[a-z]?)-(standard|highmem|highcpu)-(\d+)", wanted, re.ASCII)
    if named and named[2] in _FAMILIES.get(named[1], ({}, ()))[0]:
        sizes = sorted(_counts(named[1], named[2]), key=lambda size: (abs(size - int(named[3])), size))
        return tuple(f"{named[1]}-{named[2]}-{size}" for size in sizes[:count])
    return tuple(get_close_matches(wanted, known_machine_types(), n=count, cutoff=0.6))
