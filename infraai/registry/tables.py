"""The tables: what is remembered."""

import sqlalchemy as sa

METADATA = sa.MetaData()

runs = sa.Table(
    "runs",
    METADATA,
    sa.Column("run_id", sa.String, primary_key=True),
    sa.Column("deployment_id", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False, index=True),
    sa.Column("phase", sa.String, nullable=False),
    sa.Column("reason", sa.String),
    sa.Column("message", sa.Text, nullable=False, default=""),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("owner", sa.String, nullable=False, default=""),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)

phases = sa.Table(
    "phases",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.String, nullable=False, index=True),
    sa.Column("name", sa.String, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

events = sa.Table(
    "events",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

deployments = sa.Table(
    "deployments",
    METADATA,
    sa.Column("deployment_id", sa.String, primary_key=True),
    sa.Column("status", sa.String, nullable=False, index=True),
    sa.Column("user_id", sa.String, nullable=False, default=""),
    sa.Column("cloud", sa.String, nullable=False, default="gcp"),
    sa.Column("project", sa.String, nullable=False, default=""),
    sa.Column("region", sa.String, nullable=False, default=""),
    sa.Column("goal", sa.Text, nullable=False, default=""),
    sa.Column("plan", sa.JSON),
    sa.Column("bundle_sha", sa.String, nullable=False, default=""),
    sa.Column("outputs", sa.JSON, nullable=False),
    sa.Column("monitoring", sa.JSON, nullable=False),
    sa.Column("graph", sa.JSON, nullable=False),
    sa.Column("cost_usd_month", sa.Float, nullable=False, default=0),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
)

resources = sa.Table(
    "resources",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("deployment_id", sa.String, nullable=False, index=True),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False, index=True),
    sa.Column("google_id", sa.String, nullable=False, index=True),
    sa.Column("metadata", sa.JSON, nullable=False),
    sa.Column("run_id", sa.String, nullable=False),
    sa.UniqueConstraint("deployment_id", "address"),
)

# What a deployment had and has no more: an alert about it comes late, and is told so.
departed = sa.Table(
    "departed",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("deployment_id", sa.String, nullable=False, index=True),
    sa.Column("address", sa.String, nullable=False),
    sa.Column("type", sa.String, nullable=False),
    sa.Column("name", sa.String, nullable=False, index=True),
    sa.Column("google_id", sa.String, nullable=False),
    sa.Column("metadata", sa.JSON, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.UniqueConstraint("deployment_id", "address"),
)

approvals = sa.Table(
    "approvals",
    METADATA,
    sa.Column("approval_id", sa.String, primary_key=True),
    sa.Column("run_id", sa.String, nullable=False, index=True),
    sa.Column("interrupt_id", sa.String, nullable=False, default=""),
    sa.Column("plan_digest", sa.String, nullable=False),
    sa.Column("state_lineage", sa.String, nullable=False),
    sa.Column("state_serial", sa.Integer, nullable=False),
    sa.Column("policy_version", sa.String, nullable=False),
    sa.Column("hard_floor", sa.JSON, nullable=False),
    sa.Column("status", sa.String, nullable=False, index=True),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("decided_by", sa.String, nullable=False, default=""),
    sa.Column("channel", sa.String, nullable=False, default=""),
    sa.Column("epoch", sa.Integer, nullable=False, default=0),
    sa.Column("created_at", sa.Float, nullable=False),
    sa.Column("expires_at", sa.Float, nullable=False),
    sa.Column("decided_at", sa.Float),
    sa.Column("used_at", sa.Float),
    sa.Column("subject", sa.String, nullable=False, default="apply", server_default="apply"),
    sa.Column("choices", sa.JSON),
    sa.Column("choice", sa.JSON),
    sa.Column("card", sa.JSON),
)

artifacts = sa.Table(
    "artifacts",
    METADATA,
    sa.Column("sha256", sa.String, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)

state_versions = sa.Table(
    "state_versions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("deployment_id", sa.String, nullable=False, index=True),
    sa.Column("run_id", sa.String, nullable=False),
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("lineage", sa.String, nullable=False),
    sa.Column("sha256", sa.String, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)

state_locks = sa.Table(
    "state_locks",
    METADATA,
    sa.Column("deployment_id", sa.String, primary_key=True),
    sa.Column("run_id", sa.String, nullable=False),
    sa.Column("lock_id", sa.String, nullable=False),
    sa.Column("info", sa.Text, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)

run_locks = sa.Table(
    "run_locks",
    METADATA,
    sa.Column("deployment_id", sa.String, primary_key=True),
    sa.Column("run_id", sa.String, nullable=False),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("created_at", sa.Float, nullable=False),
)

effects = sa.Table(
    "effects",
    METADATA,
    sa.Column("op_key", sa.String, primary_key=True),
    sa.Column("run_id", sa.String, nullable=False, index=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("detail", sa.JSON, nullable=False),
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("finished_at", sa.Float),
)

audit = sa.Table(
    "audit",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Column("actor", sa.String, nullable=False),
    sa.Column("kind", sa.String, nullable=False, index=True),
    sa.Column("subject", sa.String, nullable=False, index=True),
    sa.Column("data", sa.Text, nullable=False),
    sa.Column("previous_hash", sa.String, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
)

# One row a series of writes: whoever changes it first goes first, on every database; `audit` also keeps its end here.
heads = sa.Table(
    "heads",
    METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("hash", sa.String, nullable=False),
)

control = sa.Table(
    "control",
    METADATA,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("stopped", sa.Boolean, nullable=False),
    sa.Column("epoch", sa.Integer, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

model_calls = sa.Table(
    "model_calls",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run_id", sa.String, nullable=False, index=True),
    sa.Column("task", sa.String, nullable=False),
    sa.Column("model", sa.String, nullable=False),
    sa.Column("input_tokens", sa.Integer, nullable=False),
    sa.Column("output_tokens", sa.Integer, nullable=False),
    sa.Column("cost_usd", sa.Float, nullable=False),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("outcome", sa.String, nullable=False),
    sa.Column("prompt_sha256", sa.String, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
)

incidents = sa.Table(
    "incidents",
    METADATA,
    sa.Column("incident_id", sa.String, primary_key=True),
    sa.Column("grouping", sa.String, nullable=False, index=True),  # whose alerts belong together
    sa.Column("deployment_id", sa.String, nullable=False, index=True),
    sa.Column("resource", sa.String, nullable=False),
    sa.Column("cause", sa.String, nullable=False),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("message", sa.Text, nullable=False),
    sa.Column("run_id", sa.String, nullable=False, index=True),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("opened_at", sa.Float, nullable=False),
    sa.Column("updated_at", sa.Float, nullable=False),
    sa.Column("closed_at", sa.Float),
    sa.Column("last_alert_at", sa.Float, nullable=False),
    sa.Column("alert_count", sa.Integer, nullable=False),
    sa.Column("reopened", sa.Integer, nullable=False),
    sa.Column("evidence", sa.JSON, nullable=False),
    sa.Column("decision", sa.JSON),
    sa.Column("recheck", sa.JSON),
    sa.Column("results", sa.JSON, nullable=False),
)

alerts = sa.Table(
    "alerts",
    METADATA,
    sa.Column("alert_id", sa.String, primary_key=True),
    sa.Column("incident_id", sa.String, nullable=False, index=True),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("source_id", sa.String, nullable=False),
    sa.Column("occurrence", sa.Integer, nullable=False),  # a sender may use one id again and again
    sa.Column("opened", sa.Boolean, nullable=False),  # its `open` has come
    sa.Column("closed", sa.Boolean, nullable=False),  # its `closed` has come
    sa.Column("status", sa.String, nullable=False, index=True),
    sa.Column("alert", sa.JSON, nullable=False),
    sa.Column("started_at", sa.Float),
    sa.Column("ended_at", sa.Float),
    sa.Column("received_at", sa.Float, nullable=False),
    sa.UniqueConstraint("source", "source_id", "occurrence"),
)

actions = sa.Table(
    "actions",
    METADATA,
    sa.Column("action_id", sa.String, primary_key=True),
    sa.Column("op_key", sa.String, nullable=False, unique=True),
    sa.Column("incident_id", sa.String, nullable=False, index=True),
    sa.Column("run_id", sa.String, nullable=False, index=True),
    sa.Column("deployment_id", sa.String, nullable=False, index=True),
    sa.Column("resource", sa.String, nullable=False),
    sa.Column("resource_type", sa.String, nullable=False, index=True),
    sa.Column("action_type", sa.String, nullable=False),
    sa.Column("cause", sa.String, nullable=False, index=True),
    sa.Column("request", sa.JSON, nullable=False),
    sa.Column("allowed_by", sa.String, nullable=False),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("resolved", sa.Boolean),
    sa.Column("result", sa.JSON),
    sa.Column("before_bundle", sa.String, nullable=False),
    sa.Column("started_at", sa.Float, nullable=False),
    sa.Column("ended_at", sa.Float),
)

silences = sa.Table(
    "silences",
    METADATA,
    sa.Column("silence_id", sa.String, primary_key=True),
    sa.Column("deployment_id", sa.String, nullable=False),
    sa.Column("resource", sa.String, nullable=False),
    sa.Column("policy", sa.String, nullable=False),
    sa.Column("starts_at", sa.Float, nullable=False),
    sa.Column("ends_at", sa.Float, nullable=False, index=True),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("maintenance", sa.Boolean, nullable=False),
)

revisions = sa.Table(
    "revisions",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("deployment_id", sa.String, nullable=False, index=True),
    sa.Column("run_id", sa.String, nullable=False, index=True),
    sa.Column("bundle_sha", sa.String, nullable=False),
    sa.Column("serial", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.UniqueConstraint("deployment_id", "run_id", "bundle_sha", "serial"),
)
