"""Values on the plugin wire: msgpack, with a mark for what is not known yet."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Self, cast

import msgpack
from tfplugin_proto import tfplugin5_5_pb2 as pb

from sandbox.schema.archive import Block, CtyType, NestedBlock

Values = dict[str, Any]
Path = tuple[str | int, ...]


class Unknown:
    """A value Terraform will know only when the change is applied; there is one, `UNKNOWN`."""

    _one: ClassVar["Unknown | None"] = None

    def __new__(cls) -> Self:
        """Return the one there is."""
        if cls._one is None:
            cls._one = super().__new__(cls)
        return cast("Self", cls._one)

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __copy__(self) -> "Unknown":
        return self

    def __deepcopy__(self, memo: object) -> "Unknown":
        return self


UNKNOWN: Final = Unknown()
_UNKNOWN_WIRE = msgpack.ExtType(0, b"\0")


@dataclass(frozen=True, slots=True)
class Fault:
    """One diagnostic."""

    summary: str
    detail: str = ""
    path: Path = ()
    warning: bool = False


class Refused(Exception):  # noqa: N818 - it is an answer, as StopIteration is
    """The provider refuses a request, with these faults."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__("; ".join(fault.summary for fault in faults))


def decode(value: Any) -> Any:
    """Return what a `DynamicValue` holds; unknown values are `UNKNOWN`."""
    if value.msgpack:
        return msgpack.unpackb(value.msgpack, raw=False, strict_map_key=False, ext_hook=_known)
    return json.loads(value.json) if value.json else None


def encode(value: Any) -> Any:
    """Return a `DynamicValue` that holds `value`."""
    return pb.DynamicValue(msgpack=msgpack.packb(_exact(value), default=_unknown, use_bin_type=True))


def _exact(value: Any) -> Any:
    """Return a value with its fractions as text: Terraform holds 0.4 as written, not as the nearest double."""
    if isinstance(value, float) and not value.is_integer():
        return repr(value)
    if isinstance(value, dict):
        return {key: _exact(one) for key, one in value.items()}
    return [_exact(one) for one in value] if isinstance(value, list) else value


def wholly_known(value: Any) -> bool:
    """Return whether nothing in a value is unknown."""
    if value is UNKNOWN:
        return False
    if isinstance(value, Mapping):
        return all(map(wholly_known, value.values()))
    return all(map(wholly_known, value)) if isinstance(value, list) else True


def conform(block: Block, raw: Mapping[str, Any]) -> Values:
    """Return a block's value from loose data: nothing missing, nothing the schema does not have."""
    values: Values = {
        name: conform_type(attribute.type, raw.get(name)) for name, attribute in block.attributes.items()
    }
    for name, nested in block.blocks.items():
        values[name] = _conform_nested(nested, raw.get(name))
    return values


def conform_type(kind: CtyType, value: Any) -> Any:
    """Return a value converted to a Terraform type where that is possible, else None."""
    if value is None or value is UNKNOWN:
        return value
    if isinstance(kind, str):
        return _conform_simple(kind, value)
    shape, inner = kind
    if shape == "object":
        return (
            {name: conform_type(one, value.get(name)) for name, one in inner.items()}
            if isinstance(value, Mapping)
            else None
        )
    if shape == "map":
        return (
            {str(key): conform_type(inner, one) for key, one in value.items()}
            if isinstance(value, Mapping)
            else None
        )
    if isinstance(value, Mapping) or not isinstance(value, Iterable) or isinstance(value, str):
        value = [value]
    items = [conform_type(inner, one) for one in value]
    return distinct(items) if shape == "set" else items


def distinct(items: Iterable[Any]) -> list[Any]:
    """Return a set's elements in one order, each once; elements with unknown parts stay as they are."""
    found: dict[str, Any] = {}
    for position, item in enumerate(items):
        key = canonical(item)
        found.setdefault(key if wholly_known(item) else f"{key}#{position}", item)
    return [found[key] for key in sorted(found)]


def canonical(value: Any) -> str:
    """Return a text that is the same for equal values; numbers are equal by value, not by their kind."""
    return json.dumps(_plain(value), sort_keys=True, default=repr)


def _plain(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list) else value


def _conform_nested(nested: NestedBlock, raw: Any) -> Any:
    if raw is UNKNOWN:
        return raw
    if nested.nesting == "single":
        return conform(nested.block, raw) if isinstance(raw, Mapping) else None
    if nested.nesting == "map":
        return {key: conform(nested.block, one) for key, one in (raw or {}).items()}
    items = [raw] if isinstance(raw, Mapping) else raw if isinstance(raw, list) else []
    found = [conform(nested.block, one) for one in items if isinstance(one, Mapping)]
    return distinct(found) if nested.nesting == "set" else found


def _conform_simple(kind: str, value: Any) -> Any:
    if kind == "dynamic":
        return value
    if kind == "string":
        return _text(value)
    if kind == "bool":
        return value if isinstance(value, bool) else {"true": True, "false": False}.get(str(value).lower())
    return _number(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else json.dumps(value)


def _number(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return json.loads(value)
        except ValueError:
            return None
    return None if isinstance(value, bool) or not isinstance(value, int | float) else value


def _known(code: int, data: bytes) -> Unknown:
    del code, data
    return UNKNOWN


def _unknown(value: Any) -> Any:
    if value is UNKNOWN:
        return _UNKNOWN_WIRE
    raise TypeError(f"{type(value).__name__} cannot go to Terraform: {value!r}")
