"""Faults and Terraform: what an apply puts right, and what it does not."""

import threading
from pathlib import Path

from sandbox.clock import ManualClock
from sandbox.cloud import Cloud
from sandbox.faults.inject import Faults
from sandbox.network.internet import Internet
from sandbox.network.proxy import Visit
from sandbox.physics.physics import Physics
from tests.sandbox.terraform_run import TerraformRun
from tests.sandbox.town import CPU

CONFIGURATION = """
provider "google" {
  project = "demo-project"
  region  = "us-central1"
  zone    = "us-central1-a"
}
resource "google_compute_firewall" "web" {
  name          = "web"
  network       = "default"
  source_ranges = ["0.0.0.0/0"]
  allow {
    protocol = "tcp"
    ports    = ["80"]
  }
}
resource "google_compute_instance" "vm" {
  name                      = "vm-1"
  machine_type              = "e2-medium"
  allow_stopping_for_update = true
  metadata_startup_script   = "#!/bin/bash\\napt-get install -y nginx"
  boot_disk {
    initialize_params { image = "debian-cloud/debian-12" }
  }
  network_interface {
    network = "default"
    access_config {}
  }
}
output "ip" { value = google_compute_instance.vm.network_interface[0].access_config[0].nat_ip }
"""
APPLY = ("apply", "-auto-approve", "-input=false", "-no-color")


def test_an_apply_puts_the_firewall_back_and_a_replacement_ends_a_crash_loop(tmp_path: Path) -> None:
    run = TerraformRun(tmp_path).write(CONFIGURATION)
    clock = ManualClock()
    physics = Physics(run.cloud, clock)
    faults = Faults(run.cloud, clock, physics)
    assert run.run("init").returncode == 0
    assert run.run(*APPLY).returncode == 0

    def answers() -> int | None:
        address = run.run("output", "-raw", "ip").stdout
        answer = Internet(run.cloud)(Visit(scheme="http", host=address, port=80))
        return answer.status if answer else None

    def wait(seconds: float) -> None:
        for _ in range(int(seconds // 10)):
            clock.advance(10)
            physics.advance()

    def busy() -> float:
        return run.cloud.points(CPU, clock.seconds() - 10, clock.seconds())[-1].value

    faults.inject("firewall_block", "vm-1")
    assert answers() is None
    assert run.run("plan", "-detailed-exitcode", "-input=false").returncode == 2  # it sees the drift
    assert run.run(*APPLY).returncode == 0
    wait(10)
    assert answers() == 200
    assert faults.list()[0].ended_by == "mended"

    faults.inject("crash_loop", "vm-1")
    faults.inject("cpu_spike", "vm-1")
    wait(60)
    assert answers() is None
    assert run.run(*APPLY, "-replace=google_compute_instance.vm").returncode == 0
    wait(100)
    assert answers() == 200
    assert busy() > 0.8  # work does not go away with the machine

    run.write(CONFIGURATION.replace("e2-medium", "e2-standard-2"))
    assert run.run(*APPLY).returncode == 0
    wait(20)
    assert busy() < 0.6


def test_several_at_once_never_measure_a_moment_twice(tmp_path: Path) -> None:
    run = TerraformRun(tmp_path)
    values = {"id": "vm", "name": "vm", "project": "p", "zone": "us-central1-a", "machine_type": "e2-medium"}
    run.cloud.put("google_compute_instance", "vm", {**values, "instance_id": "1"}, "create")
    clock = ManualClock()
    Physics(run.cloud, clock).advance()
    start = clock.seconds()
    clouds = [Cloud(run.cloud.path) for _ in range(4)]

    def step(cloud: Cloud) -> None:
        physics = Physics(cloud, clock)
        for _ in range(10):
            clock.advance(5)
            physics.advance()

    threads = [threading.Thread(target=step, args=(one,)) for one in clouds]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    Physics(run.cloud, clock).advance()
    moments = [one.at for one in run.cloud.points(CPU, start, clock.seconds())]
    assert len(moments) == len(set(moments)) > 10
    for cloud in clouds:
        cloud.close()
