"""Providers whose resources live in Terraform's state alone: `random`, `null` and `time` are made of this."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.provider.codec import UNKNOWN, Fault, Refused, Values, conform
from sandbox.provider.constraints import find_faults
from sandbox.provider.functions import ProviderFunction
from sandbox.provider.planning import plan_block
from sandbox.provider.provider import Failure, Imported, Plan, Stopped
from sandbox.provider.replacement import replace_paths
from sandbox.schema.archive import Attribute, Block, CtyType, Fact, TypeSchema

_TICK_S = 0.02


class Argument:
    """An attribute's type, flags (r, o, c as in a schema; s: sensitive, f: forces a new one), default."""

    def __init__(self, kind: CtyType, flags: str, default: Any = None, *, limits: str = "") -> None:
        self.attribute = Attribute(
            kind,
            required="r" in flags,
            optional="o" in flags,
            computed="c" in flags or default is not None,
            sensitive="s" in flags,
        )
        self.fact = Fact(force_new="f" in flags, default=default, range_or_regex=limits)


def _nothing(values: Values) -> None:
    del values


def _still(values: Values) -> bool:
    del values
    return True


def _no_wait(values: Values, verb: str) -> float:
    del values, verb
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalType:
    """One resource type: what it makes on creation, how long it waits, whether it is still good."""

    arguments: Mapping[str, Argument]
    make: Callable[[Values], None] = _nothing
    update: Callable[[Values], None] = _nothing
    wait_s: Callable[[Values, str], float] = _no_wait
    valid: Callable[[Values], bool] = _still
    take_over: Callable[[str], Values] | None = None

    def block(self) -> Block:
        """Return the type's schema."""
        return Block({name: one.attribute for name, one in self.arguments.items()})

    def facts(self) -> dict[str, Fact]:
        """Return what is known of the arguments beyond their types."""
        return {name: one.fact for name, one in self.arguments.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalProvider:
    """`sandbox.provider.provider.Provider` and its `Session` in one: there is nothing to configure."""

    name: str
    types: Mapping[str, LocalType]
    data: Mapping[str, LocalType] = field(default_factory=dict[str, LocalType])
    speed: float = 0.0  # of a second waited for each second asked for

    @property
    def schema(self) -> TypeSchema:
        """Return the empty schema of the provider's own configuration."""
        return TypeSchema(self.name, _EMPTY)

    def resource(self, name: str) -> TypeSchema | None:
        """Return a resource type's schema, None for an unknown type."""
        return _schema(name, self.types[name]) if name in self.types else None

    def data_source(self, name: str) -> TypeSchema | None:
        """Return a data source's schema, None for an unknown type."""
        return _schema(name, self.data[name]) if name in self.data else None

    def type_names(self) -> Sequence[str]:
        """Return the names of all resource types and data sources."""
        return (*self.types, *self.data)

    @property
    def functions(self) -> Mapping[str, ProviderFunction]:
        """Return no functions."""
        return {}

    def configure(self, config: Values) -> "LocalProvider":
        """Return the provider itself."""
        del config
        return self

    def validate(self, kind: str, name: str, config: Values) -> Sequence[Fault]:
        """Return what the limits of the arguments find wrong."""
        one = (self.types if kind == "resource" else self.data)[name]
        return find_faults(one.block(), one.facts(), config)

    def plan(self, name: str, prior: Values | None, proposed: Values | None, config: Values | None) -> Plan:
        """Return what a change will look like."""
        if proposed is None or config is None:
            return Plan(None)
        one = self.types[name]
        planned = plan_block(one.block(), one.facts(), config, prior)
        return Plan(planned, [] if prior is None else replace_paths(one.block(), one.facts(), planned, prior))

    def apply(
        self, name: str, prior: Values | None, planned: Values | None, config: Values | None, stopped: Stopped
    ) -> Values | None:
        """Make a change; a stop while it waits cancels it."""
        del config
        one = self.types[name]
        verb = "destroy" if planned is None else "create"
        until = time.monotonic() + self.speed * one.wait_s(planned or prior or {}, verb)
        while time.monotonic() < until:
            if stopped():
                raise Failure((Fault("context canceled"),), prior)
            time.sleep(_TICK_S)
        if planned is None:
            return None
        values = {key: None if value is UNKNOWN else value for key, value in planned.items()}
        (one.make if prior is None else one.update)(values)
        return values

    def read(self, name: str, values: Values) -> Values | None:
        """Return the resource, or None where its time has come."""
        return values if self.types[name].valid(values) else None

    def read_data(self, name: str, config: Values) -> Values:
        """Return what a data source says."""
        values = dict(config)
        self.data[name].make(values)
        return values

    def take_over(self, name: str, text: str) -> Sequence[Imported]:
        """Return the resource that an import id spells out."""
        one = self.types[name]
        if one.take_over is None:
            raise Refused(Fault("Resource Import Not Implemented", f"{name} cannot be imported."))
        return [Imported(name, conform(one.block(), one.take_over(text)))]


_EMPTY = Block()
_SCHEMAS: dict[tuple[str, int], TypeSchema] = {}


def _schema(name: str, one: LocalType) -> TypeSchema:
    """Return one schema object for a type, so that its message is made once."""
    return _SCHEMAS.setdefault((name, id(one)), TypeSchema(name, one.block()))
