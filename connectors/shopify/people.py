"""Who bought: names, and the phone number that is certainly the buyer's (docs/reference/shopify.md section 13)."""

from connectors.facts import BuyerFacts
from connectors.reading import Json, country_code, mapping, text
from connectors.shopify.ids import canonical_id
from integration.domain.shops.ports import ShopContext


def buyer_of(order: Json, shop: ShopContext) -> BuyerFacts:
    """The buyer of an order. `customer` is null for guests and at the till."""
    customer = mapping(order.get("customer"))
    default = mapping(customer.get("default_address"))
    billing, shipping = mapping(order.get("billing_address")), mapping(order.get("shipping_address"))
    phone, home = _phone(order, customer, default, billing, shipping)
    where = next((row for row in (home, billing, shipping, default) if country_code(row.get("country_code"))), {})
    named = next((row for row in (customer, billing, shipping) if _named(row)), {})
    return {
        "first_name": text(named.get("first_name")),
        "last_name": text(named.get("last_name")),
        "email": text(order.get("email")) or text(customer.get("email")),
        "phone": phone,
        "country": country_code(where.get("country_code")) or shop.country,
        "region": text(where.get("province_code"), 8),
        "customer_id": canonical_id(customer),
    }


def _phone(order: Json, customer: Json, default: Json, billing: Json, shipping: Json) -> tuple[str, Json]:
    """The first number that is the buyer's own, and the address that it stands in.

    What was typed for this order goes before the customer's profile, whose number may be another one by now: a
    consent given at checkout is for the number given there. A delivery address may be a neighbour's or a gift's: its
    number counts only under the buyer's name.
    """
    candidates: tuple[tuple[Json, Json, bool], ...] = (
        (order, {}, True),
        (billing, billing, True),
        (shipping, shipping, False),
        (customer, {}, True),
        (default, default, False),
    )
    for row, address, certain in candidates:
        phone = text(row.get("phone"), 40)
        if phone and (certain or _same_person(row, customer, billing)):
            return phone, address
    return "", {}


def _same_person(row: Json, customer: Json, billing: Json) -> bool:
    name = _name(row)
    return bool(name) and name in (_name(customer), _name(billing))


def _named(row: Json) -> bool:
    return bool(row.get("first_name") or row.get("last_name"))


def _name(row: Json) -> str:
    name = f"{text(row.get('first_name'))} {text(row.get('last_name'))}".strip()
    return (name or text(row.get("name"))).casefold()
