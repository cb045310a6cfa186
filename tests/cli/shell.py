"""`infraai` in a home of its own, as a script sees it: arguments in, exit code, stdout and stderr out."""

import json
import os
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from api.cli.app import app

KEPT = ("PATH", "HOME")


class Shell:
    """Runs commands in this process, with nothing of our environment but what they need."""

    def __init__(self, home: Path) -> None:
        self.environment: dict[str, str | None] = dict.fromkeys(os.environ)
        self.environment |= {name: os.environ[name] for name in KEPT if name in os.environ}
        self.environment |= {"INFRAAI_HOME": str(home), "COLUMNS": "120"}

    def run(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(app, list(arguments), env=self.environment)
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        assert done.exit_code == code, f"exit {done.exit_code}\n{done.stdout}\n{done.stderr}"
        assert "Traceback" not in done.stdout + done.stderr
        return done

    def json(self, *arguments: str, code: int = 0) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.run(*arguments, "--json", code=code).stdout)
        return found
