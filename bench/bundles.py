"""Bundles of a given size, for measuring."""

from infraai.models import Bundle

HEAD = """terraform {
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 8.0"
    }
  }
}

provider "google" {
  project = "bench"
  region  = "us-central1"
  zone    = "us-central1-a"
}

resource "google_compute_network" "main" {
  name                    = "bench"
  auto_create_subnetworks = false
}

resource "google_compute_subnetwork" "main" {
  name          = "bench"
  network       = google_compute_network.main.id
  ip_cidr_range = "10.0.0.0/16"
}

resource "google_compute_firewall" "http" {
  name          = "bench-http"
  network       = google_compute_network.main.name
  source_ranges = ["0.0.0.0/0"]
  target_tags   = ["web"]

  allow {
    protocol = "tcp"
    ports    = ["80"]
  }
}

resource "google_storage_bucket" "files" {
  name     = "bench-files-of-the-measurement"
  location = "US"
}

resource "google_pubsub_topic" "jobs" {
  name = "bench-jobs"
}
"""
MACHINE = """
resource "google_compute_instance" "vm{number}" {{
  name         = "vm-{number}"
  machine_type = "e2-small"
  tags         = ["web"]

  boot_disk {{
    initialize_params {{
      image = "debian-cloud/debian-12"
      size  = 20
    }}
  }}

  network_interface {{
    subnetwork = google_compute_subnetwork.main.id
    access_config {{}}
  }}

  metadata_startup_script = "apt-get install -y nginx"
}}
"""
OUTPUTS = """
output "external_ip" {
  value = google_compute_instance.vm1.network_interface[0].access_config[0].nat_ip
}
"""
SHARED = HEAD.count('\nresource "')


def bundle(resources: int) -> Bundle:
    """Return a valid bundle with this many resources (at least one machine, which serves on port 80)."""
    machines = "".join(MACHINE.format(number=number) for number in range(1, resources - SHARED + 1))
    return Bundle(files={"main.tf": HEAD + machines + OUTPUTS})
