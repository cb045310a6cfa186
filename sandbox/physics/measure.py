"""Series as they are written: labels once as text, then a value for each moment."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sandbox.physics.load import Capacity, Load
from sandbox.physics.world import Subject, World

Sample = tuple[str, str, str, float, float]  # as the columns of the table `series`
Moments = Sequence[tuple[float, Load]]


@dataclass(frozen=True, slots=True)
class Source:
    """A monitored resource: its type and its labels."""

    type: str
    labels: Mapping[str, str]

    def series(self, metric: str, **metric_labels: str) -> "Series":
        """Return one of its series."""
        labels = {f"resource.{key}": value for key, value in self.labels.items()}
        labels |= {f"metric.{key}": value for key, value in metric_labels.items()}
        return Series(metric, self.type, json.dumps(labels))


@dataclass(frozen=True, slots=True)
class Series:
    """One time series."""

    metric: str
    resource_type: str
    labels: str

    def at(self, at: float, value: float) -> Sample:
        """Return a sample."""
        return (self.metric, self.resource_type, self.labels, at, value)


class Model(Protocol):
    """How one kind of resource behaves."""

    @property
    def types(self) -> tuple[str, ...]:
        """Return the Terraform types."""
        ...

    def capacity(self, subject: Subject, world: World) -> Capacity:
        """Return what it can bear now."""
        ...

    def first_load(self, subject: Subject, capacity: Capacity) -> Load:
        """Return the load it has from the day it is first seen."""
        ...

    def samples(self, subject: Subject, world: World, moments: Moments) -> Iterator[Sample]:
        """Yield what is measured at each moment."""
        ...
