"""What every link to a shop must do, whatever answers it: a page or a plain sentence, and never a loss or a leak."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from bad_shop import Handler, Reply, Server, bad_shop, says

from integration.domain.errors import Malformed, ShopBusy, ShopError, ShopUnreachable
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import CartFacts
from integration.domain.shops.ports import Level, ShopLink, VoucherTerms

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEYS = ("geheim", "shpat", "ck_", "cs_", "oauth")
HTML = b"<!doctype html><title>geheim</title>"
CART: CartFacts = {
    "status": "open",
    "aliases": [],
    "order_id": "",
    "started_at": "2026-11-24T11:00:00+00:00",
    "total": "1.00",
    "currency": "EUR",
    "first_name": "Anna",
    "last_name": "Beispiel",
    "email": "anna@example.com",
    "phone": "0171 3920011",
    "country": "DE",
    "locale": "",
    "customer_id": "7",
    "items": [],
    "recovery_url": "",
    "payment_pending": False,
}
TERMS = VoucherTerms("LB-1", NOW + timedelta(days=3), percent=Decimal(10))


def breaks_off(handler: Handler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"da')


BAD: dict[str, Reply] = {
    "500": says(500, HTML),
    "502": says(502, b""),
    "503": says(503, HTML, Retry_After="1"),
    "web page": says(200, HTML),
    "nothing": says(200, b""),
    "cut": breaks_off,
    "401": says(401, HTML),
    "403": says(403, b'{"errors":"no"}'),
    "404": says(404, HTML),
    "moved": says(302, b"", Location="https://anders.example/geheim?token=geheim"),
}
ODD = [
    b"null", b"[]", b"{}", b"[1]", b"[{}]", b'"x"', b"5", b'{"data":null}', b'{"data":{}}', b'[{"id":1}]',
    b'{"data":{"orders":[]}}', b'{"errors":"x"}', b'{"errors":[{}]}',
]  # fmt: skip


def asks(link: ShopLink) -> dict[str, Callable[[], object]]:
    """Everything that asks the shop."""
    cart = Snapshot("laden", ObjectType.CART, "17", NOW, {**CART})

    def page(name: str) -> Callable[[], object]:
        return lambda: link.page(name, link.first_cursor(name, NOW - timedelta(days=1)), NOW)

    return {
        **{stream.name: page(stream.name) for stream in link.streams()},
        "read order": lambda: link.read(ObjectType.ORDER, "17", NOW),
        "read product": lambda: link.read(ObjectType.PRODUCT, "17", NOW),
        "bought": lambda: link.bought_since(cart, NOW),
        "voucher": lambda: link.create_voucher(TERMS),
        "state": lambda: link.voucher_state("LB-1"),
        "delete": lambda: link.delete_voucher("LB-1"),
        "webhooks": lambda: link.subscribe("https://bote.example/hooks/laden", "geheim"),
    }


@pytest.fixture
def shop_at(platform: Any) -> Iterator[Callable[[Server], ShopLink]]:
    """The link to whatever listens on loopback."""
    made: list[ShopLink] = []

    def link(server: Server) -> ShopLink:
        settings = platform.with_keys(server.url)
        found: ShopLink = platform.link(settings, settings.context("laden"))
        made.append(found)
        return found

    yield link
    for one in made:
        one.close()


def test_without_keys_there_is_no_link(platform: Any) -> None:
    settings = platform.without_keys
    assert platform.connector.link(settings, settings.context("laden"), lambda: NOW) is None
    assert (
        platform.connector.link(platform.with_keys("http://127.0.0.1:9"), settings.context("laden"), lambda: NOW)
        is not None
    )


def test_streams_and_their_beginnings_ask_nobody(platform: Any, shop_at: Callable[[Server], ShopLink]) -> None:
    with bad_shop(says(500, b"")) as server:
        link = shop_at(server)
        names = [stream.name for stream in link.streams()]
        assert names[0] == "orders" and len(set(names)) == len(names)
        for stream in link.streams():
            assert timedelta(0) < stream.quickest <= stream.slowest <= timedelta(days=1)
            stored = orjson.dumps(link.first_cursor(stream.name, NOW - stream.backfill))
            assert len(stored) < 1_000 and not any(key.encode() in stored for key in KEYS)
        assert server.seen == []


@pytest.mark.parametrize("name", sorted(BAD))
def test_a_bad_answer_is_a_plain_sentence(name: str, shop_at: Callable[[Server], ShopLink]) -> None:
    with bad_shop(BAD[name]) as server:
        link = shop_at(server)
        for what, ask in asks(link).items():
            with pytest.raises(ShopError) as caught:
                ask()
            _is_plain(caught.value, what)
        found = link.diagnose(NOW)
        assert found[0].level is Level.FAULT and found[0].text.de and found[0].text.en


def test_who_limits_us_is_left_alone_for_a_while(shop_at: Callable[[Server], ShopLink]) -> None:
    with bad_shop(says(429, b"", Retry_After="120")) as server:
        link = shop_at(server)
        with pytest.raises(ShopBusy) as caught:
            link.page("orders", link.first_cursor("orders", NOW), NOW)
        _is_plain(caught.value, "429")
        assert caught.value.wait == 120


def test_nobody_is_there(shop_at: Callable[[Server], ShopLink]) -> None:
    with bad_shop(says(500, b"")) as server:
        link = shop_at(server)
    with pytest.raises(ShopUnreachable) as caught:
        link.page("orders", link.first_cursor("orders", NOW), NOW)
    _is_plain(caught.value, "closed")
    assert link.diagnose(NOW)[0].level is Level.FAULT


@pytest.mark.parametrize("body", ODD)
def test_json_of_any_shape_is_a_result_or_a_sentence(body: bytes, shop_at: Callable[[Server], ShopLink]) -> None:
    with bad_shop(says(200, body)) as server:
        link = shop_at(server)
        for what, ask in asks(link).items():
            try:
                orjson.dumps(getattr(ask(), "cursor", None))
            except ShopError as error:
                _is_plain(error, what)
            except Malformed as error:
                assert "geheim" not in str(error)
        link.diagnose(NOW)


def _is_plain(error: ShopError, what: str) -> None:
    assert error.code and error.code.isascii(), what
    assert error.explanation.de.endswith((".", "!")) and error.explanation.en.endswith((".", "!")), what
    assert error.explanation.de != error.explanation.en, what
    said = f"{error} {error.explanation} {error.__cause__!r}"
    assert not any(key in said for key in KEYS), what
