"""The real Terraform engine against the simulated provider, one command at a time."""

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.cloud import Cloud
from sandbox.provider.server import serve
from tools.terraform import find_engine

PROJECT = "demo-project"


@dataclass
class TerraformRun:
    """A folder with a configuration, and a cloud."""

    folder: Path
    latency_s: float = 0.0
    cloud: Cloud = field(init=False)

    def __post_init__(self) -> None:
        self.cloud = Cloud(self.folder / "cloud.db")
        (self.folder / "cli.tfrc").write_text("disable_checkpoint = true\n")
        self.argv = find_engine(None, os.environ).argv

    def write(self, text: str) -> "TerraformRun":
        (self.folder / "main.tf").write_text(text)
        return self

    def environment(self, more: dict[str, str]) -> dict[str, str]:
        own = {
            "TF_CLI_CONFIG_FILE": str(self.folder / "cli.tfrc"),
            "TF_IN_AUTOMATION": "1",
            "CHECKPOINT_DISABLE": "1",
            "TF_INPUT": "0",
        }
        return {**os.environ, **own, **more}

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        with serve(self.cloud, project=PROJECT, folder=self.folder, latency_s=self.latency_s) as provided:
            return subprocess.run(
                [*self.argv, f"-chdir={self.folder}", *arguments],
                env=self.environment(provided),
                capture_output=True,
                text=True,
                check=False,
            )

    def events(self, *arguments: str) -> list[dict[str, Any]]:
        """Return what a command says as JSON, line by line."""
        return [json.loads(line) for line in self.run(*arguments).stdout.splitlines() if line.startswith("{")]

    def errors(self, *arguments: str) -> list[str]:
        """Return the summaries and details of a command's errors."""
        found = [event["diagnostic"] for event in self.events(*arguments) if event.get("@level") == "error"]
        return [f"{one['summary']}: {one.get('detail', '')}" for one in found if one]

    def actions(self) -> dict[str, str]:
        """Return what `plan` would do, by address."""
        changes = (event for event in self.events("plan", "-json") if event["type"] == "planned_change")
        return {one["change"]["resource"]["addr"]: one["change"]["action"] for one in changes}

    def apply(self) -> None:
        """Apply; fail where Terraform does."""
        done = self.run("apply", "-auto-approve", "-no-color")
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]

    def attributes(self, address: str) -> dict[str, Any]:
        """Return a resource's attributes from the state."""
        state = json.loads((self.folder / "terraform.tfstate").read_text())
        for one in state["resources"]:
            if f"{one['type']}.{one['name']}" == address:
                return dict(one["instances"][0]["attributes"])
        raise KeyError(address)
