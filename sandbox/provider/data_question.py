"""What is asked of a data source."""

from dataclasses import dataclass

from sandbox.cloud import Cloud
from sandbox.provider.codec import Values
from sandbox.provider.identity import Places


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: the data source, its configuration, and where."""

    cloud: Cloud
    places: Places
    name: str
    config: Values

    @property
    def number(self) -> str:
        """Return the project's number."""
        return self.cloud.project_number(self.places.project)
