"""What a simulated provider answers, in Python values; the wire is `wire.py`'s."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.provider.codec import Fault, Path, Values
from sandbox.provider.functions import ProviderFunction
from sandbox.schema.archive import TypeSchema

Stopped = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change will look like; `values` None is a deletion."""

    values: Values | None
    replace: Sequence[Path] = ()


@dataclass(frozen=True, slots=True)
class Imported:
    """One resource taken over."""

    type: str
    values: Values


@dataclass(frozen=True, slots=True)
class Failure(Exception):  # noqa: N818 - what came of an apply, faults beside the state that was reached
    """An apply that failed; `values` is what the resource is now (None: it is not)."""

    faults: tuple[Fault, ...]
    values: Values | None = field(default=None)


class Session(Protocol):
    """A provider configured once, for one of Terraform's connections. Methods raise `Refused`."""

    def validate(self, kind: str, name: str, config: Values) -> Sequence[Fault]:
        """Return what is wrong with a resource's (`resource`) or data source's (`data`) configuration."""
        ...

    def plan(self, name: str, prior: Values | None, proposed: Values | None, config: Values | None) -> Plan:
        """Return what a change will look like."""
        ...

    def apply(
        self, name: str, prior: Values | None, planned: Values | None, config: Values | None, stopped: Stopped
    ) -> Values | None:
        """Make a change and return what the resource is then; raise `Failure` where it fails."""
        ...

    def read(self, name: str, values: Values) -> Values | None:
        """Return what a resource is now; None where it is gone."""
        ...

    def read_data(self, name: str, config: Values) -> Values:
        """Return what a data source says."""
        ...

    def take_over(self, name: str, text: str) -> Sequence[Imported]:
        """Return the resource that an import id stands for."""
        ...


class Provider(Protocol):
    """One provider: its schemas, and sessions of it."""

    @property
    def schema(self) -> TypeSchema:
        """Return the schema of the provider's own configuration."""
        ...

    def resource(self, name: str) -> TypeSchema | None:
        """Return a resource type's schema, None for an unknown type."""
        ...

    def data_source(self, name: str) -> TypeSchema | None:
        """Return a data source's schema, None for an unknown type."""
        ...

    def type_names(self) -> Sequence[str]:
        """Return the names of all resource types and data sources."""
        ...

    @property
    def functions(self) -> Mapping[str, ProviderFunction]:
        """Return the provider's functions by name."""
        ...

    def configure(self, config: Values) -> Session:
        """Return a session with this configuration; {} stands for none."""
        ...
