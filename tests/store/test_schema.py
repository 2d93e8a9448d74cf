"""The migrations make exactly the tables of the package tables, and other versions are refused with a remedy."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, Table, text

from integration.domain.errors import SchemaOutdated, SchemaTooNew
from integration.store import schema
from integration.store.db import Database
from integration.store.tables import keys_metadata, metadata


def differences(database: Database) -> list[object]:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, metadata))


def test_the_migrations_make_what_the_code_expects(database: Database) -> None:
    assert differences(database) == []


def test_a_table_without_migration_would_be_found(database: Database) -> None:
    extra = Table("forgotten", metadata, Column("id", Integer, primary_key=True))
    try:
        assert len(differences(database)) == 1
    finally:
        metadata.remove(extra)


def test_a_partial_index_has_the_same_condition(database: Database) -> None:
    """Alembic does not compare the WHERE of an index: what the claim's speed rests on is compared here."""
    catalogue = {
        True: "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%WHERE%'",
        False: "SELECT indexname, indexdef FROM pg_indexes WHERE indexdef LIKE '%WHERE%'",
    }
    with database.read() as connection:
        found = {name for name, _ in connection.execute(text(catalogue[database.is_sqlite]))}
        [due] = [
            sql for name, sql in connection.execute(text(catalogue[database.is_sqlite])) if name == "ix_message_due"
        ]
    expected = {index.name for t in metadata.tables.values() for index in t.indexes if index.dialect_kwargs}
    assert found == expected
    assert "queued" in due and "claimed" in due


def test_todays_schema_is_accepted(database: Database) -> None:
    with database.read() as connection:
        schema.check(connection)


def test_versions_are_the_files_of_the_migrations_in_their_order() -> None:
    script = ScriptDirectory.from_config(schema._config())
    assert schema.revisions() == tuple(reversed([found.revision for found in script.walk_revisions()]))


def test_upgrading_twice_changes_nothing(database: Database, keys: Database) -> None:
    schema.upgrade(database, keys)
    assert differences(database) == []


def test_an_empty_database_names_the_command(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with database.read() as connection, pytest.raises(SchemaOutdated, match="`ladenbote db upgrade`"):
        schema.check(connection)


def test_a_newer_schema_is_refused(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with database.read() as connection, pytest.raises(SchemaTooNew, match="newer Ladenbote"):
        schema.check(connection)


def test_the_keys_database_has_its_tables(database: Database, tmp_path) -> None:
    keys = Database(f"sqlite:///{tmp_path}/other-keys.db")
    schema.upgrade(database, keys)
    with keys.read() as connection:
        assert list(compare_metadata(MigrationContext.configure(connection), keys_metadata)) == []
    keys.close()


def test_a_failed_migration_leaves_nothing_half_done(database: Database, keys: Database) -> None:
    with database.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
        connection.execute(text("DROP TABLE session"))
    with pytest.raises(Exception, match="exists"):
        schema.upgrade(database, keys)
    with database.read() as connection:
        tables = connection.dialect.get_table_names(connection)
    assert "session" not in tables
    assert "alembic_version" not in tables
