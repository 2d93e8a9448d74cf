"""Whether the person of a cart has bought meanwhile: the shop itself is asked, right before a reminder."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from connectors.reading import Json, mapping, moment, rows, text
from connectors.shopify import failures
from connectors.shopify.carts import NUMBER
from connectors.shopify.client import Client
from connectors.shopify.documents import BOUGHT
from connectors.shopify.ids import canonical_id
from integration.domain.contacts.contacts import read_phone
from integration.domain.shops.events import Snapshot

#: an order is stamped after its checkout began; clocks of one shop agree, the margin is for rounding
MARGIN: Final = timedelta(seconds=5)


def bought_since(client: Client, cart: Snapshot) -> str:
    """The id of the order, "" when there is none. Raises ShopError.

    Shopify ignores what it does not understand of a search and then answers with any orders, so each is checked.
    """
    facts = cart.facts
    started = (moment(facts["started_at"]) or cart.version) - MARGIN
    data = client.query(BOUGHT, variables(cart)).data
    if not isinstance(data.get("byCart"), dict):
        # An answer that says nothing does not say that nobody bought.
        raise failures.broken(200)
    keys = {cart.object_id, *facts["aliases"]}
    for order in _orders(data, "byCart"):
        if {order.get("checkoutToken"), order.get("cartToken")} & keys:
            return _id(order)
    for order in _orders(data, "byCustomer", "byEmail", "byPhone"):
        placed = moment(order.get("createdAt"))
        if placed and placed >= started and _is_the_persons(order, facts, data):
            return _id(order)
    return ""


def variables(cart: Snapshot) -> dict[str, Any]:
    """What the document asks with; a way that the cart says nothing about is left out of the request."""
    facts = cart.facts
    phone = read_phone(facts["phone"], facts["country"])
    keys = [key for key in (cart.object_id, *facts["aliases"]) if not key.startswith(NUMBER)]
    return {
        "cart": " OR ".join(f"checkout_token:{quoted(key)}" for key in keys[:3]),
        "customer": f"customer_id:{facts['customer_id']}",
        "hasCustomer": bool(facts["customer_id"]),
        "email": f"email:{quoted(facts['email'])}",
        "hasEmail": bool(facts["email"]),
        "phone": {"phoneNumber": phone.number if phone else ""},
        "hasPhone": phone is not None,
    }


def quoted(value: str) -> str:
    """A value inside a search text, so that it cannot end the quotation."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _orders(data: Json, *names: str) -> Iterator[Json]:
    for name in names:
        found = mapping(data.get(name))
        yield from rows(mapping(found.get("orders") or found).get("nodes"))


def _is_the_persons(order: Json, facts: Any, data: Json) -> bool:
    customer, email = _id(mapping(order.get("customer"))), text(order.get("email"))
    if customer and customer == facts["customer_id"]:
        return True
    if email and email.casefold() == facts["email"].casefold():
        return True
    by_phone = rows(mapping(mapping(data.get("byPhone")).get("orders")).get("nodes"))
    return any(row.get("id") == order.get("id") for row in by_phone)


def _id(row: Json) -> str:
    return canonical_id({"admin_graphql_api_id": row.get("id")})
