"""The change graph on a bundle: from the request to the recorded, verified deployment."""

import tempfile
import time
from pathlib import Path

from graphs.wiring import open_system
from infraai.models import Bundle, Request
from infraai.settings import Settings


async def run_ours(files: Bundle) -> dict[str, float]:
    """Return the seconds of each phase, and of all; the approval is given at once, and no model is asked."""
    with tempfile.TemporaryDirectory() as name:
        settings = Settings(INFRAAI_HOME=Path(name), GCP_PROJECT_ID="bench")  # type: ignore[call-arg]
        async with open_system(settings) as system:
            started = time.perf_counter()
            run = await system.runner.start(Request(kind="apply"), bundle=files)
            run = await system.runner.drive(run.run_id)
            approval = (await system.registry.approvals.pending(run.run_id))[0]
            run = await system.runner.decide(approval.approval_id, "approve", by="bench", channel="bench")
            spent = time.perf_counter() - started
            assert run.status == "completed", run.message
            report = await system.report(run)
            return {**report["durations_s"], "all": spent}
