"""The pages of people's rights in a real browser: both languages, a phone and a desktop, without complaints."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from blank import databases
from playwright.sync_api import Browser
from served import CHROMIUM, SCREENS, look_through, served, signed_in
from sqlalchemy import select
from worlds import NOON, Clock, make_world, order, post, post_meta

from integration.domain.messages.channel import Inbound, MetaUpdate
from integration.flow import answer, react, send
from integration.flow.consent import evidence
from integration.flow.privacy import requests
from integration.store import tables
from jobs.sweeps import retention

ANNA = "+491713920012"

pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium on this machine")


class Site:
    """A dashboard with a person who ordered, wrote, and wants her data."""

    address: str

    def __init__(self, folder: Path) -> None:
        database, keys = databases(folder)
        self.clock = Clock()
        made = make_world(database, keys, self.clock)
        self.world = replace(made, senders={n: replace(s, number="+493055501234") for n, s in made.senders.items()})
        post(self.world, order(number="1001"))
        react.run(self.world)
        send.claim(self.world, "nummer", 10)
        self.say("Hallo, wann kommt mein Paket?")
        who = requests.Identifiers(phone=ANNA)
        [self.request] = requests.by_staff(self.world, "firma", "access", who, "letter", NOON, "Brief vom 20.11.")
        evidence.check(self.world, NOON)
        with database.read() as connection:
            self.anna = connection.execute(select(tables.contact.c.id)).scalar_one()

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
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    running = Site(tmp_path_factory.mktemp("rights"))
    world = running.world
    with served(world, deletions=lambda: retention.preview(world, running.clock())) as running.address:
        yield running
    world.database.close()
    world.keys.close()


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("width", [375, 1280])
def test_every_page_fits_and_complains_of_nothing(browser: Browser, site: Site, language: str, width: int) -> None:
    with signed_in(browser, site.address, language, width) as page:
        look_through(page, site.address, site.pages(), "rights")


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
