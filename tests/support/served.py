"""A dashboard that a real browser can open: served on loopback, signed in, watched for complaints."""

import importlib.util
import sys
import threading
from collections.abc import Iterator, Mapping
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
def serving(app: Any) -> Iterator[str]:
    """The address of a web app on loopback."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning", lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    app.state.live.close()
    server.should_exit = True
    thread.join(60)


@contextmanager
def served(world: World, **more: Any) -> Iterator[str]:
    """The address of the dashboard of this world."""
    pretend = seed()
    deps = replace(pretend.deps(world.database, pretend.Put(), world.clock, demo=True), world=world, **more)
    auth.set_password(world.database, deps.world.vault, pretend.PASSWORD, NOON)
    with serving(create_app(deps)) as address:
        yield address


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


def look_through(page: Page, address: str, pages: Mapping[str, str], prefix: str) -> None:
    """Open each page by its name, keep a picture of it, and see that it fits."""
    SCREENS.mkdir(parents=True, exist_ok=True)
    size, language = page.viewport_size, page.evaluate("document.documentElement.lang")
    assert size
    for name, path in pages.items():
        answered = page.goto(address + path)
        assert answered and answered.status == 200, path
        assert page.evaluate("document.documentElement.lang") == language
        page.screenshot(path=SCREENS / f"{prefix}-{name}-{language}-{size['width']}.png", full_page=True)
        assert fits(page) <= 0, f"{path} is {fits(page)} px too wide at {size['width']}"
