"""Small configurations of any type, made from its schema."""

from collections.abc import Mapping
from typing import Any

from sandbox.provider.codec import Values
from sandbox.schema.archive import NO_FACT, Block, Fact

_SIMPLE: dict[str, Any] = {"string": "something", "number": 3, "bool": True, "dynamic": "something"}


def minimal(block: Block, facts: Mapping[str, Fact], prefix: str = "") -> Values:
    """Return a value with everything required and one of each group of which one is required; the rest is null."""
    wanted = {
        group[0].removeprefix(prefix).split(".")[0]
        for path, fact in facts.items()
        if path.startswith(prefix) and "." not in path[len(prefix) :]
        for group in (fact.exactly_one_of, fact.at_least_one_of)
        if group and group[0].startswith(prefix)
    }
    values: Values = {}
    for name, attribute in block.attributes.items():
        needed = attribute.required or (name in wanted and attribute.settable)
        fact = facts.get(prefix + name, NO_FACT)
        values[name] = _value(attribute.type, fact) if needed else None
    for name, nested in block.blocks.items():
        needed = nested.min_items > 0 or name in wanted
        one = [minimal(nested.block, facts, f"{prefix}{name}.")] if needed else []
        values[name] = one if nested.nesting in {"list", "set"} else (one[0] if one else None)
    return values


def full(block: Block, facts: Mapping[str, Fact], prefix: str = "", *, settings: bool = True) -> Values:
    """Return a value with every block twice where it may be, and every argument (or the required ones) set."""
    values: Values = {
        name: _value(one.type, facts.get(prefix + name, NO_FACT))
        if one.required or (settings and one.optional)
        else None
        for name, one in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        count = 1 if nested.max_items == 1 or nested.nesting in {"single", "set"} else 2
        items = [full(nested.block, facts, f"{prefix}{name}.", settings=settings) for _ in range(count)]
        values[name] = items if nested.nesting in {"list", "set"} else items[0]
    return values


def _value(kind: Any, fact: Fact) -> Any:
    if isinstance(kind, str):
        return next((one for one in fact.enum if one), _SIMPLE[kind]) if kind == "string" else _SIMPLE[kind]
    shape, inner = kind
    if shape == "object":
        return {name: _value(one, NO_FACT) for name, one in inner.items()}
    return {"key": _value(inner, NO_FACT)} if shape == "map" else [_value(inner, NO_FACT)]


def conforms(block: Block, values: Any, where: str = "") -> list[str]:
    """Return where a value is not of its block's type."""
    if not isinstance(values, dict):
        return [f"{where}: {values!r} is no block"]
    faults = [
        f"{where}: {name} is not in the schema"
        for name in values
        if name not in {*block.attributes, *block.blocks}
    ]
    faults += [
        f"{where}: {name} is missing" for name in (*block.attributes, *block.blocks) if name not in values
    ]
    for name, attribute in block.attributes.items():
        faults += _typed(attribute.type, values.get(name), f"{where}.{name}")
    for name, nested in block.blocks.items():
        value = values.get(name)
        if nested.nesting == "single":
            faults += [] if value is None else conforms(nested.block, value, f"{where}.{name}")
        elif not isinstance(value, list):
            faults.append(f"{where}.{name}: {value!r} is no list of blocks")
        else:
            faults += [fault for one in value for fault in conforms(nested.block, one, f"{where}.{name}")]
    return faults


def _typed(kind: Any, value: Any, where: str) -> list[str]:
    if value is None:
        return []
    if isinstance(kind, str):
        types = {"string": str, "number": (int, float), "bool": bool}.get(kind, object)
        wrong = not isinstance(value, types) or (kind == "number" and isinstance(value, bool))
        return [f"{where}: {value!r} is no {kind}"] if wrong else []
    shape, inner = kind
    if shape in {"object", "map"}:
        if not isinstance(value, dict) or (shape == "object" and set(value) != set(inner)):
            return [f"{where}: {value!r} is no {shape}"]
        return [
            f
            for name, one in value.items()
            for f in _typed(inner[name] if shape == "object" else inner, one, f"{where}.{name}")
        ]
    if not isinstance(value, list):
        return [f"{where}: {value!r} is no {shape}"]
    return [fault for one in value for fault in _typed(inner, one, where)]
