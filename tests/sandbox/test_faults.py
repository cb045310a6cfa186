"""What can go wrong, which measurements show it, what helps, and what does not."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from sandbox.faults.inject import Injected
from sandbox.faults.kind import InjectError
from sandbox.faults.kinds import KINDS
from tests.sandbox.town import CLUSTER, CPU, GROUP, LB, LINK, NGINX, RULE, RUN, SQL, UPTIME, VM, ZONE, Town

MACHINE, MANAGER = f"zones/{ZONE}/instances/vm", f"zones/{ZONE}/instanceGroupManagers/web"
SERVICE = "locations/us-central1/services/api"
RUN_REQUESTS = "run.googleapis.com/request_count"
Act = Callable[[Town], None]


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    made = Town(tmp_path)
    yield made
    made.sandbox.close()


def failures(town: Town) -> float:
    """Return how many requests a second the load balancer answers with a 5xx."""
    return sum(town.values(f"{LB}/request_count", metric__response_code_class="500")) / 60


def reset(town: Town) -> None:
    values = town.cloud.get(VM, f"projects/acme/{MACHINE}")
    assert values is not None
    town.cloud.put(VM, values["id"], values, "reset")


def replace(town: Town) -> None:
    town.cloud.remove(VM, f"projects/acme/{MACHINE}")
    town.vm(instance_id="4711")


def recreate(town: Town, members: int = 2) -> None:
    from sandbox.compute_api.members import members_of
    from sandbox.network.view import View

    values = town.cloud.get(GROUP, f"projects/acme/{MANAGER}")
    assert values is not None
    inner = town.cloud.machine(values["id"])
    made = dict(inner.get("made", {}))
    for one in list(members_of(town.cloud, View(town.cloud), values))[:members]:
        made[one.name] = made.get(one.name, 0) + 1
    town.cloud.set_machine(values["id"], {**inner, "made": made})
    town.cloud.put(GROUP, values["id"], values, "recreateInstances")


def template(town: Town, **changes: str) -> str:
    return town.put(
        "google_compute_instance_template",
        "global/instanceTemplates/t2",
        **{"machine_type": "e2-medium", "metadata_startup_script": NGINX} | changes,
        network_interface=[{"network": f"{LINK}/global/networks/default"}],
    )


def roll(town: Town) -> None:
    other = template(town, metadata_startup_script=f"{NGINX}# the version before\n")
    town.change(GROUP, MANAGER, version=[{"instance_template": other}])


def roll_unchanged(town: Town) -> None:
    link = f"{LINK}/global/instanceTemplates/t"
    town.change(GROUP, MANAGER, version=[{"instance_template": link, "name": "once-more"}])


def bigger_members(town: Town) -> None:
    other = template(town, machine_type="e2-standard-2")
    town.change(GROUP, MANAGER, version=[{"instance_template": other}])


def revise(town: Town) -> None:
    container = {"image": "app:2", "resources": [{"limits": {"cpu": "1", "memory": "512Mi"}}]}
    town.change(RUN, SERVICE, template=[{"containers": [container], "scaling": [{"max_instance_count": 4}]}])


def more_instances(town: Town) -> None:
    container = {"image": "app:1", "resources": [{"limits": {"cpu": "2", "memory": "1Gi"}}]}
    town.change(RUN, SERVICE, template=[{"containers": [container], "scaling": [{"max_instance_count": 4}]}])


# --- what is asked for ------------------------------------------------------------------------------------


def test_an_unknown_kind_or_resource_is_answered_with_what_there_is(town: Town) -> None:
    town.vm()
    town.database()
    with pytest.raises(InjectError, match=r"did you mean cpu_spike.* zone_outage"):
        town.sandbox.inject("cpu_spkie", "vm")
    with pytest.raises(InjectError, match=r"'we'; what stands: db \(google_sql_database_instance\), vm"):
        town.sandbox.inject("cpu_spike", "we")
    with pytest.raises(InjectError, match=r"does not fit a google_sql_database_instance.* sql_cpu"):
        town.sandbox.inject("cpu_spike", "db")
    with pytest.raises(InjectError, match="cannot last -3 s"):
        town.sandbox.inject("cpu_spike", "vm", -3)
    with pytest.raises(InjectError, match="no fault nonsense"):
        town.sandbox.clear("nonsense")
    assert town.sandbox.faults() == []


def test_a_resource_is_known_by_name_id_number_and_part(town: Town) -> None:
    town.vm()
    town.group()
    for name in ("vm", f"projects/acme/{MACHINE}", "12"):
        assert town.sandbox.inject("disk_read", name).resource == "vm"
    for name in ("map", "front", "back", "proxy"):
        assert town.sandbox.inject("errors_5xx", name).resource_type == "google_compute_url_map"
    assert town.sandbox.inject("zone_outage", "vm").resource == ZONE
    town.put(VM, "zones/us-east1-b/instances/vm", zone="us-east1-b", instance_id="13")
    with pytest.raises(InjectError, match="2 resources; name one by its id"):
        town.sandbox.inject("disk_read", "vm")


def test_every_kind_says_what_it_is(town: Town) -> None:
    assert len(KINDS) >= 17
    for kind in KINDS.values():
        assert kind.summary
        assert kind.alert
        assert kind.cure
        assert kind.fits


def test_a_fault_lasts_as_long_as_is_said_or_until_it_is_cleared(town: Town) -> None:
    town.vm()
    short, endless = town.sandbox.inject("cpu_spike", "vm", 60), town.sandbox.inject("disk_read", "vm")
    town.pass_time(90)
    assert town.ended_by(short) == "time"
    assert town.values(CPU)[-1] < 0.5
    assert not town.ended_by(endless)
    assert town.sandbox.clear(endless.fault_id).ended_by == "cleared"
    assert all(one.over for one in town.sandbox.faults())


# --- machines ---------------------------------------------------------------------------------------------

AGENT_MEMORY = ("agent.googleapis.com/memory/percent_used", {"metric__state": "used"}, 90.0)
AGENT_DISK = ("agent.googleapis.com/disk/percent_used", {"metric__state": "used"}, 90.0)
READS = ("compute.googleapis.com/instance/disk/read_bytes_count", {}, 1e9)


def bigger_disk(town: Town) -> None:
    town.change(VM, MACHINE, boot_disk=[{"initialize_params": [{"size": 40}]}])


def bigger_machine(town: Town) -> None:
    town.change(VM, MACHINE, machine_type="e2-standard-2")


@pytest.mark.parametrize(
    ("kind", "series", "helps", "useless"),
    [
        ("cpu_spike", (CPU, {}, 0.8), bigger_machine, reset),
        ("memory_leak", AGENT_MEMORY, reset, bigger_disk),
        ("memory_leak", AGENT_MEMORY, bigger_machine, bigger_disk),
        ("disk_fill", AGENT_DISK, bigger_disk, reset),
        ("disk_fill", AGENT_DISK, replace, bigger_machine),
        ("disk_read", READS, reset, bigger_disk),
    ],
)
def test_on_a_machine_the_right_action_helps_and_another_does_not(
    town: Town, kind: str, series: tuple[str, dict[str, str], float], helps: Act, useless: Act
) -> None:
    metric, labels, threshold = series
    town.vm()
    town.pass_time(60)
    assert town.last(metric, **labels) < threshold
    town.inject(kind, "vm")
    town.pass_time(600)
    assert town.last(metric, **labels) > threshold
    useless(town)
    town.pass_time(60)
    assert town.last(metric, **labels) > threshold
    helps(town)
    town.pass_time(60)
    assert town.last(metric, **labels) < threshold


@pytest.mark.parametrize("act", [reset, replace])
def test_a_crashed_service_answers_again_after_a_restart(town: Town, act: Act) -> None:
    town.vm()
    town.check()
    fault = town.inject("service_crash", "vm")
    assert town.answers() is None
    assert set(town.values(UPTIME)) == {0}
    bigger_disk(town)
    town.pass_time(60)
    assert town.answers() is None
    act(town)
    town.pass_time(120)
    assert town.ended_by(fault)
    assert town.answers() == 200
    assert set(town.values(UPTIME)) == {1}


def test_a_restart_helps_against_a_crash_loop_for_a_minute(town: Town) -> None:
    town.vm()
    fault = town.inject("crash_loop", "vm")
    assert town.answers() is None
    for _ in range(2):
        reset(town)
        town.pass_time(30)
        assert town.answers() == 200
        town.pass_time(60)
        assert town.answers() is None
    replace(town)
    town.pass_time(120)
    assert town.answers() == 200
    assert town.ended_by(fault) == "redeploy"


def test_who_comes_by_sees_a_crash_that_time_brought(town: Town) -> None:
    town.vm()
    town.inject("crash_loop", "vm")
    proxy = town.sandbox.endpoints().proxy_url
    with httpx.Client(proxy=proxy) as visitor:
        reset(town)
        assert visitor.get("http://34.1.2.3/").status_code == 200
        town.clock.advance(90)
        with pytest.raises(httpx.HTTPError):
            visitor.get("http://34.1.2.3/")


def test_a_bad_version_stays_bad_through_a_restart(town: Town) -> None:
    town.vm()
    town.check()
    town.inject("bad_deploy", "vm")
    assert town.answers() == 500
    assert set(town.values(UPTIME)) == {0}
    reset(town)
    town.pass_time(60)
    assert town.answers() == 500
    town.change(VM, MACHINE, metadata_startup_script=NGINX)
    town.pass_time(60)
    assert town.answers() == 200


def test_a_stopped_machine_is_mended_by_a_start(town: Town) -> None:
    town.vm()
    fault = town.inject("machine_stopped", "vm")
    assert town.values(CPU) == []
    assert town.answers() is None
    town.change(VM, MACHINE, "start", current_status="RUNNING")
    town.pass_time(60)
    assert town.ended_by(fault) == "mended"
    assert len(town.values(CPU)) == 6


def test_a_blocked_firewall_is_mended_by_the_rule_or_by_another(town: Town) -> None:
    town.vm()
    first = town.inject("firewall_block", "vm")
    assert town.answers() is None
    town.change(RULE, "global/firewalls/web", disabled=False)
    town.pass_time(10)
    assert town.ended_by(first) == "mended"
    second = town.inject("firewall_block", "web")
    assert town.answers() is None
    town.sandbox.clear(second.fault_id)
    assert town.answers() == 200
    third = town.inject("firewall_block", "vm")
    town.allow("another", "0.0.0.0/0")
    town.pass_time(10)
    assert town.ended_by(third) == "mended"
    assert town.answers() == 200


def test_where_no_rule_lets_anybody_in_none_can_be_blocked(town: Town) -> None:
    town.vm()
    town.change(RULE, "global/firewalls/web", disabled=True)
    with pytest.raises(InjectError, match="no firewall rule lets anybody in"):
        town.sandbox.inject("firewall_block", "vm")


def test_a_zone_that_is_out_is_silent_until_it_is_back(town: Town) -> None:
    town.vm()
    town.check()
    town.put(VM, "zones/us-east1-b/instances/far", zone="us-east1-b", instance_id="77")
    town.inject("zone_outage", ZONE, 300)
    assert len(town.values(CPU, resource__instance_id="77")) == 6
    assert town.values(CPU, resource__instance_id="12") == []
    assert town.answers() is None
    reset(town)
    town.pass_time(60)
    assert town.answers() is None
    town.pass_time(240)
    assert town.answers() == 200
    assert len(town.values(CPU, resource__instance_id="12")) == 6


def test_a_false_alarm_is_over_by_itself_just_after_the_policy_fires(town: Town) -> None:
    town.vm()
    condition = {
        "filter": f'metric.type = "{CPU}" AND resource.labels.instance_id = "12"',
        "duration": "180s",
        "aggregations": [{"alignment_period": "60s"}],
    }
    town.put(
        "google_monitoring_alert_policy", "alertPolicies/1", conditions=[{"condition_threshold": [condition]}]
    )
    fault = town.sandbox.inject("false_alarm", "vm")
    town.pass_time(230)
    assert min(town.values(CPU, 220)) > 0.9
    town.pass_time(80)
    assert max(town.values(CPU)) < 0.5
    assert town.ended_by(fault) == "time"


def test_a_flapping_measurement_crosses_again_and_again(town: Town) -> None:
    town.vm()
    town.sandbox.inject("flapping", "vm")
    town.pass_time(1500)
    over = [value > 0.8 for value in town.values(CPU, 1500)]
    assert sum(a != b for a, b in itertools.pairwise(over)) >= 8


# --- groups and load balancers ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "helps", "useless"),
    [
        ("service_crash", recreate, lambda town: recreate(town, members=1)),
        ("crash_loop", roll_unchanged, recreate),
        ("bad_deploy", roll, recreate),
        ("bad_deploy", roll_unchanged, bigger_members),
        (
            "firewall_block",
            lambda town: [town.allow(one, "0.0.0.0/0") for one in ("checks", "checks-too")],
            recreate,
        ),
    ],
)
def test_what_fails_in_a_group_fails_through_its_load_balancer(
    town: Town, kind: str, helps: Act, useless: Act
) -> None:
    town.vm()
    town.group()
    town.pass_time(60)
    assert failures(town) < 1
    town.inject(kind, "web" if kind != "firewall_block" else MANAGER_ID)
    assert failures(town) > 10
    useless(town)
    town.pass_time(150)
    assert failures(town) > 10
    helps(town)
    town.pass_time(90)
    assert failures(town) < 1


MANAGER_ID = f"projects/acme/{MANAGER}"


@pytest.mark.parametrize("act", [recreate, roll])
def test_errors_of_a_load_balancer_end_with_what_is_done_behind_it(town: Town, act: Act) -> None:
    town.group()
    town.inject("errors_5xx", "map")
    assert failures(town) > 5
    act(town)
    town.pass_time(60)
    assert failures(town) < 1


def test_requests_wait_less_behind_twice_the_machines(town: Town) -> None:
    town.group()
    town.inject("latency", "map")
    slow = town.last(f"{LB}/total_latencies")
    assert slow > 3000
    town.change(GROUP, MANAGER, target_size=4)
    town.pass_time(60)
    assert town.last(f"{LB}/total_latencies") < slow / 3


def test_traffic_that_drops_comes_back_by_itself(town: Town) -> None:
    town.group()
    town.pass_time(60)
    usual = sum(town.values(f"{LB}/request_count"))
    town.inject("traffic_drop", "map", 240)
    assert sum(town.values(f"{LB}/request_count")) < usual / 10
    town.pass_time(240)
    assert sum(town.values(f"{LB}/request_count")) > usual / 2


# --- databases, services, clusters ------------------------------------------------------------------------

SQL_CPU = "cloudsql.googleapis.com/database/cpu/utilization"
SQL_DISK = "cloudsql.googleapis.com/database/disk/utilization"
BACKENDS = "cloudsql.googleapis.com/database/postgresql/num_backends"


def flagged(town: Town) -> None:
    flags = [{"name": "max_connections", "value": "1000"}]
    settings = {"tier": "db-custom-2-7680", "disk_size": 10, "database_flags": flags}
    town.change(SQL, "instances/db", settings=[settings])


def tier_up(town: Town) -> None:
    town.change(SQL, "instances/db", settings=[{"tier": "db-custom-4-15360", "disk_size": 10}])


def disk_up(town: Town) -> None:
    town.change(SQL, "instances/db", settings=[{"tier": "db-custom-2-7680", "disk_size": 20}])


@pytest.mark.parametrize(
    ("kind", "metric", "threshold", "helps", "useless"),
    [
        ("sql_cpu", SQL_CPU, 0.75, tier_up, disk_up),
        ("sql_connections", BACKENDS, 100, flagged, disk_up),
        ("sql_connections", BACKENDS, 100, tier_up, disk_up),
        ("disk_fill", SQL_DISK, 0.9, disk_up, flagged),
    ],
)
def test_on_a_database_the_right_action_helps_and_another_does_not(
    town: Town, *, kind: str, metric: str, threshold: float, helps: Act, useless: Act
) -> None:
    town.database()
    town.inject(kind, "db")
    town.pass_time(600)
    assert max(town.values(metric)) > threshold
    useless(town)
    town.pass_time(60)
    assert max(town.values(metric)) > threshold
    helps(town)
    town.pass_time(60)
    assert max(town.values(metric)) < threshold


@pytest.mark.parametrize(
    ("kind", "metric", "labels", "threshold", "helps", "useless"),
    [
        ("bad_deploy", RUN_REQUESTS, {"metric__response_code_class": "5xx"}, 60, revise, more_instances),
        ("errors_5xx", RUN_REQUESTS, {"metric__response_code_class": "5xx"}, 60, revise, reset),
        ("latency", "run.googleapis.com/request_latencies", {}, 2000, more_instances, revise),
        ("cpu_spike", "run.googleapis.com/container/cpu/utilizations", {}, 0.9, more_instances, revise),
        ("memory_leak", "run.googleapis.com/container/memory/utilizations", {}, 0.9, revise, reset),
    ],
)
def test_on_a_service_the_right_action_helps_and_another_does_not(
    town: Town, *, kind: str, metric: str, labels: dict[str, str], threshold: float, helps: Act, useless: Act
) -> None:
    town.vm()
    town.service()
    town.pass_time(60)
    assert max(town.values(metric, **labels)) < threshold
    town.inject(kind, "api")
    town.pass_time(600)
    assert max(town.values(metric, **labels)) > threshold
    useless(town)
    town.pass_time(60)
    assert max(town.values(metric, **labels)) > threshold
    helps(town)
    town.pass_time(60)
    assert max(town.values(metric, **labels)) < threshold


def test_nodes_under_pressure_are_relieved_by_more_of_them(town: Town) -> None:
    node = "kubernetes.io/node/{}/allocatable_utilization"
    town.cluster()
    town.inject("node_pressure", "k")
    assert min(town.last(node.format(kind)) for kind in ("cpu", "memory")) > 0.9
    town.change(CLUSTER, f"locations/{ZONE}/clusters/k", initial_node_count=6)
    town.pass_time(60)
    assert max(town.last(node.format(kind)) for kind in ("cpu", "memory")) < 0.6


def test_a_container_restarts_until_a_person_mends_it(town: Town) -> None:
    town.cluster()
    fault = town.inject("pod_crash_loop", "k")
    counts = town.values("kubernetes.io/container/restart_count")
    assert max(counts) - min(one for one in counts if one) > 3
    town.sandbox.clear(fault.fault_id)
    town.pass_time(70)
    settled = town.values("kubernetes.io/container/restart_count")
    assert len(set(settled)) == 2  # a counter never falls


def test_a_fault_waits_for_a_resource_that_is_replaced_and_is_forgotten_with_one_that_is_gone(
    town: Town,
) -> None:
    town.vm()
    fault: Injected = town.inject("cpu_spike", "vm")
    town.cloud.remove(VM, f"projects/acme/{MACHINE}")
    town.pass_time(60)
    town.vm(instance_id="5")
    town.pass_time(60)
    assert town.last(CPU, resource__instance_id="5") > 0.9
    assert not town.ended_by(fault)
    town.cloud.remove(VM, f"projects/acme/{MACHINE}")
    town.pass_time(960, step=60)
    assert town.ended_by(fault) == "gone"
