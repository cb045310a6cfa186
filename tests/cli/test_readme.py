"""The README's commands are run as they stand there."""

import re
import shlex
from pathlib import Path

import pytest

from infraai.settings import Settings
from tests.cli.shell import Shell

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
TERRAFORM = 'resource "google_pubsub_topic" "jobs" {\n  name = "jobs-of-the-readme"\n}\n'


def commands() -> list[str]:
    blocks = re.findall(r"```bash\n(.*?)```", README, re.DOTALL)
    lines = [line.partition("  #")[0].strip() for block in blocks for line in block.splitlines()]
    every = [line.removeprefix("infraai ") for line in lines if line.startswith("infraai ")]
    return [
        f"{one} --port 0" if one.startswith("watch ") else one for one in every
    ]  # whatever else runs here


def test_every_command_of_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my-terraform").mkdir()
    (tmp_path / "my-terraform" / "main.tf").write_text(TERRAFORM)
    monkeypatch.chdir(tmp_path)
    shell = Shell(tmp_path / "home")
    found = commands()
    assert len(found) >= 19
    deployed = waiting = ""
    for command in found:
        words = shlex.split(command)
        waits = words[0] in {"deploy", "apply"} and "--dry-run" not in words
        resumes = words[:2] == ["runs", "resume"]
        words = [(waiting if resumes else deployed) if word in {"ID", "RUN_ID"} else word for word in words]
        shell.run(
            *words,
            *(["--yes", "--accept", "all"] if resumes or words[0] == "destroy" else []),
            code=4 * waits,
        )
        if waits:
            waiting = shell.json("runs", "list")["runs"][0]["run_id"]
        if waits and not deployed:
            deployed = waiting
            shell.run("runs", "resume", deployed, "--yes", "--accept", "all")


def test_every_setting_of_the_example_is_one_of_ours() -> None:
    names = set(re.findall(r"^([A-Z][A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    aliases: set[str] = set()
    for field in Settings.model_fields.values():
        alias = field.validation_alias
        aliases |= {str(one) for one in getattr(alias, "choices", [alias])}
    assert names <= aliases
