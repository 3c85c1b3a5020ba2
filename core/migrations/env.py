"""Alembic's entry point: runs the migrations on the connection that `core.migrations.migrate` opened."""

from alembic import context

from core.store.columns import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
