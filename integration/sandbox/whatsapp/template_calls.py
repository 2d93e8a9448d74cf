"""The calls about message templates: list, create, edit, delete, unpause."""

import asyncio
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from integration.sandbox.bus import Bus
from integration.sandbox.clock import Clock
from integration.sandbox.config import SandboxConfig
from integration.sandbox.whatsapp.account import MANAGEMENT, Management
from integration.sandbox.whatsapp.errors import GraphError, no_object
from integration.sandbox.whatsapp.http import json_object, paged
from integration.sandbox.whatsapp.limits import CREATED, Hourly, Often
from integration.sandbox.whatsapp.templates import EMPTY, MAX_TEMPLATES, SHOWN, Template, TemplateRegistry
from integration.sandbox.whatsapp.uploads import Uploads
from integration.sandbox.whatsapp.webhooks import MetaWebhooks


class TemplateCalls:
    """What an app asks about the account's templates."""

    def __init__(
        self, config: SandboxConfig, clock: Clock, templates: TemplateRegistry, management: Management,
        uploads: Uploads, webhooks: MetaWebhooks, bus: Bus,
    ) -> None:  # fmt: skip
        self._config = config
        self._templates = templates
        self._management = management
        self._uploads = uploads
        self._webhooks = webhooks
        self._bus = bus
        self._created = Hourly(clock, CREATED)
        self._edits = (Often(clock, 1, timedelta(days=1)), Often(clock, 10, timedelta(days=30)))

    async def list(self, request: Request) -> Response:
        """GET /{account}/message_templates."""
        self._account(request)
        query = request.query_params
        rows = [t.as_json() for t in self._templates]
        for name in ("name", "status", "language", "category"):
            if name in query:
                rows = [r for r in rows if r[name] == query[name]]
        found = paged(request.url, rows, SHOWN, EMPTY)
        return JSONResponse(found | (self._summary(query["summary"], len(rows)) if "summary" in query else {}))

    async def create(self, request: Request) -> Response:
        """POST /{account}/message_templates."""
        self._account(request)
        body = await json_object(request)
        self._uploads.check(body.get("components"))
        if not self._created.take():
            raise GraphError(80007, "Too many templates were created within an hour.")
        template = self._templates.create(body, waits=self._config.review_delay > 0)
        self._judged(template)
        return JSONResponse({"id": template.id, "status": template.status, "category": template.category})

    async def edit(self, request: Request) -> Response:
        """POST /{template}: other words, judged anew. An approved one once a day and ten times in 30 days."""
        self._management.need(MANAGEMENT)
        template, body = self._found(request), await json_object(request)
        self._uploads.check(body.get("components"))
        changed = self._templates.checked_edit(template, body)
        if template.status == "APPROVED" and not all(limit.take(template.id) for limit in self._edits):
            raise GraphError(100, "An approved template can be edited once a day and ten times in 30 days.")
        self._templates.edit(template, changed, waits=self._config.review_delay > 0)
        self._judged(template)
        found = {"id": template.id, "name": template.name, "category": template.category}
        return JSONResponse({"success": True} | found)

    async def delete(self, request: Request) -> Response:
        """DELETE /{account}/message_templates: every language of a name, or the one with an id."""
        self._account(request)
        name, ident = request.query_params.get("name", ""), request.query_params.get("hsm_id", "")
        if not name:
            raise GraphError(100, "The parameter name is required.")
        if not self._templates.delete(name, ident):
            raise GraphError(100, "There is no such template.", subcode=2593002)
        self._bus.changed()
        return JSONResponse({"success": True})

    async def unpause(self, request: Request) -> Response:
        """POST /{template}/unpause."""
        self._management.need(MANAGEMENT)
        template = self._found(request)
        if template.status != "PAUSED":
            raise GraphError(100, f"The template is {template.status}, only a paused one can be unpaused.")
        template.status = "APPROVED"
        self._bus.changed()
        self._bus.spawn(self._webhooks.template_status(template, "UNPAUSED"))
        return JSONResponse({"success": True})

    def _summary(self, asked: str, matching: int) -> dict[str, Any]:
        known = {
            "total_count": matching, "message_template_count": len(self._templates),
            "message_template_limit": MAX_TEMPLATES, "are_translations_complete": True,
        }  # fmt: skip
        return {"summary": {name: value for name, value in known.items() if name in asked.split(",")}}

    def _account(self, request: Request) -> None:
        if request.path_params["node"] != self._config.business_account_id:
            raise no_object(request.path_params["node"])
        self._management.need(MANAGEMENT)

    def _found(self, request: Request) -> Template:
        template = self._templates.by_id(request.path_params["node"])
        if template is None:
            raise no_object(request.path_params["node"])
        return template

    def _judged(self, template: Template) -> None:
        """Meta judges it at once, or after a while; either way a webhook tells."""
        self._bus.changed()
        delay = self._config.review_delay
        told = self._review(template, delay) if delay else self._webhooks.template_status(template, template.status)
        self._bus.spawn(told)

    async def _review(self, template: Template, delay: float) -> None:
        await asyncio.sleep(delay)
        self._templates.review(template)
        self._bus.changed()
        await self._webhooks.template_status(template, template.status)
