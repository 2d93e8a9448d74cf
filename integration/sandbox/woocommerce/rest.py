"""wp-json: finds the route, asks who is there, and answers with WordPress' headers and errors."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from integration.sandbox.woocommerce.access import Knock, key_of, permit
from integration.sandbox.woocommerce.listing import METHODS, Answer, fields, neighbours
from integration.sandbox.woocommerce.model import ApiKey
from integration.sandbox.woocommerce.order_body import encode
from integration.sandbox.woocommerce.params import Refused
from integration.sandbox.woocommerce.shop import WooShop

MAX_BODY: Final = 1024 * 1024
STRANGER: Final = {
    "GET": ("woocommerce_rest_cannot_view", "Sorry, you cannot list resources."),
    "POST": ("woocommerce_rest_cannot_create", "Sorry, you are not allowed to create resources."),
    "PUT": ("woocommerce_rest_cannot_edit", "Sorry, you are not allowed to edit this resource."),
    "DELETE": ("woocommerce_rest_cannot_delete", "Sorry, you are not allowed to delete this resource."),
}
_COMMON: Final = {
    "Access-Control-Allow-Headers": "Authorization, X-WP-Nonce, Content-Disposition, Content-MD5, Content-Type",
    "Access-Control-Expose-Headers": "X-WP-Total, X-WP-TotalPages, Link",
    "X-Content-Type-Options": "nosniff", "X-Powered-By": "PHP/8.2.36", "X-Robots-Tag": "noindex",
}  # fmt: skip
_FRESH: Final = {
    "Cache-Control": "no-cache, must-revalidate, max-age=0, no-store, private",
    "Expires": "Wed, 11 Jan 1984 05:00:00 GMT",
}


@dataclass(frozen=True, slots=True)
class Call:
    """One request: the ids in its path, its query, its JSON body."""

    shop: WooShop
    ids: tuple[int, ...]
    query: Mapping[str, Any]
    body: Mapping[str, Any]

    @property
    def given(self) -> dict[str, Any]:
        """Query and body together, as WordPress sees them."""
        return {**self.query, **self.body}


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """A path below wp-json and what each method does; `needs` is the plugin or feature that brings it.

    `also` are methods that the real one names in its Allow header and nobody needs here.
    """

    path: str
    methods: Mapping[str, Handler]
    needs: str = ""
    open: bool = False
    also: tuple[str, ...] = ()

    def match(self, path: str) -> tuple[int, ...] | None:
        """The ids in `path`, None when it is another route."""
        found = re.fullmatch(self.path.replace("<id>", r"(\d+)"), path)
        return tuple(int(one) for one in found.groups()) if found else None


class WooRest:
    """The REST API of one shop."""

    def __init__(self, shop: WooShop, routes: tuple[Route, ...]) -> None:
        self._shop = shop
        self._routes = routes

    async def take(self, request: Request) -> Response:
        """Answer one request to wp-json; `path` is what follows it."""
        raw = await request.body()
        path = request.path_params["path"].strip("/")
        self._shop.seen(request.method, path, request.url.query)
        query = flat(request.url.query)
        try:
            key = key_of(self._knock(request), self._shop.keys, self._shop.now())
        except Refused as refused:
            return self._response(path, {}, Answer(refused.body, refused.http, {"Vary": "Origin"}))
        try:
            answer = self._dispatch(request.method, path, query, raw, key)
        except Refused as refused:
            answer = Answer(refused.body, refused.http)
        return self._response(path, query, Answer(answer.body, answer.http, {**_FRESH, **answer.headers}))

    def _dispatch(self, method: str, path: str, query: Mapping[str, str], raw: bytes, key: ApiKey | None) -> Answer:
        if key is not None:
            permit(key, method)
        route, ids = self._route(path)
        verb = "PUT" if method in ("POST", "PATCH") and "PUT" in route.methods else method
        handler = route.methods.get(verb)
        if handler is None:
            raise _no_route()
        if key is None and not route.open:
            code, message = STRANGER[verb]
            single = verb == "GET" and ids
            raise Refused(401, code, "Sorry, you cannot view this resource." if single else message)
        allow = {"Allow": ", ".join(m for m in METHODS if m in _verbs(route))}
        try:
            answer = handler(Call(self._shop, ids, query, _json(raw)))
        except Refused as refused:
            return Answer(refused.body, refused.http, allow)
        body = fields(answer.body, query.get("_fields", ""), keep_links=True)
        return Answer(body, answer.http, {**allow, **answer.headers})

    def _knock(self, request: Request) -> Knock:
        secure = request.url.scheme == "https" and not self._shop.behind_proxy
        scheme = "https" if secure else "http"
        address = f"{scheme}://{request.headers['host']}{request.url.path}"
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        return Knock(request.method, address, secure, query, request.headers.get("authorization", ""))

    def _route(self, path: str) -> tuple[Route, tuple[int, ...]]:
        for route in self._routes:
            ids = route.match(path)
            if ids is not None and (not route.needs or self._shop.has(route.needs)):
                return route, ids
        raise _no_route()

    def _response(self, path: str, query: Mapping[str, str], answer: Answer) -> Response:
        api = f"{self._shop.site}/wp-json/"
        near = neighbours(f"{api}{path}", query, answer) if isinstance(answer.body, list) else ""
        headers = _COMMON | dict(answer.headers)
        headers["Link"] = near or f'<{api}>; rel="https://api.w.org/"'
        headers["Date"] = format_datetime(self._shop.now(), usegmt=True)
        return Response(encode(answer.body), answer.http, headers, media_type="application/json; charset=UTF-8")


def flat(query: str) -> dict[str, str]:
    """PHP's view: the last of a name counts. The package sends each parameter twice over http."""
    pairs = parse_qsl(query, keep_blank_values=True)
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        if name.endswith("]"):
            lists.setdefault(name.partition("[")[0], []).append(value)
    plain = {name: value for name, value in pairs if not name.endswith("]")}
    return plain | {name: ",".join(values) for name, values in lists.items()}


def _verbs(route: Route) -> set[str]:
    return {*route.methods, *route.also} | ({"POST", "PATCH"} if "PUT" in route.methods else set())


def _json(raw: bytes) -> Mapping[str, Any]:
    if not raw:
        return {}
    try:
        body = json.loads(raw[:MAX_BODY])
    except ValueError as error:
        raise Refused(400, "rest_invalid_json", "Invalid JSON body passed.") from error
    return body if isinstance(body, dict) else {}


def _no_route() -> Refused:
    return Refused(404, "rest_no_route", "No route was found matching the URL and request method.")
