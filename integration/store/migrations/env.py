"""Alembic's entry: migrations run on the connection that `store.schema.upgrade` hands over."""

from alembic import context

from integration.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, transactional_ddl=False)
context.run_migrations()
