"""Which numbers a token may write from: none, thirty accounts, hundreds of numbers; at a Graph that pages."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pretend_meta import serving
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.whatsapp.account import WhatsAppAccount
from connectors.whatsapp.settings import SenderSettings
from integration.cli.demo import free_port
from integration.domain.errors import Refused

MANAGEMENT = "whatsapp_business_management"


@dataclass
class Graph:
    """Accounts with their numbers. `named`: what the token's permission names, None for the user's accounts."""

    url: str
    accounts: dict[str, int] = field(default_factory=dict)
    named: Any = None
    closed: set[str] = field(default_factory=set)
    down: bool = False
    requests: int = 0

    async def batch(self, request: Request) -> Response:
        self.requests += 1
        items = (await request.json())["batch"]
        assert len(items) <= 50
        if self.down:
            return JSONResponse({"error": {"code": 190, "message": "no"}}, 401)
        return JSONResponse([self._item(item["relative_url"]) for item in items])

    async def edge(self, request: Request) -> Response:
        self.requests += 1
        return JSONResponse(self._answer(request.url.path.strip("/"), dict(request.query_params)))

    def _item(self, address: str) -> dict[str, Any]:
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path.split("/")[0] in self.closed:
            return {"code": 400, "body": json.dumps({"error": {"code": 100, "message": "gone"}})}
        return {"code": 200, "body": json.dumps(self._answer(parts.path, query))}

    def _answer(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        if path == "debug_token":
            scope = {"scope": MANAGEMENT} | ({} if self.named is None else {"target_ids": self.named})
            return {"data": {"user_id": "7", "granular_scopes": [scope, {"scope": "x", "target_ids": ["5"]}]}}
        if path.endswith("/assigned_whatsapp_business_accounts"):
            return self._page([{"id": account} for account in self.accounts], query)
        account, _, edge = path.partition("/")
        if not edge:
            return {"id": account, "name": f"Konto {account}"}
        numbers = [
            {"id": f"{account}{n:04}", "display_phone_number": f"+49 {n}", "verified_name": "Laden"}
            for n in range(self.accounts[account])
        ]
        return self._page(numbers, query)

    def _page(self, rows: list[dict[str, str]], query: dict[str, str]) -> dict[str, Any]:
        start, limit = int(query.get("after", "0")), min(int(query.get("limit", "25")), 100)
        more = {"next": f"{self.url}/?after"} if start + limit < len(rows) else {}
        return {"data": rows[start : start + limit], "paging": {"cursors": {"after": str(start + limit)}, **more}}

    def account(self) -> WhatsAppAccount:
        given = {
            "phone_number_id": "0",
            "token": "EAAx",
            "app_secret": "geheim",
            "verify_token": "v",
            "base_url": self.url,
        }
        return WhatsAppAccount(SenderSettings.model_validate(given))


@pytest.fixture
def graph() -> Iterator[Graph]:
    port = free_port()
    found = Graph(f"http://127.0.0.1:{port}")
    routes = [Route("/", found.batch, methods=["POST"]), Route("/{path:path}", found.edge, methods=["GET"])]
    with serving(Starlette(routes=routes), port):
        yield found


def test_a_token_without_any_account_offers_nothing(graph: Graph) -> None:
    assert graph.account().choices() == []
    graph.named = []
    assert graph.account().choices() == []


@pytest.mark.parametrize("target_ids", [7, "12", {"1": "2"}, [None, [], "x"]])
def test_a_permission_that_names_nonsense_is_taken_for_one_that_names_nothing(graph: Graph, target_ids: Any) -> None:
    graph.accounts, graph.named = {"11": 1}, target_ids
    assert [c.account_id for c in graph.account().choices()] == ["11"]


def test_thirty_accounts_are_all_offered_in_few_requests(graph: Graph) -> None:
    graph.accounts = {str(100 + n): 2 for n in range(30)}
    graph.named = list(graph.accounts)
    found = graph.account().choices()
    assert len(found) == 60
    assert (found[0].account_name, found[0].display_number, found[0].name) == ("Konto 100", "+49 0", "Laden")
    assert {c.account_id for c in found} == set(graph.accounts)
    assert graph.requests == 3, "the token, the accounts, their numbers"


def test_a_users_accounts_and_an_accounts_numbers_are_read_page_by_page(graph: Graph) -> None:
    graph.accounts = {str(1000 + n): 0 for n in range(220)} | {"9": 230}
    found = graph.account().choices()
    assert len({c.phone_number_id for c in found}) == 230


def test_an_account_that_was_taken_away_hides_no_other(graph: Graph) -> None:
    graph.accounts, graph.named, graph.closed = {"11": 1, "12": 1, "13": 1}, ["11", "12", "13"], {"12"}
    assert [c.account_id for c in graph.account().choices()] == ["11", "13"]


def test_a_token_that_is_refused_says_so(graph: Graph) -> None:
    graph.down = True
    with pytest.raises(Refused):
        graph.account().choices()
