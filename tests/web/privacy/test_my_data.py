"""The public privacy page: opened by a message from the visitor's own WhatsApp, and by nothing else."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from worlds import Clock, order, post, post_meta

from integration.domain.messages.channel import Inbound, MetaUpdate
from integration.flow import answer, react
from integration.flow.privacy import requests as subject_requests
from integration.flow.privacy import selfservice
from integration.flow.world import World
from integration.store import tables
from integration.store.privacy import requests
from integration.web.app import create_app

ANNA = "+491713920012"


@pytest.fixture
def shop(shop: World) -> World:
    """Anna ordered with the box ticked; the number is known."""
    known = replace(shop, senders={slug: replace(s, number="+493055501234") for slug, s in shop.senders.items()})
    post(known, order(number="1001"))
    react.run(known)
    return known


@pytest.fixture
def browse(shop: World, world: Any, intake: Any, clock: Clock) -> Callable[[], Any]:
    """A browser of somebody, with its own cookies."""
    app = create_app(replace(world.deps(shop.database, intake, clock), world=shop))

    def browser() -> Any:
        made = world.Browser(app)
        made.headers["origin"] = "http://testserver"
        made.headers["accept-language"] = "de"
        return made

    return browser


def begin(browser: Any) -> str:
    """Begin a visit; returns the code that the page shows."""
    assert browser.post("/me/begin", data={"company": "firma"}).status_code == 303
    found = re.search(r"DATEN ([A-Z0-9]{8})", browser.get("/me").text)
    assert found
    return found[1]


def press(browser: Any, form: str, **fields: str) -> Any:
    mark = re.search(r'name="mark" value="(\w+)"', browser.get("/me").text)
    return browser.post(f"/me/{form}", data={"mark": mark[1] if mark else "", **fields})


def say(shop: World, text: str, phone: str = ANNA, user: str = "DE.1") -> str:
    """Write to the shop; returns the newest answer."""
    item = Inbound(f"in-{text}-{phone}-{shop.clock()}", phone, user, "Anna", shop.clock(), "text", text, "")
    post_meta(shop, MetaUpdate(messages=(item,)))
    answer.run(shop)
    with shop.database.read() as connection:
        query = select(tables.message.c.text).where(tables.message.c.kind == "data_code")
        return str(connection.execute(query.order_by(tables.message.c.id.desc())).scalars().first() or "")


def digits(text: str) -> str:
    found = re.search(r"\d{3} \d{3}", text)
    assert found, text
    return found[0]


def owner(browse: Callable[[], Any], shop: World) -> Any:
    """Anna's browser, opened."""
    browser = browse()
    pin = digits(say(shop, f"DATEN {begin(browser)}"))
    assert press(browser, "code", pin=pin).status_code == 303
    return browser


def test_the_own_whatsapp_opens_the_page(browse: Callable[[], Any], shop: World) -> None:
    text = owner(browse, shop).get("/me").text
    assert "Anna" in text and "+49…12" in text and ANNA not in text and "Bestell- und Versandinfos" in text


def test_the_link_opens_the_chat_with_the_code(browse: Callable[[], Any]) -> None:
    browser = browse()
    code = begin(browser)
    assert f"https://wa.me/493055501234?text=DATEN%20{code}" in browser.get("/me").text


def test_nobody_is_written_to_who_did_not_write(browse: Callable[[], Any], shop: World) -> None:
    begin(browse())
    with shop.database.read() as connection:
        assert connection.execute(select(tables.message.c.kind)).scalars().all() == ["order_confirmation"]


def test_the_digits_open_only_the_browser_that_began(browse: Callable[[], Any], shop: World) -> None:
    """Who is talked into sending a stranger's code gives nothing away by it: the digits go to the own phone."""
    attacker, other = browse(), browse()
    code = begin(attacker)
    begin(other)
    pin = digits(say(shop, f"DATEN {code}"))
    assert press(other, "code", pin=pin).status_code == 400
    assert "Anna" not in attacker.get("/me").text, "the message alone opens nothing"


def test_five_wrong_tries_end_the_visit(browse: Callable[[], Any], shop: World) -> None:
    browser = browse()
    pin = digits(say(shop, f"DATEN {begin(browser)}"))
    wrong = "000 000" if pin != "000 000" else "111 111"
    for _ in range(5):
        assert press(browser, "code", pin=wrong).status_code == 400
    assert press(browser, "code", pin=pin).status_code in (400, 403)
    assert "Anna" not in browser.get("/me").text


def test_before_the_message_no_digits_are_right(browse: Callable[[], Any]) -> None:
    browser = browse()
    begin(browser)
    assert press(browser, "code", pin="").status_code == 400
    assert press(browser, "code", pin="000000").status_code == 400


def test_codes_are_valid_once_and_for_a_while(browse: Callable[[], Any], shop: World, clock: Clock) -> None:
    browser = browse()
    code = begin(browser)
    say(shop, f"DATEN {code}")
    clock.advance(seconds=1)
    assert "gilt nicht mehr" in say(shop, f"DATEN {code}", "+491713920099", "DE.9")
    late = begin(browse())
    clock.now += selfservice.OPENING + timedelta(seconds=1)
    assert "gilt nicht mehr" in say(shop, f"DATEN {late}")


def test_an_open_page_closes_by_itself(browse: Callable[[], Any], shop: World, clock: Clock) -> None:
    browser = owner(browse, shop)
    clock.now += selfservice.OPEN + timedelta(seconds=1)
    assert "Anna" not in browser.get("/me").text
    assert press(browser, "export").status_code in (400, 403)


def test_single_purposes_end(browse: Callable[[], Any], shop: World) -> None:
    browser = owner(browse, shop)
    assert press(browser, "withdraw", what="some").status_code == 400
    done = press(browser, "withdraw", what="some", **{"scope:service_updates": "1"})
    assert "Es gilt ab diesem Moment" in done.text
    with shop.database.read() as connection:
        row = connection.execute(select(tables.consent).order_by(tables.consent.c.seq.desc())).first()
    assert row and (row.type, row.purposes, row.actor) == ("withdrawn", ["service_updates"], "customer")


def test_everything_can_be_downloaded(browse: Callable[[], Any], shop: World) -> None:
    files = zipfile.ZipFile(io.BytesIO(press(owner(browse, shop), "export").content))
    assert json.loads(files.read("daten.json"))["person"]["phone"] == ANNA
    with shop.database.read() as connection:
        assert [tuple(r) for r in connection.execute(select(tables.request.c.kind, tables.request.c.source))] == [
            ("access", "self")
        ]


@pytest.mark.parametrize("kind", ["rectification", "restriction"])
def test_a_correction_and_rest_are_asked_for_in_own_words(browse: Callable[[], Any], shop: World, kind: str) -> None:
    browser = owner(browse, shop)
    for words in ("Ich heiße Anna-Lena.", "Und wohne in Ulm."):
        assert "bis zum 24. Dezember 2026" in press(browser, "ask", kind=kind, words=words).text
    with shop.database.read() as connection:
        [wish] = requests.waiting(connection)
    assert (wish.kind, wish.source, wish.state) == (kind, "self", "open"), "one request, however often it is said"
    assert subject_requests.details(shop, wish)["text"] == "Ich heiße Anna-Lena.\nUnd wohne in Ulm."


@pytest.mark.parametrize(("kind", "words"), [("erasure", "weg"), ("", "x"), ("restriction", "  "), ("shop", "x")])
def test_other_wishes_have_ways_of_their_own(browse: Callable[[], Any], shop: World, kind: str, words: str) -> None:
    assert press(owner(browse, shop), "ask", kind=kind, words=words).status_code == 400
    with shop.database.read() as connection:
        assert requests.waiting(connection) == []


def test_erasing_takes_a_tick_and_gives_a_certificate(browse: Callable[[], Any], shop: World) -> None:
    browser = owner(browse, shop)
    assert press(browser, "erase").status_code == 400
    done = press(browser, "erase", sure="1")
    assert "hat Ihre Daten am 24. November 2026 gelöscht" in done.text
    assert "Anna" not in browser.get("/me").text
    with shop.database.read() as connection:
        assert connection.execute(select(tables.contact.c.phone)).scalars().all() == [None]


def test_forms_of_other_sites_and_without_mark_do_nothing(browse: Callable[[], Any], shop: World) -> None:
    browser = owner(browse, shop)
    assert browser.post("/me/erase", data={"sure": "1"}).status_code == 403
    browser.headers["origin"] = "https://evil.example"
    assert press(browser, "erase", sure="1").status_code == 403
    with shop.database.read() as connection:
        assert connection.execute(select(tables.contact.c.phone)).scalars().all() == [ANNA]


def test_known_and_unknown_numbers_see_the_same(browse: Callable[[], Any], shop: World) -> None:
    """A stranger's message is answered like Anna's; the page never asks for a number."""
    browser = browse()
    told = say(shop, f"meine Daten {begin(browser).lower()}", "+491713920099", "DE.9")
    assert press(browser, "code", pin=digits(told)).status_code == 303
    assert "+49…99" in browser.get("/me").text
    assert 'type="tel"' not in browse().get("/me").text


def test_it_is_slow_for_whoever_tries_often(browse: Callable[[], Any]) -> None:
    browser = browse()
    answers = [browser.post("/me/begin", data={"company": "firma"}).status_code for _ in range(1200)]
    assert answers[0] == 303 and answers[-1] == 429


def test_the_cookie_is_the_pages_own(browse: Callable[[], Any]) -> None:
    cookie = browse().post("/me/begin", data={"company": "firma"}).headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=strict" in cookie


@pytest.mark.parametrize(
    "text", ["Daten", "DATEN K7AB", "Bitte meine Daten löschen", "DATEN K7ABCDEF bitte", "K7ABCDEF"]
)
def test_other_words_are_no_code(text: str) -> None:
    assert selfservice.sent_code(text) is None


def test_written_codes_are_read_as_people_write_them() -> None:
    for text in ("DATEN K7ABCDEF", "daten k7abcdef", " Meine Daten K7ABCDEF.", "DATA K7ABCDEF"):
        assert selfservice.sent_code(text) == "K7ABCDEF"
