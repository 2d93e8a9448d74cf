"""Reading requests to the stage's control API: JSON in, JSON out, for the stage's own page and for tests alone."""

import json
from collections.abc import Awaitable, Callable
from typing import Any, Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integration.sandbox.whatsapp.messages import PHONE
from integration.sandbox.whatsapp.phones import Phone
from integration.sandbox.whatsapp.whatsapp import WhatsApp

MAX_BODY: Final = 512 * 1024
MAX_TEXT: Final = 4096

Action = Callable[[Any, dict[str, Any]], Awaitable[dict[str, Any]]]


class Invalid(Exception):
    """The request makes no sense; the text says why."""


def posts(actions: dict[str, Action]) -> list[Route]:
    """A route for each action; it gets the stage and the body, and answers what it says."""
    return [Route(f"/{name}", _endpoint(action), methods=["POST"]) for name, action in actions.items()]


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


def text(body: dict[str, Any], key: str, default: str | None = None) -> str:
    """A text of sane length."""
    value = body.get(key, default)
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise Invalid(f"{key} must be a text of at most {MAX_TEXT} characters")
    return value


def phone_of(stage: WhatsApp, body: dict[str, Any]) -> Phone:
    """The phone of a customer's key or of a number; a number that nobody knows gets a phone."""
    key = text(body, "phone" if "phone" in body else "customer")
    phone = stage.phones.by_key(key)
    if phone is None and PHONE.fullmatch(key):
        return stage.phones.at(key)
    if phone is None:
        raise Invalid("there is no such phone")
    return phone
