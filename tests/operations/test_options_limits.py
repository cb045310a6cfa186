"""Steps that are real: limits of connections as the cloud has them, machine types that there are."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from infraai.connections import default_connections
from infraai.machines import find_machine_type, known_machine_types
from infraai.operations.edits import sizes
from sandbox.catalog.machines import machine
from sandbox.physics.sql import Databases
from sandbox.physics.world import Subject, World
from tests.operations.edited import Files, main
from tests.sandbox.town import SQL, Town

BACKENDS = "cloudsql.googleapis.com/database/postgresql/num_backends"
DEFAULTS = [
    ("POSTGRES_15", "db-f1-micro", 25),
    ("POSTGRES_15", "db-g1-small", 50),
    ("POSTGRES_15", "db-custom-1-3840", 100),
    ("POSTGRES_15", "db-custom-1-6144", 200),
    ("POSTGRES_15", "db-custom-2-7680", 400),
    ("POSTGRES_15", "db-custom-4-15360", 500),
    ("POSTGRES_15", "db-custom-8-30720", 600),
    ("POSTGRES_15", "db-custom-16-61440", 800),
    ("POSTGRES_15", "db-custom-32-122880", 1000),
    ("MYSQL_8_0", "db-f1-micro", 250),
    ("MYSQL_8_0", "db-g1-small", 1000),
    ("MYSQL_8_0", "db-n1-standard-1", 4000),
    ("MYSQL_8_0", "db-custom-1-3840", 4000),
]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.sandbox.close()


def database(version: str, tier: str) -> Files:
    text = f"""
resource "google_sql_database_instance" "db" {{
  name             = "db"
  database_version = "{version}"
  settings {{
    tier = "{tier}"
  }}
}}
"""
    return main(text, "google_sql_database_instance.db", name="db")


@pytest.mark.parametrize(("version", "tier", "limit"), DEFAULTS)
def test_the_limit_that_is_raised_is_the_one_in_force(
    version: str, tier: str, limit: int, town: Town
) -> None:
    values = {"database_version": version, "settings": [{"tier": tier}]}
    with town.cloud.connection() as connection:
        world = World(connection)
    in_force = Databases().capacity(Subject(SQL, "db", values, 0), world).connections
    (offered,) = database(version, tier).parameters("modify_config")

    assert default_connections(version.partition("_")[0], tier) == in_force == limit
    assert offered["max_connections"] > 1.5 * in_force


@pytest.mark.parametrize("tier", ["db-g1-small", "db-custom-1-3840", "db-custom-2-7680"])
def test_a_database_whose_connections_are_held_has_room_after_the_step(town: Town, tier: str) -> None:
    town.database(tier=tier)
    town.inject("sql_connections", "db")
    town.pass_time(300)
    limit = default_connections("POSTGRES", tier)
    assert limit is not None
    assert town.values(BACKENDS)[0] > 0.9 * limit

    (offered,) = database("POSTGRES_15", tier).parameters("modify_config")
    flag = {"name": "max_connections", "value": str(offered["max_connections"])}
    town.change(SQL, "instances/db", settings=[{"tier": tier, "disk_size": 10, "database_flags": [flag]}])
    town.pass_time(120)

    assert town.values(BACKENDS)[0] < limit / 2


def test_every_machine_type_by_pattern_is_one_that_the_cloud_has() -> None:
    assert [one for one in known_machine_types() if machine(one) is None] == []


@pytest.mark.parametrize(
    "name",
    [
        "e2-highmem-32", "n1-highmem-1", "n1-highcpu-1", "n2-highcpu-128", "n2d-highmem-128", "n2d-highmem-224",
        "e2-standard-4-lssd", "n2-standard-4-metal", "e2-custom-3-6144", "e2-custom-64-65536", "n2-custom-4-1000",
        "custom-2-65536",
    ],
)  # fmt: skip
def test_a_machine_type_that_is_not_made_is_not_known(name: str) -> None:
    assert find_machine_type(name) is None


@pytest.mark.parametrize("name", known_machine_types())
def test_a_step_leads_to_a_machine_type_that_the_cloud_has(name: str) -> None:
    steps = (sizes.next_machine(name), sizes.previous_machine(name), sizes.more_memory(name))
    assert all(machine(one) is not None for one in steps if one)
