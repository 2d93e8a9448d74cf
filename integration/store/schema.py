"""The schema's version: `ladenbote db upgrade` moves it, everything else refuses an old one."""

from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, select, text

from integration.domain.errors import KeysMissing, SchemaOutdated, SchemaTooNew
from integration.store.db import Database
from integration.store.tables import keys_metadata, ledger_head, secret, subject_key

if TYPE_CHECKING:
    from alembic.config import Config


def upgrade(database: Database, keys: Database) -> None:
    """Bring both databases to this version's schema. Raises KeysMissing when the ledger is there without its keys."""
    from alembic import command  # takes 10 MB: whoever only runs does not pay for it

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
    current = _current(connection)
    known = revisions()
    if current == known[-1]:
        return
    if current is None or current in known:
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


@cache
def revisions() -> tuple[str, ...]:
    """The names of all versions, oldest first: the files of the migrations are numbered."""
    files = (resources.files("integration.store") / "migrations" / "versions").iterdir()
    return tuple(sorted(file.name.partition("_")[0] for file in files if file.name[0].isdigit()))


def _current(connection: Connection) -> str | None:
    """The version that a database has, None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(resources.files("integration.store") / "migrations"))
    config.set_main_option("path_separator", "os")
    return config
