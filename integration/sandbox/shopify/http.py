"""The Admin API over HTTP: tokens, GraphQL, bulk files, and faults on order."""

import asyncio
import json
import re
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from integration.sandbox import faults
from integration.sandbox.shopify import engine
from integration.sandbox.shopify.engine import Engine
from integration.sandbox.shopify.shop import AdminShop, Asked, Fault

WRONG_TOKEN: Final = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105 - a sentence
_PAGE: Final = "<!DOCTYPE html><html><head><title>Oops</title></head><body>Something went wrong.</body></html>"
MAX_BODY: Final = 512 * 1024


class AdminApi:
    """The routes of one shop. Everything runs in the event loop's thread, so a shop needs no locks."""

    def __init__(self, shop: AdminShop, api: Engine | None = None) -> None:
        self._shop = shop
        self._engine = api or Engine()

    def routes(self) -> list[Route]:
        """Below the shop's own address."""
        return [
            Route("/admin/oauth/access_token", self._token, methods=["POST"]),
            Route("/admin/api/{version}/graphql.json", self._graphql, methods=["POST"]),
            Route("/bulk/{id:int}.jsonl", self._bulk, methods=["GET"]),
        ]

    async def _token(self, request: Request) -> Response:
        broken = await self._fault(request, "token")
        if broken:
            return broken
        form = await request.form(max_files=0, max_fields=10)
        status, body = self._shop.tokens.grant(form)
        return JSONResponse(body, status)

    async def _graphql(self, request: Request) -> Response:
        broken = await self._fault(request, "graphql")
        if broken:
            return broken
        token = request.headers.get("x-shopify-access-token", "")
        version = self._version(request.path_params["version"])
        if not self._shop.tokens.valid(token):
            self._shop.asked.append(Asked("", version, token, self._shop.now(), refusal="UNAUTHORIZED"))
            return JSONResponse({"errors": WRONG_TOKEN}, 401)
        if not version:
            return JSONResponse({"errors": "Not Found"}, 404)
        try:
            asked = _asked(await request.body(), version, token, _base(request))
        except ClientDisconnect:
            return Response(status_code=499)
        except ValueError as error:
            return JSONResponse({"errors": {"query": str(error)}}, 400)
        return JSONResponse(self._engine.answer(self._shop, asked), headers={"X-Shopify-API-Version": version})

    async def _bulk(self, request: Request) -> Response:
        bulk = self._shop.bulks.get(request.path_params["id"])
        if bulk is None or bulk.done_at > self._shop.now():
            return Response(status_code=404)
        whole, headers = b"".join(row + b"\n" for row in bulk.rows), {"Accept-Ranges": "bytes"}
        asked = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if asked is None:
            return Response(whole, headers=headers, media_type="application/jsonl")
        start = int(asked[1])
        if start >= len(whole):
            return Response(status_code=416, headers=headers)
        return Response(whole[start:], 206, headers, media_type="application/jsonl")

    def _version(self, wanted: str) -> str:
        """An unknown version falls forward to the next one that is supported, "" when the switch forbids it."""
        supported = self._shop.versions
        if wanted in supported:
            return wanted
        later = [one for one in supported if one > wanted]
        return (later[0] if later else supported[-1]) if self._shop.switches.fall_forward else ""

    async def _fault(self, request: Request, where: str) -> Response | None:
        fault = self._next(where)
        if fault is None:
            return None
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
            return None
        if fault.kind == "expire":
            self._shop.tokens.revoke()
            return None
        if fault.kind == "hang":
            return await faults.hang(request)
        if fault.kind == "reset":
            return await faults.reset(request)
        return _broken(fault)

    def _next(self, where: str) -> Fault | None:
        for fault in self._shop.faults:
            if fault.where == where:
                if fault.skip > 0:
                    fault.skip -= 1
                    return None
                self._shop.faults.remove(fault)
                return fault
        return None


def _broken(fault: Fault) -> Response:
    if fault.kind == "redirect":
        return RedirectResponse(fault.location, 302)
    if fault.kind == "html":
        return HTMLResponse(_PAGE, fault.status)
    if fault.kind == "garbage":
        return Response(b'{"data": {"orders": {"nodes": [', media_type="application/json")
    headers = {"Retry-After": fault.retry_after} if fault.retry_after else {}
    return JSONResponse({"errors": "Exceeded the limit"}, fault.status, headers=headers)


def _asked(raw: bytes, version: str, token: str, base: str) -> engine.Request:
    if len(raw) > MAX_BODY:
        raise ValueError("The body is too large.")
    body: Any = json.loads(raw)
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        raise ValueError("Required parameter missing or invalid")
    variables = body.get("variables") or {}
    return engine.Request(body["query"], variables, body.get("operationName"), version, token, base)


def _base(request: Request) -> str:
    """The shop's own address, without what comes below it."""
    return str(request.url).partition("/admin/")[0]
