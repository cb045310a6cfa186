"""An incident whose process is killed, with SIGKILL, is taken up again: it is resolved, and by one restart."""

import shutil
from pathlib import Path

import pytest

from graphs.wiring import open_system
from infraai.models import Bundle, Request
from tests.journey.doomed import settings_of
from tests.journey.doomed_operator import finish, live
from tests.journey.test_killed import FORK

SERVED = """
resource "google_compute_network" "main" {
  name = "main"
}

resource "google_compute_firewall" "web" {
  name          = "web"
  network       = google_compute_network.main.id
  source_ranges = ["0.0.0.0/0"]
  allow {
    protocol = "tcp"
    ports    = ["80"]
  }
}

resource "google_compute_instance" "web" {
  name         = "web"
  machine_type = "e2-small"
  zone         = "us-central1-a"
  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }
  network_interface {
    network = google_compute_network.main.id
    access_config {}
  }
  metadata_startup_script = "apt-get update && apt-get install -y nginx"
}

output "external_ip" {
  value = google_compute_instance.web.network_interface[0].access_config[0].nat_ip
}
"""
MOMENTS = [
    "phase:planning",
    "evidence:",
    "advice:",
    "approval:",
    "action:reset",
    "action:done",
    "recheck:",
    "incident:",
]


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a machine whose service is down, and a fast clock."""
    import asyncio

    home = tmp_path_factory.mktemp("crashed")

    async def prepare() -> None:
        async with open_system(settings_of(home)) as system:
            request = Request(kind="apply", yes=True, accept=("all",))
            run = await system.runner.start(request, bundle=Bundle(files={"main.tf": SERVED}))
            run = await system.runner.drive(run.run_id)
            approval = (await system.registry.approvals.pending(run.run_id))[0]
            run = await system.runner.decide(approval.approval_id, "approve", by="test", channel="test")
            assert run.status == "completed", run.message
            system.sandbox.clock.set_factor(500)
            system.sandbox.inject("service_crash", "web")

    asyncio.run(prepare())
    return home


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_incident_killed_at_any_moment_is_resolved_by_one_restart(
    crashed: Path, tmp_path: Path, moment: str
) -> None:
    home = tmp_path / "home"
    shutil.copytree(crashed, home)
    process = FORK.Process(target=live, args=(str(home), moment))
    process.start()
    process.join(60)
    assert process.exitcode is not None
    assert process.exitcode < 0, "it was not killed"
    async with open_system(settings_of(home)) as system:
        incident = (await system.registry.incidents.list())[0]
        await finish(system, incident.incident_id)
        incident = await system.registry.incidents.get(incident.incident_id)
        assert incident.status == "resolved", incident.message
        verbs = [
            one.verb for one in system.sandbox.cloud.operations() if one.type == "google_compute_instance"
        ]
        assert verbs.count("reset") == 1
        assert await system.registry.audit.broken_at() is None
