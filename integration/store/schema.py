"""The schema's version: `ladenbote db upgrade` moves it, everything else refuses an old one."""

from importlib import resources

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, select

from integration.domain.errors import KeysMissing, SchemaOutdated, SchemaTooNew
from integration.store.db import Database
from integration.store.tables import keys_metadata, ledger_head, secret, subject_key


def upgrade(database: Database, keys: Database) -> None:
    """Bring both databases to this version's schema. Raises KeysMissing when the ledger is there without its keys."""
    config = _config()
    with database.write() as connection:
        if inspect(connection).has_table("consent") and connection.execute(select(ledger_head).limit(1)).first():
            check_keys(keys)  # never new keys for an old ledger
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    with keys.write() as connection:
        keys_metadata.create_all(connection)


def check(connection: Connection) -> None:
    """Refuse a database of another version. Raises SchemaOutdated or SchemaTooNew."""
    current = MigrationContext.configure(connection).get_current_revision()
    script = ScriptDirectory.from_config(_config())
    if current == script.get_current_head():
        return
    if current is None or current in {revision.revision for revision in script.walk_revisions()}:
        raise SchemaOutdated("The database is older than this Ladenbote. Run `ladenbote db upgrade`, then start again.")
    raise SchemaTooNew("The database was written by a newer Ladenbote. Install that version again.")


def in_use(connection: Connection) -> bool:
    """Whether anything is stored that a master key protects."""
    if not inspect(connection).has_table(secret.name):
        return False
    return any(connection.execute(select(table).limit(1)).first() for table in (secret, ledger_head))


def check_keys(keys: Database) -> None:
    """Refuse to work without the persons' keys: no consent and no STOP could be recorded. Raises KeysMissing."""
    with keys.read() as connection:
        if not inspect(connection).has_table(subject_key.name):
            raise KeysMissing(
                "The keys database is missing or empty. Put it back from its backup (database.keys_url says where): "
                "without it no consent can be proved or recorded."
            )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resources.files("integration.store") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
