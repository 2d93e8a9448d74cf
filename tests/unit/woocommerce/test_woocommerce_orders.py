"""WooCommerce orders in our words."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.woocommerce import CONNECTOR
from connectors.woocommerce.settings import WooCommerceSettings
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import ShopContext, Translation

DATA = Path(__file__).parents[2] / "data/woocommerce"
NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SHOP = ShopContext("laden", "AT")
PLACED: dict[str, Any] = orjson.loads((DATA / "13_order.created_placed.body").read_bytes())
CONSENT = "_ladenbote_consent"


def recorded(name: str) -> Translation:
    topic = orjson.loads((DATA / f"{name}.headers.json").read_bytes())["headers"]["X-WC-Webhook-Topic"]
    return CONNECTOR.translate(topic, (DATA / f"{name}.body").read_bytes(), SHOP, NOW)


def translated(order: dict[str, Any]) -> Snapshot:
    return CONNECTOR.translate("order.updated", orjson.dumps(order), SHOP, NOW).snapshots[0]


def facts(**changes: Any) -> Any:
    return translated(PLACED | changes).facts


def with_evidence(**changes: Any) -> dict[str, Any]:
    (evidence,) = [row["value"] for row in PLACED["meta_data"] if row["key"] == CONSENT]
    return {"meta_data": [{"id": 1, "key": CONSENT, "value": evidence | changes}]}


@pytest.mark.parametrize(
    ("method", "payment"), [("cod", "cod"), ("bacs", "transfer"), ("stripe", "page"), ("", ""), (None, "")]
)
def test_how_it_is_paid(method: str | None, payment: str) -> None:
    assert facts(payment_method=method)["payment"] == payment


def test_the_whole_order() -> None:
    snapshot = translated(PLACED)
    assert (snapshot.object_id, snapshot.version) == ("1588", datetime(2026, 11, 23, 18, 9, 13, tzinfo=UTC))
    found = dict(snapshot.facts)
    consent = found.pop("consent")
    assert found == {
        "number": "1588",
        "status": "on_hold",
        "source": "web",
        "test": False,
        "placed_at": "2026-11-23T18:09:12+00:00",
        "paid_at": None,
        "completed_at": None,
        "cancelled_at": None,
        "marketing_consent": None,
        "ready_for_pickup_at": None,
        "cart_id": "1588",
        "vouchers": [],
        "came_by": "",
        "promised_on": "",
        "returning": False,
        "code": "",
        "payment": "transfer",
        "total": "58.80",
        "currency": "EUR",
        "first_name": "Gerda",
        "last_name": "Gast",
        "email": "gerda@example.com",
        "phone": "0171 39200 21",
        "country": "DE",
        "region": "",
        "customer_id": "",
        "locale": "en_US",
        "items": [
            {"id": "4707", "name": "Blumentopf", "sku": "BT-2", "quantity": 1},
            {"id": "4708", "name": "Kaffeebecher", "sku": "KB-1", "quantity": 2},
        ],
        "refunds": [],
    }
    assert consent["granted"] is True
    assert consent["wording"].startswith("Ja, informiert mich per WhatsApp über meine Bestellung")
    assert (consent["version"], consent["source"]) == ("2026-11-de-1", "block")
    assert (consent["at"], consent["phone"]) == ("2026-11-23T18:09:12+00:00", "0171 39200 21")
    assert consent["raw"]["ip"] == "127.0.0.1"


@pytest.mark.parametrize(
    ("status", "ours"),
    [
        ("pending", "pending"),
        ("on-hold", "on_hold"),
        ("processing", "processing"),
        ("completed", "completed"),
        ("cancelled", "cancelled"),
        ("refunded", "refunded"),
        ("failed", "failed"),
        ("trash", "gone"),
        ("beim-packen", "processing"),
    ],
)
def test_status(status: str, ours: str) -> None:
    assert facts(status=status)["status"] == ours


def test_created_updated_and_polled_are_one_snapshot() -> None:
    assert recorded("12_order.updated_placed") == recorded("13_order.created_placed")


def test_a_draft_is_no_consent_even_with_the_box_ticked() -> None:
    (draft,) = recorded("11_order.updated_checkout-draft").snapshots
    assert (draft.object_type, draft.facts["status"]) == (ObjectType.CART, "open")
    assert "consent" not in draft.facts


def test_the_check_box_alone_is_no_consent() -> None:
    box = [{"id": 1, "key": "_wc_other/ladenbote/whatsapp-optin", "value": "1"}]
    assert facts(meta_data=box)["consent"] is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"granted": "1"},
        {"granted": None},
        {"at": "gestern"},
        {"at": None},
        {"at": 1795457353},
        {"wording": ["x"]},
        {"phone": 171},
        {"purposes": "alle"},
        {"purposes": ["service_updates", 7]},
        {"purposes": None},
        {"source": {}},
    ],
)
def test_evidence_that_the_plugin_would_not_write_is_none(wrong: dict[str, Any]) -> None:
    assert facts(**with_evidence(**wrong))["consent"] is None


@pytest.mark.parametrize("meta", [None, "x", {}, [None], [{"key": CONSENT, "value": "1"}], [{"key": CONSENT}]])
def test_meta_of_any_shape(meta: object) -> None:
    assert facts(meta_data=meta)["consent"] is None


def test_refused_box_is_evidence_of_a_no() -> None:
    consent = facts(**with_evidence(granted=False))["consent"]
    assert consent["granted"] is False


def test_purposes_are_kept() -> None:
    assert facts(**with_evidence(purposes=["service_updates"]))["consent"]["purposes"] == ["service_updates"]
    assert "purposes" not in facts()["consent"]


def test_the_number_of_the_evidence_wins_when_it_was_granted() -> None:
    assert facts(**with_evidence(phone="0171 39200 99"))["phone"] == "0171 39200 99"
    assert facts(**with_evidence(phone="0171 39200 99", granted=False))["phone"] == "0171 39200 21"


def test_the_delivery_phone_is_never_taken() -> None:
    billing = PLACED["billing"] | {"phone": ""}
    assert facts(billing=billing, meta_data=[])["phone"] == ""


def test_country_of_the_bill_else_of_the_shop() -> None:
    assert facts(billing=PLACED["billing"] | {"country": ""})["country"] == "AT"
    assert facts(billing=None)["country"] == "AT"


@pytest.mark.parametrize(
    ("changes", "placed_at"),
    [
        ({"created_via": "checkout"}, "2026-11-23T18:09:07+00:00"),
        ({}, "2026-11-23T18:09:12+00:00"),
        ({"meta_data": []}, "2026-11-23T18:09:13+00:00"),
        ({"meta_data": [], "date_paid_gmt": "2026-11-23T18:09:11"}, "2026-11-23T18:09:11+00:00"),
        ({"meta_data": [], "date_created_gmt": "2026-11-21T18:09:12"}, "2026-11-21T18:09:12+00:00"),
        ({"meta_data": [], "date_created_gmt": "2026-11-21T18:09:13"}, "2026-11-23T18:09:13+00:00"),
    ],
)
def test_placed_at_is_not_when_the_draft_was_opened(changes: dict[str, Any], placed_at: str) -> None:
    assert facts(**changes)["placed_at"] == placed_at


def test_dates_are_read_as_utc_and_never_as_site_time() -> None:
    paid = facts(date_paid="2026-11-23T19:09:20", date_paid_gmt="2026-11-23T18:09:20")
    assert paid["paid_at"] == "2026-11-23T18:09:20+00:00"
    assert facts(date_paid="2026-11-23T19:09:20")["paid_at"] is None


def test_a_promised_day_stands_in_the_meta_that_the_owner_names() -> None:
    order = PLACED | {"meta_data": [{"id": 1, "key": "_delivery_date", "value": "1.12.2026"}]}
    shop = ShopContext("laden", "AT", promised_meta="_delivery_date")
    [found, *_] = CONNECTOR.translate("order.updated", orjson.dumps(order), shop, NOW).snapshots
    assert (found.facts["promised_on"], translated(order).facts["promised_on"]) == ("2026-12-01", "")


def test_refund_of_a_part() -> None:
    order = recorded("08_order.updated_partial_refund").snapshots[0]
    assert order.facts["status"] == "completed"
    assert [refund["total"] for refund in order.facts["refunds"]] == ["5.00"]


@pytest.mark.parametrize(
    ("via", "source"),
    [("checkout", "web"), ("rest-api", "web"), ("admin", "draft"), ("pos-rest-api", "pos"), (None, "web")],
)
def test_source(via: str | None, source: str) -> None:
    assert facts(created_via=via)["source"] == source


@pytest.mark.parametrize("missing", ["id", "status", "date_modified_gmt"])
def test_what_we_cannot_do_without(missing: str) -> None:
    order = PLACED | {missing: None} | ({"date_created_gmt": None} if "date" in missing else {})
    with pytest.raises(Malformed):
        translated(order)


def test_an_order_deleted_before_delivery() -> None:
    assert recorded("18_order.updated_gone") == Translation(note="gone")
    assert recorded("17_order.deleted") == Translation(note="gone", gone="1603")


@pytest.mark.parametrize(
    "url",
    ["https://www.example.de", "http://127.0.0.1:8100/", "https://example.de/laden/", " https://example.de"],
)
def test_the_shops_address(url: str) -> None:
    settings = WooCommerceSettings.model_validate({"name": "K", "webhook_secret": "x", "url": url})
    assert settings.url == url.strip().rstrip("/")


@pytest.mark.parametrize("url", ["", "example.de", "ftp://x.de", "https://ck:cs@x.de", "https://x.de/?key=1"])
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="must"):
        WooCommerceSettings.model_validate({"name": "K", "webhook_secret": "x", "url": url})


BOX = {"granted": True, "wording": "Angebote per WhatsApp", "version": "m1", "purposes": ["marketing_offers"]}


def test_the_second_box_shares_who_and_when_with_the_first() -> None:
    found = facts(**with_evidence(marketing=BOX))
    first, second = found["consent"], found["marketing_consent"]
    assert {name: second[name] for name in BOX} == BOX
    assert "purposes" not in first
    assert all(second[name] == first[name] for name in ("at", "phone", "source", "raw"))
    assert facts(**with_evidence(marketing=BOX | {"granted": False}))["marketing_consent"]["granted"] is False


@pytest.mark.parametrize(
    "box",
    [
        None,
        [],
        "yes",
        BOX | {"granted": "1"},
        BOX | {"granted": None},
        BOX | {"purposes": []},
        BOX | {"purposes": "marketing_offers"},
        BOX | {"purposes": [1]},
        BOX | {"wording": 5},
        {name: value for name, value in BOX.items() if name != "purposes"},
        {name: value for name, value in BOX.items() if name != "granted"},
    ],
)
def test_a_second_box_that_cannot_be_read_counts_as_absent(box: Any) -> None:
    found = facts(**with_evidence(marketing=box))
    assert found["marketing_consent"] is None
    assert found["consent"]["granted"] is True


def test_a_second_box_without_wording_has_none_of_the_firsts() -> None:
    box = {name: value for name, value in BOX.items() if name != "wording"}
    assert facts(**with_evidence(marketing=box))["marketing_consent"]["wording"] == ""


def test_the_classic_checkouts_cart_is_the_one_that_the_plugin_named() -> None:
    order = PLACED | {"created_via": "checkout", "meta_data": [{"id": 1, "key": "_ladenbote_cart", "value": "c-1"}]}
    found = CONNECTOR.translate("order.updated", orjson.dumps(order), SHOP, NOW).snapshots
    carts = [s for s in found if s.object_type is ObjectType.CART]
    assert found[0].facts["cart_id"] == "c-1"
    assert [(cart.object_id, cart.facts["status"], cart.facts["order_id"]) for cart in carts] == [
        ("c-1", "ordered", "1588")
    ]
