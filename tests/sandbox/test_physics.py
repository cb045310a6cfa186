"""What the simulated cloud's resources measure as time goes on."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.catalog.metrics import is_unknown, metric
from sandbox.clock import ManualClock
from sandbox.cloud import Cloud
from sandbox.physics.physics import Physics
from tests.sandbox.town import AGENT, CPU, GROUP, LB, SQL, UPTIME, VM, ZONE, Town

MEMORY, DISK = "agent.googleapis.com/memory/percent_used", "agent.googleapis.com/disk/percent_used"
SIZE = "compute.googleapis.com/instance_group/size"
BACKENDS = "cloudsql.googleapis.com/database/postgresql/num_backends"
CONNECTIONS = "cloudsql.googleapis.com/database/network/connections"
MACHINE, MANAGER = f"zones/{ZONE}/instances/vm", f"zones/{ZONE}/instanceGroupManagers/web"


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.sandbox.close()


def test_all_that_is_measured_is_in_googles_catalog(town: Town) -> None:
    town.vm()
    town.check()
    town.group(most=4)
    town.database()
    town.service()
    town.cluster()
    town.pass_time(120)
    written = town.cloud.metrics()
    assert len(written) > 30
    for path in written:
        known = metric(path)
        assert known is not None, path
        assert not is_unknown(path)
        points = town.cloud.points(path, 0, town.clock.seconds())
        assert {one.resource_type for one in points} <= set(known.resource_types), path
        assert all(one.value >= 0 and one.labels["resource.project_id"] == "acme" for one in points)


def test_a_sample_comes_each_ten_seconds_and_never_twice(town: Town) -> None:
    town.vm()
    town.physics.advance()
    other = Physics(Cloud(town.cloud.path), town.clock)
    for _ in range(6):
        town.clock.advance(10)
        assert town.physics.advance() > 0
        assert other.advance() == 0
    points = town.cloud.points(CPU, town.clock.seconds() - 60, town.clock.seconds())
    assert [one.at % 10 for one in points] == [0] * 6
    assert len({one.at for one in points}) == 6
    assert {one.labels["resource.instance_id"] for one in points} == {"12"}


def test_the_same_moment_is_measured_alike_whenever_it_is_computed(tmp_path: Path) -> None:
    found = []
    for name, step in (("one", 10), ("two", 300)):
        town = Town(tmp_path / name)
        town.vm()
        town.physics.advance()
        town.pass_time(600, step)
        found.append(town.values(CPU, 600))
        town.sandbox.close()
    assert found[0] == found[1]
    assert len(set(found[0])) > 50


def test_a_stopped_machine_writes_nothing(town: Town) -> None:
    town.vm()
    town.pass_time(60)
    town.change(VM, MACHINE, "stop", current_status="TERMINATED")
    town.pass_time(120)
    assert town.values(CPU) == []
    assert town.values("compute.googleapis.com/instance/uptime") == []
    town.change(VM, MACHINE, "start", current_status="RUNNING")
    town.pass_time(60)
    assert len(town.values(CPU)) == 6


def test_only_machines_with_the_ops_agent_measure_memory_and_disk(town: Town) -> None:
    town.vm(metadata_startup_script="echo nothing")
    town.pass_time(60)
    assert town.values(MEMORY) == town.values(DISK) == []
    town.change(VM, MACHINE, metadata={"startup-script": AGENT})
    town.pass_time(60)
    assert 30 < town.last(MEMORY, metric__state="used") < 60
    assert 30 < town.last(DISK, metric__state="used") < 60


@pytest.mark.parametrize("bigger", ["e2-standard-2", "projects/acme/zones/z/machineTypes/n2-standard-4"])
def test_a_bigger_machine_has_less_to_do(town: Town, bigger: str) -> None:
    town.vm()
    town.inject("cpu_spike", "vm")
    assert town.last(CPU) > 0.9
    town.change(VM, MACHINE, machine_type=bigger)
    town.pass_time(60)
    assert town.last(CPU) < 0.6


def test_a_machine_from_a_template_is_as_big_as_its_template_says(town: Town) -> None:
    template = town.put(
        "google_compute_instance_template", "global/instanceTemplates/t", machine_type="n2-standard-8"
    )
    kind = "google_compute_instance_from_template"
    where = f"zones/{ZONE}/instances/made"
    town.put(kind, where, zone=ZONE, instance_id="8", source_instance_template=template)
    town.pass_time(60)
    used = town.last("compute.googleapis.com/instance/cpu/usage_time") / 10
    assert used / town.last(CPU) == pytest.approx(8)


def test_more_machines_share_a_groups_work_and_keep_their_numbers(town: Town) -> None:
    town.group(size=2)
    town.pass_time(60)
    before = town.last(CPU)
    names = {one.labels["metric.instance_name"] for one in town.cloud.points(CPU, 0, town.clock.seconds())}
    town.change(GROUP, MANAGER, target_size=4)
    town.pass_time(60)
    assert town.last(CPU) == pytest.approx(before / 2, rel=0.1)
    points = town.cloud.points(CPU, town.clock.seconds() - 60, town.clock.seconds())
    assert names < {one.labels["metric.instance_name"] for one in points}
    assert len({one.labels["resource.instance_id"] for one in points}) == 4
    assert town.values(SIZE)[-1] == 4


def test_the_autoscaler_scales_out_at_once_and_in_after_ten_quiet_minutes(town: Town) -> None:
    town.group(size=2, most=5)
    town.pass_time(60)
    fault = town.inject("cpu_spike", "web")
    assert town.values(SIZE)[-1] == 5
    assert town.last(CPU) > 0.85
    town.sandbox.clear(fault.fault_id)
    town.pass_time(300)
    assert town.values(SIZE)[-1] == 5
    town.pass_time(400)
    assert town.values(SIZE)[-1] == 2
    stored = town.cloud.get(GROUP, f"projects/acme/{MANAGER}")
    assert stored is not None
    assert stored["target_size"] == 2


def test_databases_measure_connections_as_their_engine_does(town: Town) -> None:
    town.database("POSTGRES_15")
    town.pass_time(60)
    assert 5 < town.last(BACKENDS, metric__database="postgres") < 60
    assert town.values(CONNECTIONS) == []
    town.change(SQL, "instances/db", database_version="MYSQL_8_0")
    town.pass_time(60)
    assert 5 < town.last(CONNECTIONS) < 60
    assert {one.labels["resource.database_id"] for one in town.cloud.points(CONNECTIONS, 0, 9e9)} == {
        "acme:db"
    }


def test_an_uptime_check_really_asks(town: Town) -> None:
    town.vm()
    town.check()
    town.pass_time(120)
    assert set(town.values(UPTIME)) == {1}
    assert len(town.values(UPTIME)) == 6  # one for each place that asks
    town.change("google_compute_firewall", "global/firewalls/web", disabled=True)
    town.pass_time(120)
    assert set(town.values(UPTIME)) == {0}


def test_a_load_balancer_counts_5xx_when_nothing_behind_it_is_healthy(town: Town) -> None:
    town.group()
    town.pass_time(60)
    assert sum(town.values(f"{LB}/request_count", metric__response_code_class="500")) < 5
    assert sum(town.values(f"{LB}/request_count", metric__response_code_class="200")) > 500
    town.change("google_compute_firewall", "global/firewalls/checks", disabled=True)
    town.pass_time(60)
    assert sum(town.values(f"{LB}/request_count", metric__response_code_class="500")) > 500
    labels = town.cloud.points(f"{LB}/request_count", 0, town.clock.seconds())[-1].labels
    assert labels["resource.url_map_name"] == "map"
    assert labels["resource.forwarding_rule_name"] == "front"
    assert labels["resource.backend_target_name"] == "back"


def test_catching_up_is_bounded_quick_and_old_points_go(town: Town) -> None:
    for number in range(10):
        town.vm(f"vm-{number}", instance_id=f"7{number}")
    town.physics.advance()
    town.clock.advance(3600)
    began = time.perf_counter()
    town.physics.advance()
    assert time.perf_counter() - began < 2  # a fifth of a second on a machine with nothing else to do
    town.clock.advance(24 * 3600)
    town.physics.advance()
    points = town.cloud.points(CPU, 0, town.clock.seconds())
    assert {one.at for one in points} == {town.clock.seconds() - 10 * back for back in range(720)}


def test_a_resource_is_measured_from_its_creation(town: Town) -> None:
    town.vm()
    town.pass_time(60)
    town.vm("later", instance_id="99")
    town.pass_time(30)
    assert len(town.values(CPU, 600, resource__instance_id="99")) == 3


def test_physics_of_an_empty_cloud_is_nothing(tmp_path: Path) -> None:
    cloud = Cloud(tmp_path / "cloud.db")
    clock = ManualClock(1_800_000_000)
    physics = Physics(cloud, clock)
    clock.advance(100)
    assert physics.advance() == 0
    assert cloud.metrics() == ()
    cloud.close()
