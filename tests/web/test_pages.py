"""Every page, in both languages: it answers, escapes, hides phones, and explains every reason."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from markupsafe import escape

from integration.domain.messages.reasons import REASONS
from integration.store.db import Database

LISTS = ("/", "/messages", "/contacts", "/received", "/connections")


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("path", LISTS)
def test_every_page_in_both_languages(
    client: Any, sign_in: Callable[..., Any], seeded: Any, path: str, language: str
) -> None:
    answer = sign_in(client, language).get(path)
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert ("Nachrichten" in answer.text) is (language == "de")
    assert ("Messages" in answer.text) is (language == "en")


@pytest.mark.parametrize("path", LISTS)
def test_first_day_has_a_page_everywhere(inside: Any, path: str) -> None:
    assert inside.get(path).status_code == 200


def test_first_day_says_what_to_do(inside: Any) -> None:
    assert "Ihr erster Tag" in inside.get("/").text
    assert "Noch keine Nachrichten" in inside.get("/messages").text
    assert "Noch keine Kontakte" in inside.get("/contacts").text
    assert "Nichts ist liegen geblieben" in inside.get("/received").text


@pytest.mark.parametrize(
    "state",
    ["read", "delivered", "sent", "accepted", "queued", "failed", "suppressed", "cancelled", "expired", "unknown"],
)
def test_every_state_of_a_message_is_told(inside: Any, seeded: Any, state: str) -> None:
    page = inside.get(f"/messages/{seeded.ids[state]}")
    assert page.status_code == 200
    assert f"status-{state}" in page.text


def test_message_tells_event_decision_consent_and_text(inside: Any, seeded: Any, world: Any) -> None:
    with seeded.again() as add:
        id_ = add.message(1, "read", world.NOW)
    text = inside.get(f"/messages/{id_}").text
    assert "Geprüft beim Einreihen" in text
    assert "Noch einmal geprüft unmittelbar vor dem Senden" in text
    assert world.WORDING in text
    assert "Guten Tag Mehmet" in text
    assert "Gelesen" in text


def test_uncertain_message_is_explained(inside: Any, seeded: Any) -> None:
    text = inside.get(f"/messages/{seeded.ids['unknown']}").text
    assert "Niemand weiß, ob WhatsApp diese Nachricht angenommen hat" in text


@pytest.mark.parametrize("path", LISTS)
def test_names_are_escaped(inside: Any, seeded: Any, path: str) -> None:
    assert "<script>alert" not in inside.get(path).text


def test_names_are_escaped_on_detail_pages(inside: Any, seeded: Any, world: Any) -> None:
    with seeded.again() as add:
        id_ = add.message(4, "read", world.NOW)
    for path in (f"/messages/{id_}", f"/contacts/{seeded.contacts[4]}"):
        text = inside.get(path).text
        assert "&lt;script&gt;" in text
        assert "<script>alert" not in text


@pytest.mark.parametrize("path", [*LISTS, "/messages.csv"])
def test_no_full_phone_in_lists(inside: Any, seeded: Any, path: str) -> None:
    assert not re.search(r"\+4917139200|\+39333", inside.get(path).text)


def test_full_phone_only_on_the_contact_page(inside: Any, seeded: Any) -> None:
    assert "+491713920001" in inside.get(f"/contacts/{seeded.contacts[0]}").text
    assert "+4917139200" not in inside.get(f"/messages/{seeded.ids['unknown']}").text


def test_contact_shows_consents_with_wording_and_standing(inside: Any, seeded: Any, world: Any) -> None:
    text = inside.get(f"/contacts/{seeded.contacts[9]}").text
    assert world.NEWS in text
    assert "Werbung widersprochen" in text
    assert "Bitte keine Werbung mehr, danke!" in text
    assert "mark-no" in text and "mark-yes" in text


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_reason_is_a_sentence(
    client: Any, sign_in: Callable[..., Any], seeded: Any, world: Any, language: str
) -> None:
    with seeded.again() as add:
        ids = {code: add.message(0, "suppressed", world.NOW, code) for code in REASONS}
        for code in REASONS:
            add.received("order.updated", code, world.NOW)
    inside = sign_in(client, language)
    for code, id_ in ids.items():
        sentence = str(escape(REASONS[code].in_(language)))
        for path in (f"/messages/{id_}", f"/received?note={code}", f"/messages?reason={code}"):
            assert sentence in inside.get(path).text, (path, code)


@pytest.mark.parametrize("path", ["/messages/none", "/contacts/none", "/nowhere", "/static/none.css"])
def test_unknown_things_are_not_found(inside: Any, path: str) -> None:
    answer = inside.get(path)
    assert answer.status_code == 404
    assert "Diese Seite gibt es nicht" in answer.text


def test_today_counts_and_links(inside: Any, seeded: Any) -> None:
    text = inside.get("/").text
    assert "/messages?day=2026-11-23&amp;status=read" in text
    assert "/received?outcome=no_phone" in text
    assert "/received?note=malformed" in text
    assert "note=unchanged" not in text
    assert "outcome=switched_off" not in text, "what the owner does not want is no trouble"
    assert "Das braucht einen Blick" in text


def test_paused_number_is_named_with_its_cause(inside: Any, seeded: Any) -> None:
    with seeded.again() as add:
        add.pause()
    assert "+49 30 5550 1234 pausiert" in inside.get("/").text
    assert "Business account locked" in inside.get("/connections").text


def test_connections_show_addresses(inside: Any, seeded: Any) -> None:
    text = inside.get("/connections").text
    assert "https://bote.kaffeeladen.example<wbr>/hooks/kaffeeladen" in text
    assert "https://bote.kaffeeladen.example<wbr>/meta/laden" in text


def test_received_never_shows_bodies_and_filters(inside: Any, seeded: Any) -> None:
    assert "order.updated" in inside.get("/received?note=malformed").text
    assert "product.updated" not in inside.get("/received?note=malformed").text
    silent = inside.get("/received?outcome=no_phone").text
    assert "#9001" in silent and "#9003" not in silent


def test_chart_obeys_the_policy(inside: Any, seeded: Any) -> None:
    text = inside.get("/").text
    assert "pygal-chart" in text
    assert "<style" not in text and " style=" not in text
    assert not re.search(r"<script(?! src=)", text)


def test_demo_badge(client_for: Callable[..., Any], sign_in: Callable[..., Any], database: Database) -> None:
    assert '<span class="badge">Demo</span>' in sign_in(client_for(demo=True)).get("/").text


def test_a_failing_page_tells_nothing(inside: Any, database: Database) -> None:
    with database.write() as connection:
        connection.exec_driver_sql("DROP TABLE inbound_message")
        connection.exec_driver_sql("DROP TABLE message")
    answer = inside.get("/messages")
    assert answer.status_code == 500
    assert "no such table" not in answer.text
    assert "content-security-policy" in answer.headers
