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
