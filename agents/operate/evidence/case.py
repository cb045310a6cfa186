"""What every source of evidence starts from."""

from collections.abc import Sequence
from dataclasses import dataclass

from infraai.configuration import Block, Configuration
from infraai.models import RecordedResource
from infraai.operations.shapes import Alert, Cause, Target
from infraai.registry.deployments import Deployment

_DAY_S = 86_400.0
_AHEAD_S = 300.0
INSTANCE = "google_compute_instance"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One incident's alert and target, its deployment, and the time by the cloud's clock (epoch seconds)."""

    alert: Alert | None
    target: Target
    cause: Cause
    deployment: Deployment
    resources: Sequence[RecordedResource]
    configuration: Configuration
    incident_id: str
    now: float

    @property
    def began(self) -> float:
        """Return when it began; now, where the sender's time cannot be right."""
        said = self.alert.started_at if self.alert else None
        return min(said, self.now) if said and self.clocks_agree else self.now

    @property
    def clocks_agree(self) -> bool:
        """Return whether the sender's time is neither ahead of ours nor more than a week old."""
        said = self.alert.started_at if self.alert else None
        return said is None or self.now - 7 * _DAY_S < said < self.now + _AHEAD_S

    @property
    def project(self) -> str:
        """Return the project the resource is in."""
        own = str(self.target.resource.metadata.get("project") or "")
        return own or self.deployment.project or (self.alert.project if self.alert else "")

    @property
    def block(self) -> Block | None:
        """Return the resource's block in the configuration, without any index."""
        return block_of(self.configuration, self.target.resource.address)

    def machines(self) -> list[RecordedResource]:
        """Return the deployment's machines."""
        return [one for one in self.resources if one.type == INSTANCE]


def zone_of(resource: RecordedResource) -> str:
    """Return the zone a resource was recorded in, "" where it is in none."""
    return str(resource.metadata.get("zone") or "").rpartition("/")[2]


def region_of(resource: RecordedResource) -> str:
    """Return the region a resource was recorded in, "" where it is in none."""
    return str(resource.metadata.get("region") or "").rpartition("/")[2]


def block_of(configuration: Configuration, address: str) -> Block | None:
    """Return the block of a resource's address; an index is left out."""
    plain = address.partition("[")[0]
    return next((one for one in configuration.resources if one.address == plain), None)
