"""Shopify orders as a shop posts them: 8 KB, truly signed, each with its own buyer, phone and consent evidence."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from integration.sandbox.cast import WORDING_VERSION, wording
from integration.sandbox.shopify.bodies import encode, order_body
from integration.sandbox.shopify.records import Address, Customer, Line, Money, Order
from integration.sandbox.shopify.shop import goods

SHOP = "teeladen"
DOMAIN = "bench.myshopify.com"
SECRET = "benchmark-webhook-secret"
_FIRST_ID = 6_000_000_000_000
_FIRST_PHONE = 2_000_000


def order(n: int, now: datetime | None = None) -> bytes:
    """Order number `n`; no two share a buyer."""
    at = (now or datetime.now(UTC)).replace(microsecond=0)
    phone, email = f"0171{_FIRST_PHONE + n}", f"k{n}@example.com"
    home = Address("Anna", f"Beispiel {n}", "Musterweg 1", "50667", "Köln", phone)
    buyer = Customer(_FIRST_ID * 2 + n, at, at, "Anna", f"Beispiel {n}", email, address=home)
    lines = [Line(_FIRST_ID * 3 + n, goods(at)[n % 3], 1 + n % 2, 1 + n % 2, Money())]
    words = wording("Teeladen Beispiel", phone, "https://bench.example.com/datenschutz")
    consent = {"whatsapp_optin": "yes", "whatsapp_optin_version": WORDING_VERSION, "whatsapp_optin_wording": words}
    made = Order(_FIRST_ID + n, f"#{1001 + n}", lines, at, at, at, buyer, email, billing=home, shipping=home,
                 attributes=consent, checkout_token=f"chk{n:x}", cart_token=f"cart{n:x}", paid=at)  # fmt: skip
    return encode(order_body(made, DOMAIN))


def signed(body: bytes) -> str:
    """Shopify's signature over a body."""
    return base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()


def request(n: int) -> bytes:
    """The whole HTTP request that brings order `n`."""
    body = order(n)
    head = (
        f"POST /hooks/{SHOP} HTTP/1.1\r\n"
        "Host: 127.0.0.1\r\n"
        "User-Agent: Shopify-Captain-Hook\r\n"
        "Accept: */*\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n"
        f"X-Shopify-Hmac-Sha256: {signed(body)}\r\n"
        "X-Shopify-Topic: orders/create\r\n"
        f"X-Shopify-Shop-Domain: {DOMAIN}\r\n"
        "X-Shopify-API-Version: 2026-10\r\n"
        f"X-Shopify-Webhook-Id: 00000000-0000-4000-8000-{n:012d}\r\n"
        f"X-Shopify-Event-Id: 00000000-0000-4000-9000-{n:012d}\r\n"
        "X-Shopify-Triggered-At: 2026-11-24T11:00:00.000000000Z\r\n"
        "\r\n"
    )
    return head.encode() + body
