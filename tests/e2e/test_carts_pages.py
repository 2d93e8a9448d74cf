"""The pages of carts and figures in a real browser: both languages, phone and desk, light and dark."""

import importlib.util
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from integration.store import schema
from integration.store.db import Database
from integration.web import auth
from integration.web.app import create_app

SCREENS = Path(__file__).parents[2] / ".artifacts" / "screens"
CHROMIUM = Path("/usr/bin/chromium")

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")


def _seed() -> ModuleType:
    if "web_seed" not in sys.modules:
        place = Path(__file__).parents[1] / "web" / "seed.py"
        spec = importlib.util.spec_from_file_location("web_seed", place)
        assert spec and spec.loader
        sys.modules["web_seed"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    return sys.modules["web_seed"]


def _trade(shop: Any) -> str:
    """A month of carts on both sides of the comparison; gives one that came back."""
    last, now = "", shop.now
    told = {"kind": "abandoned_cart", "purpose": "abandoned_cart", "object_type": "cart"}
    for n in range(240):
        arm, ago = ("holdout" if n % 4 == 0 else "reminder"), 24.0 * (6 + n % 22)
        bought = n % 8 == 0 if arm == "holdout" else n % 4 != 1
        asked = now - timedelta(hours=ago - 3)
        state = ("recovered" if arm == "reminder" else "ordered") if bought else "expired"
        reminded = asked if arm == "reminder" else None
        number = f"7{n:03}" if bought else ""
        id_ = shop.cart(
            state, f"Lena{n}", hours=ago, arm=arm, asked_at=asked, reminded_at=reminded, order_id=number,
            reason="holdout" if arm == "holdout" else "", contact_id=shop.contacts[n % 8],
        )  # fmt: skip
        if bought:
            how = "unprompted" if arm == "holdout" else ("voucher", "link", "person")[n % 3]
            shop.came_of(id_, how, f"{20 + n % 30}.90", hours=ago - 10, order_id=number)
        if reminded and n % 5 == 0:
            price = {"price": Decimal("0.1131"), "price_currency": "EUR", "object_id": id_}
            shop.message(n % 8, "read", asked, **told, **price)
            last = id_ if bought else last
    for n, reason in enumerate(("no_consent", "no_consent", "no_phone", "before_connection", "withdrawn")):
        shop.cart("abandoned", "Mia", hours=5 + n, asked_at=now, reason=reason)
    return str(last)


class Site:
    """A dashboard of a shop that reminds."""

    def __init__(self, folder: Path) -> None:
        seed = _seed()
        database, keys = Database(f"sqlite:///{folder}/site.db"), Database(f"sqlite:///{folder}/keys.db")
        schema.upgrade(database, keys)
        keys.close()
        self.database, self.password = database, seed.PASSWORD
        shop = seed.Seed(database).everything()
        with shop.again():
            self.cart = _trade(shop)
        deps = seed.deps(database, seed.Put(), lambda: seed.NOW, demo=True)
        auth.set_password(database, deps.vault, self.password, seed.NOW)
        self.app = create_app(deps)
        self.server = uvicorn.Server(uvicorn.Config(self.app, port=0, log_level="warning", lifespan="off", ws="none"))
        self.thread = threading.Thread(target=self.server.run, daemon=True)

    def pages(self) -> dict[str, str]:
        return {
            "carts": "/carts",
            "back": "/carts?step=back&days=30",
            "cart": f"/carts/{self.cart}",
            "figures": "/figures?days=30",
        }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    running: Any = Site(tmp_path_factory.mktemp("carts"))
    running.thread.start()
    while not running.server.started:
        running.thread.join(0.02)
    running.address = f"http://127.0.0.1:{running.server.servers[0].sockets[0].getsockname()[1]}"
    yield running
    running.app.state.live.close()
    running.server.should_exit = True
    running.thread.join(10)
    running.database.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.mark.parametrize(("language", "colours"), [("de", "light"), ("en", "dark")])
@pytest.mark.parametrize("width", [375, 1280])
def test_every_page_fits_and_complains_of_nothing(
    browser: Browser, site: Any, language: str, colours: Any, width: int
) -> None:
    context = browser.new_context(locale=language, color_scheme=colours, viewport={"width": width, "height": 820})
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
        page.screenshot(path=SCREENS / f"carts-{name}-{language}-{width}.png", full_page=True)
        assert overflow <= 0, f"{path} is {overflow} px too wide at {width}"
    context.close()
    assert complaints == []


def test_the_funnel_works_without_javascript(browser: Browser, site: Any) -> None:
    context = browser.new_context(locale="de", java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.address}/login")
    page.get_by_label("Passwort").fill(site.password)
    page.get_by_label("Passwort").press("Enter")
    page.goto(f"{site.address}/carts")
    page.get_by_role("link", name="kamen danach zurück").click()
    page.locator("table.cards tbody tr td.when a").first.click()
    assert "Was geschah" in page.inner_text("main")
    context.close()
