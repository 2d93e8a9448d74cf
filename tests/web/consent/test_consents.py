"""The pages around consents: links with code and paper, the public form, the overview."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from consent_kit import ANNA, ledger, payload_of, put_product, say, state_of, with_number
from storekit import an_entry, rows
from worlds import NOON, Clock

from integration.domain.consent.consent import Flag, Source
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.web.app import create_app
from integration.web.parts.qr_code import qr_svg

SHOP = "https://laden.example"


@pytest.fixture
def shop(shop: World) -> World:
    return with_number(shop)


@pytest.fixture
def stranger(shop: World, world: Any, intake: Any, clock: Clock) -> Any:
    """A browser that nobody has signed in."""
    deps = replace(world.deps(shop.database, intake, clock), world=shop, frames=(SHOP,))
    return world.Browser(create_app(deps))


def make(press: Callable[..., Any], *purposes: str, **fields: str) -> str:
    """A link's code."""
    ticked = dict.fromkeys(purposes or ("marketing_news", "marketing_offers"), "1")
    answer = press("/consents/links/new", act="make", per_month="3", label="Theke", **ticked, **fields)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"].rpartition("/")[2])


# ── Links ───────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_link_is_made_with_its_text_code_and_paper(owner: Any, press: Callable[..., Any], shop: World) -> None:
    assert "Noch kein Link" in owner.get("/consents/links").text
    code = make(press)
    page = owner.get(f"/consents/links/{code}").text
    assert "höchstens 3 Nachrichten im Monat" in page and f"https://wa.me/493055501234?text=START%20{code}" in page
    assert "<svg" in page and "Theke" in page and f"/signup/{code}" in page
    assert "Theke" in owner.get("/consents/links").text
    for kind in ("poster", "card"):
        answer = owner.get(f"/consents/links/{code}/{kind}.pdf")
        assert answer.headers["content-type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    assert rows(shop.database, tables.optin_link, "created_by", "promised_per_month") == [("dashboard", 3)]


def test_an_own_text_is_looked_through_before_it_counts(owner: Any, press: Callable[..., Any], shop: World) -> None:
    bad = "Wir schicken dir Neuigkeiten."
    looked = press("/consents/links/new", act="look", marketing_news="1", text=bad)
    assert looked.status_code == 200 and "Der Text nennt WhatsApp nicht." in looked.text and bad in looked.text
    assert press("/consents/links/new", act="make", marketing_news="1", text=bad).status_code == 422
    good = (
        "Ja, Laden Beispiel darf mir per WhatsApp Neuigkeiten schicken, höchstens 3 Nachrichten im Monat. Jederzeit "
        "widerrufbar mit STOP."
    )
    code = make(press, "marketing_news", text=good)
    page = owner.get(f"/consents/links/{code}").text
    assert good in page and "own-" in page


def test_nothing_ticked_is_said(press: Callable[..., Any], shop: World) -> None:
    answer = press("/consents/links/new", act="make", label="x")
    assert answer.status_code == 422 and "Kreuzen Sie mindestens eines an." in answer.text
    assert rows(shop.database, tables.optin_link, "code") == []


def test_a_link_is_ended_once_and_for_all(owner: Any, press: Callable[..., Any], stranger: Any) -> None:
    code = make(press)
    assert press(f"/consents/links/{code}/end").status_code == 303
    page = owner.get(f"/consents/links/{code}").text
    assert "Beendet am" in page and "wa.me" not in page
    assert stranger.get(f"/signup/{code}").status_code == 404
    assert press("/consents/links/ZZ99ZZ/end").status_code == 404


def test_without_a_number_there_is_no_paper(press: Callable[..., Any], owner: Any, shop: World) -> None:
    code = make(press)
    object.__setattr__(shop.senders["nummer"], "number", "")
    assert owner.get(f"/consents/links/{code}/poster.pdf").status_code == 404
    assert "display_number" in owner.get(f"/consents/links/{code}").text


# ── The public form ─────────────────────────────────────────────────────────────────────────────────────────


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def sign_up(stranger: Any, clock: Clock, code: str, **typed: str) -> Any:
    hidden = fields_of(stranger.get(f"/signup/{code}", headers={"referer": f"{SHOP}/kontakt?kunde=7"}).text)
    clock.advance(seconds=20)
    return stranger.post(f"/signup/{code}", data={**hidden, "country": "DE", "phone": "0171 3920012", **typed})


def test_the_form_shows_every_word_and_no_box_is_ticked(stranger: Any, press: Callable[..., Any], shop: World) -> None:
    code = make(press)
    answer = stranger.get(f"/signup/{code}")
    assert answer.status_code == 200 and "checked" not in answer.text
    beside = [text for text, purposes in rows(shop.database, tables.wording, "text", "purposes") if len(purposes) == 1]
    assert len(beside) == 2
    assert all(sentence.rstrip(".") in answer.text for text in beside for sentence in text.split(". "))
    assert "<script" not in answer.text and 'lang="de"' in answer.text


def test_the_form_stands_in_the_shops_pages_only(stranger: Any, press: Callable[..., Any]) -> None:
    answer = stranger.get(f"/signup/{make(press)}")
    assert f"frame-ancestors 'self' {SHOP}" in answer.headers["content-security-policy"]
    assert "x-frame-options" not in answer.headers and "set-cookie" not in answer.headers
    other = stranger.get("/login")
    assert (
        other.headers["x-frame-options"] == "DENY"
        and "frame-ancestors 'none'" in other.headers["content-security-policy"]
    )


def test_a_sign_up_from_another_sites_frame_needs_no_cookie(
    stranger: Any, press: Callable[..., Any], shop: World, clock: Clock
) -> None:
    code = make(press)
    stranger.cookies.clear()
    stranger.headers.pop("origin", None)
    answer = sign_up(stranger, clock, code, box0="1")
    assert answer.status_code == 200 and "Fast fertig" in answer.text and f"START%20{code}" in answer.text
    assert ledger(shop) == [("granted", "form", ["marketing_news"])]
    assert payload_of(shop)["page"] == f"{SHOP}/kontakt", "nothing personal of the address around it"


def test_known_suppressed_and_new_people_get_the_same_answer(
    stranger: Any, press: Callable[..., Any], shop: World, clock: Clock
) -> None:
    code = make(press)
    with shop.database.write() as connection:
        shop.ledger.suppress(connection, "firma", "+491713920099", None, "erased", NOON)
        identity_resolution.resolve(connection, [Person("firma", ANNA)], NOON)
    phones = ("0171 3920012", "0171 3920099", "0171 3920055")
    answers = {sign_up(stranger, clock, code, box0="1", phone=phone).text for phone in phones}
    assert len(answers) == 1
    assert len(ledger(shop)) == 2


def test_what_is_wrong_is_said_and_what_was_typed_stays(stranger: Any, press: Callable[..., Any], clock: Clock) -> None:
    code = make(press)
    answer = sign_up(stranger, clock, code, box1="1", phone="<b>12</b>")
    assert answer.status_code == 422 and "Das ist keine Telefonnummer" in answer.text
    assert "&lt;b&gt;12&lt;/b&gt;" in answer.text and answer.text.count(" checked") == 1
    assert "Bitte ankreuzen" in sign_up(stranger, clock, code).text


def test_a_robot_that_fills_every_field_is_thanked_and_ignored(
    stranger: Any, press: Callable[..., Any], shop: World, clock: Clock
) -> None:
    answer = sign_up(stranger, clock, make(press), box0="1", website="https://spam.example")
    assert answer.status_code == 200 and "Fast fertig" in answer.text
    assert ledger(shop) == []


def test_a_flood_is_stopped_and_shown_the_chat(
    press: Callable[..., Any], shop: World, clock: Clock, world: Any, intake: Any
) -> None:
    code = make(press)
    deps = replace(world.deps(shop.database, intake, clock), world=shop)
    app = create_app(deps)
    flood, other = world.Browser(app, "203.0.113.9"), world.Browser(app, "203.0.113.10")
    answers = [sign_up(flood, clock, code, box0="1", phone=f"0171 39200{n:02}") for n in range(11)]
    assert [a.status_code for a in answers] == [200] * 10 + [429]
    assert "wa.me" in answers[-1].text and len(ledger(shop)) == 10
    assert sign_up(other, clock, code, box0="1").status_code == 200
    clock.advance(hours=1)
    assert sign_up(flood, clock, code, box0="1").status_code == 200


@pytest.mark.parametrize("body", [b"x" * 5000, b"&".join(b"a=1" for _ in range(200)), b"\xff\xfe%ZZ&box0=1"])
def test_strange_bodies_do_nothing(stranger: Any, press: Callable[..., Any], shop: World, body: bytes) -> None:
    answer = stranger.post(f"/signup/{make(press)}", content=body)
    assert answer.status_code in (200, 422) and ledger(shop) == []


def test_an_alert_is_asked_for_on_its_own_page(stranger: Any, shop: World) -> None:
    put_product(shop, "77", "Röstung <Nr. 7>")
    page = stranger.get("/notify/laden/77")
    assert page.status_code == 200 and "Röstung &lt;Nr. 7&gt;" in page.text and "checked" not in page.text
    assert stranger.get("/notify/laden/78").status_code == stranger.get("/notify/other/77").status_code == 404
    assert len(rows(shop.database, tables.optin_link, "code")) == 1


def test_a_lower_price_is_asked_for_on_a_page_of_its_own(stranger: Any, shop: World) -> None:
    put_product(shop, "77", "Röstung <Nr. 7>")
    dear, gone = stranger.get("/notify/laden/77/price"), stranger.get("/notify/laden/77")
    assert "günstiger wird" in dear.text and "wieder da" not in dear.text and "wieder da" in gone.text
    assert stranger.get("/notify/laden/78/price").status_code == 404
    assert stranger.get("/notify/laden/77/price").text.count("/signup/") == 1
    purposes = sorted(purposes for (purposes,) in rows(shop.database, tables.optin_link, "purposes"))
    assert purposes == [["back_in_stock:laden/77"], ["price_drop:laden/77"]]


# ── The overview ────────────────────────────────────────────────────────────────────────────────────────────


def agree(shop: World, phone: str, **changes: Any) -> None:
    with shop.database.write() as connection:
        [person] = identity_resolution.resolve(connection, [Person("firma", phone)], NOON)
        shop.ledger.append(connection, [an_entry(person.subject, phone=phone, **changes)], NOON)


def test_nobody_reachable_shows_every_way(owner: Any, shop: World) -> None:
    with shop.database.write() as connection:
        identity_resolution.resolve(connection, [Person("firma", f"+4917139200{n}") for n in range(10, 13)], NOON)
    page = owner.get("/consents").text
    assert "0 von 3 Kontakten sind erreichbar" in page and 'href="/consents/links"' in page


def test_the_overview_counts_and_leads_to_the_people(owner: Any, shop: World) -> None:
    agree(shop, ANNA, source=Source.QR, purposes=("marketing_news", "service_updates"))
    agree(shop, "+491713920013", flags=frozenset({Flag.WORDING_MISSING}))
    page = owner.get("/consents").text
    assert "Der Shop hat den gezeigten Text nicht gespeichert." in page
    assert "/consents/people?scope=marketing_news&amp;code=on" in page and 'class="chart"' in page
    missing = owner.get("/consents/people?scope=service_updates&code=none:wording_missing").text
    assert missing.count("/contacts/") == 2 - 1 and "+49…13" in missing
    assert "+49…12" in owner.get("/consents/people?scope=marketing_news&code=on").text
    assert "Hier steht niemand mehr." in owner.get("/consents/people?scope=x&code=y").text


def test_the_code_holds_the_address(shop: World) -> None:
    svg = qr_svg("https://wa.me/493055501234?text=START%20K7ABCD")
    assert svg.startswith("<svg") and "style=" not in svg and "script" not in svg


# ── Texts and paper ─────────────────────────────────────────────────────────────────────────────────────────


def test_texts_are_shown_with_how_many_agreed(owner: Any, press: Callable[..., Any], shop: World) -> None:
    assert "Noch keiner." in owner.get("/consents/wordings").text
    code = make(press, "marketing_news")
    say(shop, f"START {code}")
    owner.get("/consents")
    page = owner.get("/consents/wordings").text
    [(hash_, text)] = rows(shop.database, tables.wording, "hash", "text")
    assert text in page and hash_[:12] in page and "1 hat zugestimmt" in page


def test_texts_are_made_for_purposes_and_languages(press: Callable[..., Any]) -> None:
    german = press("/consents/wordings", cart_reminder="1", language="de").text
    assert "Erinnerungen an nicht abgeschlossene Warenkörbe schicken, höchstens 4" in german
    assert "WhatsApp Ireland Ltd., Merrion Road" in german and "Art. 7 Abs. 1 DSGVO" in german
    english = press("/consents/wordings", service_updates="1", language="en").text
    assert "Order updates on WhatsApp: Laden Beispiel, Ulm may send" in english


def test_an_own_text_is_kept_only_without_faults(press: Callable[..., Any], shop: World) -> None:
    assert "Der Text nennt Ihre Firma nicht." in press("/consents/wordings", act="keep", text="WhatsApp").text
    assert rows(shop.database, tables.wording, "version") == []
    good = "Laden Beispiel darf mir Infos zu Bestellungen per WhatsApp schicken, Ende mit STOP."
    assert "Aufbewahrt." in press("/consents/wordings", act="keep", service_updates="1", text=good).text
    [(version, text)] = rows(shop.database, tables.wording, "version", "text")
    assert version.startswith("own-") and text == good


def test_the_lawyers_file_has_every_text(owner: Any) -> None:
    answer = owner.get("/consents/wordings/for-lawyer.txt")
    assert answer.headers["content-type"].startswith("text/plain")
    assert "attachment" in answer.headers["content-disposition"]
    for words in ("Bitten um eine Bewertung", "review requests", "Bestell-Updates", "wieder da ist", "Data Privacy"):
        assert words in answer.text, words


PAPER = {
    "phone": "0171 3920012",
    "name": "Anna Beispiel",
    "service_updates": "1",
    "text": "Bestell-Updates per WhatsApp: ja, bitte.",
    "signed": "2026-11-20",
    "reference": "Ordner 3, Blatt 14",
    "sure": "1",
}


def test_a_signed_paper_is_entered(owner: Any, press: Callable[..., Any], shop: World) -> None:
    assert "Wort für Wort" in owner.get("/contacts/new").text
    answer = press("/contacts/new", **PAPER)
    assert answer.status_code == 303 and "Anna Beispiel" in owner.get(answer.headers["location"]).text
    assert state_of(shop, ANNA, "service_updates").standing == "on"
    kept = payload_of(shop)
    assert kept["paper"] == "Ordner 3, Blatt 14" and kept["by"] == "dashboard"


def test_paper_is_not_enough_for_advertising(press: Callable[..., Any], shop: World) -> None:
    press("/contacts/new", **PAPER, marketing_news="1")
    assert state_of(shop, ANNA, "marketing_news").code == "not_confirmed"


@pytest.mark.parametrize("field", ["phone", "service_updates", "text", "signed", "sure"])
def test_what_is_missing_on_the_paper_is_said(press: Callable[..., Any], shop: World, field: str) -> None:
    for value in ("", "2031-01-01") if field == "signed" else ("",):
        answer = press("/contacts/new", **{**PAPER, field: value})
        assert answer.status_code == 422 and "Ordner 3, Blatt 14" in answer.text and 'class="fault"' in answer.text
    assert ledger(shop) == []


def test_the_erased_are_not_entered_again(press: Callable[..., Any], shop: World) -> None:
    with shop.database.write() as connection:
        shop.ledger.suppress(connection, "firma", ANNA, None, "erased", NOON)
    answer = press("/contacts/new", **PAPER)
    assert answer.status_code == 422 and "auf der Sperrliste" in answer.text
    assert ledger(shop) == [] and rows(shop.database, tables.contact, "id") == []
