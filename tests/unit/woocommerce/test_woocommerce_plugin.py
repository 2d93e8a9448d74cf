"""What the companion plugin reports."""

from datetime import UTC, datetime

import orjson
import pytest

from connectors.registry import CONNECTORS
from integration.domain.errors import Malformed
from integration.domain.shops.facts import CartFacts
from integration.domain.shops.ports import PrivacyRequest, ShopContext, Translation

WOO = CONNECTORS["woocommerce"]


def translated(**fact: object) -> Translation:
    at = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    return WOO.translate("plugin", orjson.dumps(fact), ShopContext("laden", "DE"), at)


@pytest.mark.parametrize(("event", "kind"), [("privacy.export", "export"), ("privacy.erase", "erase")])
def test_a_privacy_request_keeps_whose_it_is(event: str, kind: str) -> None:
    found = translated(event=event, email="anna@example.com", id="r-1")
    assert found.privacy == (PrivacyRequest(kind, "anna@example.com", "r-1"),)
    assert found.note == "privacy_request"


def test_a_ping_and_what_a_newer_plugin_may_report() -> None:
    assert translated(event="ping", id="1").note == "ping"
    assert translated(event="coupon.guessed", id="1").note == "unknown_topic"


@pytest.mark.parametrize("fact", [{}, {"event": 5}, {"event": "privacy.erase"}, {"event": "privacy.export", "id": "1"}])
def test_what_is_no_fact(fact: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        translated(**fact)


CART = {
    "event": "cart.updated",
    "id": "e-1",
    "at": "2026-11-24T11:00:00Z",
    "started_at": "2026-11-24T10:50:00Z",
    "why": "added",
    "cart_key": "c0ffee",
    "user_id": 7,
    "email": "anna@example.com",
    "phone": "0171 3920012",
    "first_name": "Anna <b>",
    "last_name": "Beispiel 😀",
    "country": "at",
    "locale": "de_DE",
    "total": "24.90",
    "currency": "EUR",
    "items": [{"id": 11, "variation_id": 12, "name": "Tee", "sku": "T-1", "quantity": 2}],
    "recovery_url": "https://www.example.de/?ladenbote_cart=x.y",
}


def test_a_cart_is_a_snapshot() -> None:
    (cart,) = translated(**CART).snapshots
    assert (cart.object_type, cart.object_id, cart.version) == (
        "cart",
        "c0ffee",
        datetime(2026, 11, 24, 11, tzinfo=UTC),
    )
    assert set(cart.facts) == set(CartFacts.__annotations__)
    assert cart.facts["items"] == [
        {"id": "11", "product_id": "11", "variant_id": "12", "name": "Tee", "sku": "T-1", "quantity": 2}
    ]
    assert (cart.facts["status"], cart.facts["country"], cart.facts["customer_id"]) == ("open", "AT", "7")
    assert (cart.facts["started_at"], cart.facts["order_id"]) == ("2026-11-24T10:50:00+00:00", "")
    assert cart.facts["recovery_url"] == CART["recovery_url"]


def test_an_emptied_and_an_ordered_cart() -> None:
    (emptied,) = translated(**CART | {"event": "cart.emptied", "total": 0, "items": []}).snapshots
    assert (emptied.facts["status"], emptied.facts["total"], emptied.facts["recovery_url"]) == ("emptied", "", "")
    (ordered,) = translated(**CART | {"event": "cart.ordered", "order_id": 77}).snapshots
    assert (ordered.facts["status"], ordered.facts["order_id"], ordered.facts["recovery_url"]) == ("ordered", "77", "")


@pytest.mark.parametrize("name", ["cart_key", "at"])
def test_what_a_cart_must_have(name: str) -> None:
    with pytest.raises(Malformed):
        translated(**CART | {name: None})


@pytest.mark.parametrize("name", sorted(set(CART) - {"event", "cart_key", "at"}))
@pytest.mark.parametrize("value", [None, [], {}, 5, "x" * 100_000, "\0", True, [None, 5, {}]])
def test_nothing_else_breaks_it(name: str, value: object) -> None:
    (cart,) = translated(**CART | {name: value}).snapshots
    assert set(cart.facts) == set(CartFacts.__annotations__)
