"""Notifications: where they are posted, in which order, how often, and where they never go."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.clock import ManualClock, SandboxClock
from sandbox.sandbox import Sandbox
from tests.sandbox.alerting_world import CHANNEL, AlertWorld, Receiver, basic, threshold


@pytest.fixture
def world(tmp_path: Path) -> Iterator[AlertWorld]:
    made = AlertWorld(tmp_path)
    yield made
    made.close()


def test_the_token_is_in_the_query_as_stored(world: AlertWorld) -> None:
    world.policy(threshold())
    posted = world.after(60, vm_1=0.95)
    assert world.receiver.asked == [("/ops/webhook?token=s3cret", "")]
    assert [(one.state, one.delivered, one.status) for one in posted] == [("open", True, 200)]
    assert world.after(60, vm_1=0.95) == ()


def test_a_receiver_that_is_away_is_asked_again_at_growing_gaps(world: AlertWorld) -> None:
    world.policy(threshold())
    world.receiver.statuses = [503, 503, 500]
    tried = [bool(world.after(60 if step == 0 else 10, vm_1=0.95)) for step in range(16)]
    assert [step for step, one in enumerate(tried) if one] == [0, 1, 3, 7]
    assert world.states == ["open"]
    assert world.alerting.status()["undelivered"] == []


def test_open_comes_before_closed_however_long_it_takes(world: AlertWorld) -> None:
    world.policy(threshold())
    world.receiver.statuses = [503, 503]
    world.after(60, vm_1=0.95)
    world.after(60, vm_1=0.2)
    assert [one["status"] for one in world.alerting.status()["undelivered"]] == ["waiting", "waiting"]
    for _ in range(6):
        world.after(60, vm_1=0.2)
    assert world.states == ["open", "closed"]


def test_nobody_listening_is_recorded_and_told_later(world: AlertWorld) -> None:
    world.policy(threshold())
    gone = Receiver()
    gone.close()
    world.channel(labels={"url": f"{gone.url}?token=s3cret"})
    posted = world.after(60, vm_1=0.95, vm_2=0.95)
    assert len(posted) == 1  # one attempt is enough to know that nobody answers there
    assert (posted[0].delivered, posted[0].status) == (False, 0)
    assert "s3cret" not in json.dumps(world.alerting.status()) + repr(posted)
    world.channel()
    for _ in range(3):
        world.after(60, vm_1=0.95, vm_2=0.95)
    assert world.states == ["open", "open"]


def test_credentials_are_sent_only_after_a_401(world: AlertWorld) -> None:
    world.channel(
        kind="webhook_basicauth",
        labels={"url": world.receiver.url, "username": "ops"},
        sensitive_labels=[{"password": "pw"}],
    )
    world.policy(threshold())
    world.receiver.statuses = [401]
    world.after(60, vm_1=0.95)
    assert world.receiver.asked == [("/ops/webhook", ""), ("/ops/webhook", basic("ops", "pw"))]
    assert world.states == ["open"]


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/x?token=s3cret",
        "http://10.0.0.8/hook",
        "http://127.0.0.1.example.com/hook",
        "http://metadata.google.internal/",
        "ftp://127.0.0.1/x",
        "not a url",
        "http://[::bad/",
    ],
)
def test_nothing_leaves_this_machine(world: AlertWorld, url: str) -> None:
    world.channel(labels={"url": url})
    world.policy(threshold())
    posted = world.after(60, vm_1=0.95)
    assert [one.delivered for one in posted] == [False]
    assert world.receiver.asked == []
    undelivered = world.alerting.status()["undelivered"]
    assert [one["status"] for one in undelivered] == ["refused"]
    assert undelivered[0]["reason"]
    assert "s3cret" not in json.dumps(undelivered)
    assert world.after(600, vm_1=0.95) == ()


def test_a_redirect_is_not_followed(world: AlertWorld) -> None:
    world.policy(threshold())
    world.receiver.statuses = [307]
    world.receiver.headers = {"Location": "https://hooks.example.com/"}
    posted = world.after(60, vm_1=0.95)
    assert [(one.delivered, one.status) for one in posted] == [(False, 307)]


def test_several_channels_are_all_told(world: AlertWorld) -> None:
    other = Receiver()
    second = world.channel("projects/acme/notificationChannels/2", labels={"url": other.url})
    deaf = world.channel("projects/acme/notificationChannels/3", enabled=False)
    mail = world.channel(
        "projects/acme/notificationChannels/4", kind="email", labels={"email_address": "a@b.c"}
    )
    world.policy(threshold(), notification_channels=[CHANNEL, second, deaf, mail, CHANNEL])
    world.after(60, vm_1=0.95)
    other.close()
    assert len(world.receiver.bodies) == len(other.bodies) == 1
    ignored = {one["channel"]: one["reason"] for one in world.alerting.status()["ignored_channels"]}
    assert ignored == {deaf: "disabled", mail: "email tells nobody here"}


def test_a_policy_may_leave_out_what_closes(world: AlertWorld) -> None:
    world.policy(threshold(), alert_strategy=[{"notification_prompts": ["OPENED"]}])
    world.after(60, vm_1=0.95)
    world.after(60, vm_1=0.2)
    assert world.states == ["open"]
    assert world.alerting.open_incidents() == ()


def test_two_evaluations_of_one_cloud_tell_of_an_incident_once(world: AlertWorld) -> None:
    world.policy(threshold())
    other = world.another()
    world.measure(60, vm_1=0.95)
    for _ in range(3):
        world.alerting.step()
        other.step()
    assert world.states == ["open"]
    assert len(other.open_incidents()) == 1


def test_what_a_policy_began_is_told_after_a_restart(world: AlertWorld) -> None:
    world.policy(threshold())
    world.receiver.statuses = [503]
    world.after(60, vm_1=0.95)
    again = world.another()
    world.measure(60, vm_1=0.95)
    again.step()
    assert world.states == ["open"]


VM = "projects/acme/zones/us-central1-a/instances/vm-1"


def standing(sandbox: Sandbox, url: str, above: float) -> None:
    """Put a machine, a policy on its cpu and a channel into the cloud."""
    channel = {"name": CHANNEL, "project": "acme", "type": "webhook_tokenauth", "labels": {"url": url}}
    sandbox.cloud.put("google_monitoring_notification_channel", CHANNEL, channel, "create")
    name = "projects/acme/alertPolicies/1"
    conditions = [{"name": f"{name}/conditions/1", **threshold(above, duration="60s")}]
    policy = {"name": name, "project": "acme", "conditions": conditions, "notification_channels": [CHANNEL]}
    sandbox.cloud.put("google_monitoring_alert_policy", name, policy, "create")
    machine = {"id": VM, "name": "vm-1", "project": "acme", "zone": "us-central1-a", "instance_id": "1"}
    running = {**machine, "machine_type": "e2-standard-2", "current_status": "RUNNING"}
    sandbox.cloud.put("google_compute_instance", VM, running, "create")


def test_a_spike_is_told_and_a_larger_machine_calms_it(tmp_path: Path) -> None:
    receiver, clock = Receiver(), ManualClock()
    sandbox = Sandbox(tmp_path, project="acme", clock=clock)
    standing(sandbox, receiver.url, 0.8)

    def after(seconds: int) -> list[str]:
        for _ in range(seconds // 30):
            clock.advance(30)
            sandbox.alerting.step()
        return [state for _, state in receiver.told]

    assert after(300) == []
    sandbox.inject("cpu_spike", "vm-1")
    assert after(300) == ["open"]
    larger = {**(sandbox.cloud.get("google_compute_instance", VM) or {}), "machine_type": "e2-standard-8"}
    sandbox.cloud.put("google_compute_instance", VM, larger, "update")
    assert after(300) == ["open", "closed"]
    sandbox.reset()
    assert sandbox.alerting.open_incidents() == ()
    sandbox.close()
    receiver.close()


def test_it_steps_by_itself_by_the_clouds_clock(tmp_path: Path) -> None:
    receiver = Receiver()
    sandbox = Sandbox(tmp_path, project="acme")
    assert isinstance(sandbox.clock, SandboxClock)
    sandbox.clock.set_factor(600)
    standing(sandbox, receiver.url, 0.0)
    sandbox.start_alerting()
    sandbox.start_alerting()
    told = receiver.wait()
    sandbox.stop_alerting()
    sandbox.close()
    receiver.close()
    assert told[0][1] == "open"
