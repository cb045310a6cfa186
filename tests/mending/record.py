"""`python -m tests.mending.record [NAME]`: run the cases on real Terraform and keep what it says."""

import asyncio
import json
import re
import sys
import tempfile
from pathlib import Path

from infraai.models import Bundle, Report
from tests.mending.cases import RECORDED, Case, cases, digest
from tests.mending.engine import Engine
from tests.mending.facts import missing_facts
from tests.mending.loop import mended, rules
from tools.hcl import HclTreeSitter

_ADDRESS = re.compile(r" on \d+\.\d+\.\d+\.\d+:\d+")  # of the machine it was recorded on


async def main(wanted: str) -> None:
    said = json.loads(RECORDED.read_text()) if RECORDED.exists() and wanted else {}
    for case in cases():
        if wanted in case.name:
            with tempfile.TemporaryDirectory() as home:
                print(f"{await _run(case, Path(home), said)} {case.name}")  # noqa: T201
    RECORDED.write_text(json.dumps(dict(sorted(said.items())), indent=1) + "\n")


async def _run(case: Case, home: Path, said: dict[str, object]) -> str:
    (home / "work").mkdir()
    engine = Engine(home / "work")

    def check(bundle: Bundle) -> Report:
        report = engine.check(bundle)
        said[digest(bundle)] = [
            json.loads(_ADDRESS.sub("", one.model_dump_json(exclude_defaults=True))) for one in report.errors
        ]
        return report

    ended = await mended(case.bundle, check, rules())
    missing = missing_facts(HclTreeSitter().parse(ended.bundle), case.expect)
    return f"{'ok' if ended.report.passed else 'STUCK'} tries={ended.fixes}{f' MISSING {missing}' if missing else ''}"


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else ""))
