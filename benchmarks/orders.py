"""Shopify orders as a shop posts them: 8 KB, truly signed, each with its own buyer, phone and consent evidence."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

from integration.sandbox.cast import TEA, Customer, wording
from integration.sandbox.orders import Line, Order
from integration.sandbox.shopify_body import encode, order_body

SHOP = "teeladen"
DOMAIN = "bench.myshopify.com"
SECRET = "benchmark-webhook-secret"
_FIRST_ID = 6_000_000_000_000
_FIRST_PHONE = 2_000_000


def order(n: int, now: datetime | None = None) -> bytes:
    """Order number `n`; no two share a buyer."""
    at = (now or datetime.now(UTC)).replace(microsecond=0)
    phone = f"0171{_FIRST_PHONE + n}"
    who = Customer(f"k{n}", "Anna", f"Beispiel {n}", phone, f"+49{phone[1:]}", "Musterweg 1", "50667", "Köln")
    lines = (Line(TEA[n % 3], 1 + n % 2),)
    words = wording("Teeladen Beispiel", phone, "https://bench.example.com/datenschutz")
    made = Order("shopify", _FIRST_ID + n, f"#{1001 + n}", who, lines, phone, True, words, at, at, paid=at)
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
