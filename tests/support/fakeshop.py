"""A Shopify shop on loopback for tests of the connector: answers the connector's own documents by operation name.

Not the sandbox, which executes any document: this one remembers what it was asked and misbehaves as told.
"""

import json
import re
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import parse_qs

Json = dict[str, Any]
Reply = tuple[int, dict[str, str], bytes]
LISTS = {
    "OrdersChanged": "orders",
    "CartsChanged": "abandonedCheckouts",
    "CustomersChanged": "customers",
    "ProductsChanged": "products",
}
DETAILS = {"OrderDetails", "CartDetails", "CustomerDetails", "ProductDetails"}
RIGHT = "richtig"
COST = {
    "requestedQueryCost": 52,
    "actualQueryCost": 2,
    "throttleStatus": {"maximumAvailable": 2000.0, "currentlyAvailable": 1998, "restoreRate": 100.0},
}


def graphql(data: Any = None, errors: Any = None, cost: Json | None = None, version: str = "2026-10") -> Reply:
    """A GraphQL answer."""
    body: Json = {"data": data, "extensions": {"cost": cost or COST}}
    if errors:
        body["errors"] = errors
    headers = {"Content-Type": "application/json", "X-Shopify-API-Version": version}
    return 200, headers, json.dumps(body).encode()


def error(code: str, **more: Any) -> list[Json]:
    """One GraphQL error with its code."""
    return [{"message": f"{code} happened", "extensions": {"code": code, **more}}]


class FakeShop:
    """A shop with a token endpoint. `objects` are its nodes by list; `script` answers the next requests instead."""

    def __init__(self, client_secret: str = RIGHT) -> None:
        self.objects: dict[str, list[Json]] = {name: [] for name in LISTS.values()}
        self.asked: list[tuple[str, Json]] = []
        self.tokens: list[str] = []
        self.token_requests = 0
        self.token_error = ""
        self.valid: set[str] = set()
        self.lifetime = 86_399
        self.script: list[Callable[[str, Json], Reply | None]] = []
        self.operations: dict[str, Callable[[Json], Any]] = {}
        self.files: dict[str, bytes] = {}
        self.file_headers: list[dict[str, str]] = []
        self.ignores_range = False
        self.client_secret = client_secret
        self.lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"shop": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "FakeShop":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)

    def operations_asked(self) -> list[str]:
        """The names of the operations so far."""
        return [name for name, _ in self.asked]

    def answer(self, path: str, headers: Any, body: bytes) -> Reply:
        """One request."""
        if path.endswith("/access_token"):
            return self._token(parse_qs(body.decode()))
        asked = json.loads(body)
        operation = re.match(r"\s*(?:query|mutation)\s+(\w+)", asked["query"])
        name = operation[1] if operation else "?"
        token = headers.get("X-Shopify-Access-Token", "")
        with self.lock:
            self.tokens.append(token)
            self.asked.append((name, asked["variables"]))
            scripted = self.script.pop(0)(name, asked["variables"]) if self.script else None
        if scripted:
            return scripted
        if self.valid and token not in self.valid:
            return 401, {"Content-Type": "application/json"}, b'{"errors":"[API] Invalid API key or access token"}'
        return self._operation(name, asked["variables"])

    def _token(self, form: dict[str, list[str]]) -> Reply:
        headers = {"Content-Type": "application/json"}
        with self.lock:
            self.token_requests += 1
            if self.token_error:
                return 400, headers, json.dumps({"error": self.token_error}).encode()
            token = f"shpat_test_{self.token_requests}"
            if form["client_secret"] != [self.client_secret]:
                return 400, headers, b'{"error":"invalid_client","error_description":"no such app"}'
            self.valid = {token}
        given = {"access_token": token, "scope": "read_orders", "expires_in": self.lifetime}
        return 200, headers, json.dumps(given).encode()

    def _operation(self, name: str, variables: Json) -> Reply:
        if name in self.operations:
            return graphql(self.operations[name](variables))
        if name in LISTS:
            return graphql({LISTS[name]: self._listed(LISTS[name], variables)})
        if name in DETAILS:
            known = {node["id"]: node for nodes in self.objects.values() for node in nodes}
            return graphql({"shop": {"currencyCode": "EUR"}, "nodes": [known.get(id_) for id_ in variables["ids"]]})
        return graphql({})

    def _listed(self, field: str, variables: Json) -> Json:
        found = [node for node in self.objects[field] if _matches(node, variables["query"])]
        key = "createdAt" if field == "abandonedCheckouts" else "updatedAt"
        found.sort(key=lambda node: (node[key], node["id"]), reverse=field == "customers")
        start = int(variables.get("after") or 0)
        end = start + variables["first"]
        nodes = [{"id": node["id"], "updatedAt": node["updatedAt"]} for node in found[start:end]]
        return {"pageInfo": {"hasNextPage": end < len(found), "endCursor": str(end)}, "nodes": nodes}


def _matches(node: Json, search: str) -> bool:
    """The search subset that the connector uses: quoted times with >= and <=, whole days compared as days."""
    for field, operator, value in re.findall(r"(\w+):(>=|<=)'([^']+)'", search):
        stamp = node["createdAt" if field == "created_at" else "updatedAt"]
        stamp = stamp[: len(value)] if len(value) == 10 else stamp
        if stamp < value if operator == ">=" else stamp > value:
            return False
    return True


class _Handler(BaseHTTPRequestHandler):
    shop: ClassVar[FakeShop]
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self._send(self.shop.answer(self.path, self.headers, body))

    def do_GET(self) -> None:
        self.shop.file_headers.append(dict(self.headers.items()))
        whole = self.shop.files[self.path]
        start = int((self.headers.get("Range") or "bytes=0-")[6:].rstrip("-"))
        if self.shop.ignores_range:
            self._send((200, {}, whole))
            return
        self._send((206, {}, whole[start:]) if start < len(whole) else (416, {}, b""))

    def _send(self, reply: Reply) -> None:
        status, headers, body = reply
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
