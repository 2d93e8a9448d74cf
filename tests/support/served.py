"""A dashboard that a real browser can open: served on loopback, signed in, watched for complaints."""

import importlib.util
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import uvicorn
from playwright.sync_api import Browser, Page
from worlds import NOON

from integration.flow.world import World
from integration.web import auth
from integration.web.app import create_app

CHROMIUM = Path("/usr/bin/chromium")
SCREENS = Path(__file__).parents[2] / ".artifacts" / "screens"


def seed() -> ModuleType:
    """The module with the pretend intake and the password."""
    if "web_seed" not in sys.modules:
        place = Path(__file__).parents[1] / "web" / "seed.py"
        spec = importlib.util.spec_from_file_location("web_seed", place)
        assert spec and spec.loader
        sys.modules["web_seed"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["web_seed"]


@contextmanager
def served(world: World, **more: Any) -> Iterator[str]:
    """The address of the dashboard of this world."""
    pretend = seed()
    deps = replace(pretend.deps(world.database, pretend.Put(), world.clock, demo=True), world=world, **more)
    auth.set_password(world.database, deps.vault, pretend.PASSWORD, NOON)
    app = create_app(deps)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    app.state.live.close()
    server.should_exit = True
    thread.join(10)


@contextmanager
def signed_in(browser: Browser, address: str, language: str, width: int, **more: Any) -> Iterator[Page]:
    """A page of somebody who signed in; afterwards the browser must not have complained."""
    context = browser.new_context(locale=language, viewport={"width": width, "height": 820}, **more)
    page, complaints = context.new_page(), list[str]()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/login")
    page.get_by_label("Passwor").fill(seed().PASSWORD)
    page.get_by_label("Passwor").press("Enter")
    page.wait_for_url(f"{address}/")
    yield page
    context.close()
    assert complaints == []


def fits(page: Page) -> int:
    """How many pixels the page is too wide."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
