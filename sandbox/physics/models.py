"""The models of all kinds of resources."""

from functools import cache

from sandbox.physics.balancers import Balancers
from sandbox.physics.clusters import Clusters
from sandbox.physics.groups import Groups
from sandbox.physics.machines import Machines
from sandbox.physics.measure import Model
from sandbox.physics.run import Services
from sandbox.physics.sql import Databases
from sandbox.physics.uptime import Checks

MODELS: tuple[Model, ...] = (
    Machines(),
    Groups(),
    Databases(),
    Services(),
    Balancers(),
    Clusters(),
    Checks(),
)


@cache
def _by_type() -> dict[str, Model]:
    return {kind: model for model in MODELS for kind in model.types}


def model_of(resource_type: str) -> Model:
    """Return the model of a Terraform type that has one."""
    return _by_type()[resource_type]
