"""What a person is told where Google Cloud refuses."""

import pytest

from infraai.operations.ports import Place
from tools.gcp import cloud_error


@pytest.mark.parametrize(
    ("code", "step"),
    [
        (401, "Sign in"),
        (403, "role"),
        (404, "apply"),
        (409, "Wait"),
        (429, "minute"),
        (500, "nothing was changed"),
    ],
)
def test_each_refusal_has_its_next_step(code: int, step: str) -> None:
    error = cloud_error("Compute Engine", "projects/p/zones/z/instances/vm", "no", code)
    assert step in error.next_step
    assert error.detail == "projects/p/zones/z/instances/vm: no"


def test_a_place_is_a_zone_or_a_region() -> None:
    assert Place(project="p", zone="z").path("disks", "d") == "projects/p/zones/z/disks/d"
    path = Place(project="p", region="r").path("instanceGroupManagers", "m")
    assert path == "projects/p/regions/r/instanceGroupManagers/m"
