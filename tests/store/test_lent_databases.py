"""The PostgreSQL databases of these tests: each test gets an empty one, whatever the one before did to it."""

import pytest
from postgres import Server
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from integration.store.db import Database


def test_rows_and_connections_of_others_are_gone(postgres: Server) -> None:
    name = postgres.lend()
    database = Database(postgres.url(name))
    with database.write() as connection:
        connection.execute(text("INSERT INTO job_run (id, job, started_at) VALUES ('1', 'poll', '2026-01-01')"))
    held = database.engine.connect()
    held.execute(text("SELECT pg_advisory_lock(1)"))
    postgres.take_back(name)
    with pytest.raises(OperationalError):
        held.execute(text("SELECT 1"))
    held.close()
    database.close()
    assert postgres.lend() == name
    again = Database(postgres.url(name))
    with again.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM job_run")).scalar() == 0
        assert connection.execute(text("SELECT pg_try_advisory_lock(1)")).scalar() is True
    again.close()
    postgres.take_back(name)


@pytest.mark.parametrize(
    "change",
    [
        "DROP TABLE session CASCADE",
        "DROP TABLE alembic_version",
        "ALTER TABLE session ADD COLUMN more text",
        "CREATE INDEX more ON session (csrf)",
        "UPDATE alembic_version SET version_num = '9999'",
    ],
)
def test_whose_tables_changed_is_not_lent_again(postgres: Server, change: str) -> None:
    name = postgres.lend()
    database = Database(postgres.url(name))
    with database.write() as connection:
        connection.execute(text(change))
    database.close()
    postgres.take_back(name)
    assert postgres.lend() != name
