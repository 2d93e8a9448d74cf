"""The command line as a person uses it: what it says, what it leaves behind, and how it ends."""

import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
import pytest
from click.testing import CliRunner, Result
from mailserver import Letters, mail_server
from sqlalchemy import create_engine, text
from stub_meta import StubMeta

from integration.cli import main
from integration.run import worker

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("LADENBOTE_")}
PASSWORD = re.compile(r"Password for the dashboard \(shown this once\): (\S+)")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def settings(home: Path, port: int = 8080, graph: str = "http://127.0.0.1:9", more: str = "") -> Path:
    file = home / "settings.toml"
    file.write_text(
        f"""
demo = true
public_url = "http://127.0.0.1:{port}"
{more}
[server]
port = {port}
[companies.laden]
name = "Laden Beispiel"
[senders.nummer]
phone_number_id = "1001"
business_account_id = "2001"
token = "stub-token"
app_secret = "stub-app-secret"
verify_token = "stub-verify"
base_url = "{graph}"
[shops.kaffee]
platform = "woocommerce"
name = "Kaffeeladen"
url = "http://127.0.0.1:9"
webhook_secret = "stub-secret"
"""
    )
    return file


def ladenbote(*arguments: str, stdin: str | None = None) -> Result:
    """In this process, as with the command."""
    return CliRunner().invoke(main, list(arguments), input=stdin, env=dict.fromkeys(os.environ.keys() - CLEAN.keys()))


def start(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "integration.cli", *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=CLEAN)


def finish(process: "subprocess.Popen[str]", timeout: float = 20) -> str:
    try:
        output, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        output, _ = process.communicate()
        raise AssertionError(f"it did not end:\n{output}") from None
    return output


@contextmanager
def running(file: Path, port: int) -> Iterator["subprocess.Popen[str]"]:
    """`ladenbote run` that answers; killed at the end if it still lives."""
    process = start("run", "--settings", str(file))
    try:
        deadline = time.monotonic() + 120
        with httpx.Client(trust_env=False, timeout=60) as client:
            while True:
                assert process.poll() is None, process.communicate()[0]
                assert time.monotonic() < deadline
                try:
                    if client.get(f"http://127.0.0.1:{port}/healthz").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def ready(home: Path) -> tuple[Path, int]:
    """A set-up that can run."""
    port = free_port()
    file = settings(home, port)
    result = ladenbote("init", "--settings", str(file))
    assert result.exit_code == 0, result.output
    return file, port


def plain(result: Result) -> str:
    """The output, which is no traceback and holds no secret."""
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.output
    assert "stub-token" not in result.output
    return result.output


def test_version() -> None:
    result = ladenbote("version")
    assert re.fullmatch(r"ladenbote \d+\.\d+\.\d+\n", result.output)
    assert result.exit_code == 0


def commands(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name)


@pytest.mark.parametrize("command", list(commands(main)), ids=" ".join)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    for flag in ("--help", "-h"):
        result = ladenbote(*command, flag)
        assert result.exit_code == 0
        assert result.output.startswith("Usage:")
    lines = result.output.splitlines()
    assert len(lines[2].strip()) > 10, "says what it does"
    options = [line for line in lines if line.strip().startswith("--")]
    assert all(
        re.search(r"--\S+.*\s{2,}\S|\[default", line) or line.strip().endswith(("PATH", "FILE")) for line in options
    )


def test_the_first_help_names_every_command() -> None:
    told = ladenbote("--help").output
    for name in ("init", "check", "run", "db", "send-test", "sandbox", "demo", "version"):
        assert re.search(rf"^  {name} ", told, re.MULTILINE)


@pytest.mark.parametrize("wrong", [["nonsense"], ["check", "--nonsense"], ["send-test"], ["init", "--language", "fr"]])
def test_wrong_usage_ends_with_2(wrong: list[str]) -> None:
    result = ladenbote(*wrong)
    assert result.exit_code == 2
    assert "Usage:" in result.output


# --- init


def test_init_makes_everything_and_shows_the_password_once(home: Path) -> None:
    file = home / "neu" / "settings.toml"
    first = ladenbote("init", "--settings", str(file), "--language", "en")
    assert first.exit_code == 0, first.output
    assert PASSWORD.search(first.output)
    assert 'language = "en"' in file.read_text()
    for made in ("ladenbote.db", "keys.db", "master.key"):
        assert (file.parent / "data" / made).exists()
    second = ladenbote("init", "--settings", str(file))
    assert second.exit_code == 0
    assert not PASSWORD.search(second.output)
    assert "kept" in second.output
    assert 'language = "en"' in file.read_text(), "the second run changes nothing"


def test_init_keeps_an_edited_file_and_the_master_key(ready: tuple[Path, int]) -> None:
    file, _ = ready
    before = file.read_text(), (file.parent / "data/master.key").read_text()
    assert ladenbote("init", "--settings", str(file)).exit_code == 0
    assert (file.read_text(), (file.parent / "data/master.key").read_text()) == before


def test_what_init_made_is_for_the_owner_alone(home: Path) -> None:
    """Names, numbers and orders lie there: other users of the machine must not be able to read them."""
    file = home / "settings.toml"
    old = os.umask(0o022)
    try:
        ladenbote("init", "--settings", str(file))
    finally:
        os.umask(old)
    folder = stat.S_IMODE((home / "data").stat().st_mode)
    for made in ("master.key", "ladenbote.db", "keys.db"):
        mode = stat.S_IMODE((home / "data" / made).stat().st_mode)
        assert not (folder & 0o077 and mode & 0o077), f"{made}: {oct(mode)} in a folder {oct(folder)}"
    assert stat.S_IMODE((home / "data" / "master.key").stat().st_mode) == 0o600


def test_the_password_is_stored_nowhere_in_clear_text(ready: tuple[Path, int], home: Path) -> None:
    file = home / "zwei" / "settings.toml"
    found = PASSWORD.search(ladenbote("init", "--settings", str(file)).output)
    assert found
    for made in file.parent.rglob("*"):
        assert made.is_dir() or found[1].encode() not in made.read_bytes()


# --- check


def test_check_says_what_is_missing_and_ends_with_1(ready: tuple[Path, int]) -> None:
    result = ladenbote("check", "--settings", str(ready[0]))
    assert result.exit_code == 1
    told = plain(result)
    assert "ok    database: SQLite, schema up to date" in told
    assert re.search(r"FAIL  templates of nummer: \d+ not submitted", told)


def test_check_without_a_file_names_the_command(home: Path) -> None:
    result = ladenbote("check", "--settings", str(home / "settings.toml"))
    assert result.exit_code == 1
    assert "`ladenbote init`" in plain(result)
    assert list(home.iterdir()) == [], "checking makes nothing"


# --- db upgrade, old schemas


def old(file: Path) -> None:
    """A database from before the first migration."""
    database = file.parent / "data/ladenbote.db"
    for leftover in database.parent.glob("ladenbote.db*"):
        leftover.unlink()
    create_engine(f"sqlite:///{database}").connect().close()


@pytest.mark.parametrize(
    "command", [["run"], ["check"], ["send-test", "+491713920012", "--yes"]], ids=["run", "check", "send-test"]
)
def test_an_old_schema_names_the_command_that_upgrades_it(ready: tuple[Path, int], command: list[str]) -> None:
    file, _ = ready
    old(file)
    result = ladenbote(*command, "--settings", str(file))
    assert result.exit_code == 1
    assert "`ladenbote db upgrade`" in plain(result)


def test_db_upgrade_brings_it_up_to_date(ready: tuple[Path, int]) -> None:
    file, _ = ready
    old(file)
    result = ladenbote("db", "upgrade", "--settings", str(file))
    assert (result.exit_code, plain(result)) == (0, "The databases are up to date.\n")
    assert "schema up to date" in ladenbote("check", "--settings", str(file)).output


def test_a_newer_schema_is_refused(ready: tuple[Path, int]) -> None:
    file, _ = ready
    engine = create_engine(f"sqlite:///{file.parent / 'data/ladenbote.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    result = ladenbote("run", "--settings", str(file))
    assert result.exit_code == 1
    assert "newer Ladenbote" in plain(result)


def test_a_database_that_does_not_answer_is_one_sentence(ready: tuple[Path, int]) -> None:
    file, _ = ready
    url = f"postgresql://ladenbote:geheim@127.0.0.1:{free_port()}/ladenbote"
    file.write_text(file.read_text() + f'\n[database]\nurl = "{url}"\n')
    result = ladenbote("run", "--settings", str(file))
    assert result.exit_code == 1
    assert "PostgreSQL" in plain(result)
    assert "geheim" not in result.output


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever begins to work in spite of what is missing is found out at once."""

    def begun() -> None:
        raise AssertionError("work has begun")

    monkeypatch.setattr(worker, "_runner", begun)


def test_a_wrong_master_key_is_said_before_work_begins(ready: tuple[Path, int], no_work: None) -> None:
    file, _ = ready
    (file.parent / "data/master.key").write_text("ab" * 32 + "\n")
    result = ladenbote("run", "--settings", str(file))
    assert result.exit_code == 1
    assert "master.key" in plain(result)


def test_a_lost_keys_database_is_said_before_work_begins(ready: tuple[Path, int], no_work: None) -> None:
    """Ordinary backups leave it out: without it neither consent nor STOP could be recorded."""
    file, _ = ready
    (file.parent / "data/keys.db").unlink()
    result = ladenbote("run", "--settings", str(file))
    assert result.exit_code == 1
    assert "keys" in plain(result)


def test_a_lost_master_key_is_said_and_no_new_one_made(ready: tuple[Path, int], no_work: None) -> None:
    """A new key would make every stored secret and every proof unreadable, silently."""
    file, _ = ready
    key = file.parent / "data/master.key"
    key.unlink()
    result = ladenbote("run", "--settings", str(file))
    assert result.exit_code == 1
    assert "master.key" in plain(result)
    assert not key.exists()


# --- run


def test_run_answers_and_ends_in_order_on_sigterm(ready: tuple[Path, int]) -> None:
    file, port = ready
    with running(file, port) as process:
        with httpx.Client(trust_env=False, timeout=60, base_url=f"http://127.0.0.1:{port}") as client:
            assert client.get("/readyz").json() == {"ready": True, "problems": []}
            assert "ladenbote_received" in client.get("/metrics").text
        second = ladenbote("run", "--settings", str(file))
        assert second.exit_code == 1
        assert f"process {process.pid}) already works on this database" in plain(second)
        assert process.poll() is None, "the first goes on"
        process.send_signal(signal.SIGTERM)
        output = finish(process)
        assert process.returncode == 0, output
        assert "Traceback" not in output
        assert "stub-token" not in output


def test_a_taken_port_is_a_sentence_and_3(ready: tuple[Path, int]) -> None:
    file, port = ready
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        other.listen()
        result = ladenbote("run", "--settings", str(file))
    assert result.exit_code == 3
    told = plain(result)
    assert re.search(rf"{port}.*(in use|taken|already)", told)


def test_send_test_is_delivered_by_a_running_ladenbote(home: Path) -> None:
    port = free_port()
    with StubMeta(f"http://127.0.0.1:{port}/meta/nummer", seed=1) as stub:
        file = settings(home, port, stub.url)
        assert ladenbote("init", "--settings", str(file)).exit_code == 0
        with running(file, port) as process:
            result = ladenbote("send-test", "0171 3920012", "--settings", str(file), stdin="y\n")
            assert result.exit_code == 0, result.output
            assert "Queued for" in plain(result)
            assert "3920012" not in result.output.split("Queued")[1]
            deadline = time.monotonic() + 120
            while not stub.accepted and time.monotonic() < deadline:
                time.sleep(0.05)
            assert sum(stub.accepted.values()) == 1
            process.send_signal(signal.SIGTERM)
            finish(process)
    engine = create_engine(f"sqlite:///{file.parent / 'data/ladenbote.db'}")
    with engine.connect() as connection:
        states = connection.execute(text("SELECT status FROM message")).scalars().all()
    engine.dispose()
    assert len(states) == 1
    assert states[0] in ("accepted", "sent", "delivered", "read")


def test_send_test_asks_first_and_no_means_no(ready: tuple[Path, int]) -> None:
    file, _ = ready
    result = ladenbote("send-test", "+491713920012", "--settings", str(file), stdin="n\n")
    assert result.exit_code == 1
    assert "Queued" not in result.output
    engine = create_engine(f"sqlite:///{file.parent / 'data/ladenbote.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM message")).scalar() == 0
    engine.dispose()


def test_send_test_explains_a_wrong_phone_and_number(ready: tuple[Path, int]) -> None:
    file, _ = ready
    result = ladenbote("send-test", "anrufen", "--yes", "--settings", str(file))
    assert result.exit_code == 1
    assert "not a phone number" in plain(result)
    result = ladenbote("send-test", "+491713920012", "--yes", "--sender", "x", "--settings", str(file))
    assert result.exit_code == 1
    assert "Known: nummer" in plain(result)


# --- demo


def test_the_demo_plays_its_story_and_counts(home: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "integration.cli", "demo", "--once"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=CLEAN | {"TMPDIR": str(home)},
    )  # fmt: skip
    try:
        output, errors = process.communicate(timeout=300)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=300)
    assert process.returncode == 0, errors
    found = json.loads(output)
    assert found["duplicates"] == 0
    assert found["orders"] >= 2
    assert sum(found["messages"].values()) >= 2
    assert found["messages"].get("read", 0) >= 1
    assert found["denied"], "the story shows a message that was not sent, and why"
    assert all(step["ok"] for step in found["steps"])
    assert (found["carts_reminded"], found["brought_back"]) == (1, {"link": 1}), "a cart comes back"
    assert list(home.iterdir()) == [], "nothing is left behind"


def test_a_test_alarm_reaches_the_owner_or_says_why_not(tmp_path: Path) -> None:
    nobody = ladenbote("test-alarm", "--settings", str(settings(tmp_path)))
    assert nobody.exit_code == 1 and "Nobody would be told" in nobody.output
    letters = Letters()
    with mail_server(letters) as port:
        more = f"""
[alarms.mail]
host = "127.0.0.1"
port = {port}
security = "none"
sender = "bote@example.com"
to = ["inhaber@example.com"]
"""
        well = ladenbote("test-alarm", "--settings", str(settings(tmp_path, more=more)))
    assert (well.exit_code, well.output) == (0, "ok    mail: sent to inhaber@example.com\n")
    assert b"Probealarm" in letters.taken[0].content
    gone = ladenbote("test-alarm", "--settings", str(settings(tmp_path, more=more)))
    assert gone.exit_code == 1 and "no connection; check host and port" in gone.output
