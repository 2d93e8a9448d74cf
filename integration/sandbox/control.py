"""The stage's control API: JSON in, JSON out, only for the stage's own page and for tests."""

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from integration.sandbox.cast import CUSTOMERS
from integration.sandbox.graph_errors import GraphError
from integration.sandbox.phones import Phone
from integration.sandbox.shopify import ShopifyShop
from integration.sandbox.stage import Stage
from integration.sandbox.story import play
from integration.sandbox.woo.model import LIVE
from integration.sandbox.woo.shop import WooShop

MAX_BODY: Final = 512 * 1024
MAX_TEXT: Final = 4096
MAX_DUPLICATES: Final = 20
MAX_PAUSE: Final = 10.0
PART: Final = Decimal("5.00")
VERDICTS: Final = ("status", "category", "quality", "reason")

Action = Callable[[Stage, dict[str, Any]], Awaitable[dict[str, Any]]]


class Invalid(Exception):
    """The request makes no sense; the text says why."""


def routes() -> list[Route]:
    """Everything under /stage."""
    actions: dict[str, Action] = {
        "order": _order, "pay": _pay, "ship": _ship, "cancel": _cancel,
        "refund": _refund, "deliver": _deliver, "leave": _leave, "return": _return, "reply": _reply, "open": _open,
        "file": _file,
        "fate": _fate, "settings": _settings, "templates": _templates, "judge": _judge,
        "connect": _connect, "story": _story,
    }  # fmt: skip
    posts = [Route(f"/{name}", _endpoint(action), methods=["POST"]) for name, action in actions.items()]
    return [*posts, Route("/state", _state, methods=["GET"]), Route("/events", _events, methods=["GET"])]


def same_origin(request: Request) -> bool:
    """Whether a request comes from our own page, or from no page at all."""
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        return False
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


def _endpoint(action: Action) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if not same_origin(request):
            return JSONResponse({"error": "cross-site request refused"}, 403)
        try:
            answer = await action(request.app.state.stage, await _body(request))
        except Invalid as error:
            return JSONResponse({"error": str(error)}, 400)
        return JSONResponse({"ok": True} | answer)

    return endpoint


async def _body(request: Request) -> dict[str, Any]:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > MAX_BODY:
            raise Invalid("the body is too large")
    try:
        body = json.loads(raw or b"{}")
    except ValueError as error:
        raise Invalid("the body is not JSON") from error
    if not isinstance(body, dict):
        raise Invalid("the body must be a JSON object")
    return {**request.query_params, **body}


async def _state(request: Request) -> Response:
    stage: Stage = request.app.state.stage
    return JSONResponse(stage.as_json(), headers={"Cache-Control": "no-store"})


async def _events(request: Request) -> Response:
    stage: Stage = request.app.state.stage

    async def lines() -> Any:
        async for version in stage.bus.versions():
            yield ": still here\n\n" if version is None else f"event: changed\ndata: {version}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _text(body: dict[str, Any], key: str, default: str | None = None) -> str:
    value = body.get(key, default)
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise Invalid(f"{key} must be a text of at most {MAX_TEXT} characters")
    return value


def _shop(stage: Stage, body: dict[str, Any]) -> WooShop | ShopifyShop:
    shop = stage.shops.get(_text(body, "shop"))
    if shop is None:
        raise Invalid(f"shop must be one of {', '.join(stage.shops)}")
    return shop


def _found(stage: Stage, body: dict[str, Any]) -> tuple[WooShop | ShopifyShop, Any]:
    shop = _shop(stage, body)
    key = str(body.get("order", ""))
    every: Any = shop.orders
    order = every.get(key) or next((o for o in every if o.number == key), None)
    if order is None:
        raise Invalid("there is no such order")
    return shop, order


def _phone(stage: Stage, body: dict[str, Any]) -> Phone:
    phone = stage.phones.by_key(_text(body, "phone" if "phone" in body else "customer"))
    if phone is None:
        raise Invalid("there is no such phone")
    return phone


def _customer(body: dict[str, Any]) -> str:
    customer = _text(body, "customer")
    if customer not in CUSTOMERS:
        raise Invalid(f"customer must be one of {', '.join(CUSTOMERS)}")
    return customer


def _typed(body: dict[str, Any]) -> tuple[bool | None, str | None]:
    """The box and the phone number, as somebody fills in a checkout."""
    consent = body.get("consent")
    if consent not in (True, False, None):
        raise Invalid("consent must be true, false or null")
    return consent, _text(body, "phone")[:100] if body.get("phone") is not None else None


async def _order(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    customer, (consent, phone) = _customer(body), _typed(body)
    duplicates = body.get("duplicates", 1)
    if not isinstance(duplicates, int) or not 1 <= duplicates <= MAX_DUPLICATES:
        raise Invalid(f"duplicates must be 1 to {MAX_DUPLICATES}")
    shop = _shop(stage, body)
    order = shop.place_order(customer, None, consent, phone, paid=body.get("paid") is True, duplicates=duplicates)
    return {"order": order.as_json()}


async def _pay(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    _refuse(order, cancelled=True, paid=True)
    shop.pay(order)
    return {"order": order.as_json()}


async def _ship(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    _refuse(order, cancelled=True)
    if len(order.parcels) >= 5:
        raise Invalid("five parcels are enough")
    if isinstance(shop, ShopifyShop) and not order.left():
        raise Invalid("everything is on its way")
    stage.ship(shop, order, _text(body, "carrier", "DHL")[:60], _text(body, "number", "")[:60])
    return {"order": order.as_json()}


async def _cancel(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    _refuse(order, cancelled=True)
    shop.cancel(order)
    return {"order": order.as_json()}


async def _refund(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    live = order.status in LIVE if isinstance(shop, WooShop) else order.paid and order.refunded < order.total
    if not live:
        raise Invalid("this order cannot be refunded")
    shop.refund(order, min(PART, order.total - order.refunded), "Teil defekt")
    return {"order": order.as_json()}


async def _deliver(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    shop, order = _found(stage, body)
    if not isinstance(shop, ShopifyShop) or not order.parcels or order.parcels[-1].reached("DELIVERED"):
        raise Invalid("nothing of this order is on its way")
    shop.deliver(order)
    return {"order": order.as_json()}


async def _leave(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    consent, phone = _typed(body)
    _shop(stage, body).leave_cart(_customer(body), consent, phone)
    return {}


async def _return(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    order = _shop(stage, body).come_back(_customer(body))
    if order is None:
        raise Invalid("nobody of this name left a cart")
    return {"order": order.as_json()}


def _refuse(order: Any, *, cancelled: bool = False, paid: bool = False) -> None:
    if cancelled and order.cancelled:
        raise Invalid("the order is cancelled")
    if paid and order.paid:
        raise Invalid("the order is paid")


async def _reply(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    button = body.get("button")
    source = button if isinstance(button, dict) else body
    text = _text(source, "text")
    if not text.strip():
        raise Invalid("text is empty")
    payload = _text(source, "payload") if "payload" in source else None
    context = _text(source, "context") if "context" in source else None
    message = stage.reply(_phone(stage, body), text, payload, context)
    return {"message": message.as_json()}


async def _file(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    kind = _text(body, "kind", "image")
    if kind not in ("image", "video", "audio", "document", "sticker"):
        raise Invalid("kind must be image, video, audio, document or sticker")
    try:
        content = base64.b64decode(_text_of(body, "content"), validate=True)
    except ValueError as error:
        raise Invalid("content must be base64") from error
    message = stage.send_file(
        _phone(stage, body), kind, content, _text(body, "mime", "image/png"), _text(body, "name", "")
    )
    return {"message": message.as_json()}


def _text_of(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise Invalid(f"{key} must be a text")
    return value


async def _open(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    stage.open_phone(_phone(stage, body))
    return {}


async def _fate(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    name = str(body.get("fate", ""))
    fates = stage.graph.fates
    known = fates.set_account(name) if "account" in body else fates.set(_number(stage, body), name)
    if not known:
        raise Invalid("there is no such fate")
    stage.bus.changed()
    return {}


def _number(stage: Stage, body: dict[str, Any]) -> str:
    key = _text(body, "phone" if "phone" in body else "customer")
    phone = stage.phones.by_key(key)
    if phone is None and not key.startswith("+"):
        raise Invalid("there is no such phone")
    return phone.number if phone else key


async def _settings(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    switches = stage.webhooks.switches
    for name, value in body.items():
        if name not in switches.__slots__ or not isinstance(value, bool):
            raise Invalid(f"{name} is not a switch, or its value is not true or false")
    for name, value in body.items():
        setattr(switches, name, value)
    stage.bus.changed()
    return {}


async def _templates(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    rows = body.get("templates")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid("templates must be a list of template bodies")
    try:
        created = [stage.graph.templates.create(row) for row in rows]
    except GraphError as error:
        raise Invalid(error.details) from error
    return {"ids": [template.id for template in created]}


async def _judge(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    """Let Meta change its mind about a template: status, category, quality, reason; each is reported as Meta does."""
    template = stage.graph.templates.find(_text(body, "name"), _text(body, "language"))
    if template is None:
        raise Invalid("there is no such template")
    before, verdict = replace(template), {str(key): _text(body, key) for key in VERDICTS if key in body}
    try:
        stage.graph.templates.judge(template, verdict)
    except GraphError as error:
        raise Invalid(error.details) from error
    if template.status != before.status:
        stage.bus.spawn(stage.webhooks.template_status(template, template.status))
    if template.category != before.category:
        stage.bus.spawn(stage.webhooks.template_category(template, before.category))
    if template.quality != before.quality:
        stage.bus.spawn(stage.webhooks.template_quality(template, before.quality))
    stage.bus.changed()
    return {"template": template.as_json()}


async def _connect(stage: Stage, _: dict[str, Any]) -> dict[str, Any]:
    return {"handshake": await stage.connect()}


async def _story(stage: Stage, body: dict[str, Any]) -> dict[str, Any]:
    if stage.story["running"]:
        raise Invalid("the story is being played")
    try:
        pause = min(max(float(body.get("pause", 1.5)), 0.0), MAX_PAUSE)
    except (TypeError, ValueError) as error:
        raise Invalid("pause must be a number of seconds") from error
    return {"steps": await play(stage, pause)}
