"""Every type can be planned, made, planned again without a change, and deleted."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from sandbox.cloud import Cloud
from sandbox.provider.codec import UNKNOWN, Values, canonical, wholly_known
from sandbox.provider.google import GoogleProvider, GoogleSession
from sandbox.provider.identity import Places
from sandbox.schema.archive import shipped
from sandbox.services.service import Service
from tests.sandbox.configurations import conforms, full, minimal

TYPES = shipped().resource_types()[::23]


def session(path: Path) -> GoogleSession:
    places = Places(project="demo-project", region="us-central1", zone="us-central1-a")
    provider = GoogleProvider(cloud=Cloud(path / "cloud.db"), places=places, services=lambda _: Service())
    return provider.configure({"project": "demo-project"})


def cycle(google: GoogleSession, name: str, make: Callable[..., Values]) -> list[str]:
    """Return what is wrong with a type's way from nothing to something and back."""
    schema = shipped().resource(name)
    assert schema is not None
    config = make(schema.block, shipped().facts(name))
    config["id"] = None
    planned = google.plan(name, None, config, config).values
    made = google.apply(name, None, planned, config, lambda: False)
    assert planned is not None
    assert made is not None
    faults = conforms(schema.block, made, name)
    if not wholly_known(made):
        faults.append(f"{name}: unknown after apply")
    if not made["id"]:
        faults.append(f"{name}: no id")
    faults += [
        f"{name}.{key}: computed, and null after apply"
        for key, one in schema.block.attributes.items()
        if one.computed and not one.optional and made[key] is None
    ]
    for key, value in planned.items():
        if value is not UNKNOWN and wholly_known(value) and canonical(value) != canonical(made[key]):
            faults.append(f"{name}.{key}: planned {value!r}, made {made[key]!r}")
    read = google.read(name, made)
    if canonical(read) != canonical(made):
        faults.append(f"{name}: read differs from what was made")
    again = google.plan(name, made, config, config)
    if canonical(again.values) != canonical(made):
        assert again.values is not None
        different = [key for key in made if canonical(made[key]) != canonical(again.values[key])]
        faults.append(f"{name}: second plan changes {different}")
    if again.replace:
        faults.append(f"{name}: second plan replaces for {again.replace}")
    made |= {"deletion_protection": False, "deletion_policy": "DELETE"}
    if google.apply(name, made, None, None, lambda: False) is not None or google.read(name, made) is not None:
        faults.append(f"{name}: still there after its deletion")
    return faults


@pytest.mark.parametrize("name", TYPES)
def test_a_type_is_made_as_planned_and_then_needs_no_change(name: str, tmp_path: Path) -> None:
    google = session(tmp_path)
    assert cycle(google, name, minimal) == []
    assert cycle(google, name, full) == []
    assert cycle(google, name, partial(full, settings=False)) == []


@pytest.mark.parametrize(
    ("name", "before", "after", "paths"),
    [
        ("google_compute_subnetwork", {"ip_cidr_range": "10.0.0.0/24"}, {"ip_cidr_range": "10.0.0.0/20"}, []),
        (
            "google_compute_subnetwork",
            {"ip_cidr_range": "10.0.0.0/20"},
            {"ip_cidr_range": "10.0.0.0/24"},
            [("ip_cidr_range",)],
        ),
        (
            "google_compute_instance",
            {"metadata_startup_script": "a"},
            {"metadata": {"startup-script": "a"}},
            [],
        ),
        (
            "google_compute_instance",
            {"metadata_startup_script": "a"},
            {"metadata_startup_script": "b"},
            [("metadata_startup_script",)],
        ),
        ("google_sql_database_instance", {"master_instance_name": "m"}, {"master_instance_name": None}, []),
        ("google_compute_network", {"name": "a"}, {"name": UNKNOWN}, [("name",)]),
        (
            "google_compute_firewall",
            {"network": "https://www.googleapis.com/compute/v1/projects/p/global/networks/n"},
            {"network": "projects/p/global/networks/n"},
            [],
        ),
    ],
)
def test_a_change_replaces_only_where_the_provider_says_so(
    name: str, before: Values, after: Values, paths: list[tuple[str]], tmp_path: Path
) -> None:
    google = session(tmp_path)
    schema = shipped().resource(name)
    assert schema is not None
    config = minimal(schema.block, shipped().facts(name))
    planned = google.plan(name, None, {**config, **before}, {**config, **before}).values
    made = google.apply(name, None, planned, None, lambda: False)
    changed = {**config, **after}
    assert list(google.plan(name, made, changed, changed).replace) == paths
