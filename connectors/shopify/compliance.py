"""The compliance topics (docs/reference/shopify.md section 10): a person, or the end of a shop, as a request to record.

They come for apps of the App Store; a merchant's own app may be given them, too. Ids and phone are of the shop's
record; the phone may be written in any way.
"""

from collections.abc import Callable, Mapping
from typing import Final

from connectors.reading import Json, identifier, mapping, text
from integration.domain.errors import Malformed
from integration.domain.shops.ports import PrivacyRequest, Translation


def _data_request(found: Json) -> PrivacyRequest:
    number = identifier(mapping(found.get("data_request")).get("id"))
    return _of_person("export", f"data-request-{number}" if number else "", found, "orders_requested")


def _redact(found: Json) -> PrivacyRequest:
    number = identifier(mapping(found.get("customer")).get("id"))
    return _of_person("erase", f"redact-{number}" if number else "", found, "orders_to_redact")


def _shop_redact(found: Json) -> PrivacyRequest:
    number = identifier(found.get("shop_id"))
    if not number:
        raise Malformed("a compliance request without the shop's id")
    return PrivacyRequest("shop", "", f"shop-redact-{number}")


def _of_person(kind: str, reference: str, found: Json, orders: str) -> PrivacyRequest:
    person, listed = mapping(found.get("customer")), found.get(orders)
    ids = tuple(id_ for one in (listed if isinstance(listed, list) else []) if (id_ := identifier(one)))
    customer, email, phone = identifier(person.get("id")), text(person.get("email")), text(person.get("phone"), 40)
    if not reference or not (customer or email or phone or ids):
        raise Malformed("a compliance request without an id or a person")
    return PrivacyRequest(kind, email, reference, phone, customer, ids)


TOPICS: Final[Mapping[str, Callable[[Json], PrivacyRequest]]] = {
    "customers/data_request": _data_request,
    "customers/redact": _redact,
    "shop/redact": _shop_redact,
}


def request_of(topic: str, found: Json) -> Translation:
    """The request in our words. Malformed when it names nobody."""
    return Translation(note="privacy_request", privacy=(TOPICS[topic](found),))
