"""Operating by commands, on a deployed machine in a home of its own."""

import json
import re
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.shell import Shell

MACHINE = """
resource "google_compute_instance" "web" {
  name         = "web-1"
  machine_type = "e2-small"
  zone         = "us-central1-a"

  allow_stopping_for_update = true

  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  network_interface {
    network = "default"
  }
}
"""
UNKNOWN = {"resource_id": "stranger", "metric": "cpu_usage", "value": 85, "threshold": 80}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("operating")
    (folder / "terraform").mkdir()
    (folder / "terraform" / "main.tf").write_text(MACHINE)
    shell = Shell(folder / "home")
    assert shell.json("apply", str(folder / "terraform"), "--yes", "--accept", "all")["status"] == "completed"
    shell.run("sandbox", "clock", "--factor", "1000")
    return folder / "home"


@pytest.fixture
def shell(home: Path) -> Shell:
    return Shell(home)


def machine_type(shell: Shell) -> str:
    bundle = shell.json("deployments", "show", "web-1")
    web = next(one for one in bundle["resources"] if one["address"] == "google_compute_instance.web")
    return str(web["metadata"]["machine_type"])


def body(tmp_path: Path, said: Any) -> str:
    file = tmp_path / "alert.json"
    file.write_text(said if isinstance(said, str) else json.dumps(said))
    return str(file)


def test_an_alert_on_nothing_of_ours_is_escalated_and_told(shell: Shell, tmp_path: Path) -> None:
    found = shell.json("alert", body(tmp_path, UNKNOWN), code=8)
    (incident,) = found["incidents"]
    assert (incident["status"], incident["actions"]) == ("escalated", [])
    short = incident["incident_id"][:6]
    assert shell.json("incidents", "show", short)["incident_id"] == incident["incident_id"]
    assert "manual resource" in " ".join(shell.run("incidents", "explain", short).stdout.split())
    assert "How it stands" in shell.json("incidents", "explain", short)["story"]
    listed = shell.json("incidents", "list", "--status", "escalated")["incidents"]
    assert incident["incident_id"] in {one["incident_id"] for one in listed}


@pytest.mark.parametrize(("said", "words"), [("no json", "JSON"), ("{}", ""), ("[1, 2]", "")])
def test_what_is_no_alert_is_said_so(shell: Shell, tmp_path: Path, said: str, words: str) -> None:
    assert words in shell.run("alert", body(tmp_path, said), code=2).stderr
    assert shell.json("alert", body(tmp_path, said), code=2)["error"] == "AlertError"


def test_an_alert_can_be_kept_without_being_handled(shell: Shell, tmp_path: Path) -> None:
    kept = shell.json("alert", body(tmp_path, UNKNOWN | {"resource_id": "other"}), "--no-handle")
    assert [one["status"] for one in kept["incidents"]] == ["pending"]
    assert shell.json("status")["incidents"] != []


def test_what_waits_is_listed_shown_and_decided_once(shell: Shell) -> None:
    waiting = shell.json("act", "web-1", "restart", "--reason", "a trial", code=4)
    (asked,) = shell.json("approvals", "list")["approvals"]
    assert (asked["run_id"], asked["subject"]) == (waiting["run_id"], "action")
    short = asked["approval_id"][:7]
    assert "restart" in shell.run("approvals", "show", short).stdout
    said = shell.json("approvals", "reject", short, "--reason", "not now")
    assert said["status"] == "rejected"
    assert shell.json("approvals", "list")["approvals"] == []
    assert "already" in shell.run("approvals", "approve", asked["approval_id"], code=1).stderr


def test_an_action_by_hand_is_done_and_taken_back(shell: Shell) -> None:
    before = machine_type(shell)
    done = shell.json("act", "web-1", "scale_up", "--set", "machine_type=e2-medium", "--yes")
    assert (done["status"], machine_type(shell)) == ("completed", "e2-medium")
    back = shell.json("rollback", done["run_id"][:8], "--yes", "--reason", "too dear")
    assert (back["status"], machine_type(shell)) == ("completed", before)


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("act", "web-1", "restrat"), 2, "Did you mean restart?"),
        (("act", "web-1", "rollback"), 2, "infraai rollback"),
        (("act", "web-1", "restart", "--set", "x"), 2, "name=value"),
        (("act", "web-1", "restart", "--while-stopped"), 2, "--by"),
        (("act", "nobody", "restart", "--yes"), 1, "nobody"),
        (("act", "web", "scale_up", "--set", "machine_type=e2-nonsense-99", "--yes"), 2, "e2-nonsense-99"),
        (("rollback", "abcdef12"), 1, "abcdef12"),
        (("incidents", "show", "abcdef12"), 1, "abcdef12"),
        (("incidents", "list", "--status", "odd"), 2, "pending_approval"),
        (("approvals", "approve", "abcdef12"), 1, "infraai approvals list"),
        (("approvals", "approve", "abcdef12", "--set", "a=1"), 2, "--choose"),
        (("silences", "add", "--for", "2h", "--reason", "x"), 2, "everything"),
        (("silences", "add", "--policy", "p", "--for", "soon", "--reason", "x"), 2, "no span"),
        (("silences", "end", "abcdef12"), 1, "silences list"),
        (("sandbox", "inject", "cpu_spiek", "web-1"), 2, "cpu_spike"),
        (("sandbox", "inject", "cpu_spike", "nobody"), 2, "web-1"),
        (("sandbox", "clock", "--factor", "0"), 2, "factor"),
        (("alert", "/nowhere"), 2, "cannot be read"),
    ],
)
def test_what_cannot_be_done_is_said_with_the_next_step(
    shell: Shell, arguments: tuple[str, ...], code: int, says: str
) -> None:
    assert says in " ".join(shell.run(*arguments, code=code).stderr.split())


def test_while_stopped_only_a_named_person_acts(shell: Shell) -> None:
    assert shell.json("stop", "--reason", "a trial", "--by", "ada")["stopped"]
    assert shell.json("act", "web-1", "restart", "--yes", code=7)["status"] == "halted"
    assert shell.json("status")["control"]["by"] == "ada"
    done = shell.json("act", "web-1", "restart", "--yes", "--by", "ada", "--while-stopped")
    assert done["status"] == "completed"
    shell.run("start", "--by", "", "--reason", "x", code=2)
    assert shell.json("start", "--by", "ada", "--reason", "all well")["stopped"] is False


def test_a_silence_holds_until_it_is_ended(shell: Shell) -> None:
    added = shell.json(
        "silences", "add", "--resource", "web-1", "--for", "2h", "--reason", "works", "--maintenance"
    )
    assert added["maintenance"]
    assert [one["silence_id"] for one in shell.json("silences", "list")["silences"]] == [added["silence_id"]]
    shell.run("silences", "end", added["silence_id"][:6])
    assert shell.json("silences", "list")["silences"] == []


def test_faults_are_injected_listed_and_cleared(shell: Shell) -> None:
    fault = shell.json("sandbox", "inject", "cpu_spike", "web-1", "--for", "10m")
    assert fault["fault_id"] in {one["fault_id"] for one in shell.json("sandbox", "faults")["faults"]}
    (cleared,) = shell.json("sandbox", "faults", "clear", fault["fault_id"])["faults"]
    assert cleared["over"]
    assert len(shell.json("sandbox", "inject", "list")) >= 12
    assert shell.json("sandbox", "clock")["factor"] == 1000


def test_a_resource_is_found_by_its_terraform_name(shell: Shell) -> None:
    fault = shell.json("sandbox", "inject", "cpu_spike", "web", "--for", "10m")
    assert fault["resource"] == "web-1"
    assert fault["fault_id"] in shell.run("sandbox", "faults", "list").stdout
    shell.run("sandbox", "faults", "clear", fault["fault_id"])
    found = shell.json("act", "web")
    assert found["resource"] == "google_compute_instance.web"
    assert found["actions"]["scale_up"] == ["machine_type"]
    said = shell.run("act", "web").stdout
    assert "infraai act google_compute_instance.web scale_up --set machine_type=" in said
    waiting = shell.json("act", "web", "restart", code=4)
    assert shell.json("approvals", "reject", waiting["approval_id"], "--reason", "x")["status"] == "rejected"


def test_an_alert_that_another_process_has_taken_is_told_as_it_stands(shell: Shell, tmp_path: Path) -> None:
    port, said = free_port(), body(tmp_path, UNKNOWN | {"resource_id": "raced"})
    command = [
        sys.executable,
        "-c",
        "from api.cli import main; main()",
        "watch",
        "--port",
        str(port),
        "--for",
        "60s",
    ]
    environment = {name: one for name, one in shell.environment.items() if one is not None}
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as watching:
        assert watching.stdout is not None
        while "Ctrl-C ends it" not in watching.stdout.readline():
            assert watching.poll() is None
        found = shell.run("alert", said, code=8)
        watching.terminate()
        watching.communicate(timeout=30)
    assert "escalated" in found.stdout
    assert "Nothing to do" not in found.stderr


def test_a_port_that_is_taken_ends_the_watch_with_a_next_step(shell: Shell) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = shell.run("watch", "--port", str(taken.getsockname()[1]), code=2).stderr
    assert "--port" in said


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_the_watch_hears_handles_and_tells(shell: Shell) -> None:
    port = free_port()
    replies: list[httpx.Response] = []

    def post() -> None:
        for _ in range(50):
            time.sleep(0.1)
            try:
                url = f"http://127.0.0.1:{port}/ops/webhook"
                replies.append(httpx.post(url, json=UNKNOWN | {"resource_id": "late"}, trust_env=False))
            except httpx.ConnectError:
                continue
            return

    poster = threading.Thread(target=post)
    poster.start()
    said = shell.run("watch", "--port", str(port), "--for", "3s", "--json").stdout
    poster.join()
    assert replies[0].json()["received"] is True
    events = [json.loads(line) for line in said.splitlines()]
    assert "escalated" in {one["data"].get("ended") for one in events if one["kind"] == "incident"}


def test_the_audit_names_the_first_line_that_was_changed(shell: Shell, home: Path, tmp_path: Path) -> None:
    intact = shell.json("audit", "verify")
    assert intact["ok"]
    shell.run("audit", "export", "--out", str(tmp_path / "audit.jsonl"))
    lines = (tmp_path / "audit.jsonl").read_text().splitlines()
    assert len(lines) == intact["lines"]
    shell.run("audit", "export", "--out", str(tmp_path / "audit.jsonl"), code=2)
    assert shell.json("audit", "show", "--limit", "3")["lines"][-1]["seq"] == intact["lines"]
    with sqlite3.connect(home / "registry.db") as database:
        database.execute("UPDATE audit SET actor = 'nobody' WHERE seq = 3")
    database.close()
    assert shell.json("audit", "verify", code=1)["broken_at"] == 3
    assert re.search(r"line 3\b", shell.run("audit", "verify", code=1).stderr)
