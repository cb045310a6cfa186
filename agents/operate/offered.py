"""What could be done about an alert: the options of its resource, and of what stands behind a load balancer."""

from collections.abc import Sequence

from agents.operate.offers import ELSEWHERE
from infraai.configuration import Configuration
from infraai.models import RecordedResource
from infraai.operations.options import backends_of, options_of
from infraai.operations.shapes import Option, Target


def offered(
    target: Target, configuration: Configuration, resources: Sequence[RecordedResource], region: str
) -> tuple[Option, ...]:
    """Return the target's options, then those of its backends, which name their resource in a parameter."""
    found = list(options_of(target, configuration, region))
    for backend in behind(target, configuration, resources):
        for one in options_of(backend, configuration, region):
            named = {**one.parameters, ELSEWHERE: backend.resource.address}
            summary = f"{backend.resource.address}: {one.summary}"
            found.append(one.model_copy(update={"parameters": named, "summary": summary}))
    return tuple(found)


def behind(
    target: Target, configuration: Configuration, resources: Sequence[RecordedResource]
) -> tuple[Target, ...]:
    """Return the recorded resources that a load balancer's part leads to; none for anything else."""
    addresses = backends_of(target, configuration)
    return tuple(
        Target(deployment_id=target.deployment_id, resource=one, matched_by="behind the load balancer")
        for one in resources
        if one.address.partition("[")[0] in addresses and one.address != target.resource.address
    )
