"""`ladenbote proof`: made from the settings' databases, verified anywhere."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from storekit import an_entry
from worlds import NOON

from integration.cli import main
from integration.run.wiring import opened
from integration.settings.settings import load
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person

SETTINGS = """
demo = true
[companies.firma]
name = "Laden Beispiel"
[senders.nummer]
phone_number_id = "1"
business_account_id = "2"
token = "stub-token"
app_secret = "stub-app-secret"
verify_token = "v"
base_url = "http://127.0.0.1:9"
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.fixture
def home(tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(SETTINGS)
    assert run("init", "--settings", str(file)).exit_code == 0
    with opened(load(file), tmp_path) as world, world.database.write() as connection:
        [anna] = identity_resolution.resolve(connection, [Person("firma", "+491713920012", name="Anna Beispiel")], NOON)
        world.ledger.append(connection, [an_entry(anna.subject)], NOON)
    return tmp_path


def made(home: Path, *more: str) -> list[Path]:
    done = run("proof", *more, "--settings", str(home / "settings.toml"), "--to", str(home / "out"))
    assert done.exit_code == 0, done.output
    return [Path(line) for line in done.output.splitlines() if line.startswith(str(home))]


def test_a_number_gives_a_pdf_and_a_file_that_verifies(home: Path) -> None:
    pdf, sheet = made(home, "0171 3920012")
    assert pdf.name.startswith("beweisblatt-") and pdf.read_bytes().startswith(b"%PDF")
    found = run("proof", "verify", str(sheet))
    assert found.exit_code == 0 and "2 events, 2 of them tied" in found.output
    key = found.output.split("key   ")[1].split()[0]
    assert run("proof", "verify", str(sheet), "--key", key).exit_code == 0
    lines = run("ledger", "checkpoint", "--settings", str(home / "settings.toml")).output
    (home / "kept.jsonl").write_text(lines)
    assert run("proof", "verify", str(sheet), "--checkpoints", str(home / "kept.jsonl")).exit_code == 0


def test_a_changed_file_and_another_key_are_said_so(home: Path) -> None:
    _, sheet = made(home, "of", "0171 3920012", "--language", "en")
    wrong = run("proof", "verify", str(sheet), "--key", "00" * 32)
    assert wrong.exit_code == 1 and "another key" in wrong.output
    sheet.write_text(sheet.read_text().replace("Anna Beispiel", "Berta Beispiel"))
    changed = run("proof", "verify", str(sheet))
    assert changed.exit_code == 1 and "signature does not fit" in changed.output


def test_nobody_is_said_so(home: Path) -> None:
    found = run("proof", "0171 3920099", "--settings", str(home / "settings.toml"))
    assert found.exit_code == 1 and "Nobody is known" in found.output
