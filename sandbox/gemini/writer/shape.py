"""A resource type's arguments and blocks, from the schema the prompt carries."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.gemini.wire import Json


@dataclass(slots=True)
class Argument:
    """One argument or block; it has `children` where it is a block."""

    name: str
    type: str = ""
    required: bool = False
    settable: bool = True
    enum: list[str] = field(default_factory=list[str])
    default: Any = None
    children: dict[str, "Argument"] = field(default_factory=dict[str, "Argument"])

    @property
    def block(self) -> bool:
        """True for a nested block."""
        return bool(self.children) or "block" in self.type

    def walk(self, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], "Argument"]]:
        """Yield every argument below, shallow ones first, with its path."""
        for name, child in self.children.items():
            yield (*path, name), child
        for name, child in self.children.items():
            yield from child.walk((*path, name))


def shape(schema: Mapping[str, Any]) -> Argument:
    """Return the type's root from `{"arguments": {dotted path: facts}}`."""
    root = Argument("", "block")
    arguments: Mapping[str, Json] = schema.get("arguments") or {}
    for path, facts in sorted(arguments.items(), key=lambda one: one[0].count(".")):
        at = root
        *above, name = path.split(".")
        for part in above:
            at = at.children.setdefault(part, Argument(part, "block"))
        found = at.children.setdefault(name, Argument(name))
        found.type = _type_text(facts.get("type", "string"))
        found.required = bool(facts.get("required"))
        found.settable = bool(facts.get("required") or facts.get("optional") or not facts.get("computed"))
        found.enum = [str(one) for one in facts.get("enum") or []]
        found.default = facts.get("default")
    return root


def _type_text(kind: Any) -> str:
    """Return a type as text, however it was written: "list(string)" or ["list", "string"]."""
    if isinstance(kind, list):
        first, *rest = [_type_text(one) for one in kind] or [""]
        return f"{first}({', '.join(rest)})" if rest else first
    return "object" if isinstance(kind, Mapping) else str(kind)


def locate(root: Argument, name: str) -> tuple[str, ...] | None:
    """Return the path of the shallowest argument called so; `name` may be the end of a dotted path."""
    wanted = tuple(name.split("."))
    if not root.children:
        return wanted
    found = [
        path for path, one in root.walk() if path[-len(wanted) :] == wanted and (one.settable or one.block)
    ]
    return min(found, key=len) if found else None


def at(root: Argument, path: tuple[str, ...]) -> Argument | None:
    """Return the argument at a path."""
    here: Argument | None = root
    for part in path:
        here = here.children.get(part) if here else None
    return here
