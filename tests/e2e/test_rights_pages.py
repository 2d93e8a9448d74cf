"""The pages of people's rights in a real browser: both languages, a phone and a desktop, without complaints."""

import importlib.util
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import select
from worlds import NOON, Clock, make_world, order, post, post_meta

from integration.domain.channel import Inbound, MetaUpdate
from integration.flow import answer, evidence, react, rights, send
from integration.store import schema, tables
from integration.store.db import Database
from integration.web import auth
from integration.web.app import create_app
from jobs import retention

SCREENS = Path(__file__).parents[2] / ".artifacts" / "screens"
CHROMIUM = Path("/usr/bin/chromium")
ANNA = "+491713920012"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")


def _seed() -> ModuleType:
    if "web_seed" not in sys.modules:
        place = Path(__file__).parents[1] / "web" / "seed.py"
        spec = importlib.util.spec_from_file_location("web_seed", place)
        assert spec and spec.loader
        sys.modules["web_seed"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["web_seed"]


class Site:
    """A dashboard with a person who ordered, wrote, and wants her data."""

    def __init__(self, folder: Path) -> None:
        database, keys = Database(f"sqlite:///{folder}/site.db"), Database(f"sqlite:///{folder}/keys.db")
        schema.upgrade(database, keys)
        self.clock = Clock()
        made = make_world(database, keys, self.clock)
        self.world = replace(made, senders={n: replace(s, number="+493055501234") for n, s in made.senders.items()})
        post(self.world, order(number="1001"))
        react.run(self.world)
        send.claim(self.world, "nummer", 10)
        self.say("Hallo, wann kommt mein Paket?")
        who = rights.Identifiers(phone=ANNA)
        [self.request] = rights.by_staff(self.world, "firma", "access", who, "letter", NOON, "Brief vom 20.11.")
        evidence.check(self.world, NOON)
        with database.read() as connection:
            self.anna = connection.execute(select(tables.contact.c.id)).scalar_one()
        seed = _seed()
        deps = replace(
            seed.deps(database, seed.Put(), self.clock, demo=True),
            world=self.world,
            deletions=lambda: retention.preview(self.world, self.clock()),
        )
        self.password = seed.PASSWORD
        auth.set_password(database, deps.vault, self.password, NOON)
        self.app = create_app(deps)
        self.server = uvicorn.Server(uvicorn.Config(self.app, port=0, log_level="warning", lifespan="off", ws="none"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def say(self, text: str) -> None:
        item = Inbound(f"in-{text}", ANNA, "DE.1", "Anna Beispiel", self.clock(), "text", text, "")
        post_meta(self.world, MetaUpdate(messages=(item,)))
        answer.run(self.world)

    def pages(self) -> dict[str, str]:
        person = f"/contacts/{self.anna}"
        forms = {name: f"{person}/{name}" for name in ("withdraw", "correct", "restrict", "erase", "export")}
        more = {"requests": "/requests", "request": f"/requests/{self.request}", "ledger": "/ledger"}
        return {"person": person, **forms, **more, "retention": "/retention", "me": "/me"}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    running: Any = Site(tmp_path_factory.mktemp("rights"))
    running.thread.start()
    while not running.server.started:
        running.thread.join(0.02)
    running.address = f"http://127.0.0.1:{running.server.servers[0].sockets[0].getsockname()[1]}"
    yield running
    running.app.state.live.close()
    running.server.should_exit = True
    running.thread.join(10)
    running.world.database.close()
    running.world.keys.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [375, 1280])
def test_every_page_fits_and_complains_of_nothing(browser: Browser, site: Any, language: str, width: int) -> None:
    context = browser.new_context(locale=language, viewport={"width": width, "height": 820})
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.goto(f"{site.address}/login")
    page.get_by_label("Passwor").fill(site.password)
    page.get_by_label("Passwor").press("Enter")
    page.wait_for_url(f"{site.address}/")
    SCREENS.mkdir(parents=True, exist_ok=True)
    for name, path in site.pages().items():
        answered = page.goto(site.address + path)
        assert answered and answered.status == 200, path
        assert page.evaluate("document.documentElement.lang") == language
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        page.screenshot(path=SCREENS / f"rights-{name}-{language}-{width}.png", full_page=True)
        assert overflow <= 0, f"{path} is {overflow} px too wide at {width}"
    context.close()
    assert complaints == []


def test_a_customer_opens_the_own_data_without_javascript(browser: Browser, site: Any) -> None:
    context = browser.new_context(locale="de", viewport={"width": 375, "height": 820}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/me")
    page.get_by_role("button", name="Beginnen").click()
    code = page.inner_text("main").split("Nachricht DATEN ")[1].split()[0]
    page.screenshot(path=SCREENS / "rights-me-code-de-375.png", full_page=True)
    site.say(f"DATEN {code}")
    with site.world.database.read() as connection:
        query = select(tables.message.c.text).where(tables.message.c.kind == "data_code")
        told = connection.execute(query).scalars().first() or ""
    page.get_by_label("Sechs Ziffern").fill("".join(filter(str.isdigit, told.split(". ")[0])))
    page.get_by_role("button", name="Weiter").click()
    assert "Anna Beispiel" in page.inner_text("main")
    page.get_by_text("Etwas stimmt nicht oder soll ruhen").click()
    page.screenshot(path=SCREENS / "rights-me-open-de-375.png", full_page=True)
    page.get_by_label("Etwas berichtigen").check()
    page.get_by_label("Was ist falsch").fill("Ich heiße Anna-Lena.")
    page.get_by_role("button", name="Darum bitten").click()
    assert "muss bis zum" in page.inner_text("main")
    page.screenshot(path=SCREENS / "rights-me-asked-de-375.png", full_page=True)
    context.close()
