"""The command line as a script sees it: one object on stdout, messages on stderr, exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import Shell

GOOD = """
resource "google_pubsub_topic" "jobs" {
  name = "jobs"
}
"""
HOSTILE = """
resource "null_resource" "x" {
  provisioner "local-exec" {
    command = "id"
  }
}
"""


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path / "home")


def directory(tmp_path: Path, text: str) -> str:
    folder = tmp_path / "terraform"
    folder.mkdir(exist_ok=True)
    (folder / "main.tf").write_text(text)
    return str(folder)


def test_a_directory_is_applied_shown_and_destroyed(shell: Shell, tmp_path: Path) -> None:
    done = shell.json("apply", directory(tmp_path, GOOD), "--yes")
    assert (done["status"], done["phase"], done["reason"]) == ("completed", "verified", None)
    assert done["preview"] == {"create": 1, "update": 0, "replace": 0, "delete": 0, "import": 0, "forget": 0}
    assert [one["address"] for one in done["resources"]] == ["google_pubsub_topic.jobs"]
    assert done["verification"]["reachable"]
    assert [node["id"] for node in done["graph"]["nodes"]] == ["google_pubsub_topic.jobs"]
    wanted = {"plan", "cost_usd_month", "attempts", "phases", "durations_s", "model", "run_id"}
    assert wanted <= done.keys()
    shown = shell.json("deployments", "show", "jobs")
    assert shown["deployment_id"] == done["deployment_id"]
    gone = shell.json("destroy", done["run_id"], "--yes")
    assert gone["status"] == "destroyed"
    assert "destroyed already" in shell.run("destroy", done["run_id"], "--yes", code=2).stderr


def test_without_yes_and_without_a_terminal_it_waits(shell: Shell, tmp_path: Path) -> None:
    waiting = shell.json("apply", directory(tmp_path, GOOD), code=4)
    assert waiting["status"] == "awaiting_approval"
    done = shell.json("runs", "resume", waiting["run_id"], "--yes")
    assert (done["run_id"], done["status"]) == (waiting["run_id"], "completed")


def test_a_dry_run_changes_nothing(shell: Shell, tmp_path: Path) -> None:
    done = shell.json("apply", directory(tmp_path, GOOD), "--dry-run")
    assert done["status"] == "previewed"
    assert shell.json("sandbox", "status")["resources"] == {}


def test_hostile_terraform_is_refused_with_its_line(shell: Shell, tmp_path: Path) -> None:
    done = shell.json("apply", directory(tmp_path, HOSTILE), "--yes", "--accept", "all", code=3)
    assert (done["status"], done["reason"]) == ("failed", "guard")
    assert "main.tf:3" in done["message"]


def test_yes_does_not_cover_the_hard_floor(shell: Shell, tmp_path: Path) -> None:
    text = (
        GOOD
        + """
resource "google_pubsub_topic_iam_member" "all" {
  topic  = google_pubsub_topic.jobs.name
  role   = "roles/pubsub.publisher"
  member = "serviceAccount:a@b.iam.gserviceaccount.com"
}
"""
    )
    waiting = shell.json("apply", directory(tmp_path, text), "--yes", code=4)
    assert waiting["hard_floor"] == ["iam"]
    assert (
        shell.json("runs", "resume", waiting["run_id"], "--yes", "--accept", "iam")["status"] == "completed"
    )


def test_check_passes_fixes_and_refuses(shell: Shell, tmp_path: Path) -> None:
    folder = directory(tmp_path, GOOD)
    assert shell.json("check", folder)["status"] == "passed"
    broken = GOOD.replace("name", "nmae")
    directory(tmp_path, broken)
    assert shell.json("check", folder, code=1)["status"] == "failed"
    fixed = shell.json("check", folder, "--fix", "--out", str(tmp_path / "out"))
    assert (fixed["status"], fixed["attempts"]) == ("fixed", 0)
    assert '+  name = "jobs"' in fixed["changes"]
    assert (tmp_path / "out" / "main.tf").read_text() == GOOD
    assert (tmp_path / "terraform" / "main.tf").read_text() == broken
    directory(tmp_path, HOSTILE)
    assert shell.json("check", folder, "--fix", code=3)["findings"][0]["line"] == 3


@pytest.mark.parametrize(
    ("goal", "code", "says"),
    [
        ("", 2, "empty"),
        ("   \n ", 2, "empty"),
        ("x" * 20_001, 2, "20,001"),
        ("deploy \x00\x01\x02", 2, "not text"),
        ("write a poem about the sea", 3, "infrastructure"),
        ("an EC2 instance on AWS", 3, "AWS"),
    ],
)
def test_what_is_no_goal_is_said_so(shell: Shell, goal: str, code: int, says: str) -> None:
    if "\x00" in goal:
        goal = goal.replace("\x00", "\x07")
    assert says in json.dumps(shell.json("deploy", goal, code=code))


def test_an_unknown_region_names_near_ones(shell: Shell) -> None:
    said = shell.run("deploy", "a web server", "--region", "europe-west99", code=2).stderr
    assert "europe-west99" in said
    assert "europe-west9" in said


def test_unknown_names_are_told_with_the_next_step(shell: Shell, tmp_path: Path) -> None:
    assert "infraai runs list" in shell.run("runs", "show", "nothing-like-it", code=1).stderr
    assert "deployments list" in shell.run("destroy", "nothing-like-it", code=1).stderr
    assert (
        "--accept" in shell.run("apply", directory(tmp_path, GOOD), "--accept", "everything", code=2).stderr
    )
    assert "missing" in shell.run("check", str(tmp_path / "missing"), code=2).stderr


def test_doctor_says_what_is_there_and_how_to_get_more(shell: Shell) -> None:
    found = shell.json("doctor")
    assert found["ok"]
    checks = {one["name"]: one for one in found["checks"]}
    assert checks["cloud"]["found"].startswith("sandbox")
    assert "GEMINI_API_KEY" in checks["model"]["next_step"]
    shell.environment["TERRAFORM_BIN"] = "/nowhere/terraform"
    missing = {one["name"]: one for one in shell.json("doctor", code=1)["checks"]}["engine"]
    assert (missing["level"], "/nowhere/terraform" in missing["found"]) == ("missing", True)
    assert shell.json("runs", "list")["runs"] == []
    assert "/nowhere/terraform" in shell.json("deploy", "a web server", "--yes", code=1)["message"]


def test_a_setting_that_does_not_fit_is_named(shell: Shell) -> None:
    shell.environment["INFRAAI_AUTONOMY"] = "reckless"
    assert "INFRAAI_AUTONOMY" in shell.run("runs", "list", code=2).stderr


def test_the_program_starts_and_says_what_it_can_do() -> None:
    program = Path(sys.executable).with_name("infraai")
    done = subprocess.run([program, "--help"], capture_output=True, text=True, timeout=60, check=True)
    for command in ("deploy", "apply", "check", "runs", "deployments", "destroy", "doctor", "sandbox"):
        assert command in done.stdout


def test_a_home_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "INFRAAI_HOME" in Shell(tmp_path / "file" / "home").run("runs", "list", code=1).stderr


def test_a_database_that_is_none_is_said_so(shell: Shell, tmp_path: Path) -> None:
    shell.run("runs", "list")
    (tmp_path / "home" / "registry.db").write_bytes(
        b"this is no database, but long enough to be looked at" * 40
    )
    assert "DATABASE_URL" in shell.run("runs", "list", code=1).stderr
