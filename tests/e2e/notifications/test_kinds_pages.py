"""Notifications, who would get them, and appointments in a real browser: both languages, a phone and a desktop."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from blank import databases
from playwright.sync_api import Browser
from served import CHROMIUM, SCREENS, fits, served, signed_in
from shoplife import here, product, switch, variant, write
from sqlalchemy import update
from worlds import NOON, Clock, make_world, order, parcel

from integration.domain.appointments.appointments import Wanted
from integration.domain.consent.wordings import PRICE_DROP
from integration.flow.appointments import appointments
from integration.flow.consent import links
from integration.flow.world import World
from integration.store import tables

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")
DAY = timedelta(days=1)
PAGES = {
    "notifications": "/notifications",
    "who-orders": "/notifications/shipping_notice?shop=laden",
    "who-price": "/notifications/price_drop?shop=laden",
    "who-nobody": "/notifications/refund_notice?shop=laden",
    "appointments": "/appointments",
    "price-form": "/notify/laden/71/price",
}


def lived(folder: Path) -> World:
    """A shop with orders, an article that somebody waits for, and appointments."""
    database, keys = databases(folder)
    made = make_world(database, keys, Clock())
    here(made, order("1001"), parcel("1001"), order("1002", phone="0171 3920077", consent=None, first_name="Bert"))
    here(made, parcel("1002", id_="p2"), product(NOON, variant()))
    link = links.for_item(made, "laden", "71", PRICE_DROP)
    assert link
    write(made, f"START {link.code}")
    switch(made, "appointment_reminder", "birthday_voucher")
    wanted = [
        Wanted(phone, "DE", name, "Beratung im Laden, Hauptstraße 5", NOON + days * DAY)
        for phone, name, days in (("+491713920012", "Anna Beispiel", 1), ("+491713920099", "Cem Muster", 3))
    ]
    appointments.enter(made, made.shops["laden"], wanted, "inhaberin")
    appointments.sweep(made, made.clock())
    with database.write() as connection:
        connection.execute(update(tables.contact).values(born_on=date(1990, 12, 3)))
    return made


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    world = lived(tmp_path_factory.mktemp("kinds"))
    with served(world) as address:
        yield address
    world.database.close()
    world.keys.close()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [375, 1280])
def test_every_page_fits_and_complains_of_nothing(browser: Browser, site: str, language: str, width: int) -> None:
    SCREENS.mkdir(parents=True, exist_ok=True)
    with signed_in(browser, site, language, width) as page:
        for name, path in PAGES.items():
            answered = page.goto(site + path)
            assert answered and answered.status == 200, path
            for more in page.locator("details.more").all()[:24:8]:
                more.evaluate("element => { element.open = true }")
            page.screenshot(path=SCREENS / f"kinds-{name}-{language}-{width}.png", full_page=True)
            assert fits(page) <= 0, f"{path} is too wide at {width}"


def test_an_appointment_is_entered_and_cancelled_without_javascript(browser: Browser, site: str) -> None:
    with signed_in(browser, site, "de", 375, java_script_enabled=False) as page:
        page.goto(f"{site}/appointments")
        fill: dict[str, Any] = {"Handynummer": "0171 3920055", "Name": "Dora Beispiel", "Was, so wie": "Probe"}
        form = page.locator("form.sheet").first
        for label, value in fill.items():
            form.get_by_label(label).fill(value)
        form.get_by_label("Tag").fill("2026-12-01")
        form.get_by_label("Zeit").fill("14:30")
        form.get_by_role("button", name="Eintragen").click()
        row = page.locator("tr", has_text="Dora Beispiel")
        assert "Ein Termin ist eingetragen" in page.inner_text("main") and row.count() == 1
        row.locator("summary").click()
        row.get_by_role("button", name="Termin absagen").click()
        assert "Abgesagt" in page.locator("tr", has_text="Dora Beispiel").inner_text()
