"""The WooCommerce shop's REST API: enough of wc/v3 to poll orders."""

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl, quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from integration.sandbox.config import SandboxConfig
from integration.sandbox.digits import whole
from integration.sandbox.orders import Order
from integration.sandbox.woo import WooShop
from integration.sandbox.woo_body import SITE_ZONE, encode, order_body, status

STATUSES: Final = ("auto-draft", "pending", "processing", "on-hold", "completed", "cancelled", "refunded",
                   "failed", "checkout-draft")  # fmt: skip
CLOCK_SKEW: Final = 900


class Refused(Exception):
    """A REST error: status, code and message."""

    def __init__(self, http: int, code: str, message: str) -> None:
        super().__init__(message)
        self.http = http
        self.body = {"code": code, "message": message, "data": {"status": http}}


class WooRest:
    """GET orders and GET orders/<id>, signed as the package `woocommerce` does over http."""

    def __init__(self, config: SandboxConfig, shop: WooShop) -> None:
        self._config = config
        self._shop = shop

    def routes(self) -> list[Route]:
        """To be mounted under /woocommerce."""
        base = "/wp-json/wc/v3/orders"
        return [
            Route(base, self._list, methods=["GET"]),
            Route(f"{base}/{{id:int}}", self._one, methods=["GET"]),
        ]

    async def _list(self, request: Request) -> Response:
        try:
            query = self._authorised(request)
            orders = _ordered(_filtered(list(self._shop.orders), query), query)
            part, per_page = _paged(orders, query)
        except Refused as refused:
            return _answer(refused.body, refused.http)
        total = len(orders) if part else 0
        headers = {"X-WP-Total": str(total), "X-WP-TotalPages": str(-(-total // per_page))}
        return _answer([self._shown(order, query) for order in part], 200, headers)

    async def _one(self, request: Request) -> Response:
        try:
            query = self._authorised(request)
        except Refused as refused:
            return _answer(refused.body, refused.http)
        order = self._shop.orders.get(request.path_params["id"])
        if order is None:
            gone = Refused(404, "woocommerce_rest_shop_order_invalid_id", "Invalid ID.")
            return _answer(gone.body, 404)
        return _answer(self._shown(order, query), 200)

    def _shown(self, order: Order, query: Mapping[str, str]) -> dict[str, Any]:
        body = order_body(order, self._shop.site)
        names = query.get("_fields", "")
        return {k: v for k, v in body.items() if k in names.split(",")} if names else body

    def _authorised(self, request: Request) -> dict[str, str]:
        # the package sends each parameter twice over http; a dict keeps one of each
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        if "oauth_consumer_key" not in query:
            raise Refused(401, "woocommerce_rest_cannot_view", "Sorry, you cannot list resources.")
        signature = query.pop("oauth_signature", "")
        if query["oauth_consumer_key"] != self._config.woocommerce_key:
            raise Refused(401, "woocommerce_rest_authentication_error", "Consumer key is invalid.")
        expected = self._signature(request, query)
        if not hmac.compare_digest(signature.encode(), expected.encode()):
            message = "Invalid signature - provided signature does not match."
            raise Refused(401, "woocommerce_rest_authentication_error", message)
        stamp = whole(query.get("oauth_timestamp", ""))
        if stamp is None or abs(time.time() - stamp) > CLOCK_SKEW:
            raise Refused(401, "woocommerce_rest_authentication_error", "Invalid timestamp.")
        return query

    def _signature(self, request: Request, query: Mapping[str, str]) -> str:
        address = f"http://{request.headers['host']}{request.url.path}"
        # parameters are encoded once as parameters and once more inside the base string
        pairs = "&".join(f"{_enc(_enc(k))}%3D{_enc(_enc(v))}" for k, v in sorted(query.items()))
        base = f"{request.method}&{_enc(address)}&{pairs.replace('&', '%26')}"
        algorithm = hashlib.sha1 if query.get("oauth_signature_method") == "HMAC-SHA1" else hashlib.sha256
        digest = hmac.new(f"{self._config.woocommerce_key_secret}&".encode(), base.encode(), algorithm).digest()
        return base64.b64encode(digest).decode()


def _enc(text: str) -> str:
    return quote(text, safe="~-._")


def _answer(body: Any, http: int, headers: Mapping[str, str] | None = None) -> Response:
    return Response(encode(body), http, dict(headers or {}), media_type="application/json; charset=UTF-8")


def _filtered(orders: list[Order], query: Mapping[str, str]) -> list[Order]:
    wanted = [s for s in query.get("status", "any").split(",") if s]
    for n, one in enumerate(wanted):
        if one not in (*STATUSES, "any", "trash"):
            allowed = ", ".join(("any", "trash", *STATUSES))
            raise Refused(400, "rest_invalid_param", f"status[{n}] is not one of {allowed}.")
    if "any" not in wanted:
        orders = [o for o in orders if status(o) in wanted]
    excluded = query.get("exclude", "").split(",")
    orders = [o for o in orders if str(o.id) not in excluded]
    if "modified_after" in query:
        after = _moment(query["modified_after"], gmt=query.get("dates_are_gmt") in ("true", "1"))
        orders = [o for o in orders if o.modified > after]
    return orders


def _moment(text: str, *, gmt: bool) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(400, "rest_invalid_param", "Invalid parameter(s): modified_after") from error
    if moment.tzinfo is not None:
        # measured: an offset together with dates_are_gmt silently finds nothing
        return datetime.max.replace(tzinfo=UTC) if gmt else moment
    return moment.replace(tzinfo=UTC if gmt else SITE_ZONE)


def _ordered(orders: list[Order], query: Mapping[str, str]) -> list[Order]:
    keys = {
        "id": lambda o: o.id,
        "modified": lambda o: (o.modified, o.id),
        "date": lambda o: (o.created, o.id),
    }
    key = keys.get(query.get("orderby", "date"))
    if key is None:
        raise Refused(400, "rest_invalid_param", "Invalid parameter(s): orderby")
    return sorted(orders, key=key, reverse=query.get("order", "desc") != "asc")


def _paged(orders: list[Order], query: Mapping[str, str]) -> tuple[list[Order], int]:
    per_page, page = whole(query.get("per_page", "10")), whole(query.get("page", "1"))
    if per_page is None or not 1 <= per_page <= 100:
        raise Refused(400, "rest_invalid_param", "per_page must be between 1 (inclusive) and 100 (inclusive)")
    if not page:
        raise Refused(400, "rest_invalid_param", "Invalid parameter(s): page")
    start = (page - 1) * per_page
    return orders[start : start + per_page], per_page
