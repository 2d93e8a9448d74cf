"""A Shopify order as a snapshot, with one more for each of its parcels."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, cast
from urllib.parse import parse_qs, urlsplit

from connectors.reading import Json, iso, mapping, moment, quantity, rows, text
from connectors.shopify.consent import consent_of
from connectors.shopify.ids import canonical_id
from connectors.shopify.people import buyer_of
from connectors.shopify.shipments import FAILED, shipments_of
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import Facts, OrderFacts, OrderStatus
from integration.domain.shops.ports import ShopContext

#: the poll reads ten lines (more would cost too many points), so the webhook keeps ten as well
LINES: Final = 10
PAID: Final = frozenset({"paid", "partially_refunded", "refunded"})
SOURCES: Final = {"pos": "pos", "shopify_draft_order": "draft"}
#: payment methods that wait for the customer's own transfer; cash on delivery waits for nothing
TRANSFERS: Final = (
    *("manual", "bank deposit", "bank transfer", "wire transfer", "money order", "prepayment"),
    *("vorkasse", "vorauskasse", "überweisung", "ueberweisung"),
)
AT_THE_DOOR: Final = ("cash on delivery", "nachnahme")
IMPORTED_AFTER: Final = timedelta(days=1)


def order_snapshots(order: Json, shop: ShopContext) -> tuple[Snapshot, ...]:
    """The order and its fulfilments. Malformed without id or time of modification."""
    order_id, created = canonical_id(order), moment(order.get("created_at"))
    if not order_id:
        raise Malformed("the order has no id")
    version = moment(order.get("updated_at")) or created
    if version is None:
        raise Malformed("the order has no time of modification")
    placed = moment(order.get("processed_at")) or created or version
    facts = cast(Facts, _facts(order, shop, placed, created or placed, version))
    snapshot = Snapshot(shop.slug, ObjectType.ORDER, order_id, version, facts)
    return (snapshot, *shipments_of(order, order_id, version, shop))


def _facts(order: Json, shop: ShopContext, placed: datetime, created: datetime, version: datetime) -> OrderFacts:
    buyer, financial = buyer_of(order, shop), _word(order.get("financial_status"))
    status, total = _status(order, financial), total_of(order)
    placed_at, source, test = placed.isoformat(), _source(order, placed, created), order.get("test") is True
    return {
        "number": text(order.get("name")) or _number(order),
        "status": status.value,
        "source": source,
        "test": test,
        "placed_at": placed_at,
        # The webhook has no date of payment; this one is the same in every copy of the order.
        "paid_at": placed_at if financial in PAID else None,
        "completed_at": _completed_at(order, version) if status == OrderStatus.COMPLETED else None,
        "cancelled_at": iso(moment(order.get("cancelled_at"))),
        "ready_for_pickup_at": iso(moment(order.get("ready_for_pickup_at"))),
        "cart_id": text(order.get("checkout_token")),
        "code": text(order.get("confirmation_number"), 20),
        "payment": _payment(order.get("payment_gateway_names")),
        "vouchers": [code for row in rows(order.get("discount_codes"))[:LINES] if (code := text(row.get("code"), 64))],
        "came_by": _came_by(text(order.get("landing_site"), 2_000)),
        "promised_on": "",
        "returning": False,
        "total": total[0],
        "currency": total[1],
        **buyer,
        "locale": text(order.get("customer_locale"), 35),
        "items": [_item(row) for row in rows(order.get("line_items"))[:LINES]],
        "refunds": _refunds(rows(order.get("refunds")), total[1]),
        # Whoever else makes an order, it is not the buyer who ticks the box.
        "consent": consent_of(order, shop, buyer["phone"], placed_at) if source == "web" and not test else None,
        "marketing_consent": None,
    }


def _came_by(landing: str) -> str:
    """The source in the address of a visit's first page; only webhooks tell it."""
    try:
        return text(parse_qs(urlsplit(landing).query).get("utm_source", [""])[0], 64)
    except ValueError:
        return ""


def _number(order: Json) -> str:
    number = order.get("order_number")
    return str(number) if isinstance(number, int) else ""


def _word(value: object) -> str:
    return value.lower() if isinstance(value, str) else ""


def _status(order: Json, financial: str) -> OrderStatus:
    if order.get("cancelled_at") or financial == "voided":
        return OrderStatus.CANCELLED
    if financial == "refunded":
        return OrderStatus.REFUNDED
    if _word(order.get("fulfillment_status")) == "fulfilled":
        return OrderStatus.COMPLETED
    if financial == "pending" and _awaits_transfer(order.get("payment_gateway_names")):
        return OrderStatus.ON_HOLD
    return OrderStatus.PROCESSING


def _awaits_transfer(gateways: object) -> bool:
    return any(word in name and "sofort" not in name for name in _gateways(gateways) for word in TRANSFERS)


def _payment(gateways: object) -> str:
    if any(word in name for name in _gateways(gateways) for word in AT_THE_DOOR):
        return "cod"
    return "transfer" if _awaits_transfer(gateways) else ""


def _gateways(names: object) -> list[str]:
    return [_word(name).replace("_", " ") for name in names] if isinstance(names, list) else []


def _completed_at(order: Json, version: datetime) -> str:
    parcels = rows(order.get("fulfillments"))
    made = [moment(row.get("created_at")) for row in parcels if _word(row.get("status")) not in FAILED]
    return max((at for at in made if at), default=version).isoformat()


def _source(order: Json, placed: datetime, created: datetime) -> str:
    name = _word(order.get("source_name"))
    if name in SOURCES:
        return SOURCES[name]
    # Imports keep their old date in processed_at; whoever wrote the order, nobody placed it just now.
    return "imported" if created - placed > IMPORTED_AFTER else "web"


def total_of(order: Json) -> tuple[str, str]:
    shown = mapping(mapping(order.get("total_price_set")).get("presentment_money"))
    if shown.get("amount"):
        return amount(shown["amount"]), text(shown.get("currency_code"), 3)
    return amount(order.get("total_price")), text(order.get("currency"), 3)


def amount(value: object) -> str:
    """An amount in one spelling: webhooks write "388.00", GraphQL "388.0" for the same money."""
    given = text(value, 40)
    whole, _, cents = given.partition(".")
    if not (whole.removeprefix("-").isdigit() and (cents.isdigit() or not cents) and given.isascii()):
        return given
    return f"{whole}.{cents.rstrip('0').ljust(2, '0')}"


def _item(row: Json) -> dict[str, Any]:
    name = text(row.get("name")) or text(row.get("title"))
    return {
        "id": canonical_id(row),
        "name": name,
        "sku": text(row.get("sku")),
        "quantity": quantity(row.get("quantity")),
    }


def _refunds(found: Sequence[Json], currency: str) -> list[dict[str, str]]:
    # GraphQL tells only the sum of all refunds for few points: what one gave back is known while it is the only one.
    total = _given_back(found[0], currency) if len(found) == 1 else ""
    return [refund for row in found if (refund := _refund(row, total))["id"]]


def _refund(row: Json, total: str) -> dict[str, str]:
    at = moment(row.get("created_at"))
    known = {"at": at.isoformat() if at else "", "total": total}
    return {"id": canonical_id(row)} | {name: value for name, value in known.items() if value}


def _given_back(row: Json, currency: str) -> str:
    """What a refund gave back, "" when it cannot be told in the order's currency."""
    done = [
        t for t in rows(row.get("transactions")) if _word(t.get("kind")) == "refund" and t.get("status") == "success"
    ]
    amounts = [amount(t.get("amount")) for t in done if text(t.get("currency"), 3) == currency]
    return amounts[0] if len(done) == len(amounts) == 1 else ""
