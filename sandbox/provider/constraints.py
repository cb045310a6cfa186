"""What a configuration breaks of a type's constraints, in the words of Terraform's plugin SDK.

The SDK's `schemaMap.validate` asks, for each key of each block that is there: exactly one of, at least one
of, required with, conflicts with, then the value itself. Unknown values are never wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sandbox.provider.codec import UNKNOWN, Fault, Path, Values
from sandbox.provider.value_checks import check_value
from sandbox.schema.archive import NO_FACT, Block, Fact

Facts = Mapping[str, Fact]


def find_faults(block: Block, facts: Facts, config: Values) -> list[Fault]:
    """Return everything wrong with a configuration; a group of arguments is named once, by its first key."""
    return list(_Checker(facts, block, config, set()).check(block, config, "", ()))


@dataclass(frozen=True, slots=True)
class _Checker:
    facts: Facts
    block: Block
    root: Values
    reported: set[tuple[str, ...]]

    def check(self, block: Block, values: Values, prefix: str, where: Path) -> Iterator[Fault]:
        for name, attribute in block.attributes.items():
            fact = self.facts.get(prefix + name, NO_FACT)
            path = (*where, name)
            value = values.get(name)
            yield from self._together(fact, path, value)
            if value is not None and value is not UNKNOWN:
                for problem in check_value(key_of(path), value, attribute.type, fact):
                    yield Fault(problem, "", path)
                if isinstance(value, list) and isinstance(attribute.type, list):
                    yield from _counted(fact, name, value, path)
        for name, nested in block.blocks.items():
            fact = self.facts.get(prefix + name, NO_FACT)
            path = (*where, name)
            value = values.get(name)
            elements = value if isinstance(value, list) else [value] if isinstance(value, dict) else []
            yield from self._together(fact, path, UNKNOWN if value is UNKNOWN else elements or None)
            yield from _counted(fact, name, elements, path, minimum_only=True)
            for index, element in enumerate(elements):
                step = path if nested.nesting == "single" else (*path, index)
                if element is not UNKNOWN:
                    yield from self.check(nested.block, element, f"{prefix}{name}.", step)

    def _together(self, fact: Fact, path: Path, value: Any) -> Iterator[Fault]:
        """Yield what is wrong between an argument and others; relatives are sought in the same elements."""
        key, own = key_of(path), key_of(path, plain=True)
        if fact.exactly_one_of:
            yield from self._exactly_one(sorted({*fact.exactly_one_of, own}), key, path)
        group = sorted({*fact.at_least_one_of, own})
        if len(group) > 1 and fact.at_least_one_of and self._first_time(group, path):
            given, unknown = self._given(group, path)
            if not given and not unknown:
                yield _missing(f'"{key}": one of `{_names(group)}` must be specified', path)
        if value is None:
            return
        given, unknown = self._given(fact.required_with, path)
        if len(given) + unknown < len(fact.required_with):
            group = sorted({*fact.required_with, own})
            yield _missing(f'"{key}": all of `{_names(group)}` must be specified', path)
        if value is UNKNOWN:
            return
        given, _ = self._given([one for one in fact.conflicts_with if one != own], path)
        if given:
            yield Fault(
                "Conflicting configuration arguments", f'"{key}": conflicts with {_names(given[:1])}', path
            )

    def _exactly_one(self, group: Sequence[str], key: str, path: Path) -> Iterator[Fault]:
        given, unknown = self._given(group, path)
        if len(given) == 1 or (not given and (unknown or self._other_block(path))):
            return
        if not self._first_time(group, path):
            return
        names = _names(group)
        if given:
            text = f'"{key}": only one of `{names}` can be specified, but `{_names(given)}` were specified.'
        else:
            text = f'"{key}": one of `{names}` must be specified'
        yield Fault("Invalid combination of arguments", text, path)

    def _first_time(self, group: Sequence[str], path: Path) -> bool:
        marker = (*group, *map(str, path[:-1]))
        if marker in self.reported:
            return False
        self.reported.add(marker)
        return True

    def _given(self, paths: Sequence[str], near: Path) -> tuple[list[str], int]:
        """Return which of some dotted paths are set, and how many of them are unknown."""
        found = [(path, self._look(path, near)) for path in paths]
        given = [path for path, value in found if value is not UNKNOWN and self._is_set(path, value)]
        return given, sum(value is UNKNOWN for _, value in found)

    def _other_block(self, path: Path) -> bool:
        """Return whether a block stands at the top that the facts, older than the schema, do not know."""
        blocks = self.block.blocks if len(path) == 1 else {}
        names = (name for name, nested in blocks.items() if nested.max_items == 1)
        return any(
            self.root.get(name)
            and not any(known == name or known.startswith(f"{name}.") for known in self.facts)
            for name in names
        )

    def _is_set(self, path: str, value: Any) -> bool:
        """Return whether a value counts as set: an argument's empty list does, a block that is not there not."""
        if value != []:
            return value is not None
        *outer, name = path.split(".")
        block: Block | None = self.block
        for step in outer:
            nested = block.blocks.get(step) if block else None
            block = nested.block if nested else None
        return block is not None and name in block.attributes

    def _look(self, path: str, near: Path) -> Any:
        value: Any = self.root
        trail = list(near)
        for name in path.split("."):
            while isinstance(value, list):
                step = trail.pop(0) if trail and isinstance(trail[0], int) else 0
                value = value[step] if isinstance(step, int) and step < len(value) else None
            if not isinstance(value, dict):
                return value if value is UNKNOWN else None
            value = value.get(name)
            if trail and trail[0] == name:
                trail.pop(0)
            else:
                trail = []
        return value


def key_of(path: Path, *, plain: bool = False) -> str:
    """Return an attribute path as the SDK writes it, `boot_disk.0.mode`; `plain` without the indices."""
    return ".".join(str(step) for step in path if not (plain and isinstance(step, int)))


def _names(paths: Sequence[str]) -> str:
    """Return dotted paths as the SDK lists them, with the index of each block."""
    return ",".join(path.replace(".", ".0.") for path in paths)


def _missing(text: str, path: Path) -> Fault:
    return Fault("Missing required argument", text, path)


def _counted(
    fact: Fact, name: str, items: list[Any], path: Path, *, minimum_only: bool = False
) -> Iterator[Fault]:
    if fact.max_items and len(items) > fact.max_items and not minimum_only:
        yield Fault(
            "Too many list items",
            f"Attribute {name} supports {fact.max_items} item maximum, but config has {len(items)} declared.",
            path,
        )
    if items and len(items) < fact.min_items:
        yield Fault(
            "Not enough list items",
            f"Attribute {name} requires {fact.min_items} item minimum, but config has only {len(items)}"
            " declared.",
            path,
        )
