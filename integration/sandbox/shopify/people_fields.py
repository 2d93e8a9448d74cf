"""Customers, their phones and addresses, as GraphQL shows them."""

from decimal import Decimal
from typing import Any, Final
from zlib import crc32

from integration.sandbox.shopify.call import Args, Call, Fields, always, attribute, coin, gid, legacy, moment, shown
from integration.sandbox.shopify.metafields import METAFIELD, of_record
from integration.sandbox.shopify.queries import sorted_page
from integration.sandbox.shopify.records import Consent, Customer, Order

COUNTRIES: Final = {"AT": "Austria", "CH": "Switzerland", "DE": "Germany"}


def phone(customer: Customer, _: Call, __: Args) -> dict[str, Any] | None:
    """The default phone with its consents, which belong to this very number."""
    if customer.phone is None:
        return None
    return {
        "phoneNumber": customer.phone, "whatsAppMarketingConsent": consent(customer.whatsapp),
        "smsMarketingConsent": consent(customer.sms), **_marketing(customer.sms),
        "marketingCollectedFrom": customer.sms.source,
    }  # fmt: skip


def _email(customer: Customer, _: Call, __: Args) -> dict[str, Any] | None:
    if customer.email is None:
        return None
    return {"emailAddress": customer.email, **_marketing(customer.by_email)}


def _marketing(given: Consent) -> dict[str, Any]:
    return {"marketingState": given.state, "marketingOptInLevel": given.level, "marketingUpdatedAt": shown(given.at)}


def consent(given: Consent) -> dict[str, Any]:
    """A consent of the kind that has its own object."""
    state = "NEVER_SUBSCRIBED" if given.state == "NOT_SUBSCRIBED" else given.state
    return {"state": state, "optInLevel": given.level, "updatedAt": shown(given.at),
            "collectedFrom": given.source, "sourceLocation": None}  # fmt: skip


def _orders(customer: Customer, call: Call) -> list[Order]:
    return [order for order in call.shop.orders.values() if order.customer is customer]


def _last(customer: Customer, call: Call, _: Args) -> Order | None:
    return max(_orders(customer, call), key=lambda order: order.id, default=None)


def _spent(customer: Customer, call: Call, _: Args) -> dict[str, str]:
    paid = (order.total - order.refunded for order in _orders(customer, call) if order.paid)
    return coin(sum(paid, Decimal(0)), "EUR")


def _name(customer: Customer, _: Call, __: Args) -> str:
    names = " ".join(part for part in (customer.first_name, customer.last_name) if part)
    return names or customer.email or str(customer.id)


CUSTOMER: Final[Fields] = {
    "id": gid("Customer"), "legacyResourceId": legacy, "firstName": attribute("first_name"),
    "lastName": attribute("last_name"), "displayName": _name, "locale": attribute("locale"),
    "tags": attribute("tags"), "state": always("DISABLED"), "note": always(None),
    "numberOfOrders": lambda c, call, __: str(len(_orders(c, call))),
    "createdAt": moment("created"), "updatedAt": moment("updated"), "defaultPhoneNumber": phone,
    "defaultEmailAddress": _email, "defaultAddress": attribute("address"), "email": attribute("email"),
    "phone": attribute("phone"), "amountSpent": _spent, "lastOrder": _last, "metafield": of_record,
    "orders": lambda c, call, args: sorted_page("orders", _orders(c, call), call, args),
}  # fmt: skip

ADDRESS: Final[Fields] = {
    "id": lambda a, _, __: f"gid://shopify/MailingAddress/{crc32(repr(a).encode())}",
    "firstName": attribute("first_name"), "lastName": attribute("last_name"), "name": attribute("name"),
    "company": always(None), "address1": attribute("street"), "address2": always(None), "zip": attribute("postcode"),
    "city": attribute("city"), "province": always(None), "provinceCode": always(None),
    "country": lambda a, _, __: COUNTRIES.get(a.country, a.country), "countryCodeV2": attribute("country"),
    "phone": attribute("phone"),
}  # fmt: skip

FIELDS: Final[dict[str, Fields]] = {"Customer": CUSTOMER, "MailingAddress": ADDRESS, "Metafield": METAFIELD}
