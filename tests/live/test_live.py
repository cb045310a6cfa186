"""The same journey against real Gemini and, if asked, a real project: only by `make live`, never in CI."""

import os
from pathlib import Path

import pytest

from graphs.wiring import open_system
from infraai.models import Request
from infraai.settings import Settings

pytestmark = pytest.mark.live
GOAL = "A small nginx web server on one virtual machine, under $30 a month"


@pytest.mark.skipif(not os.environ.get("GEMINI_API_KEY"), reason="set GEMINI_API_KEY to ask the real Gemini")
async def test_real_gemini_plans_writes_and_the_sandbox_builds_it(tmp_path: Path) -> None:
    settings = Settings(INFRAAI_HOME=tmp_path, INFRAAI_CLOUD="sandbox")  # type: ignore[call-arg]
    await _journey(settings)


@pytest.mark.skipif(
    not (os.environ.get("INFRAAI_LIVE_PROJECT") and os.environ.get("GEMINI_API_KEY")),
    reason="set INFRAAI_LIVE_PROJECT (and GEMINI_API_KEY) to build in a real project, which costs money",
)
async def test_a_real_project_gets_and_loses_a_deployment(tmp_path: Path) -> None:
    project = os.environ["INFRAAI_LIVE_PROJECT"]
    settings = Settings(INFRAAI_HOME=tmp_path, INFRAAI_CLOUD="gcp", GCP_PROJECT_ID=project)  # type: ignore[call-arg]
    await _journey(settings)


async def _journey(settings: Settings) -> None:
    async with open_system(settings) as system:
        await system.check_model(Request(kind="deploy", goal=GOAL))
        run = await system.runner.start(Request(kind="deploy", goal=GOAL))
        run = await system.runner.drive(run.run_id)
        assert run.status == "awaiting_approval", run.message
        approval = (await system.registry.approvals.pending(run.run_id))[0]
        run = await system.runner.decide(approval.approval_id, "approve", by="live test", channel="test")
        assert run.status == "completed", run.message
        deployment = await system.registry.deployments.get(run.run_id)
        bundle = await system.registry.artifacts.get_bundle(deployment.bundle_sha)
        gone = await system.runner.start(
            Request(kind="destroy"), bundle=bundle, deployment_id=deployment.deployment_id
        )
        gone = await system.runner.drive(gone.run_id)
        approval = (await system.registry.approvals.pending(gone.run_id))[0]
        gone = await system.runner.decide(approval.approval_id, "approve", by="live test", channel="test")
        assert gone.status == "destroyed", gone.message
