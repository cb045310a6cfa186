# One machine that is as big as its family gets.
terraform {
  required_providers {
    google = {
      source = "hashicorp/google"
    }
  }
}

variable "project" {
  type = string
}

provider "google" {
  project = var.project
  region  = "us-east1"
}

resource "google_compute_instance" "solver" {
  name                      = "solver"
  machine_type              = "e2-standard-32"
  zone                      = "us-east1-b"
  allow_stopping_for_update = true

  boot_disk {
    initialize_params {
      image = "debian-cloud/debian-12"
    }
  }

  network_interface {
    network = "default"
  }
}

resource "google_monitoring_notification_channel" "hook" {
  display_name = "operations"
  type         = "webhook_tokenauth"

  labels = {
    url = "http://127.0.0.1:8080/ops/webhook"
  }
}

resource "google_monitoring_alert_policy" "busy" {
  display_name = "solver is busy"
  combiner     = "OR"
  severity     = "CRITICAL"

  conditions {
    display_name = "cpu above 85%"
    condition_threshold {
      filter          = "resource.type = \"gce_instance\" AND metric.type = \"compute.googleapis.com/instance/cpu/utilization\" AND resource.labels.instance_id = \"${google_compute_instance.solver.instance_id}\""
      comparison      = "COMPARISON_GT"
      threshold_value = 0.85
      duration        = "60s"
      aggregations {
        alignment_period   = "60s"
        per_series_aligner = "ALIGN_MEAN"
      }
    }
  }

  notification_channels = [google_monitoring_notification_channel.hook.id]
}
