"""The dashboard in a real browser: every page, both languages, a phone, the pane beside it, and a desktop."""

import importlib.util
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, Page
from worlds import make_world

from integration.flow.world import World
from integration.store.db import Database
from integration.store.tables import keys_metadata
from integration.web import auth
from integration.web.app import create_app
from integration.web.pages import PAGES

SCREENS = Path(__file__).parents[3] / ".artifacts" / "screens"
CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = (375, 560, 768, 1280)
#: files to save are no pages
SAVED = {"/ledger/checkpoints"}
#: every page that needs no choice, and one shop
LISTS = {
    path.strip("/").replace("/", "-") or "today": path
    for path, _ in PAGES
    if not set("{.") & set(path) and path not in SAVED | {"/login"}
} | {"shop": "/connections/kaffeeladen"}

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")


def _world() -> ModuleType:
    if "web_seed" not in sys.modules:
        place = Path(__file__).parents[2] / "web" / "seed.py"
        spec = importlib.util.spec_from_file_location("web_seed", place)
        assert spec and spec.loader
        sys.modules["web_seed"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["web_seed"]


def _house(world: ModuleType, database: Database, folder: Path, now: datetime) -> World:
    """What the use cases behind pages take: the seed's company, shop and number."""
    keys = Database(f"sqlite:///{folder}/house-keys.db")
    with keys.write() as connection:
        keys_metadata.create_all(connection)
    made = make_world(database, keys, world.Clock(now))
    [company], [shop], [number] = made.companies.values(), made.shops.values(), made.senders.values()
    return replace(
        made,
        companies={world.COMPANY: replace(company, slug=world.COMPANY)},
        shops={world.SHOP: replace(shop, slug=world.SHOP, company=world.COMPANY, sender=world.SENDER)},
        senders={world.SENDER: replace(number, slug=world.SENDER, company=world.COMPANY, number="+493055501234")},
    )


class Site:
    """A running dashboard with the invented shop."""

    def __init__(self, folder: Path) -> None:
        world = _world()
        # Just before midday of today, so that the whole invented day lies on one calendar day.
        now = datetime.now(UTC).replace(hour=14, minute=20, second=0, microsecond=0)
        self.password = world.PASSWORD
        self.database = world.database(folder)
        self.seed = world.Seed(self.database, now).everything()
        deps = world.deps(self.database, world.Put(), world.Clock(now), demo=True)
        deps = replace(deps, world=_house(world, self.database, folder, now))
        auth.set_password(self.database, deps.world.vault, self.password, now)
        self.app = create_app(deps)
        config = uvicorn.Config(self.app, port=0, log_level="warning", lifespan="off", ws="none")
        self.server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.server.run, daemon=True)

    def start(self) -> str:
        """Serve; returns the address."""
        self._thread.start()
        while not self.server.started:
            self._thread.join(0.02)
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        """Stop within a moment, open event streams or not."""
        self.app.state.live.close()
        self.server.should_exit = True
        self._thread.join(10)
        assert not self._thread.is_alive()
        self.database.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The site and its address."""
    running = Site(tmp_path_factory.mktemp("dashboard"))
    running.address = running.start()
    yield running
    running.stop()


def _enter(browser: Browser, site: Any, language: str, width: int, scheme: str = "light") -> tuple[Page, list[str]]:
    context = browser.new_context(
        locale=language, viewport={"width": width, "height": 820}, color_scheme=scheme, device_scale_factor=1
    )
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    page.goto(f"{site.address}/login")
    page.get_by_label("Passwor").fill(site.password)
    page.get_by_label("Passwor").press("Enter")
    page.wait_for_url(f"{site.address}/")
    return page, complaints


def _pages(site: Any) -> dict[str, str]:
    ids, people = site.seed.ids, site.seed.contacts
    more = {f"message-{state}": f"/messages/{ids[state]}" for state in ("read", "suppressed", "unknown", "failed")}
    contacts = {"contact": f"/contacts/{people[0]}", "contact-stopped": f"/contacts/{people[9]}"}
    rights = {f"contact-{name}": f"/contacts/{people[0]}/{name}" for name in ("withdraw", "correct", "erase", "export")}
    return LISTS | more | contacts | rights | {"missing": "/nowhere"}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_fits_and_complains_of_nothing(browser: Browser, site: Any, language: str, width: int) -> None:
    page, complaints = _enter(browser, site, language, width)
    for name, path in _pages(site).items():
        answer = page.goto(site.address + path)
        assert answer and answer.status == (404 if name == "missing" else 200), path
        assert page.evaluate("document.documentElement.lang") == language
        overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        _shoot(page, f"{name}-{language}-{width}")
        assert overflow <= 0, f"{path} is {overflow} px too wide at {width}"
    page.context.close()
    assert [text for text in complaints if "404" not in text] == []


@pytest.mark.parametrize("width", [375, 1280])
def test_dark(browser: Browser, site: Any, width: int) -> None:
    page, complaints = _enter(browser, site, "de", width, "dark")
    for name in ("today", "messages", "message-read", "contact"):
        page.goto(site.address + _pages(site)[name])
        _shoot(page, f"dark-{name}-{width}")
    page.context.close()
    assert complaints == []


CONTRAST = """() => {
  const parse = (color) => (color.match(/[\\d.]+/g) || []).map(Number);
  const linear = (v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (part) => {
    for (; part; part = part.parentElement) {
      const color = parse(getComputedStyle(part).backgroundColor);
      if (color.length === 3 || color[3] > 0.99) return color;
    }
    return [255, 255, 255];
  };
  const ratio = (part) => {
    const pair = [light(parse(getComputedStyle(part).color)), light(behind(part))].sort((x, y) => y - x);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  };
  const written = (part) => [...part.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim());
  return [...document.querySelectorAll("body *")]
    .filter((part) => written(part) && part.getClientRects().length && !part.closest("svg, option"))
    .filter((part) => ratio(part) < 4.5)
    .map((part) => `${part.tagName}.${part.className} ${ratio(part).toFixed(2)}`);
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_contrast_is_readable(browser: Browser, site: Any, scheme: str) -> None:
    page, _ = _enter(browser, site, "de", 1280, scheme)
    for path in _pages(site).values():
        page.goto(site.address + path)
        assert page.evaluate(CONTRAST) == [], path
    page.context.close()


def test_login_page(browser: Browser, site: Any) -> None:
    context = browser.new_context(locale="de", viewport={"width": 375, "height": 700})
    page = context.new_page()
    page.goto(f"{site.address}/messages?status=read")
    assert page.url.endswith("/login?next=%2Fmessages%3Fstatus%3Dread")
    _shoot(page, "login-de-375")
    page.get_by_label("Passwort").fill("falsch")
    page.get_by_role("button").click()
    assert page.get_by_role("alert").inner_text() == "Das Passwort stimmt nicht."
    page.get_by_label("Passwort").fill(site.password)
    page.get_by_role("button").click()
    page.wait_for_url(f"{site.address}/messages?status=read")
    context.close()


def test_keyboard_reaches_content_with_a_visible_focus(browser: Browser, site: Any) -> None:
    page, _ = _enter(browser, site, "de", 1280)
    # `keyboard.press` waits for ever when the browser keeps a key to itself; a locator gives up after a while.
    page.locator("body").press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    for _ in range(4):
        page.locator(":focus").press("Tab")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"
    page.locator(":focus").press("Enter")
    page.wait_for_load_state()
    page.context.close()


def test_search_and_language_and_sign_out(browser: Browser, site: Any) -> None:
    page, complaints = _enter(browser, site, "de", 1280)
    page.goto(f"{site.address}/messages")
    page.get_by_label("Bestellnummer oder Name").fill("Sofia")
    page.get_by_label("Bestellnummer oder Name").press("Enter")
    page.wait_for_selector(".chip")
    assert "Sofia" not in page.url
    assert {text.strip() for text in page.locator(".who a").all_inner_texts()} == {"Sofia Rossi"}
    page.locator(".account summary").click()
    page.get_by_role("button", name="English").click()
    page.wait_for_selector("html[lang=en]")
    page.locator(".account summary").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/login")
    page.context.close()
    assert complaints == []


def test_page_refreshes_by_itself(browser: Browser, site: Any) -> None:
    page, complaints = _enter(browser, site, "de", 560)
    before = page.locator(".figures b").nth(0).inner_text()
    page.wait_for_timeout(1200)
    with site.seed.again() as add:
        add.message(0, "read", add.now)
    page.wait_for_function("old => document.querySelector('.figures b').innerText !== old", arg=before, timeout=60000)
    page.context.close()
    assert complaints == []


def test_works_without_javascript(browser: Browser, site: Any) -> None:
    context = browser.new_context(locale="de", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/login")
    page.get_by_label("Passwort").fill(site.password)
    page.get_by_role("button").click()
    page.get_by_role("link", name="Nachrichten", exact=True).first.click()
    page.locator(".who a").first.click()
    assert page.locator(".timeline .step").count() > 2
    context.close()


def _shoot(page: Page, name: str) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENS / f"{name}.png", full_page=True)
