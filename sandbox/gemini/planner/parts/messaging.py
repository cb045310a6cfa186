"""Pub/Sub: topics, subscriptions, dead letters, and where messages go."""

import re

from infraai.models import Setting
from sandbox.gemini.planner.blueprint import Blueprint
from sandbox.gemini.planner.parts.analytics import plan_warehouse
from sandbox.gemini.planner.parts.serverless import RUN

WEEK_S = "604800s"
PROJECT_NUMBER = "data.google_project.this.number"


def plan_messaging(blueprint: Blueprint) -> None:
    """Plan topics and subscriptions, with dead letters, a push target or a BigQuery table where asked."""
    reading = blueprint.reading
    tables = plan_warehouse(blueprint) if reading.wants("bigquery") else []
    if reading.wants("job", "function") and reading.says(
        "read", "write", "consume", "pull", "process", "load"
    ):
        tables = []  # what runs between the queue and the tables reads the one and writes the other
    services = blueprint.refs(RUN)
    dead = ""
    if reading.wants("dead_letter"):
        dead = blueprint.add(
            "google_pubsub_topic",
            "dead_letters",
            "messages that could not be processed",
            name=f"{blueprint.app}-dead-letters",
            labels=blueprint.labels,
            message_retention_duration=WEEK_S,
        )
        blueprint.add(
            "google_pubsub_subscription",
            "dead_letters",
            "keeps dead letters to be looked at",
            name=f"{blueprint.app}-dead-letters",
            topic=dead,
            message_retention_duration=WEEK_S,
        )
    for called in blueprint.named("pubsub", default=blueprint.app):
        _topic(blueprint, called, dead, services[0] if services else "", tables[0] if tables else "")
    if dead or tables:
        _agent_rights(blueprint, dead, tables)


def _topic(blueprint: Blueprint, called: str, dead: str, service: str, table: str) -> None:
    reading = blueprint.reading
    name = re.sub(r"\W", "_", called)
    name = name if name[0].isalpha() else f"topic_{name}"
    days = reading.amounts.days
    topic = blueprint.add(
        "google_pubsub_topic",
        name,
        "takes the messages",
        name=called,
        labels=blueprint.labels,
        message_retention_duration=f"{min(days, 31) * 86400}s" if days else None,
    )
    settings: dict[str, Setting] = {
        "name": f"{called}-subscription",
        "topic": topic,
        "labels": blueprint.labels,
    }
    purpose = "hands the messages to whoever pulls them"
    if service:
        settings |= {"push_config.push_endpoint": service, "ack_deadline_seconds": 60}
        settings["oidc_token.service_account_email"] = _invoker(blueprint, service)
        purpose = "pushes the messages to the service"
    elif table:
        settings |= {
            "bigquery_config.table": f"${{var.project}}.${{{table}.dataset_id}}.${{{table}.table_id}}"
        }
        purpose = "writes the messages to BigQuery"
    else:
        settings["ack_deadline_seconds"] = 30
    if dead:
        settings |= {
            "dead_letter_policy.dead_letter_topic": dead,
            "dead_letter_policy.max_delivery_attempts": 5,
        }
    settings |= {"retry_policy.minimum_backoff": "10s", "retry_policy.maximum_backoff": "600s"}
    blueprint.plan("google_pubsub_subscription", name, purpose, settings)


def _invoker(blueprint: Blueprint, service: str) -> str:
    """Plan the identity that pushes, once, and its right to call the service."""
    account = "google_service_account.push"
    if account in blueprint.refs("google_service_account"):
        return account
    blueprint.add(
        "google_service_account",
        "push",
        "the identity messages are pushed by",
        account_id=f"{blueprint.app}-push",
        display_name="Pushes messages",
    )
    blueprint.add(
        "google_cloud_run_v2_service_iam_member",
        "push",
        "lets the pusher call the service",
        name=service,
        location=blueprint.region,
        role="roles/run.invoker",
        member=f"serviceAccount:${{{account}.email}}",
    )
    return account


def _agent_rights(blueprint: Blueprint, dead: str, tables: list[str]) -> None:
    """Give Pub/Sub's own agent the rights that dead letters and BigQuery need."""
    member = f"serviceAccount:service-${{{PROJECT_NUMBER}}}@gcp-sa-pubsub.iam.gserviceaccount.com"
    if dead:
        blueprint.add(
            "google_pubsub_topic_iam_member",
            "dead_letters",
            "lets Pub/Sub forward dead letters",
            topic=dead,
            role="roles/pubsub.publisher",
            member=member,
        )
    if tables:
        blueprint.add(
            "google_bigquery_dataset_iam_member",
            "pubsub",
            "lets Pub/Sub write rows",
            dataset_id=blueprint.refs("google_bigquery_dataset")[0],
            role="roles/bigquery.dataEditor",
            member=member,
        )
