"""Incidents, alerts, actions, silences, revisions; what an approval is about; where the audit log ends."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

GENESIS = "0" * 64


def upgrade() -> None:
    _approvals()
    _incidents()
    _actions()
    _silences()
    _departed()
    _revisions()
    _heads()


def _approvals() -> None:
    with op.batch_alter_table('approvals') as batch:
        batch.add_column(sa.Column('subject', sa.String(), nullable=False, server_default='apply'))
        batch.add_column(sa.Column('choices', sa.JSON(), nullable=True))
        batch.add_column(sa.Column('choice', sa.JSON(), nullable=True))
        batch.add_column(sa.Column('card', sa.JSON(), nullable=True))


def _incidents() -> None:
    op.create_table('incidents',
    sa.Column('incident_id', sa.String(), nullable=False),
    sa.Column('grouping', sa.String(), nullable=False),
    sa.Column('deployment_id', sa.String(), nullable=False),
    sa.Column('resource', sa.String(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('severity', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('run_id', sa.String(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('opened_at', sa.Float(), nullable=False),
    sa.Column('updated_at', sa.Float(), nullable=False),
    sa.Column('closed_at', sa.Float(), nullable=True),
    sa.Column('last_alert_at', sa.Float(), nullable=False),
    sa.Column('alert_count', sa.Integer(), nullable=False),
    sa.Column('reopened', sa.Integer(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('decision', sa.JSON(), nullable=True),
    sa.Column('recheck', sa.JSON(), nullable=True),
    sa.Column('results', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('incident_id')
    )
    for column in ('grouping', 'deployment_id', 'status', 'run_id'):
        op.create_index(op.f(f'ix_incidents_{column}'), 'incidents', [column], unique=False)
    op.create_table('alerts',
    sa.Column('alert_id', sa.String(), nullable=False),
    sa.Column('incident_id', sa.String(), nullable=False),
    sa.Column('source', sa.String(), nullable=False),
    sa.Column('source_id', sa.String(), nullable=False),
    sa.Column('occurrence', sa.Integer(), nullable=False),
    sa.Column('opened', sa.Boolean(), nullable=False),
    sa.Column('closed', sa.Boolean(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('alert', sa.JSON(), nullable=False),
    sa.Column('started_at', sa.Float(), nullable=True),
    sa.Column('ended_at', sa.Float(), nullable=True),
    sa.Column('received_at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('alert_id'),
    sa.UniqueConstraint('source', 'source_id', 'occurrence')
    )
    for column in ('incident_id', 'status'):
        op.create_index(op.f(f'ix_alerts_{column}'), 'alerts', [column], unique=False)


def _actions() -> None:
    op.create_table('actions',
    sa.Column('action_id', sa.String(), nullable=False),
    sa.Column('op_key', sa.String(), nullable=False),
    sa.Column('incident_id', sa.String(), nullable=False),
    sa.Column('run_id', sa.String(), nullable=False),
    sa.Column('deployment_id', sa.String(), nullable=False),
    sa.Column('resource', sa.String(), nullable=False),
    sa.Column('resource_type', sa.String(), nullable=False),
    sa.Column('action_type', sa.String(), nullable=False),
    sa.Column('cause', sa.String(), nullable=False),
    sa.Column('request', sa.JSON(), nullable=False),
    sa.Column('allowed_by', sa.String(), nullable=False),
    sa.Column('status', sa.String(), nullable=False),
    sa.Column('resolved', sa.Boolean(), nullable=True),
    sa.Column('result', sa.JSON(), nullable=True),
    sa.Column('before_bundle', sa.String(), nullable=False),
    sa.Column('started_at', sa.Float(), nullable=False),
    sa.Column('ended_at', sa.Float(), nullable=True),
    sa.PrimaryKeyConstraint('action_id'),
    sa.UniqueConstraint('op_key')
    )
    for column in ('incident_id', 'run_id', 'deployment_id', 'resource_type', 'cause'):
        op.create_index(op.f(f'ix_actions_{column}'), 'actions', [column], unique=False)


def _silences() -> None:
    op.create_table('silences',
    sa.Column('silence_id', sa.String(), nullable=False),
    sa.Column('deployment_id', sa.String(), nullable=False),
    sa.Column('resource', sa.String(), nullable=False),
    sa.Column('policy', sa.String(), nullable=False),
    sa.Column('starts_at', sa.Float(), nullable=False),
    sa.Column('ends_at', sa.Float(), nullable=False),
    sa.Column('by', sa.String(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('maintenance', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('silence_id')
    )
    op.create_index(op.f('ix_silences_ends_at'), 'silences', ['ends_at'], unique=False)


def _departed() -> None:
    op.create_table('departed',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deployment_id', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('type', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('google_id', sa.String(), nullable=False),
    sa.Column('metadata', sa.JSON(), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('deployment_id', 'address')
    )
    for column in ('deployment_id', 'name'):
        op.create_index(op.f(f'ix_departed_{column}'), 'departed', [column], unique=False)


def _revisions() -> None:
    """Make the table; what a deployment stands on now is its first revision, so that there is one to go back to."""
    op.create_table('revisions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('deployment_id', sa.String(), nullable=False),
    sa.Column('run_id', sa.String(), nullable=False),
    sa.Column('bundle_sha', sa.String(), nullable=False),
    sa.Column('serial', sa.Integer(), nullable=False),
    sa.Column('at', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('deployment_id', 'run_id', 'bundle_sha', 'serial')
    )
    for column in ('deployment_id', 'run_id'):
        op.create_index(op.f(f'ix_revisions_{column}'), 'revisions', [column], unique=False)
    op.execute("""
        INSERT INTO revisions (deployment_id, run_id, bundle_sha, serial, at)
        SELECT d.deployment_id, COALESCE(v.run_id, d.deployment_id), d.bundle_sha, COALESCE(v.serial, 0), d.updated_at
        FROM deployments d LEFT JOIN state_versions v ON v.id = (
            SELECT MAX(id) FROM state_versions WHERE deployment_id = d.deployment_id)
        WHERE d.bundle_sha <> '' AND d.status <> 'destroyed' ORDER BY d.updated_at
    """)


def _heads() -> None:
    heads = op.create_table('heads',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('seq', sa.Integer(), nullable=False),
    sa.Column('hash', sa.String(), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    last = op.get_bind().execute(sa.text('SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1')).first()
    seq, digest = (last.seq, last.hash) if last else (0, GENESIS)
    op.bulk_insert(heads, [
        {'name': 'audit', 'seq': seq, 'hash': digest}, {'name': 'alerts', 'seq': 0, 'hash': ''},
    ])


def downgrade() -> None:
    for table in ('heads', 'revisions', 'departed', 'silences', 'actions', 'alerts', 'incidents'):
        op.drop_table(table)
    with op.batch_alter_table('approvals') as batch:
        for column in ('subject', 'choices', 'choice', 'card'):
            batch.drop_column(column)
