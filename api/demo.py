"""The demonstration: one goal, from the sentence to a verified deployment, in a sandbox of its own."""

import os
import shutil
import sys
from pathlib import Path

GOAL = "Deploy a backend API for 10k users under $100/month"
HOME = Path(".infraai/demo")


def main() -> None:
    """Run the demonstration from an empty home, and leave what it built to be looked at."""
    shutil.rmtree(HOME, ignore_errors=True)
    os.environ.update(INFRAAI_HOME=str(HOME.absolute()), INFRAAI_CLOUD="sandbox")
    from api.cli.app import app
    from api.cli.output import console

    ends: list[int] = []
    for command in (["deploy", GOAL, "--yes", "--accept", "all"], ["deployments", "list"]):
        try:
            app(command)
        except SystemExit as leaving:
            ends.append(int(leaving.code or 0))
        if ends[0] != 0:
            sys.exit(ends[0])
    out = console()
    out.print(
        "\nThis ran without keys and without a cloud account, on the real Terraform engine. To look around:"
    )
    out.print(f"  [cyan]export INFRAAI_HOME={HOME}[/]")
    out.print("  [cyan].venv/bin/infraai deployments list[/]      what stands")
    out.print("  [cyan].venv/bin/infraai runs list[/]             what was done")
    out.print('  [cyan].venv/bin/infraai deploy "…"[/]            your own goal')


if __name__ == "__main__":
    main()
