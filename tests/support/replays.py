"""Recordings of our own WooCommerce shops, played back (tests/cassettes/woocommerce)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import vcr

from connectors.woocommerce.client import WooCommerceClient

CASSETTES = Path(__file__).parents[1] / "cassettes/woocommerce"
#: when they were made
RECORDED_AT = datetime(2026, 11, 23, 18, 10, tzinfo=UTC)
NEW, OLD = "http://127.0.0.1:8100", "http://127.0.0.1:8101"
OAUTH = ("consumer_key", "timestamp", "nonce", "signature", "signature_method")
VCR = vcr.VCR(
    record_mode=vcr.mode.NONE,
    match_on=["method", "scheme", "host", "port", "path", "query"],
    filter_query_parameters=["consumer_key", "consumer_secret", *(f"oauth_{name}" for name in OAUTH)],
)


@contextmanager
def replay(name: str) -> Iterator[WooCommerceClient]:
    """A client of the shop that this cassette was recorded from; an unknown request fails."""
    with VCR.use_cassette(str(CASSETTES / f"{name}.yaml")):
        yield client(OLD if name.startswith("wc893") else NEW)


def client(url: str) -> WooCommerceClient:
    return WooCommerceClient(url, "ck_test", "cs_test", pause=0, clock=lambda: RECORDED_AT)


def calls(name: str) -> list[dict[str, Any]]:
    """The calls of a cassette, as they were made."""
    found: list[dict[str, Any]] = orjson.loads((CASSETTES / "index.json").read_bytes())[name]["calls"]
    return found
