"""Uptime checks, channels to tell people by, log exports."""

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.serverless import RUN
from sandbox.gemini.planner.parts.storage import BUCKET, bucket
from sandbox.gemini.planner.patterns import EMAIL


def plan_uptime(blueprint: Blueprint) -> None:
    """Plan a check from outside of the plan's public address, or of the domain the goal names."""
    domain = blueprint.reading.amounts.domain
    addresses = blueprint.refs("google_compute_global_address", "google_compute_address")
    shown = [one for one in addresses if not one.endswith(".private")]
    services = blueprint.refs(RUN)
    host = domain
    if not domain and shown:
        host = f"${{{shown[0]}.address}}"
    elif not domain and services:
        host = f'${{replace({services[0]}.uri, "https://", "")}}'
    if not host:
        host = "example.com"
        blueprint.note("The goal names nothing the uptime check could ask: example.com stands for it.")
    secure = bool(services and not shown)
    settings: dict[str, Setting] = {
        "display_name": f"{blueprint.app} answers",
        "timeout": "10s",
        "period": "60s",
        "http_check.path": "/",
        "http_check.port": 443 if secure else 80,
        "http_check.use_ssl": secure,
        "monitored_resource.type": "uptime_url",
        "monitored_resource.labels": {"project_id": "${var.project}", "host": host},
    }
    blueprint.plan(
        "google_monitoring_uptime_check_config", "main", "asks from outside whether it answers", settings
    )


def plan_channel(blueprint: Blueprint) -> None:
    """Plan an email channel where the goal gives an address."""
    found = EMAIL.search(blueprint.reading.text)
    if found:
        blueprint.add(
            "google_monitoring_notification_channel",
            "email",
            "tells people of alerts",
            display_name=f"{blueprint.app} alerts",
            type="email",
            labels={"email_address": found.group()},
        )


def plan_log_export(blueprint: Blueprint) -> None:
    """Plan a sink that writes logs to a bucket, and the right to do so."""
    existing = blueprint.refs(BUCKET)
    days = blueprint.reading.amounts.days
    target = (
        existing[0]
        if existing
        else bucket(
            blueprint,
            "logs",
            "keeps the exported logs",
            storage_class="NEARLINE",
            delete_after_days=days,
        )
    )
    audit = blueprint.reading.says("audit")
    sink = blueprint.add(
        "google_logging_project_sink",
        "main",
        "exports logs to the bucket",
        name=f"{blueprint.app}-logs",
        destination=f"storage.googleapis.com/${{{target}.name}}",
        unique_writer_identity=True,
        filter='logName:"cloudaudit.googleapis.com"' if audit else "severity>=INFO",
    )
    blueprint.add(
        "google_storage_bucket_iam_member",
        "logs",
        "lets the sink write to the bucket",
        bucket=target,
        role="roles/storage.objectCreator",
        member=f"${{{sink}.writer_identity}}",
    )
