"""What goes wrong in the simulated cloud is told apart by what Google's own clients and a probe see."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from infraai.models import RecordedResource
from infraai.operations.shapes import OpsDecision
from sandbox.gemini.server import GeminiServer
from tests.operations.incident import MAIN, scene
from tests.sandbox.town import VM, ZONE, Town
from tools.chat import ChatLangchain
from tools.chat_clients import ChatOptions
from tools.gcp import ComputeClient
from tools.monitoring import MonitoringClient
from tools.probe import ProbeHttp

RULE = """resource "google_compute_firewall" "web" {
  name          = "web"
  network       = "default"
  source_ranges = ["0.0.0.0/0"]
  allow {
    protocol = "tcp"
    ports    = ["80"]
  }
}
"""
MACHINE = RecordedResource(
    type=VM,
    name="vm",
    id=f"projects/acme/zones/{ZONE}/instances/vm",
    address=f"{VM}.web",
    metadata={"project": "acme", "zone": ZONE, "instance_id": "12", "machine_type": "e2-medium"},
)
DOWN = {
    "metric": "uptime check",
    "metric_path": "monitoring.googleapis.com/uptime_check/check_passed",
    "resource_type": "uptime_url",
    "labels": {"resource.labels.host": "34.1.2.3"},
    "value": 2,
    "threshold": 1,
}


@pytest.fixture(scope="module")
def gemini() -> Iterator[ChatLangchain]:
    server = GeminiServer()
    url = server.start()
    yield ChatLangchain(options=ChatOptions(api_key=SecretStr("sandbox"), base_url=url, timeout_s=10))
    server.stop()


async def decided(home: Path, model: ChatLangchain, fault: str, after_s: float, said: Any) -> OpsDecision:
    """What is decided so long after a fault of this kind began."""
    town = Town(home / "cloud")
    main = MAIN.replace("web-1", "vm").replace("e2-small", "e2-medium") + RULE
    try:
        async with scene(home, main=main, resources=(MACHINE,), outputs={"external_ip": "34.1.2.3"}) as at:
            town.vm()
            town.vm("vm2")
            town.check()
            town.clock.advance(1800)
            town.sandbox.inject(fault, ZONE if fault == "zone_outage" else "vm")
            town.clock.advance(after_s)
            where = town.sandbox.endpoints()
            real: Any = replace(
                at,
                clock=town.clock,  # type: ignore[arg-type]
                metrics=MonitoringClient(where.monitoring_target),  # type: ignore[arg-type]
                compute=ComputeClient(where.compute_url),  # type: ignore[arg-type]
                probe=ProbeHttp(where.proxy_url, where.proxy_ca),  # type: ignore[arg-type]
            )
            found: OpsDecision = await real.decided(model, await real.investigated(real.alert(**said)))
            return found
    finally:
        town.sandbox.close()


@pytest.mark.parametrize(
    ("fault", "after_s", "said", "action"),
    [
        ("cpu_spike", 240, {}, "scale_up"),
        ("false_alarm", 300, {"started_at": 1_800_001_920.0}, "ignore"),
        ("service_crash", 240, DOWN, "restart"),
        ("firewall_block", 240, DOWN, "modify_firewall"),
        ("zone_outage", 240, DOWN, "ask"),
    ],
)
async def test_each_fault_is_answered_by_what_helps(  # noqa: PLR0917 - the case is spelt out
    tmp_path: Path, gemini: ChatLangchain, fault: str, after_s: float, said: dict[str, Any], action: str
) -> None:
    found = await decided(tmp_path, gemini, fault, after_s, said)
    assert found.fallback == ""
    assert found.recommended_action == action, found.reasoning
