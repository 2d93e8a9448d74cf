"""`ladenbote demo`: the sandbox and a real worker as two processes, in a temporary folder.

Two processes, because the simulator never runs in the same one as real credentials (docs/reference/design.md, Never 8).
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import webbrowser
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import httpx
from sqlalchemy import Connection, func, select, update

from integration.domain.carts.carts import DELAY
from integration.domain.carts.reminders import KIND, CartRule
from integration.domain.errors import LadenboteError
from integration.domain.messages.status import MessageStatus
from integration.domain.notifications.settings import Rule
from integration.run.wiring import first_key, now, opened, upgrade
from integration.sandbox.config import SandboxConfig
from integration.settings.settings import Settings, load
from integration.store.carts import settings as cart_settings
from integration.store.carts.listing import BROUGHT
from integration.store.notifications import settings as notification_settings
from integration.store.tables import cart, conversion, message, shop_state, snapshot
from integration.web import auth

START_WITHIN = 90
STORY_WITHIN = 120.0
SETTLE_WITHIN = 20.0
MOVING = (MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SENDING)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demo."""

    home: Path
    sandbox: SandboxConfig
    children: tuple["subprocess.Popen[bytes]", ...]

    @property
    def url(self) -> str:
        """Where the browser looks."""
        return f"http://127.0.0.1:{self.sandbox.port}/"

    def play(self) -> dict[str, Any]:
        """Play the story to its end and count what became of it."""
        with httpx.Client(trust_env=False, timeout=STORY_WITHIN) as client:
            answer = client.post(f"{self.url}stage/story", params={"pause": 0})
            steps = answer.raise_for_status().json()["steps"]
            self._settle()
            state = client.get(f"{self.url}stage/state").json()
        summary = self._counted() | {"duplicates": duplicates(state["accepted"]), "steps": steps}
        unplayed = [step for step in steps if not step["ok"]]
        return summary | {"ok": not unplayed and summary["duplicates"] == 0}

    def show(self, open_browser: bool) -> None:
        """Keep running until Ctrl-C."""
        click.echo(f"The demo is open on {self.url} (Ctrl-C ends it)", err=True)
        if open_browser:
            webbrowser.open(self.url)
        try:
            while all(child.poll() is None for child in self.children):
                time.sleep(0.5)
        except KeyboardInterrupt:
            return
        raise LadenboteError(f"A part of the demo ended by itself; its log is in {self.home}.")

    def _settle(self) -> None:
        """Wait until no message moves any more: everything read, denied or failed."""
        with opened(self._settings(), self.home) as world:
            deadline = time.monotonic() + SETTLE_WITHIN
            while time.monotonic() < deadline:
                with world.database.read() as connection:
                    states = Counter(connection.execute(select(message.c.status)).scalars())
                if states and not any(states[s] for s in (*MOVING, "accepted", "sent", "delivered")):
                    return
                time.sleep(0.2)

    def _counted(self) -> dict[str, Any]:
        with opened(self._settings(), self.home) as world, world.database.read() as connection:
            orders = connection.execute(
                select(func.count()).select_from(snapshot).where(snapshot.c.object_type == "order")
            ).scalar()
            by_status = select(message.c.status, func.count()).group_by(message.c.status)
            denied = (
                select(message.c.reason, func.count())
                .where(message.c.status.in_([MessageStatus.SUPPRESSED, MessageStatus.CANCELLED]))
                .group_by(message.c.reason)
            )
            reminded = select(func.count()).select_from(cart).where(cart.c.reminded_at.is_not(None))
            brought = select(conversion.c.how, func.count()).where(BROUGHT).group_by(conversion.c.how)
            return {
                "orders": orders,
                "messages": {row[0]: row[1] for row in connection.execute(by_status)},
                "denied": {row[0]: row[1] for row in connection.execute(denied)},
                "carts_reminded": connection.execute(reminded).scalar(),
                "brought_back": {row[0]: row[1] for row in connection.execute(brought)},
            }

    def _settings(self) -> Settings:
        return load(self.home / "settings.toml")


def duplicates(accepted: list[dict[str, Any]]) -> int:
    """How many messages the simulated WhatsApp accepted a second time: same person, text and variables."""
    seen = Counter(
        json.dumps([a["to"], a.get("template"), a.get("parameters"), a.get("text")], sort_keys=True) for a in accepted
    )
    return sum(count - 1 for count in seen.values())


@contextmanager
def stage(language: str, password: str) -> Iterator[Stage]:
    """Start the sandbox and a worker in a temporary folder; both end with the block."""
    with tempfile.TemporaryDirectory(prefix="ladenbote-demo-") as folder:
        home = Path(folder)
        sandbox = SandboxConfig(
            port=free_port(),
            worker_url=f"http://127.0.0.1:{free_port()}",
            dashboard_password=password,
            language=language,
            set_up=True,
        )
        _prepare(home, sandbox, password)
        children: list[subprocess.Popen[bytes]] = []
        try:
            children.append(_start(home, "sandbox", "--config", str(home / "sandbox.json")))
            _wait(f"http://127.0.0.1:{sandbox.port}/", children, home)
            children.append(_start(home, "run", "--settings", str(home / "settings.toml")))
            _wait(f"{sandbox.worker_url}/readyz", children, home)
            yield Stage(home, sandbox, tuple(children))
        finally:
            _end(children)


def _prepare(home: Path, sandbox: SandboxConfig, password: str) -> None:
    (home / "sandbox.json").write_text(json.dumps(asdict(sandbox)))
    (home / "settings.toml").write_text(_toml(sandbox), encoding="utf-8")
    settings = load(home / "settings.toml")
    first_key(settings, home)
    with opened(settings, home) as world:
        upgrade(world)
        auth.set_password(world.database, world.vault, password, now())
        with world.database.write() as connection:
            _remind(connection, list(settings.shops))


def _remind(connection: Connection, slugs: list[str]) -> None:
    """Remind everybody of carts, of those left before the play began, too: it shows in a minute what takes hours."""
    connection.execute(update(shop_state).values(connected_at=now() - timedelta(days=1)))
    notification_settings.decide(connection, slugs, KIND, Rule(True, DELAY), "demo", now())
    cart_settings.decide(connection, slugs, CartRule(holdout=False), "demo", now())


def _toml(sandbox: SandboxConfig) -> str:
    """The demo's settings. Quiet hours and Sundays are off, so that the story plays at any time."""
    worker_port = sandbox.worker_url.rsplit(":", 1)[1]
    own = f"http://127.0.0.1:{sandbox.port}"
    return f"""
language = "{sandbox.language}"
public_url = "{sandbox.worker_url}"
demo = true
[server]
port = {worker_port}
embed_from = "{own}"
[companies.laden]
name = "{sandbox.company_name}"
[companies.laden.policy]
quiet_service = false
quiet_marketing = false
quiet_sunday = false
[senders.{sandbox.sender_slug}]
phone_number_id = "{sandbox.phone_number_id}"
business_account_id = "{sandbox.business_account_id}"
token = "{sandbox.whatsapp_token}"
app_secret = "{sandbox.app_secret}"
verify_token = "{sandbox.verify_token}"
base_url = "{own}/graph/v26.0"
[shops.{sandbox.woocommerce_slug}]
platform = "woocommerce"
name = "Kaffeeladen"
address = "du"
url = "{own}/woocommerce"
webhook_secret = "{sandbox.woocommerce_secret}"
consumer_key = "{sandbox.woocommerce_key}"
consumer_secret = "{sandbox.woocommerce_key_secret}"
[shops.{sandbox.shopify_slug}]
platform = "shopify"
name = "Teeladen"
domain = "{sandbox.shopify_domain}"
webhook_secret = "{sandbox.shopify_secret}"
client_id = "{sandbox.shopify_client_id}"
client_secret = "{sandbox.shopify_secret}"
base_url = "{own}/shopify"
"""


def _start(home: Path, *arguments: str) -> "subprocess.Popen[bytes]":
    output = (home / f"{arguments[0]}.log").open("wb")
    # The demo's settings stand in its own file: the owner's environment must not leak real credentials into it.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LADENBOTE_")}
    command = [sys.executable, "-m", "integration.cli", *arguments]
    return subprocess.Popen(command, stdout=output, stderr=output, env=environment)  # noqa: S603 - our own command


def _wait(url: str, children: list["subprocess.Popen[bytes]"], home: Path) -> None:
    deadline = time.monotonic() + START_WITHIN
    with httpx.Client(trust_env=False, timeout=2) as client:
        while time.monotonic() < deadline and all(child.poll() is None for child in children):
            try:
                if client.get(url).status_code == httpx.codes.OK:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
    logs = "\n".join(path.read_text(errors="replace")[-2000:] for path in sorted(home.glob("*.log")))
    raise LadenboteError(f"The demo did not start. Its log:\n{logs}")


def _end(children: list["subprocess.Popen[bytes]"]) -> None:
    for child in reversed(children):
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def free_port() -> int:
    """A port on loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
