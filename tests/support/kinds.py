"""For each kind of notification the facts that call for it: what its texts are tested with."""

from typing import Any

from integration.domain.notifications import Notification, Subject, subject_of
from integration.domain.shops.facts import CartFacts, OrderFacts, ProductFacts, ShipmentFacts

ORDER: OrderFacts = {
    "number": "1001",
    "status": "processing",
    "source": "web",
    "test": False,
    "placed_at": "2026-11-24T11:00:00+00:00",
    "paid_at": None,
    "completed_at": None,
    "cancelled_at": None,
    "ready_for_pickup_at": None,
    "cart_id": "",
    "code": "",
    "payment": "",
    "vouchers": [],
    "came_by": "",
    "promised_on": "",
    "returning": False,
    "total": "24.90",
    "currency": "EUR",
    "first_name": "Anna",
    "last_name": "Beispiel",
    "email": "anna@example.com",
    "phone": "",
    "country": "DE",
    "region": "",
    "locale": "de",
    "customer_id": "",
    "items": [{"id": "1", "name": "Kaffee", "sku": "", "quantity": 1}],
    "refunds": [],
    "consent": None,
    "marketing_consent": None,
}
SHIPMENT: ShipmentFacts = {
    "order_id": "1001",
    "number": "00340434161094042557",
    "aliases": [],
    "carrier": "DHL",
    "url": "https://www.dhl.de/",
    "shipped_at": None,
    "delivered_at": None,
    "out_for_delivery_at": None,
    "promised_on": "",
}
PRODUCT: ProductFacts = {
    "name": "Espresso 1 kg",
    "url": "https://kaffeeladen.example/espresso",
    "picture": "",
    "categories": [],
    "currency": "EUR",
    "published": True,
    "variants": [{"id": "7", "name": "", "sku": "", "price": "24.90", "in_stock": True, "stock": None}],
}
CART: CartFacts = {
    "status": "open",
    "aliases": [],
    "order_id": "",
    "started_at": "2026-11-24T11:00:00+00:00",
    "total": "24.90",
    "currency": "EUR",
    "first_name": "Anna",
    "last_name": "Beispiel",
    "email": "anna@example.com",
    "phone": "",
    "country": "DE",
    "locale": "de",
    "customer_id": "",
    "items": [{"name": "Kaffee", "quantity": 1}],
    "recovery_url": "https://kaffeeladen.example/checkout-link/?products=11:1",
    "payment_pending": False,
}
#: how an order, or a parcel, differs from these where a kind is for special ones
ORDERS: dict[str, dict[str, Any]] = {
    "payment_reminder": {"status": "on_hold"},
    "cod_confirmation": {"payment": "cod"},
    "order_cancelled": {"status": "cancelled"},
    "refund_notice": {"refunds": [{"id": "r1", "total": "5.00"}]},
}
PARCELS: dict[str, dict[str, Any]] = {"order_packed": {"number": "", "url": ""}}
#: what no object of a shop says
MORE = {
    "lowest": "29.90",
    "asked": "29.90",
    "at": "2026-11-24T11:00:00+00:00",
    "place": "kaffeeladen.example",
    "what": "Beratung",
    "alarm": "Ein Shop antwortet nicht.",
    "remedy": "Auf seiner Seite steht der Grund.",
}


def subject(kind: Notification, language: str = "de", parcel: dict[str, Any] | None = None, **order: Any) -> Subject:
    """A subject that the kind may be sent about, with changes."""
    facts: dict[str, Any] = {
        "order": ORDER | ORDERS.get(kind.kind, {}) | order,
        "product": PRODUCT,
        "shipment": SHIPMENT | PARCELS.get(kind.kind, {}) | (parcel or {}),
        "cart": CART,
    }
    return subject_of("Kaffeeladen", language, facts, None, MORE, detail="r1")
