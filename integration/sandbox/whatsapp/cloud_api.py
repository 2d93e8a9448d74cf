"""The Cloud API itself: authentication, messages, templates, the number's node."""

import hmac
import re
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from integration.sandbox.bus import Bus
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.account import MANAGEMENT, MESSAGING, Management, batch
from integration.sandbox.whatsapp.errors import GraphError, no_object
from integration.sandbox.whatsapp.fates import Fates
from integration.sandbox.whatsapp.http import json_body, json_object, paged, raw_body, select
from integration.sandbox.whatsapp.limits import MANAGED, Hourly
from integration.sandbox.whatsapp.media import MediaStore
from integration.sandbox.whatsapp.phones import Phone, Phones
from integration.sandbox.whatsapp.sending import Sending
from integration.sandbox.whatsapp.template_calls import TemplateCalls
from integration.sandbox.whatsapp.templates import EMPTY, SHOWN, TemplateRegistry
from integration.sandbox.whatsapp.uploads import Uploads
from integration.sandbox.whatsapp.webhooks import MetaWebhooks

VERSION: Final = re.compile(r"v[1-9][0-9]\.0")
MAX_UPLOAD: Final = 101 * 1024 * 1024
#: what Graph shows of a number when nobody names fields
SHOWN_OF_A_NUMBER: Final = ("display_phone_number", "verified_name")

Endpoint = Callable[[Request], Awaitable[Response]]


class CloudApi:
    """One WhatsApp Business account with its numbers."""

    def __init__(self, config: SandboxConfig, clock: Clock, phones: Phones, webhooks: MetaWebhooks, bus: Bus) -> None:
        self._config = config
        self._webhooks = webhooks
        self.templates = TemplateRegistry(clock)
        self.management = Management(config, clock, webhooks)
        self.media = MediaStore(config.origin, lambda: clock.now().timestamp())
        self.uploads = Uploads()
        self._managed = Hourly(clock, MANAGED)
        self._calls = TemplateCalls(config, clock, self.templates, self.management, self.uploads, webhooks, bus)
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
            (f"{node}/message_templates", self._calls.list, "GET"),
            (f"{node}/message_templates", self._calls.create, "POST"),
            (f"{node}/message_templates", self._calls.delete, "DELETE"),
            (f"{node}/subscribed_apps", self._subscribed_apps, "GET"),
            (f"{node}/subscribed_apps", self._subscribe_app, "POST"),
            (f"{node}/subscribed_apps", self._unsubscribe_app, "DELETE"),
            (f"{node}/register", self._register, "POST"),
            (f"{node}/deregister", self._deregister, "POST"),
            (f"{node}/subscriptions", self._subscriptions, "GET"),
            (f"{node}/subscriptions", self._subscribe, "POST"),
            (f"{node}/whatsapp_business_profile", self._profile, "GET"),
            (f"{node}/whatsapp_business_profile", self._change_profile, "POST"),
            (f"{node}/media", self._upload, "POST"),
            (f"{node}/unpause", self._calls.unpause, "POST"),
            (f"{node}/uploads", self._begin_upload, "POST"),
            (f"{node}/{{edge}}", self._edge, "GET"),
            (node, self._node, "GET"),
            (node, self._post_node, "POST"),
            (node, self._delete_node, "DELETE"),
        ]
        known = [Route(path, self._guard(endpoint), methods=[method]) for path, endpoint, method in table]
        return [*known, Route("/{path:path}", self._guard(self._nothing), methods=["GET", "POST", "PUT", "DELETE"])]

    def _guard(self, endpoint: Endpoint) -> Endpoint:
        async def guarded(request: Request) -> Response:
            try:
                if not VERSION.fullmatch(request.path_params.get("version", "v26.0")):
                    raise GraphError(2500, f"Unknown path components: {request.url.path}")
                self._authorise(request)
                if not request.url.path.endswith("/messages") and not self._managed.take():
                    raise GraphError(80007, "Too many calls within an hour.")
                return await endpoint(request)
            except GraphError as error:
                return JSONResponse(error.envelope(), error.http)

        return guarded

    def _authorise(self, request: Request) -> None:
        token = _token(request)
        if self._is_app_edge(request):
            if not self.management.is_app_token(token):
                raise GraphError(190, "Invalid OAuth access token signature.")
            return
        ours = hmac.compare_digest(token.encode(), self._config.whatsapp_token.encode())
        if self.fates.account == 190 or not ours:
            raise GraphError(190, "Invalid OAuth access token - Cannot parse access token.")
        if not self.management.is_token_valid():
            raise GraphError(190, "Error validating access token: session has expired.", subcode=463)

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
            raise no_object(node)

    async def _messages(self, request: Request) -> Response:
        number = self._number(request)
        self.management.need(MESSAGING)
        body = await json_body(request)
        if isinstance(body, dict) and body.get("status") == "read":
            return self.sending.mark_read(body)
        return await self.sending.send(request, number, body)

    def bill(self) -> dict[str, Any]:
        """What Meta charges so far."""
        return self._webhooks.billing.as_json()

    def new_id(self, phone: Phone, *, came_in: bool = False) -> str:
        """A message id in WhatsApp's form."""
        return self.sending.new_id(phone, came_in=came_in)

    async def _subscribed_apps(self, request: Request) -> Response:
        self._own(request, self._config.business_account_id)
        self.management.need(MANAGEMENT)
        return JSONResponse(self.management.subscribed_apps())

    async def _subscribe_app(self, request: Request) -> Response:
        self._own(request, self._config.business_account_id)
        return JSONResponse(await self.management.subscribe_app(await json_object(request)))

    async def _unsubscribe_app(self, request: Request) -> Response:
        self._own(request, self._config.business_account_id)
        return JSONResponse(self.management.unsubscribe_app())

    async def _register(self, request: Request) -> Response:
        return JSONResponse(self.management.register(self._number(request), await json_object(request)))

    async def _deregister(self, request: Request) -> Response:
        return JSONResponse(self.management.deregister(self._number(request)))

    async def _subscriptions(self, request: Request) -> Response:
        self._own(request, self._config.app_id)
        return JSONResponse(self.management.subscriptions())

    async def _subscribe(self, request: Request) -> Response:
        self._own(request, self._config.app_id)
        return JSONResponse(await self.management.subscribe(await json_object(request)))

    async def _profile(self, request: Request) -> Response:
        self._number(request)
        self.management.need(MESSAGING)
        return JSONResponse({"data": [self.management.profile]})

    async def _change_profile(self, request: Request) -> Response:
        self._number(request)
        body = await json_object(request)
        if (handle := body.get("profile_picture_handle")) and self.uploads.handles.get(str(handle)) != "IMAGE":
            raise GraphError(100, "Param profile_picture_handle is no upload of a picture.")
        return JSONResponse(self.management.change_profile(body))

    async def _upload(self, request: Request) -> Response:
        self._number(request)
        self.management.need(MESSAGING)
        return JSONResponse(
            self.media.upload(await raw_body(request, MAX_UPLOAD), request.headers.get("content-type", ""))
        )

    async def _begin_upload(self, request: Request) -> Response:
        self._own(request, self._config.app_id)
        self.management.need(MANAGEMENT)
        return JSONResponse(self.uploads.begin(request.query_params))

    async def _nothing(self, request: Request) -> Response:
        raise GraphError(2500, f"Unknown path components: /{request.path_params['path']}")

    async def _delete_node(self, request: Request) -> Response:
        self.management.need(MESSAGING)
        if not self.media.forget(request.path_params["node"]):
            raise no_object(request.path_params["node"])
        return JSONResponse({"success": True})

    async def _post_node(self, request: Request) -> Response:
        if self.templates.by_id(request.path_params["node"]):
            return await self._calls.edit(request)
        if not request.path_params["node"].startswith("upload:"):
            return await self._change_number(request)
        content = await raw_body(request, MAX_UPLOAD)
        return JSONResponse(
            self.uploads.end(request.path_params["node"], request.headers.get("file_offset", ""), content)
        )

    async def _bytes(self, request: Request) -> Response:
        found = self.media.bytes_of(request.path_params["link"])
        return Response(found.content, media_type=found.mime) if found else Response(status_code=404)

    async def _node(self, request: Request) -> Response:
        if self.media.knows(request.path_params["node"]):
            return JSONResponse(self.media.node(request.path_params["node"]))
        if template := self.templates.by_id(request.path_params["node"]):
            return JSONResponse(select(template.as_json(), request.query_params, SHOWN, EMPTY))
        node = self.management.node(request.path_params["node"])
        return JSONResponse(select(node, request.query_params, SHOWN_OF_A_NUMBER))

    async def _change_number(self, request: Request) -> Response:
        self._number(request)
        return JSONResponse(await self.management.change_number(await json_object(request)))

    async def _edge(self, request: Request) -> Response:
        rows = self.management.edge(request.path_params["node"], request.path_params["edge"])
        return JSONResponse(paged(request.url, rows))

    async def _debug_token(self, request: Request) -> Response:
        return JSONResponse(self.management.debug(request.query_params.get("input_token", "")))

    async def _batch(self, request: Request) -> Response:
        return await batch(await json_object(request), self._one)

    async def _one(self, path: str, query: dict[str, str]) -> dict[str, Any]:
        if path == "debug_token":
            return self.management.debug(query.get("input_token", ""))
        node, _, edge = path.partition("/")
        if not edge:
            return select(self.management.node(node), query, SHOWN_OF_A_NUMBER)
        url = URL(f"{self._config.origin}/graph/{path}").include_query_params(**query)
        return paged(url, self.management.edge(node, edge))


def _token(request: Request) -> str:
    """Bearer, OAuth for uploads, or the query's access_token."""
    scheme = "OAuth " if request.path_params.get("node", "").startswith("upload:") else "Bearer "
    header = request.headers.get("authorization", "")
    return header.removeprefix(scheme) if header.startswith(scheme) else request.query_params.get("access_token", "")
