"""The Cloud API itself: authentication, messages, templates, the number's node."""

import asyncio
import base64
import hmac
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integration.sandbox.bus import Bus
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.digits import whole
from integration.sandbox.fates import Fates
from integration.sandbox.graph_account import MANAGEMENT, MESSAGING, Management, batch
from integration.sandbox.graph_errors import GraphError
from integration.sandbox.graph_media import MediaStore
from integration.sandbox.graph_sending import Sending
from integration.sandbox.graph_templates import Template, TemplateRegistry
from integration.sandbox.graph_uploads import Uploads
from integration.sandbox.limits import CREATED, MANAGED, Hourly
from integration.sandbox.meta_webhooks import MetaWebhooks
from integration.sandbox.phones import Phone, Phones

MAX_JSON: Final = 256 * 1024
MAX_UPLOAD: Final = 101 * 1024 * 1024

Endpoint = Callable[[Request], Awaitable[Response]]


class CloudApi:
    """One WhatsApp Business account with its numbers."""

    def __init__(self, config: SandboxConfig, clock: Clock, phones: Phones, webhooks: MetaWebhooks, bus: Bus) -> None:
        self._config = config
        self._webhooks = webhooks
        self._bus = bus
        self.templates = TemplateRegistry()
        self.management = Management(config, webhooks)
        self.media = MediaStore(config.origin, lambda: clock.now().timestamp())
        self.uploads = Uploads()
        self._managed, self._created = Hourly(clock, MANAGED), Hourly(clock, CREATED)
        self.sending = Sending(config, clock, phones, webhooks, bus, self.templates, self.management, self.media)

    @property
    def fates(self) -> Fates:
        """What happens to messages."""
        return self.sending.fates

    @property
    def accepted(self) -> deque[dict[str, Any]]:
        """The messages that were taken, newest last."""
        return self.sending.accepted

    def routes(self) -> list[Route]:
        """To be mounted under /graph."""
        node = "/{version}/{node}"
        table: list[tuple[str, Endpoint, str]] = [
            ("/{version}/", self._batch, "POST"),
            ("/{version}/debug_token", self._debug_token, "GET"),
            ("/lookaside/{link}", self._bytes, "GET"),
            (f"{node}/messages", self._messages, "POST"),
            (f"{node}/message_templates", self._list_templates, "GET"),
            (f"{node}/message_templates", self._create_template, "POST"),
            (f"{node}/subscribed_apps", self._subscribed_apps, "GET"),
            (f"{node}/subscribed_apps", self._subscribe_app, "POST"),
            (f"{node}/subscriptions", self._subscriptions, "GET"),
            (f"{node}/subscriptions", self._subscribe, "POST"),
            (f"{node}/whatsapp_business_profile", self._profile, "GET"),
            (f"{node}/whatsapp_business_profile", self._change_profile, "POST"),
            (f"{node}/media", self._upload, "POST"),
            (f"{node}/unpause", self._unpause, "POST"),
            (f"{node}/uploads", self._begin_upload, "POST"),
            (f"{node}/{{edge}}", self._edge, "GET"),
            (node, self._node, "GET"),
            (node, self._post_node, "POST"),
        ]
        return [Route(path, self._guard(endpoint), methods=[method]) for path, endpoint, method in table]

    def _guard(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            try:
                self._authorise(request)
                if not request.url.path.endswith("/messages") and not self._managed.take():
                    raise GraphError(80007, "Too many calls within an hour.")
                return await endpoint(request)
            except GraphError as error:
                return JSONResponse(error.envelope(), error.http)

        return guarded

    def _authorise(self, request: Request) -> None:
        scheme = "OAuth " if request.path_params.get("node", "").startswith("upload:") else "Bearer "
        token = request.headers.get("authorization", "").removeprefix(scheme)
        if self._is_app_edge(request):
            if not self.management.is_app_token(token):
                raise GraphError(190, "Invalid OAuth access token signature.")
            return
        ours = hmac.compare_digest(token.encode(), self._config.whatsapp_token.encode())
        if self.fates.account == 190 or not ours or not self.management.token.valid:
            raise GraphError(190, "Error validating access token: session is invalid.", subcode=463)

    def _is_app_edge(self, request: Request) -> bool:
        return request.path_params.get("node") == self._config.app_id and request.url.path.endswith("/subscriptions")

    def _number(self, request: Request) -> str:
        """Which of the account's numbers a request is about."""
        node: str = request.path_params["node"]
        self._own(request, node if node in self._config.numbers else self._config.phone_number_id)
        return node

    def _own(self, request: Request, expected: str) -> None:
        node = request.path_params["node"]
        if node != expected:
            raise GraphError(
                33, f"Object with ID '{node}' does not exist or cannot be loaded due to missing permissions."
            )

    async def _messages(self, request: Request) -> Response:
        number = self._number(request)
        self.management.need(MESSAGING)
        body = await _json(request)
        if isinstance(body, dict) and body.get("status") == "read":
            return self.sending.mark_read(body)
        return await self.sending.send(request, number, body)

    def bill(self) -> dict[str, Any]:
        """What Meta charges so far."""
        return self._webhooks.billing.as_json()

    def new_id(self, phone: Phone) -> str:
        """A message id in WhatsApp's form."""
        return self.sending.new_id(phone)

    async def _list_templates(self, request: Request) -> Response:
        self._own(request, self._config.business_account_id)
        self.management.need(MANAGEMENT)
        query = request.query_params
        rows = [t.as_json() for t in self.templates]
        for name in ("name", "status", "language", "category"):
            if name in query:
                rows = [r for r in rows if r[name] == query[name]]
        return JSONResponse(_page(request, rows))

    async def _review(self, template: Template, delay: float) -> None:
        await asyncio.sleep(delay)
        self.templates.review(template)
        self._bus.changed()
        await self._webhooks.template_status(template, template.status)

    async def _unpause(self, request: Request) -> Response:
        self.management.need(MANAGEMENT)
        template = self.templates.by_id(request.path_params["node"])
        if template is None:
            raise GraphError(33, "There is no such template.")
        if template.status != "PAUSED":
            raise GraphError(100, f"The template is {template.status}, only a paused one can be unpaused.")
        template.status = "APPROVED"
        self._bus.changed()
        self._bus.spawn(self._webhooks.template_status(template, "UNPAUSED"))
        return JSONResponse({"success": True})

    async def _create_template(self, request: Request) -> Response:
        self._own(request, self._config.business_account_id)
        self.management.need(MANAGEMENT)
        body = await _object(request)
        self.uploads.check(body.get("components"))
        if not self._created.take():
            raise GraphError(80007, "Too many templates were created within an hour.")
        delay = self._config.review_delay
        template = self.templates.create(body, waits=delay > 0)
        self._bus.changed()
        told = self._review(template, delay) if delay else self._webhooks.template_status(template, template.status)
        self._bus.spawn(told)
        return JSONResponse({"id": template.id, "status": template.status, "category": template.category})

    async def _subscribed_apps(self, request: Request) -> Response:
        self._own(request, self._config.business_account_id)
        self.management.need(MANAGEMENT)
        return JSONResponse(self.management.subscribed_apps())

    async def _subscribe_app(self, request: Request) -> Response:
        self._own(request, self._config.business_account_id)
        return JSONResponse(await self.management.subscribe_app(await _object(request)))

    async def _subscriptions(self, request: Request) -> Response:
        self._own(request, self._config.app_id)
        return JSONResponse(self.management.subscriptions())

    async def _subscribe(self, request: Request) -> Response:
        self._own(request, self._config.app_id)
        return JSONResponse(await self.management.subscribe(await _object(request)))

    async def _profile(self, request: Request) -> Response:
        self._number(request)
        self.management.need(MESSAGING)
        return JSONResponse({"data": [self.management.profile]})

    async def _change_profile(self, request: Request) -> Response:
        self._number(request)
        return JSONResponse(self.management.change_profile(await _object(request)))

    async def _upload(self, request: Request) -> Response:
        self._number(request)
        self.management.need(MESSAGING)
        return JSONResponse(self.media.upload(await _raw(request, MAX_UPLOAD), request.headers.get("content-type", "")))

    async def _begin_upload(self, request: Request) -> Response:
        self._own(request, self._config.app_id)
        self.management.need(MANAGEMENT)
        return JSONResponse(self.uploads.begin(request.query_params))

    async def _post_node(self, request: Request) -> Response:
        if not request.path_params["node"].startswith("upload:"):
            return await self._change_number(request)
        content = await _raw(request, MAX_UPLOAD)
        return JSONResponse(
            self.uploads.end(request.path_params["node"], request.headers.get("file_offset", ""), content)
        )

    async def _bytes(self, request: Request) -> Response:
        found = self.media.bytes_of(request.path_params["link"])
        return Response(found.content, media_type=found.mime) if found else Response(status_code=404)

    async def _node(self, request: Request) -> Response:
        if self.media.knows(request.path_params["node"]):
            return JSONResponse(self.media.node(request.path_params["node"]))
        node = self.management.node(request.path_params["node"])
        return JSONResponse(_select(node, request, default=("display_phone_number", "verified_name")))

    async def _change_number(self, request: Request) -> Response:
        self._number(request)
        return JSONResponse(await self.management.change_number(await _object(request)))

    async def _edge(self, request: Request) -> Response:
        rows = self.management.edge(request.path_params["node"], request.path_params["edge"])
        return JSONResponse(_page(request, rows))

    async def _debug_token(self, request: Request) -> Response:
        return JSONResponse(self.management.debug(request.query_params.get("input_token", "")))

    async def _batch(self, request: Request) -> Response:
        return await batch(await _object(request), self._one)

    async def _one(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        if path != "debug_token":
            raise GraphError(100, f"{path!r} is not taken in a batch here.")
        return self.management.debug(query.get("input_token", ""))


async def _raw(request: Request, most: int) -> bytes:
    raw = bytearray()
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > most:
            raise GraphError(100, "The request body is too large.")
    return bytes(raw)


async def _json(request: Request) -> Any:
    raw = await _raw(request, MAX_JSON)
    try:
        return json.loads(raw or b"{}")
    except ValueError as error:
        raise GraphError(100, "The request body is not valid JSON.") from error


async def _object(request: Request) -> dict[str, Any]:
    body = await _json(request)
    if not isinstance(body, dict):
        raise GraphError(100, "The request body must be a JSON object.")
    return body


def _select(node: dict[str, Any], request: Request, default: tuple[str, ...] = ()) -> dict[str, Any]:
    asked = request.query_params.get("fields")
    names = {n.split("{")[0].strip() for n in asked.split(",")} if asked else set(default) or set(node)
    unknown = sorted(names - set(node))
    if unknown:
        raise GraphError(100, f"Tried accessing nonexisting field ({unknown[0]}).")
    return {key: value for key, value in node.items() if key in names | {"id"}}


def _page(request: Request, rows: list[dict[str, Any]]) -> dict[str, Any]:
    query = request.query_params
    limit = max(1, min(whole(query.get("limit", "25")) or 25, 1000))
    start = _position(query.get("after", ""))
    part = [_select(row, request) for row in rows[start : start + limit]]
    if not part:
        return {"data": []}
    paging: dict[str, Any] = {"cursors": {"before": _cursor(start), "after": _cursor(start + len(part))}}
    if start + limit < len(rows):
        url = request.url.remove_query_params("after").include_query_params(after=paging["cursors"]["after"])
        paging["next"] = str(url)
    return {"data": part, "paging": paging}


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"p{position}".encode()).decode().rstrip("=")


def _position(cursor: str) -> int:
    if not cursor:
        return 0
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        text = ""
    position = whole(text.removeprefix("p"))
    if position is None:
        raise GraphError(100, "The after cursor is not valid.")
    return position
