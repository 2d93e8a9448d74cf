"""Shopify orders in our words."""

from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from connectors.shopify import CONNECTOR
from connectors.shopify.graphql import webhook_shape
from connectors.shopify.orders import order_snapshots
from connectors.shopify.settings import ShopifySettings
from integration.domain.errors import Malformed
from integration.domain.shops.events import Snapshot
from integration.domain.shops.ports import ShopContext, Translation

DATA = Path(__file__).parents[2] / "data/shopify"
NOW = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SHOP = ShopContext("laden", "AT", {"v1": "Ja, bitte per WhatsApp."})
ORDER: dict[str, Any] = orjson.loads((DATA / "order.json").read_bytes())
NODE: dict[str, Any] = orjson.loads((DATA / "order_graphql.json").read_bytes())


def translated(order: dict[str, Any]) -> Snapshot:
    return CONNECTOR.translate("orders/updated", orjson.dumps(order), SHOP, NOW).snapshots[0]


def polled(node: dict[str, Any]) -> tuple[Snapshot, ...]:
    return order_snapshots(webhook_shape(node), SHOP)


def facts(**changes: Any) -> Any:
    return translated(deepcopy(ORDER) | changes).facts


def test_the_whole_order() -> None:
    snapshot = translated(ORDER)
    assert snapshot.object_id == "5600000000000000789"
    assert snapshot.version == datetime(2026, 11, 23, 14, 12, 1, tzinfo=UTC)
    assert snapshot.facts == {
        "number": "#1001",
        "status": "completed",
        "source": "web",
        "test": False,
        "placed_at": "2026-11-23T13:29:58+00:00",
        "paid_at": "2026-11-23T13:29:58+00:00",
        "completed_at": "2026-11-23T14:10:00+00:00",
        "cancelled_at": None,
        "marketing_consent": None,
        "ready_for_pickup_at": None,
        "cart_id": "fiktiv-checkout",
        "vouchers": [],
        "came_by": "",
        "promised_on": "",
        "returning": False,
        "code": "ABC123XYZ",
        "payment": "",
        "total": "64.50",
        "currency": "EUR",
        "first_name": "Anna",
        "last_name": "Beispiel",
        "email": "anna@example.com",
        "phone": "0171 39200 12",
        "country": "DE",
        "region": "",
        "customer_id": "7200000000000000456",
        "locale": "de-DE",
        "items": [
            {"id": "14800000000000000001", "name": "Kaffeebecher", "sku": "KB-1", "quantity": 2},
            {"id": "14800000000000000002", "name": "Röstung – 500 g", "sku": "RO-5", "quantity": 1},
        ],
        "refunds": [],
        "consent": {
            "granted": True,
            "at": "2026-11-23T13:29:58+00:00",
            "wording": "",
            "version": "2026-11-de-1",
            "phone": "0171 39200 12",
            "source": "cart_attribute",
        },
    }


def test_the_rounded_id_is_never_used() -> None:
    gid = "gid://shopify/Order/820982911946154508"
    assert translated(ORDER | {"id": 820982911946154500, "admin_graphql_api_id": gid}).object_id == gid[20:]
    with pytest.raises(Malformed):
        translated(ORDER | {"id": 820982911946154500, "admin_graphql_api_id": "gid://shopify/Order/?"})
    assert translated(ORDER | {"id": 42, "admin_graphql_api_id": None}).object_id == "42"


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"fulfillment_status": None}, "processing"),
        ({"fulfillment_status": "partial"}, "processing"),
        ({"fulfillment_status": None, "financial_status": "authorized"}, "processing"),
        ({"fulfillment_status": None, "financial_status": "pending"}, "processing"),
        ({"cancelled_at": "2026-11-23T15:00:00+01:00"}, "cancelled"),
        ({"financial_status": "voided"}, "cancelled"),
        ({"financial_status": "refunded"}, "refunded"),
        ({"financial_status": "partially_refunded"}, "completed"),
    ],
)
def test_status(changes: dict[str, Any], status: str) -> None:
    assert facts(**changes)["status"] == status


@pytest.mark.parametrize(
    ("gateway", "status"),
    [
        ("manual", "on_hold"),
        ("Bank Deposit", "on_hold"),
        ("bank_deposit", "on_hold"),
        ("Vorkasse (Überweisung)", "on_hold"),
        ("Cash on Delivery (COD)", "processing"),
        ("Sofortüberweisung", "processing"),
        ("shopify_payments", "processing"),
    ],
)
def test_only_a_transfer_waits_for_the_customers_money(gateway: str, status: str) -> None:
    open_ = {"fulfillment_status": None, "payment_gateway_names": [gateway]}
    assert facts(financial_status="pending", **open_)["status"] == status
    assert facts(financial_status="authorized", **open_)["status"] == "processing"


@pytest.mark.parametrize("financial", ["paid", "partially_refunded", "refunded"])
def test_paid_at_is_the_same_in_every_copy(financial: str) -> None:
    assert facts(financial_status=financial)["paid_at"] == "2026-11-23T13:29:58+00:00"
    assert facts(financial_status="pending")["paid_at"] is None


@pytest.mark.parametrize(
    ("name", "source"),
    [("web", "web"), ("pos", "pos"), ("shopify_draft_order", "draft"), ("580111", "web"), (None, "web")],
)
def test_source(name: str | None, source: str) -> None:
    assert facts(source_name=name)["source"] == source


def test_an_old_processed_at_is_an_import() -> None:
    assert facts(source_name="2329312", processed_at="2024-05-01T10:00:00+02:00")["source"] == "imported"
    assert facts(processed_at="2026-11-23T09:00:00+01:00")["source"] == "web"


def test_money_as_shown_to_the_customer() -> None:
    swiss = {
        "shop_money": {"amount": "64.50", "currency_code": "EUR"},
        "presentment_money": {"amount": "61.9", "currency_code": "CHF"},
    }
    assert (facts(total_price_set=swiss)["total"], facts(total_price_set=swiss)["currency"]) == (
        "61.90",
        "CHF",
    )
    plain = facts(total_price_set=None, presentment_currency="CHF")
    assert (plain["total"], plain["currency"]) == ("64.50", "EUR")


@pytest.mark.parametrize(("written", "same"), [("388.0", "388.00"), ("1000", "1000.00"), ("1.500", "1.50")])
def test_one_spelling_of_money(written: str, same: str) -> None:
    assert facts(total_price_set=None, total_price=written)["total"] == same


def test_the_phone_is_the_buyers_own() -> None:
    assert facts(phone="+491713920033")["phone"] == "+491713920033"
    customer = ORDER["customer"] | {"phone": "+491713920034"}
    assert facts(customer=customer, billing_address=None, shipping_address=None)["phone"] == "+491713920034"


def test_the_number_typed_for_this_order_goes_before_the_profile() -> None:
    customer = ORDER["customer"] | {"phone": "+491713920034"}
    billing = ORDER["billing_address"] | {"phone": "0171 39200 77"}
    found = facts(customer=customer, billing_address=billing)
    assert found["phone"] == "0171 39200 77"
    assert found["consent"]["phone"] == "0171 39200 77", "the box stood beside this number"


def test_the_neighbours_delivery_phone_is_never_taken() -> None:
    bare = {"billing_address": ORDER["billing_address"] | {"phone": None}}
    customer = ORDER["customer"] | {"default_address": None}
    assert facts(customer=customer, **bare)["phone"] == ""
    own = ORDER["shipping_address"] | {"first_name": "ANNA", "last_name": "Beispiel "}
    assert facts(customer=customer, shipping_address=own, **bare)["phone"] == "0221 4710 111"


def test_a_default_address_of_somebody_else_is_not_taken() -> None:
    bare = {"billing_address": None, "shipping_address": None}
    other = ORDER["customer"]["default_address"] | {"first_name": "Otto", "last_name": "Anders"}
    assert facts(customer=ORDER["customer"] | {"default_address": other}, **bare)["phone"] == ""
    unnamed = other | {"first_name": None, "last_name": None, "name": ""}
    assert facts(customer=ORDER["customer"] | {"default_address": unnamed}, **bare)["phone"] == ""


def test_country_of_the_number_else_of_the_shop() -> None:
    swiss = ORDER["billing_address"] | {"country_code": "CH"}
    assert facts(customer=None, billing_address=swiss)["country"] == "CH"
    assert facts(customer=None, billing_address=None, shipping_address=None)["country"] == "AT"


def test_a_guest_is_named_by_the_address() -> None:
    guest = facts(customer=None)
    assert (guest["first_name"], guest["last_name"], guest["customer_id"]) == ("Anna", "Beispiel", "")


@pytest.mark.parametrize("answer", ["yes", "TRUE", " 1 ", "on", "Ja"])
def test_opt_in(answer: str) -> None:
    consent = facts(note_attributes=[{"name": "whatsapp_optin", "value": answer}])["consent"]
    assert consent["granted"] is True


@pytest.mark.parametrize("answer", ["no", "false", "0", "withdrawn"])
def test_opt_in_refused(answer: str) -> None:
    assert facts(note_attributes=[{"name": "whatsapp_optin", "value": answer}])["consent"]["granted"] is False


@pytest.mark.parametrize(
    "attributes",
    [
        None,
        [],
        "x",
        [{"name": "whatsapp_optin", "value": ""}],
        [{"name": "whatsapp_optin", "value": "vielleicht"}],
        [{"name": "whatsapp_optin", "value": True}],
        [{"name": ["x"], "value": "yes"}],
    ],
)
def test_no_consent_without_a_clear_answer(attributes: Any) -> None:
    assert facts(note_attributes=attributes)["consent"] is None


def test_marketing_and_sms_consent_say_nothing_about_whatsapp() -> None:
    customer = ORDER["customer"] | {
        "sms_marketing_consent": {"state": "subscribed"},
        "accepts_marketing": True,
    }
    assert facts(note_attributes=[], buyer_accepts_marketing=True, customer=customer)["consent"] is None


@pytest.mark.parametrize(
    "changes",
    [
        {"test": True},
        {"source_name": "pos"},
        {"source_name": "shopify_draft_order"},
        {"processed_at": "2024-05-01T10:00:00+02:00"},
    ],
)
def test_only_the_buyer_can_agree(changes: dict[str, Any]) -> None:
    assert facts()["consent"]["granted"] is True
    assert facts(**changes)["consent"] is None


def test_wording_as_shown_else_by_version_else_empty() -> None:
    given = [{"name": "whatsapp_optin", "value": "yes"}, {"name": "whatsapp_optin_version", "value": "v1"}]
    assert facts(note_attributes=given)["consent"]["wording"] == "Ja, bitte per WhatsApp."
    shown = [*given, {"name": "whatsapp_optin_wording", "value": " Ja,\n schreibt mir! "}]
    assert facts(note_attributes=shown)["consent"]["wording"] == "Ja,\n schreibt mir!"


def test_texts_are_bounded_and_on_one_line() -> None:
    customer = ORDER["customer"] | {"first_name": "  Anna\n\tMaria\x00 " + "x" * 900}
    name = facts(customer=customer)["first_name"]
    assert name.startswith("Anna Maria x") and len(name) == 200


def test_refunds_by_id_and_time() -> None:
    refund = {
        "id": 1,
        "admin_graphql_api_id": "gid://shopify/Refund/99",
        "created_at": "2026-11-24T10:00:00+01:00",
    }
    assert facts(refunds=[refund, {}])["refunds"] == [{"id": "99", "at": "2026-11-24T09:00:00+00:00"}]


def refund_of(id_: int, amount: str, **more: str) -> dict[str, Any]:
    back = {"kind": "refund", "status": "success", "amount": amount, "currency": "EUR"}
    return {"admin_graphql_api_id": f"gid://shopify/Refund/{id_}", "transactions": [back | more]}


def test_the_only_refund_says_how_much() -> None:
    assert facts(refunds=[refund_of(1, "5.0")])["refunds"] == [{"id": "1", "total": "5.00"}]
    assert facts(refunds=[refund_of(1, "5.0", currency="USD")])["refunds"] == [{"id": "1"}]
    assert facts(refunds=[refund_of(1, "5.0", status="failure")])["refunds"] == [{"id": "1"}]
    assert facts(refunds=[refund_of(1, "5.0"), refund_of(2, "6.0")])["refunds"] == [{"id": "1"}, {"id": "2"}]


@pytest.mark.parametrize(
    ("gateways", "payment"),
    [
        (["Cash on Delivery (COD)"], "cod"),
        (["Nachnahme"], "cod"),
        (["Bank Deposit"], "transfer"),
        (["shopify_payments"], ""),
        ([], ""),
        (None, ""),
    ],
)
def test_how_it_is_paid(gateways: Any, payment: str) -> None:
    assert facts(payment_gateway_names=gateways)["payment"] == payment


def test_ten_lines_as_many_as_the_poll_reads() -> None:
    assert len(facts(line_items=ORDER["line_items"] * 9)["items"]) == 10


def test_without_time_of_modification_it_is_malformed() -> None:
    with pytest.raises(Malformed):
        facts(updated_at=None, created_at="gestern")


@pytest.mark.parametrize(
    ("push", "poll"),
    [
        ({"financial_status": "pending"}, {"displayFinancialStatus": "PENDING"}),
        ({"cancelled_at": "2026-11-23T15:12:01+01:00"}, {"cancelledAt": "2026-11-23T14:12:01Z"}),
        ({"test": True}, {"test": True}),
        ({"phone": "+491713920033"}, {"phone": "+491713920033"}),
        ({"customer": None}, {"customer": None}),
        ({"note_attributes": []}, {"customAttributes": []}),
        ({"source_name": "pos"}, {"sourceName": "pos"}),
        (
            {"fulfillment_status": None, "fulfillments": []},
            {"displayFulfillmentStatus": "UNFULFILLED", "fulfillments": []},
        ),
        (
            {
                "refunds": [
                    {
                        "admin_graphql_api_id": "gid://shopify/Refund/9",
                        "created_at": "2026-11-24T10:00:00+01:00",
                        "transactions": [{"kind": "refund", "status": "success", "amount": "5.00", "currency": "EUR"}],
                    }
                ]
            },
            {
                "refunds": [{"id": "gid://shopify/Refund/9", "createdAt": "2026-11-24T09:00:00Z"}],
                "totalRefundedSet": {"shopMoney": {"amount": "5.0", "currencyCode": "EUR"}},
            },
        ),
        (
            {"payment_gateway_names": ["Cash on Delivery (COD)"]},
            {"paymentGatewayNames": ["Cash on Delivery (COD)"]},
        ),
    ],
)
def test_poll_and_webhook_agree_after_every_change(push: dict[str, Any], poll: dict[str, Any]) -> None:
    pushed = CONNECTOR.translate("orders/updated", orjson.dumps(ORDER | push), SHOP, NOW)
    assert Translation(polled(NODE | poll)) == pushed


def test_the_poll_uses_the_default_address_when_it_reads_one() -> None:
    address = NODE["billingAddress"] | {"phone": "0171 39200 77"}
    customer = NODE["customer"] | {"defaultAddress": address}
    node = NODE | {"customer": customer, "billingAddress": None, "shippingAddress": None}
    assert polled(node)[0].facts["phone"] == "0171 39200 77"


def test_topics() -> None:
    def note(topic: str) -> str:
        return CONNECTOR.translate(topic, b"{}", SHOP, NOW).note

    assert {note(topic) for topic in ("orders/edited", "refunds/create")} == {"thin"}
    assert note("customers_whats_app_marketing_consent/update") == "thin"
    known = ("customers/update", "customer.tags_added", "carts/create", "checkouts/delete")
    assert {note(topic) for topic in known} == {"no_notification"}
    assert CONNECTOR.translate("orders/delete", b'{"id":1}', SHOP, NOW) == Translation(note="gone", gone="1")
    assert note("order.updated") == "unknown_topic"


@pytest.mark.parametrize("host", ["kaffee.myshopify.com", "shop.example.de", " Kaffee.MyShopify.com "])
def test_a_host_is_kept_whole(host: str) -> None:
    settings = ShopifySettings.model_validate({"name": "K", "webhook_secret": "x", "domain": host})
    assert settings.domain == host.strip().lower()


@pytest.mark.parametrize(
    "host",
    [
        "",
        "kaffee",
        "https://kaffee.myshopify.com",
        "a.de/b",
        "a.de:443",
        "a@b.de",
        "a..de",
        "-a.de",
        "a.de\n.x",
    ],
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="plain host name"):
        ShopifySettings.model_validate({"name": "K", "webhook_secret": "x", "domain": host})
