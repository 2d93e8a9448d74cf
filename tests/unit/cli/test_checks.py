"""`ladenbote check`: a good set-up passes every question, and each fault is named with its remedy."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text, update
from storekit import an_entry
from worlds import NOON

from integration.cli import main
from integration.cli.checks import run_checks
from integration.domain.messages.channel import RemoteTemplate
from integration.domain.notifications import NOTIFICATIONS
from integration.domain.templates.templates import all_templates
from integration.flow.world import World
from integration.run.wiring import first_key, opened, upgrade
from integration.settings.settings import load
from integration.store import tables
from integration.store.numbers import paused
from integration.store.templates import templates
from integration.web import auth

GOOD = """
public_url = "https://bote.example.de"
[companies.laden]
name = "Laden Beispiel"
[senders.nummer]
phone_number_id = "1001"
business_account_id = "2001"
token = "geheimes-token"
app_secret = "geheimes-secret"
verify_token = "geheimes-wort"
[shops.kaffee]
platform = "woocommerce"
name = "Kaffeeladen"
url = "https://www.example.de"
webhook_secret = "geheimer-schluessel"
"""


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("LADENBOTE_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Settings and databases of a set-up where everything is well."""
    made = tmp_path / "settings.toml"
    made.write_text(GOOD)
    first_key(load(made), tmp_path)
    with opened(load(made), tmp_path) as world:
        upgrade(world)
        auth.set_password(world.database, world.vault, "ein-langes-passwort", NOON)
        approved = [RemoteTemplate(t.name, t.language, "APPROVED", t.category) for t in all_templates()]
        with world.database.write() as connection:
            templates.replace_all(connection, "2001", approved, NOON)
            world.ledger.append(connection, [an_entry(company="laden")], NOON)
    return made


@pytest.fixture
def world(file: Path) -> Iterator[World]:
    with opened(load(file), file.parent) as found:
        yield found


def bad(file: Path) -> dict[str, str]:
    """The questions with a bad answer."""
    return {check.name: check.detail for check in run_checks(file) if not check.ok}


def test_a_good_set_up_passes_and_ends_with_0(file: Path) -> None:
    assert bad(file) == {}
    result = CliRunner().invoke(main, ["check", "--settings", str(file)])
    assert result.exit_code == 0, result.output
    assert "FAIL" not in result.output
    for asked in ("settings", "public_url", "database", "password", "consent ledger laden", "templates of nummer"):
        assert f"ok    {asked}" in result.output


def test_no_answer_shows_a_secret(file: Path) -> None:
    told = " ".join(f"{check.name} {check.detail}" for check in run_checks(file))
    assert "geheim" not in told


def test_checking_asks_nobody(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    def refused(*_: object) -> None:
        raise AssertionError("check must send nothing")

    monkeypatch.setattr(socket.socket, "connect", refused)
    assert bad(file) == {}


@pytest.mark.parametrize(
    ("old", "new", "asked", "said"),
    [
        ("https://bote", "http://bote", "public_url", "https"),
        ("https://bote.example.de", "https://localhost", "public_url", ""),
    ],
    ids=["no https", "not public"],
)
def test_addresses_that_cannot_work(file: Path, old: str, new: str, asked: str, said: str) -> None:
    file.write_text(GOOD.replace(old, new))
    found = bad(file)
    assert asked in found
    assert said in found[asked]


@pytest.mark.parametrize("old", ["[companies.laden]", "[senders.nummer]"], ids=["real in demo", "simulated in earnest"])
def test_the_simulator_and_real_numbers_never_mix(file: Path, old: str) -> None:
    new = "demo = true\n" if old == "[companies.laden]" else '[senders.nummer]\nbase_url = "http://127.0.0.1:9"'
    file.write_text(new + GOOD if new.startswith("demo") else GOOD.replace(old, new))
    found = bad(file)
    assert any("simulat" in detail for detail in found.values()), found


def test_an_empty_set_up_says_which_tables_are_missing(file: Path) -> None:
    file.write_text('public_url = "https://bote.example.de"\n')
    found = bad(file)
    assert set(found) == {"companies", "senders", "shops"}
    assert "[senders." in found["senders"]


@pytest.mark.parametrize("content", ["x = = 1", 'unknown = "key"', 'language = "fr"'])
def test_a_wrong_file_is_the_only_answer(file: Path, content: str) -> None:
    file.write_text(content)
    [check] = run_checks(file)
    assert (check.name, check.ok) == ("settings", False)
    assert str(file) in check.detail
    assert CliRunner().invoke(main, ["check", "--settings", str(file)]).exit_code == 1


def test_one_database_for_both_is_refused(file: Path) -> None:
    same = '\n[database]\nurl = "sqlite:///data/ladenbote.db"\nkeys_url = "sqlite:///data/ladenbote.db"\n'
    file.write_text(GOOD + same)
    assert "another database" in bad(file)["database"]


def test_the_same_database_written_differently_is_refused_too(file: Path) -> None:
    same = '\n[database]\nurl = "sqlite:///data/ladenbote.db"\nkeys_url = "sqlite:///./data/../data/ladenbote.db"\n'
    file.write_text(GOOD + same)
    assert "another database" in bad(file).get("database", "")


def test_an_old_schema_names_the_command(file: Path, world: World) -> None:
    with world.database.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    assert "`ladenbote db upgrade`" in bad(file)["database"]


def test_a_database_that_does_not_answer_is_a_sentence_without_password(file: Path) -> None:
    file.write_text(GOOD + '\n[database]\nurl = "postgresql://l:geheim@127.0.0.1:1/x"\n')
    found = bad(file)
    assert found["database"].startswith("PostgreSQL does not answer")


def test_a_file_that_is_no_database_is_a_sentence(file: Path) -> None:
    (file.parent / "data/ladenbote.db").write_bytes(b"no database" * 1000)
    for leftover in (file.parent / "data").glob("ladenbote.db-*"):
        leftover.unlink()
    assert "database" in bad(file)


def test_a_missing_password_names_the_command(file: Path, world: World) -> None:
    with world.database.write() as connection:
        connection.execute(tables.secret.delete())
    assert "`ladenbote init`" in bad(file)["password"]


def test_a_wrong_master_key_is_said(file: Path) -> None:
    (file.parent / "data/master.key").write_text("ab" * 32)
    assert any("master.key" in detail for detail in bad(file).values())


def test_a_lost_master_key_is_said_and_not_replaced(file: Path) -> None:
    (file.parent / "data/master.key").unlink()
    assert any("master.key is missing" in detail for detail in bad(file).values())
    assert not (file.parent / "data/master.key").exists()


def test_a_lost_keys_database_is_said(file: Path) -> None:
    (file.parent / "data/keys.db").unlink()
    found = bad(file)
    assert any("keys" in f"{name} {detail}" for name, detail in found.items())


def test_a_changed_ledger_names_the_row(file: Path, world: World) -> None:
    with world.database.write() as connection:
        connection.execute(update(tables.consent).values(actor="x"))
    assert "Row 1 does not fit: it was edited" in bad(file)["consent ledger laden"]


def test_a_paused_number_says_the_code(file: Path, world: World) -> None:
    with world.database.write() as connection:
        paused.pause(connection, "nummer", 190, "expired", NOON)
    assert "190" in bad(file)["senders.nummer"]


def test_templates_that_wait_or_miss_are_counted(file: Path, world: World) -> None:
    with world.database.write() as connection:
        connection.execute(update(tables.template).where(tables.template.c.language == "en").values(status="PENDING"))
    assert f"{len(NOTIFICATIONS)} wait for Meta's approval" in bad(file)["templates of nummer"]
    with world.database.write() as connection:
        templates.replace_all(connection, "2001", [], NOON)
    assert f"{len(all_templates())} not submitted" in bad(file)["templates of nummer"]


def test_templates_of_other_kinds_do_not_matter(file: Path, world: World) -> None:
    with world.database.write() as connection:
        row = {"account": "2001", "name": "fremd", "language": "de", "status": "REJECTED", "category": "UTILITY"}
        connection.execute(tables.template.insert(), [row | {"reason": "", "read_at": NOON}])
    assert bad(file) == {}
