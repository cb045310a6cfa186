"""Alembic's entry: one synchronous connection to the database it is given."""

import sqlalchemy as sa
from alembic import context

from infraai.registry.tables import METADATA

url = context.config.attributes["url"].replace("postgres://", "postgresql://")
engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
