"""What may be wrong with a shop: slow, hanging, broken, in maintenance, limiting, blocked, moved, cut off.

Wrong keys, a wrong clock or a proxy that hides https are states of the shop itself (`keys`, `skew`, `behind_proxy`).
Apart from `fatal` these pages are not recorded: hosts write their own.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp

from integration.sandbox.faults import hang, reset

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_PAGE: Final = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"
_FATAL: Final = {
    "code": "internal_server_error",
    "message": '<p>There has been a critical error on this website.</p><p><a href="https://wordpress.org/documentation/'
    'article/faq-troubleshooting/">Learn more about troubleshooting WordPress.</a></p>',
    "data": {"status": 500},
    "additional_errors": [],
}
_NOTICE: Final = b"<br />\n<b>Warning</b>:  Undefined variable $x in <b>plugin.php</b> on line <b>7</b><br />\n"
NAMES: Final = ("slow", "hang", "reset", "html_500", "fatal", "maintenance", "busy", "blocked", "html_200", "notice",
                "moved", "cut")  # fmt: skip


@dataclass(slots=True)
class Fault:
    """One fault: for the next `times` requests (None: until it is mended) to paths that contain `path`.

    `seconds` is how slow, or what Retry-After says; `target` is where the shop moved to.
    """

    name: str
    times: int | None = None
    path: str = ""
    seconds: float = 1.0
    target: str = ""


class Faults:
    """Stands before a shop's application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.now: list[Fault] = []
        self.hit: list[str] = []

    def set(self, name: str, **how: Any) -> Fault:
        """Break something; the first fault that fits a request is the one that happens."""
        if name not in NAMES:
            raise ValueError(f"there is no fault {name}")
        fault = Fault(name, **how)
        self.now.append(fault)
        return fault

    def mend(self) -> None:
        """All is well again."""
        self.now.clear()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or not."""
        fault = self._next(scope["path"]) if scope["type"] == "http" else None
        if fault is None:
            await self._app(scope, receive, send)
            return
        self.hit.append(fault.name)
        if fault.name == "slow":
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, send)
        elif fault.name in ("notice", "cut"):
            await self._app(scope, receive, _spoilt(send, fault.name))
        else:
            response = await _answer(fault, Request(scope, receive))
            await response(scope, receive, send)

    def _next(self, path: str) -> Fault | None:
        for fault in self.now:
            if fault.path in path:
                if fault.times is not None:
                    fault.times -= 1
                    self.now = [one for one in self.now if one.times != 0]
                return fault
        return None


async def _answer(fault: Fault, request: Request) -> Response:
    if fault.name == "hang":
        return await hang(request)
    if fault.name == "reset":
        return await reset(request)
    if fault.name == "moved":
        target = f"{fault.target}{request.url.path}"
        return Response(status_code=301, headers={"Location": f"{target}?{request.url.query}"})
    if fault.name == "fatal":
        return Response(json.dumps(_FATAL), 500, media_type="application/json")
    wait = {"Retry-After": str(int(fault.seconds))}
    pages: dict[str, tuple[int, str, dict[str, str]]] = {
        "html_500": (500, "Internal Server Error", {}), "html_200": (200, "Wir öffnen bald", {}),
        "maintenance": (503, "Briefly unavailable for scheduled maintenance. Check back in a minute.", wait),
        "busy": (429, "Too Many Requests", wait), "blocked": (403, "Access denied by the firewall", {}),
    }  # fmt: skip
    status, title, headers = pages[fault.name]
    return HTMLResponse(_PAGE.format(title), status, headers)


def _spoilt(send: Send, name: str) -> Send:
    """A PHP warning before the JSON, or an answer that ends in the middle."""

    async def spoil(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [one for one in message["headers"] if one[0].lower() != b"content-length"]
        elif message.get("body"):
            body = message["body"]
            message["body"] = _NOTICE + body if name == "notice" else body[: len(body) // 2]
        await send(message)

    return spoil
