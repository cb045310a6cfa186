"""The sandbox as a whole: Terraform builds, the proxy answers, the APIs change it, Terraform sees it."""

import asyncio
import contextlib
import json
import os
import shutil
import ssl
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from sandbox.network.certificates import Authority
from sandbox.sandbox import Sandbox
from tools.gcp import ComputeClient
from tools.probe import ProbeHttp

CONFIGURATION = """
    provider "google" {
      project = "acme"
      region  = "us-central1"
    }
    resource "google_compute_network" "main" {
      name                    = "main"
      auto_create_subnetworks = true
    }
    resource "google_compute_instance" "web" {
      name         = "web"
      machine_type = "e2-small"
      zone         = "us-central1-a"
      tags         = ["web"]
      boot_disk {
        initialize_params {
          image = "debian-cloud/debian-12"
        }
      }
      network_interface {
        network = google_compute_network.main.id
        access_config {}
      }
      metadata_startup_script = <<-EOT
        #!/bin/bash
        nohup python3 -m http.server 8080 &
      EOT
    }
    resource "google_compute_firewall" "web" {
      name          = "web"
      network       = google_compute_network.main.name
      source_ranges = ["0.0.0.0/0"]
      target_tags   = ["web"]
      allow {
        protocol = "tcp"
        ports    = ["8080"]
      }
    }
    resource "google_cloud_run_v2_service" "api" {
      name                = "api"
      location            = "us-central1"
      deletion_protection = false
      template {
        containers {
          image = "us-docker.pkg.dev/cloudrun/container/hello"
        }
      }
    }
    output "ip" {
      value = google_compute_instance.web.network_interface[0].access_config[0].nat_ip
    }
    output "uri" {
      value = google_cloud_run_v2_service.api.uri
    }
"""


def terraform(sandbox: Sandbox, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    (folder / "rc").write_text("disable_checkpoint = true\n")
    own = {"TF_CLI_CONFIG_FILE": str(folder / "rc"), "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
    with sandbox.provider(folder) as env:
        return subprocess.run(
            ["terraform", *arguments],
            cwd=folder,
            env={**os.environ, **own, **env},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )


@pytest.mark.skipif(shutil.which("terraform") is None, reason="no terraform program here")
def test_what_terraform_builds_answers_and_what_an_api_changes_terraform_sees(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path / "home", project="acme")
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "main.tf").write_text(textwrap.dedent(CONFIGURATION))
    assert terraform(sandbox, folder, "init").returncode == 0
    applied = terraform(sandbox, folder, "apply", "-auto-approve", "-no-color")
    assert applied.returncode == 0, applied.stderr
    shown = json.loads(terraform(sandbox, folder, "output", "-json").stdout)
    ip, uri = shown["ip"]["value"], shown["uri"]["value"]

    ends = sandbox.endpoints()
    probe = ProbeHttp(ends.proxy_url, ends.proxy_ca)

    def status(url: str) -> int | None:
        return asyncio.run(probe.get(url, timeout_s=5)).status_code

    assert status(f"http://{ip}:8080/") == 200
    assert status(f"http://{ip}/") is None
    assert status(uri) == 403

    asyncio.run(ComputeClient(ends.compute_url).stop("acme", "us-central1-a", "web", key="k"))
    assert status(f"http://{ip}:8080/") is None
    refreshed = terraform(sandbox, folder, "plan", "-refresh-only", "-no-color")
    assert "TERMINATED" in refreshed.stdout

    assert terraform(sandbox, folder, "destroy", "-auto-approve").returncode == 0
    assert status(uri) is None
    assert sandbox.cloud.status() == {}
    sandbox.close()


def test_nothing_starts_before_it_is_used(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path, project="acme")
    ends = sandbox.endpoints()
    sandbox.close()
    assert list(tmp_path.iterdir()) == []
    assert ends.proxy_url == sandbox.endpoints().proxy_url
    assert list(sandbox.status()["servers"]) == ["proxy"]
    sandbox.close()


def test_every_server_is_on_loopback_and_stops(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path, project="acme")
    ends = sandbox.endpoints()
    found = [ends.proxy_url, ends.compute_url, f"http://{ends.monitoring_target}", ends.gemini_url]
    assert all(one.startswith("http://127.0.0.1:") for one in found)
    assert len(set(found)) == 4
    sandbox.close()
    assert sandbox.servers.started == {}


def test_reset_empties_the_cloud_and_the_servers_go_on(tmp_path: Path) -> None:
    sandbox = Sandbox(tmp_path, project="acme")
    address = sandbox.endpoints().compute_url
    sandbox.cloud.put("google_storage_bucket", "b", {"name": "b"}, "create")
    sandbox.reset()
    assert sandbox.status()["resources"] == {}
    assert sandbox.endpoints().compute_url == address
    sandbox.close()


def test_the_facade_is_light_to_import() -> None:
    script = "import sys, sandbox.sandbox; print([m for m in ('grpc', 'google.protobuf', 'cryptography', 'http.server') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_one_home_has_one_authority_however_many_ask(tmp_path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: Authority(tmp_path), range(4)))
    trust = ssl.create_default_context(cafile=str(tmp_path / "ca.pem"))
    for one in made:
        client, server = ssl.MemoryBIO(), ssl.MemoryBIO()
        near = trust.wrap_bio(server, client, server_hostname="shop.example.com")
        far = one.context("shop.example.com").wrap_bio(client, server, server_side=True)
        for side in (near, far, near, far):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
        assert near.getpeercert()
    assert (tmp_path / "ca-key.pem").stat().st_mode & 0o077 == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["ca-key.pem", "ca.pem"]
