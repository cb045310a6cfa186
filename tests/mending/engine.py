"""Real Terraform on the sandbox's provider: init, validate, plan."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from infraai.models import Bundle, Report
from sandbox.sandbox import Sandbox
from tests.mending.loop import PROJECT
from tools.terraform.engine import find_engine
from tools.terraform.parse import parse_diagnostic, parse_line, parse_validate

_SUMMING_UP = "Terraform encountered problems during init"


@dataclass(slots=True)
class Engine:
    folder: Path

    def check(self, bundle: Bundle) -> Report:
        """Return the errors of the first step that has any."""
        work = self.folder / f"w{len(list(self.folder.iterdir()))}"
        for name, text in bundle.files.items():
            (work / name).parent.mkdir(parents=True, exist_ok=True)
            (work / name).write_bytes(text.encode())
        sandbox = Sandbox(self.folder.parent / "home", project=PROJECT)
        try:
            for step in (self._init, self._validate, self._plan):
                report = step(sandbox, work)
                if not report.passed:
                    return Report(diagnostics=report.errors)
        finally:
            sandbox.close()
        return Report()

    def _run(self, sandbox: Sandbox, work: Path, *arguments: str) -> bytes:
        settings = self.folder.parent / "terraform.rc"
        settings.write_text("disable_checkpoint = true\n")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "GOOGLE"))}
        with sandbox.provider(work) as added:
            environment = {**kept, **added, "TF_CLI_CONFIG_FILE": str(settings), "TF_IN_AUTOMATION": "1"}
            engine = find_engine(None, os.environ)
            argv = [*engine.argv, f"-chdir={work}", *arguments]
            return subprocess.run(argv, env=environment, capture_output=True, check=False).stdout

    def _init(self, sandbox: Sandbox, work: Path) -> Report:
        return _events(self._run(sandbox, work, "init", "-json", "-input=false"))

    def _validate(self, sandbox: Sandbox, work: Path) -> Report:
        return parse_validate(self._run(sandbox, work, "validate", "-json"))

    def _plan(self, sandbox: Sandbox, work: Path) -> Report:
        return _events(self._run(sandbox, work, "plan", "-json", "-input=false"))


def _events(stdout: bytes) -> Report:
    events = [one for line in stdout.splitlines() if (one := parse_line(line))]
    said = [json.loads(json.dumps(one["diagnostic"])) for one in events if one.get("type") == "diagnostic"]
    kept = [one for one in said if not one["summary"].startswith(_SUMMING_UP)]
    return Report(diagnostics=tuple(parse_diagnostic(one) for one in kept))
