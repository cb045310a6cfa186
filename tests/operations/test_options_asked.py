"""What somebody who acts by hand is told beforehand: an action's parameters, what is wrong, what a way back is."""

from dataclasses import dataclass
from typing import Any

import pytest

from agents.operate.prechecking import precheck
from infraai.errors import ActionError
from infraai.models import Bundle
from infraai.operations.edits.kinds import KINDS
from infraai.operations.options import going_back_option, parameters_of
from infraai.registry.deployments import Deployment
from tests.operations.edited import VM, Files, main, vm
from tools.hcl import HclTreeSitter

MORE = 'resource "google_compute_disk" "data" {\n  name = "data"\n}\n'


def test_every_parameter_has_a_meaning() -> None:
    assert parameters_of("scale_up", "google_compute_instance") == (
        ("machine_type", "such as e2-standard-2"),
    )
    for kind in KINDS:
        for resource_type in kind.types or ("google_compute_instance",):
            assert all(meaning for _, meaning in parameters_of(kind.action, resource_type))


def test_an_action_that_a_resource_does_not_know_says_which_it_knows() -> None:
    with pytest.raises(ActionError, match="not possible") as refused:
        parameters_of("scale_up", "google_compute_disk")
    assert "resize_disk" in refused.value.next_step


def test_going_back_can_be_taken_back_where_nothing_is_destroyed() -> None:
    smaller = vm(machine_type='machine_type = "e2-micro"')

    option = going_back_option(smaller.configuration, vm().configuration)

    assert option.reversible
    assert "nothing is destroyed" in option.summary


@pytest.mark.parametrize(
    ("standing", "named"),
    [
        (vm(MORE), "google_compute_disk.data"),
        (vm(name='name = "web"\n  count = 2'), "google_compute_instance.web"),
    ],
)
def test_going_back_over_what_was_made_says_what_it_destroys(standing: Files, named: str) -> None:
    option = going_back_option(vm().configuration, standing.configuration)

    assert not option.reversible
    assert named in option.summary


@dataclass
class Kept:
    """A registry and a store with one deployment."""

    bundle: Bundle
    status: Any = "active"

    async def get(self, any_run_id: str) -> Deployment:
        return Deployment(deployment_id=any_run_id, bundle_sha="sha", status=self.status)

    async def get_bundle(self, sha: str) -> Bundle:
        assert sha == "sha"
        return self.bundle


@pytest.mark.parametrize(
    ("action", "parameters", "why"),
    [
        ("scale_up", {"machine_type": "e2-nonsense-99"}, "no machine type"),
        ("scale_up", {"machine_type": "e2-highmem-32"}, "no machine type"),
        ("scale_up", {"color": "red"}, "no parameter color"),
        ("scale_sideways", {}, "no action"),
    ],
)
async def test_a_request_that_cannot_be_is_refused_before_a_run(
    action: str, parameters: dict[str, Any], why: str
) -> None:
    kept = Kept(vm().bundle)
    with pytest.raises(ActionError, match=why):
        await precheck(vm().target, action, parameters, deployments=kept, artifacts=kept, hcl=HclTreeSitter())


async def test_a_request_that_can_be_is_completed() -> None:
    kept, files = Kept(vm().bundle), main(VM, "google_compute_instance.web")

    request = await precheck(
        files.target, "scale_up_vm", {}, deployments=kept, artifacts=kept, hcl=HclTreeSitter()
    )

    assert (request.action_type, request.parameters) == ("scale_up", {"machine_type": "e2-medium"})


async def test_what_was_destroyed_is_not_acted_on() -> None:
    kept = Kept(vm().bundle, "destroyed")
    with pytest.raises(ActionError, match="destroyed"):
        await precheck(vm().target, "restart", {}, deployments=kept, artifacts=kept, hcl=HclTreeSitter())
