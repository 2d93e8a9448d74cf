"""Talking to Shopify: tokens, limits, faults, redirects, many shops at once; over real sockets on loopback."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import shopify
from fakeshop import RIGHT, FakeShop, Reply, error, graphql

from connectors.shopify import documents
from connectors.shopify.client import Client, connections
from connectors.shopify.tokens import ClientCredentials, PermanentToken
from integration.domain.errors import ShopBusy, ShopError, ShopRefused, ShopUnreachable

THROTTLED = {
    "requestedQueryCost": 880,
    "actualQueryCost": None,
    "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 380, "restoreRate": 100.0},
}


@pytest.fixture
def server() -> Iterator[FakeShop]:
    with FakeShop() as fake:
        yield fake


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(server: FakeShop, slept: list[float]) -> Iterator[Client]:
    found = Client(server.url, PermanentToken("shpat_geheim"), connections(), slept.append)
    yield found
    found.close()


def replying(status: int, body: bytes = b"", **headers: str) -> Any:
    reply: Reply = (status, headers, body)
    return lambda _name, _variables: reply


def ask(client: Client) -> Any:
    return client.query(documents.WEBHOOKS, {"after": None})


def refusal(client: Client) -> ShopError:
    with pytest.raises(ShopError) as caught:
        ask(client)
    error_ = caught.value
    for sentence in (error_.explanation.de, error_.explanation.en, str(error_), repr(error_)):
        assert "geheim" not in sentence and "shpat" not in sentence and "<html" not in sentence
    assert error_.__cause__ is None
    return error_


def test_a_throttled_query_waits_as_long_as_its_points_take(
    server: FakeShop, client: Client, slept: list[float]
) -> None:
    server.script += [lambda *_: graphql(errors=error("THROTTLED"), cost=THROTTLED)] * 2
    ask(client)
    assert slept == [5.0, 5.0]
    assert len(server.asked) == 3


def test_a_shop_that_is_throttled_for_long_is_left_for_later(
    server: FakeShop, client: Client, slept: list[float]
) -> None:
    server.script += [lambda *_: graphql(errors=error("THROTTLED"), cost=THROTTLED)] * 40
    busy = refusal(client)
    assert isinstance(busy, ShopBusy)
    assert busy.wait == 5.0
    assert sum(slept) <= 60


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_fault_of_shopifys_is_asked_again(server: FakeShop, client: Client, slept: list[float], status: int) -> None:
    server.script += [replying(status, b"<html>kaputt</html>", **{"Content-Type": "text/html"})]
    ask(client)
    assert slept == [1.0]


def test_html_for_good_is_said_plainly(server: FakeShop, client: Client) -> None:
    server.script += [replying(502, b"<html>kaputt</html>")] * 2 + [replying(200, b"<html>Wartung</html>")]
    fault = refusal(client)
    assert isinstance(fault, ShopUnreachable)
    assert fault.code == "server_error"


def test_a_mutation_is_not_repeated_when_nobody_knows_whether_it_happened(server: FakeShop, client: Client) -> None:
    server.script += [replying(502)]
    with pytest.raises(ShopUnreachable):
        client.mutate(documents.VOUCHER_DELETE, {"id": "gid://shopify/DiscountCodeNode/1"})
    assert len(server.asked) == 1


def test_http_429_says_how_long(server: FakeShop, client: Client) -> None:
    server.script += [replying(429, b"", **{"Retry-After": "7.5"})]
    busy = refusal(client)
    assert isinstance(busy, ShopBusy) and busy.wait == 7.5


def test_a_redirect_is_not_followed(server: FakeShop, client: Client) -> None:
    with FakeShop() as other:
        server.script += [replying(302, b"", Location=f"{other.url}/woanders?geheim=1")]
        refused = refusal(client)
        assert refused.code == "redirected"
        assert "127.0.0.1" in refused.explanation.de and "geheim" not in refused.explanation.de
        assert other.tokens == []


@pytest.mark.parametrize(
    ("status", "code"),
    [(401, "wrong_key"), (402, "shop_closed"), (403, "missing_scope"), (404, "no_such_shop"), (423, "shop_closed")],
)
def test_refusals(server: FakeShop, client: Client, status: int, code: str) -> None:
    server.script += [replying(status, b'{"errors":"x"}')]
    refused = refusal(client)
    assert isinstance(refused, ShopRefused) and refused.code == code


@pytest.mark.parametrize(
    ("given", "code"),
    [("ACCESS_DENIED", "missing_scope"), ("SHOP_INACTIVE", "shop_closed"), ("undefinedField", "query_refused")],
)
def test_graphql_refusals(server: FakeShop, client: Client, given: str, code: str) -> None:
    denied = error(given, requiredAccess="`read_orders` access scope. Also: geheim")
    server.script += [lambda *_: graphql(errors=denied)]
    refused = refusal(client)
    assert refused.code == code
    assert ("read_orders" in refused.explanation.en) == (given == "ACCESS_DENIED")


def test_a_field_without_permission_is_null_and_the_rest_counts(server: FakeShop, client: Client) -> None:
    server.script += [lambda *_: graphql({"shop": None, "orders": {}}, error("ACCESS_DENIED"))]
    assert ask(client).data["orders"] == {}


def test_an_address_where_nobody_listens() -> None:
    with FakeShop() as fake:
        address = fake.url
    client = Client(address, PermanentToken("shpat_geheim"), connections(), lambda _: None)
    assert refusal(client).code == "no_connection"
    client.close()


def test_the_served_version_is_known(server: FakeShop, client: Client) -> None:
    server.script += [lambda *_: graphql({"x": {}}, version="2027-01")]
    ask(client)
    assert client.version == "2027-01"


def credentials(server: FakeShop, clock: Any = None, secret: str = RIGHT) -> Client:
    http = connections()
    tokens = ClientCredentials(server.url, ("id", secret), http, clock or (lambda: 0.0))
    return Client(server.url, tokens, http, lambda _: None)


def test_a_token_is_fetched_once_and_renewed_before_its_end(server: FakeShop) -> None:
    now = [0.0]
    client = credentials(server, lambda: now[0])
    ask(client)
    ask(client)
    assert server.token_requests == 1
    now[0] = 86_399 - 599
    ask(client)
    assert server.token_requests == 2
    assert server.tokens == ["shpat_test_1", "shpat_test_1", "shpat_test_2"]
    client.close()


def test_a_token_that_ended_early_is_renewed_once(server: FakeShop) -> None:
    client = credentials(server)
    ask(client)
    server.valid = {"another"}
    ask(client)
    assert server.token_requests == 2
    server.script += [replying(401)] * 2
    assert refusal(client).code == "wrong_key"
    client.close()


def test_many_threads_with_an_ended_token_fetch_one_together(server: FakeShop) -> None:
    client = credentials(server)
    ask(client)
    server.valid = {"another"}
    together = threading.Barrier(8)

    def one(_: int) -> None:
        together.wait(60)
        ask(client)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    assert server.token_requests == 2
    client.close()


def test_a_wrong_secret(server: FakeShop) -> None:
    client = credentials(server, secret="geheim-falsch")
    assert refusal(client).code == "wrong_key"
    client.close()


def test_many_shops_in_many_threads_never_mix_their_tokens() -> None:
    with FakeShop() as one, FakeShop() as two, FakeShop() as three:
        servers = (one, two, three)
        clients = [Client(s.url, PermanentToken(f"shpat_{n}"), connections()) for n, s in enumerate(servers)]
        with ThreadPoolExecutor(16) as pool:
            list(pool.map(lambda n: ask(clients[n % 3]), range(150)))
        assert [set(server.tokens) for server in servers] == [{"shpat_0"}, {"shpat_1"}, {"shpat_2"}]
        assert all(len(server.tokens) == 50 for server in servers)
        for client in clients:
            client.close()
    assert "X-Shopify-Access-Token" not in shopify.ShopifyResource.headers
    assert shopify.ShopifyResource.site is None
