"""The bare Terraform commands on a bundle, with the same engine, the same provider and local state."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from infraai.models import Bundle
from sandbox.sandbox import Sandbox
from tools.terraform.engine import Engine

COMMANDS = (
    ("init", "-no-color", "-input=false"),
    ("validate", "-json"),
    ("plan", "-json", "-input=false", "-out=plan"),
    ("show", "-json", "plan"),
    ("apply", "-json", "-input=false", "plan"),
)


def run_bare(engine: Engine, files: Bundle) -> dict[str, float]:
    """Return the seconds of each command, and of all."""
    spent: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder, sandbox = Path(name) / "bundle", Sandbox(Path(name), project="bench")
        folder.mkdir()
        for file, text in files.files.items():
            (folder / file).write_text(text)
        config = Path(name) / "terraform.rc"
        config.write_text("disable_checkpoint = true\n")
        started = time.perf_counter()
        for command in COMMANDS:
            before = time.perf_counter()
            with sandbox.provider(folder) as providers:
                environment = {
                    **os.environ,
                    **providers,
                    "TF_IN_AUTOMATION": "1",
                    "CHECKPOINT_DISABLE": "1",
                    "TF_CLI_CONFIG_FILE": str(config),
                }
                subprocess.run(
                    [*engine.argv, *command], cwd=folder, env=environment, check=True, capture_output=True
                )
            spent[command[0]] = time.perf_counter() - before
        spent["all"] = time.perf_counter() - started
        sandbox.close()
    return spent
