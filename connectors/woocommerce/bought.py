"""Did the person of a cart buy meanwhile? Asked of the shop itself, immediately before a reminder leaves."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from connectors.reading import identifier, mapping, moment, rows
from connectors.woocommerce.client import Params, WooCommerceClient
from connectors.woocommerce.orders import order_snapshots
from integration.domain.contacts.contacts import e164
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import LIVE, Facts, OrderStatus
from integration.domain.shops.ports import ShopContext

#: a pending payment counts as bought
BOUGHT: Final = LIVE | {OrderStatus.REFUNDED}
#: so many of the newest orders are compared; beyond them the shop searches
PAGES: Final = 3
PER_PAGE: Final = 100
FIELDS: Final = (
    "id,number,status,billing,shipping,customer_id,created_via,date_created_gmt,date_modified_gmt,date_paid_gmt,"
    "meta_data"
)


def bought_since(client: WooCommerceClient, shop: ShopContext, cart: Snapshot) -> str:
    """The id of an order of this person since the cart was started, "" when there is none."""
    for candidate in _candidates(client, cart):
        try:
            found = order_snapshots(candidate, shop)
        except Malformed:
            continue
        for order in found:
            if order.object_type is ObjectType.ORDER and order.facts["status"] in BOUGHT and _same(order, cart):
                return order.object_id
    return ""


def _same(order: Snapshot, cart: Snapshot) -> bool:
    if order.object_id in (cart.object_id, *cart.facts["aliases"]):
        return True
    later = datetime.fromisoformat(order.facts["placed_at"]) >= _started(cart)
    return later and bool(_marks(order.facts) & _marks(cart.facts))


def _marks(facts: Facts) -> set[str]:
    """What tells a person: account, e-mail address, phone number however it was typed."""
    phone = e164(facts["phone"], facts["country"])
    return {mark for mark in (facts["customer_id"], facts["email"].strip().casefold(), phone) if mark}


def _candidates(client: WooCommerceClient, cart: Snapshot) -> Iterator[dict[str, object]]:
    for id_ in filter(identifier, (cart.object_id, *cart.facts["aliases"])):
        answer = client.find(f"orders/{id_}", {"_fields": FIELDS})
        if answer:
            yield mapping(answer.body)
    if not _marks(cart.facts):
        return
    since = (_started(cart) - timedelta(seconds=1)).strftime("%Y-%m-%dT%H:%M:%S")
    recent: Params = {"modified_after": since, "dates_are_gmt": True, "orderby": "modified", "order": "desc"}
    for page in range(1, PAGES + 1):
        found = rows(client.get("orders", {**recent, "page": page, "per_page": PER_PAGE, "_fields": FIELDS}).body)
        yield from found
        if len(found) < PER_PAGE:
            return
    for wanted in _searches(cart.facts):
        yield from rows(client.get("orders", {**recent, **wanted, "per_page": PER_PAGE, "_fields": FIELDS}).body)


def _searches(facts: Facts) -> Iterator[Params]:
    if facts["customer_id"]:
        yield {"customer": facts["customer_id"]}
    # A slash would break the package's signature.
    if facts["email"] and "/" not in facts["email"]:
        yield {"search": facts["email"]}


def _started(cart: Snapshot) -> datetime:
    return moment(cart.facts["started_at"]) or cart.version
