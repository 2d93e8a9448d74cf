"""The first 30 days of a Shopify shop: page by page, or as one file that is read as a stream."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from fakeshop import FakeShop
from shopify_kit import START, linked, numbers, order

from connectors.shopify import history
from connectors.shopify.link import ShopifyLink
from integration.domain.shops.events import Snapshot
from integration.domain.shops.ports import Cursor, Page

BULK = "gid://shopify/BulkOperation/7"


@pytest.fixture
def server() -> Iterator[FakeShop]:
    with FakeShop() as fake:
        fake.operations["OrdersCount"] = lambda _: {"ordersCount": {"count": len(fake.objects["orders"])}}
        yield fake


@pytest.fixture
def link(server: FakeShop) -> Iterator[ShopifyLink]:
    found = linked(server)
    yield found
    found.close()


@pytest.fixture
def large(server: FakeShop, monkeypatch: pytest.MonkeyPatch) -> FakeShop:
    """A shop with 12 orders, where five are many and three a step."""
    monkeypatch.setattr(history, "LARGE", 5)
    monkeypatch.setattr(history, "STEP", 3)
    server.objects["orders"] = [order(n, START - timedelta(days=n)) for n in range(1, 13)]
    server.operations["BulkRun"] = lambda _: {"bulkOperationRunQuery": {"bulkOperation": {"id": BULK}}}
    server.files["/file.jsonl"] = b"".join(lines(one) for one in server.objects["orders"])
    status(server, "COMPLETED", f"{server.url}/file.jsonl")
    return server


def lines(node: dict[str, Any]) -> bytes:
    """An order and its lines as a bulk operation writes them."""
    items = [line | {"__parentId": node["id"]} for line in node["lineItems"]["nodes"]]
    whole = {name: value for name, value in node.items() if name != "lineItems"}
    return b"".join(orjson.dumps(row) + b"\n" for row in (whole, *items))


def status(server: FakeShop, word: str, url: str | None = None) -> None:
    server.operations["BulkStatus"] = lambda _: {"bulkOperation": {"id": BULK, "status": word, "url": url}}


def everything(link: ShopifyLink, cursor: Cursor | None = None) -> tuple[list[Snapshot], list[Page]]:
    """All steps until the history is read, as the poll makes them."""
    now, pages = datetime.now(UTC), list[Page]()
    cursor = cursor or link.first_cursor("history", START - timedelta(days=30))
    for _ in range(100):
        pages.append(link.page("history", orjson.loads(orjson.dumps(cursor)), now))
        cursor = pages[-1].cursor
        if cursor == history.DONE:
            return [one for page in pages for one in page.snapshots], pages
    raise AssertionError("the history does not end")


def test_a_small_shops_history_comes_page_by_page(server: FakeShop, link: ShopifyLink) -> None:
    server.objects["orders"] = [order(n, START - timedelta(hours=n + 1)) for n in range(120)]
    server.objects["orders"].append(order(500, START + timedelta(minutes=1)))
    found, pages = everything(link)
    assert sorted(numbers(found)) == sorted(f"#{n}" for n in range(120))
    assert [page.left for page in pages] == [121, 71, 21, 0]


def test_a_history_once_read_asks_nothing(server: FakeShop, link: ShopifyLink) -> None:
    _, pages = everything(link)
    server.asked.clear()
    assert link.page("history", pages[-1].cursor, START) == Page(history.DONE)
    assert server.asked == []


def test_what_happens_now_gets_its_turn_between_the_steps(
    server: FakeShop, link: ShopifyLink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "TURN", 2)
    server.objects["orders"] = [order(n, START - timedelta(hours=n + 1)) for n in range(170)]
    assert [page.more for page in everything(link)[1]] == [True, False, True, False, False]


def test_a_large_shops_history_is_one_file(large: FakeShop, link: ShopifyLink) -> None:
    found, pages = everything(link)
    assert numbers(found) == [f"#{n}" for n in range(1, 13)]
    assert all(len(one.facts["items"]) == 2 for one in found if "items" in one.facts)
    assert [page.left for page in pages] == [12, 9, 6, 3, 0]
    assert "OrdersChanged" not in large.operations_asked()


def test_each_step_goes_on_at_its_byte_and_without_our_token(large: FakeShop, link: ShopifyLink) -> None:
    everything(link)
    starts = [int(headers["Range"][6:-1]) for headers in large.file_headers]
    assert starts[0] == 0 and starts == sorted(set(starts)) and len(starts) == 4
    assert not any("X-Shopify-Access-Token" in headers for headers in large.file_headers)


def test_a_file_server_that_ignores_the_range(large: FakeShop, link: ShopifyLink) -> None:
    large.ignores_range = True
    found, _ = everything(link)
    assert numbers(found) == [f"#{n}" for n in range(1, 13)]


def test_shopify_still_prepares_the_file(large: FakeShop, link: ShopifyLink) -> None:
    status(large, "RUNNING")
    page = link.page("history", link.first_cursor("history", START - timedelta(days=30)), START)
    assert not page.more and page.cursor["bulk"] == BULK
    assert link.page("history", page.cursor, START) == Page(page.cursor, left=12)


@pytest.mark.parametrize("word", ["FAILED", "CANCELED", "EXPIRED"])
def test_without_a_file_the_pages_do_it(large: FakeShop, link: ShopifyLink, word: str) -> None:
    status(large, word)
    found, _ = everything(link)
    assert sorted(numbers(found)) == sorted(f"#{n}" for n in range(1, 13))


def test_when_shopify_makes_no_file_the_pages_do_it(large: FakeShop, link: ShopifyLink) -> None:
    refused = {"bulkOperation": None, "userErrors": [{"code": "LIMIT_REACHED", "message": "x", "field": None}]}
    large.operations["BulkRun"] = lambda _: {"bulkOperationRunQuery": refused}
    found, _ = everything(link)
    assert len(numbers(found)) == 12
