"""A resource type's arguments and blocks, by dotted path."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

META_ARGUMENTS = ("count", "for_each", "provider", "depends_on")
META_BLOCKS = ("lifecycle", "timeouts", "connection", "provisioner", "dynamic")


@dataclass(frozen=True, slots=True)
class Shape:
    """What `Schemas.describe` says of one type."""

    arguments: Mapping[str, Mapping[str, Any]]

    @property
    def known(self) -> bool:
        """True where the schema is there at all."""
        return bool(self.arguments)

    def has(self, path: str) -> bool:
        """Return whether there is such an argument or block."""
        return path in self.arguments or self.is_block(path)

    def is_block(self, path: str) -> bool:
        """Return whether the path names a block rather than an argument."""
        kind = str(self.arguments.get(path, {}).get("type", ""))
        return "block" in kind or any(one.startswith(path + ".") for one in self.arguments)

    def is_settable(self, path: str) -> bool:
        """Return whether a configuration may write it."""
        one = self.arguments.get(path, {})
        return self.is_block(path) or bool(one.get("required") or one.get("optional"))

    def children(self, path: str) -> tuple[str, ...]:
        """Return the names directly under a path ("" is the resource itself)."""
        prefix = path + "." if path else ""
        found = (one[len(prefix) :].split(".")[0] for one in self.arguments if one.startswith(prefix))
        return tuple(dict.fromkeys(found))

    def settable(self, path: str, *, blocks: bool) -> tuple[str, ...]:
        """Return the children that a configuration may write: the blocks among them, or the arguments."""
        prefix = path + "." if path else ""
        return tuple(
            name
            for name in self.children(path)
            if self.is_block(prefix + name) == blocks and self.is_settable(prefix + name)
        )

    def required(self, path: str) -> tuple[str, ...]:
        """Return the children that must be there."""
        prefix = path + "." if path else ""
        return tuple(
            one for one in self.children(path) if self.arguments.get(prefix + one, {}).get("required")
        )

    def kind(self, path: str) -> str:
        """Return string, number, bool, list, set, map, object, block or "" where unknown."""
        if self.is_block(path):
            return "block"
        written = self.arguments.get(path, {}).get("type", "")
        if isinstance(written, list | tuple):
            return str(written[0])
        return str(written).split("(", maxsplit=1)[0].split(" ", maxsplit=1)[0]

    def enum(self, path: str) -> tuple[str, ...]:
        """Return the values it may have, where the schema lists them."""
        return tuple(str(one) for one in self.arguments.get(path, {}).get("enum") or ())

    def places(self, name: str) -> tuple[str, ...]:
        """Return every dotted path that ends in this name, the shallowest first."""
        found = (one for one in self.arguments if one.rsplit(".", 1)[-1] == name)
        return tuple(sorted(found, key=lambda one: (one.count("."), one)))
