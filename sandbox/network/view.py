"""One look at the cloud: resources by type, read once, and references between them resolved."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol

Values = dict[str, Any]
_MARK = "projects/"


class Listing(Protocol):
    """What of `sandbox.cloud.Cloud` is read here."""

    def list(
        self, resource_type: str | None = None, project: str | None = None, *, built_in: bool = False
    ) -> Any:
        """Return rows with `type`, `id` and `values`."""
        ...

    def machine(self, machine_id: str) -> Values:
        """Return what is kept of a machine's inner state."""
        ...


class View:
    """The cloud at the time of one visit; `boot_s` is how long a machine's start-up script takes."""

    def __init__(self, cloud: Listing, *, now: datetime | None = None, boot_s: float = 0) -> None:
        self.now = now or datetime.now(UTC)
        self.boot_s = boot_s
        self._cloud = cloud
        self._read: dict[str, list[Values]] = {}

    def all(self, *types: str) -> list[Values]:
        """Return the attributes of all resources of these types, built-in ones included."""
        return [values for kind in types for values in self._of(kind)]

    def inner(self, machine_id: str) -> Values:
        """Return a machine's inner state, such as `service_down`."""
        return self._cloud.machine(machine_id)

    def one(self, reference: str, *types: str) -> Values | None:
        """Return the resource that a self link, id, path or bare name refers to."""
        if not reference:
            return None
        return next((values for values in self.all(*types) if refers(reference, values)), None)

    def one_where(self, types: Iterable[str], wanted: Callable[[Values], bool]) -> Values | None:
        """Return the first resource of these types that is wanted."""
        return next((values for values in self.all(*types) if wanted(values)), None)

    def _of(self, kind: str) -> list[Values]:
        if kind not in self._read:
            rows = self._cloud.list(kind, built_in=True)
            self._read[kind] = [{**row.values, "id": row.values.get("id") or row.id} for row in rows]
        return self._read[kind]


def path_of(reference: str) -> str:
    """Return `projects/P/…` for a self link or id; the reference itself where it is partial."""
    where = reference.find(_MARK)
    return reference[where:] if where >= 0 else reference.removeprefix("/")


def name_of(reference: str) -> str:
    """Return the last segment of a reference."""
    return reference.rstrip("/").rsplit("/", 1)[-1]


def refers(reference: str, values: Mapping[str, Any]) -> bool:
    """Return whether a reference means the resource with these attributes."""
    wanted = path_of(reference)
    known = [path_of(str(values.get(key) or "")) for key in ("self_link", "id", "self_link_unique")]
    if wanted in known:
        return True
    if wanted.startswith(_MARK) and any(one.startswith(_MARK) for one in known):
        return False
    if "/" in wanted:
        return any(one.endswith(f"/{wanted}") for one in known)
    return wanted == values.get("name")


def blocks(values: Mapping[str, Any], name: str) -> list[Values]:
    """Return the blocks of this name; [] where there are none."""
    found = values.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def block(values: Mapping[str, Any], name: str) -> Values:
    """Return the only block of this name; {} where there is none."""
    return next(iter(blocks(values, name)), {})


def texts(value: object) -> Iterable[str]:
    """Return the strings of a list or set attribute."""
    return [str(one) for one in value] if isinstance(value, list | tuple | set | frozenset) else []
