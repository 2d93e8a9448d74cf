"""The pages of carts, figures, costs and alarms in a real browser: both languages, phone and desk, light and dark."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from blank import databases
from playwright.sync_api import Browser
from served import CHROMIUM, look_through, seed, serving, signed_in
from sqlalchemy import Connection

from integration.domain.alarms.alarms import Cause
from integration.domain.costs.spending import Caps
from integration.flow.alarms.raising import clear, raise_alarm
from integration.store.alarms import deliveries
from integration.web import auth
from integration.web.app import create_app

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")


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
            price = {"price": Decimal("0.1131"), "price_currency": "EUR", "price_at": asked}
            price |= {"price_category": "marketing", "object_id": id_}
            shop.message(n % 8, "read", asked, **told, **price)
            last = id_ if bought else last
    for n, reason in enumerate(("no_consent", "no_consent", "no_phone", "before_connection", "withdrawn")):
        shop.cart("abandoned", "Mia", hours=5 + n, asked_at=now, reason=reason)
    return str(last)


def _alarms(connection: Connection, now: datetime) -> None:
    """Two that last, one that is over, and a route that fails."""
    since = {"name": "+49 30 5550 1234", "due": now.isoformat(), "count": 3, "since": now.isoformat()}
    for cause in (Cause.TOKEN_ENDING, Cause.SENDING_BEHIND, Cause.MESSAGES_FAILED):
        raise_alarm(connection, cause, "hauptnummer", now, since)
    clear(connection, Cause.MESSAGES_FAILED, "hauptnummer", now)
    deliveries.owe(connection, [("1", "raised", "mail")], now)
    deliveries.failed(connection, deliveries.due(connection, now), "login", now)


@dataclass
class Site:
    """A dashboard of a shop that reminds, and a cart that came back."""

    address: str
    cart: str

    def pages(self) -> dict[str, str]:
        return {
            "carts": "/carts",
            "back": "/carts?step=back&days=30",
            "cart": f"/carts/{self.cart}",
            "figures": "/figures?days=30",
            "costs": "/costs",
            "charged": "/messages?charged=2026-11",
            "alarms": "/alarms",
        }


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    pretend, folder = seed(), tmp_path_factory.mktemp("carts")
    database, keys = databases(folder)
    keys.close()
    shop = pretend.Seed(database).everything()
    with shop.again():
        cart = _trade(shop)
    with database.write() as connection:
        _alarms(connection, pretend.NOW)
    caps = Caps(day=Decimal(20), month=Decimal(200), stop_month=Decimal(300))
    deps = pretend.deps(
        database, pretend.Put(), lambda: pretend.NOW, caps=caps, demo=True, alarm_routes=("inhaber@example.com",)
    )
    auth.set_password(database, deps.world.vault, pretend.PASSWORD, pretend.NOW)
    with serving(create_app(deps)) as address:
        yield Site(address, cart)
    database.close()


@pytest.mark.parametrize(("language", "colours"), [("de", "light"), ("en", "dark")])
@pytest.mark.parametrize("width", [375, 1280])
def test_every_page_fits_and_complains_of_nothing(
    browser: Browser, site: Site, language: str, colours: Any, width: int
) -> None:
    with signed_in(browser, site.address, language, width, color_scheme=colours) as page:
        look_through(page, site.address, site.pages(), "carts")


def test_the_funnel_works_without_javascript(browser: Browser, site: Site) -> None:
    with signed_in(browser, site.address, "de", 1280, java_script_enabled=False) as page:
        page.goto(f"{site.address}/carts")
        page.get_by_role("link", name="kamen danach zurück").click()
        page.locator("table.cards tbody tr td.when a").first.click()
        assert "Was geschah" in page.inner_text("main")
