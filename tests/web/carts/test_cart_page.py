"""The page of one cart: its story from the first item to what came of it."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest


def story(text: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", one).strip() for one in re.findall(r"<h3>(.*?)</h3>", text)]


def reminder(seeded: Any, person: int, cart_id: str, state: str, at: Any, reason: str | None = None) -> str:
    kind = {"kind": "abandoned_cart", "purpose": "abandoned_cart", "object_type": "cart", "object_id": cart_id}
    with seeded.again() as more:
        id_: str = more.message(person, state, at, reason, price=Decimal("0.1131"), price_currency="EUR", **kind)
    return id_


def test_a_cart_that_came_back_by_the_link(inside: Any, world: Any, seeded: Any, add_cart: Any, add_order: Any) -> None:
    asked = world.NOW - timedelta(hours=2)
    times = {"asked_at": asked, "reminded_at": asked, "changed_at": world.NOW - timedelta(hours=5)}
    id_ = add_cart("recovered", hours=6, contact_id=seeded.contacts[0], arm="reminder", order_id="77", **times)
    add_order(id_, "link", "19.90", order_id="77")
    message = reminder(seeded, 0, id_, "read", asked)
    text = inside.get(f"/carts/{id_}").text
    order = ["Etwas wurde hineingelegt", "Letzte Änderung", "Allein gelassen", "Über eine Erinnerung entschieden"]
    assert story(text) == [*order, "Erinnerung", "Gekauft"]
    assert f'href="/messages/{message}"' in text and f'href="/contacts/{seeded.contacts[0]}"' in text
    for words in ("Anna Petersen", "über den Link der Erinnerung", "19,90 €", "0,1131 €", "Kaffee 5", "1.234,50 €"):
        assert words in text, words
    assert f'href="/carts/{id_}"' in inside.get("/carts").text


def test_an_order_that_came_to_nothing_is_told(inside: Any, world: Any, add_cart: Any, add_order: Any) -> None:
    id_ = add_cart("recovered", order_id="77", reminded_at=world.NOW)
    add_order(id_, "person", "0", order_id="77", undone_at=world.NOW)
    text = inside.get(f"/carts/{id_}").text
    assert "Hat sich zerschlagen" in text and "zählt nicht mehr" in text
    assert "storniert oder erstattet" in inside.get("/carts").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"arm": "holdout", "reason": "holdout"}, "zum Vergleich ausgenommen"),
        ({"arm": "", "reason": "no_consent"}, "nicht zugestimmt"),
        ({"arm": "reminder"}, "möchte erinnert werden"),
    ],
)
def test_why_it_was_decided_so(
    inside: Any, world: Any, seeded: Any, add_cart: Any, changes: dict[str, str], words: str
) -> None:
    id_ = add_cart("abandoned", asked_at=world.NOW, contact_id=seeded.contacts[0], **changes)
    assert words in inside.get(f"/carts/{id_}").text


def test_a_reminder_that_failed_is_told_with_its_reason(inside: Any, world: Any, seeded: Any, add_cart: Any) -> None:
    id_ = add_cart("abandoned", asked_at=world.NOW, arm="reminder", contact_id=seeded.contacts[0])
    reminder(seeded, 0, id_, "failed", world.NOW, "refused_by_meta")
    text = inside.get(f"/carts/{id_}").text
    assert "Verlassen" in text and "Fehlgeschlagen" in text
    assert "Fehlgeschlagen" in inside.get("/carts").text


def test_deleted_data_stay_deleted(inside: Any, world: Any, add_cart: Any) -> None:
    id_ = add_cart("expired", snapshot_key="", parts=None, contact_id=None, expired_at=world.NOW)
    text = inside.get(f"/carts/{id_}").text
    assert "Nach 30 Tagen gelöscht" in text and story(text)[-1] == "Aufgegeben"


def test_no_such_cart_and_strangers(inside: Any, client_for: Any, add_cart: Any) -> None:
    assert inside.get("/carts/none").status_code == 404
    assert client_for().get(f"/carts/{add_cart('abandoned')}").status_code == 303


def test_in_english(client: Any, sign_in: Any, add_cart: Any) -> None:
    text = sign_in(client, "en").get(f"/carts/{add_cart('abandoned')}").text
    assert "Left alone" in text
