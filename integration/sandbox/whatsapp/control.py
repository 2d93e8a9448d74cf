"""The control API of WhatsApp: what happens to messages, what customers do, what Meta thinks, and what time it is."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from integration.sandbox.asked import Action, Invalid, phone_of, posts, text
from integration.sandbox.whatsapp.account import FIELDS
from integration.sandbox.whatsapp.errors import GraphError
from integration.sandbox.whatsapp.limits import TIERS
from integration.sandbox.whatsapp.messages import PHONE
from integration.sandbox.whatsapp.whatsapp import ACCOUNT_STATES, WhatsApp

VERDICTS: Final = ("status", "category", "quality", "reason")
FARTHEST: Final = timedelta(days=3650).total_seconds()


def routes() -> list[Route]:
    """What there is under /stage for WhatsApp."""
    actions: dict[str, Action] = {
        "reply": _reply, "open": _open, "file": _file, "preference": _preference, "number": _new_number, "hide": _hide,
        "fate": _fate, "settings": _settings, "account": _account, "tier": _tier, "clock": _clock,
        "templates": _templates, "judge": _judge, "pacing": _pacing, "connect": _connect, "token": _token,
        "news": _news,
    }  # fmt: skip
    shown = {"/state": _state, "/events": _events, "/media/{ident}": _media}
    return [*posts(actions), *(Route(path, show, methods=["GET"]) for path, show in shown.items())]


async def _state(request: Request) -> Response:
    stage: WhatsApp = request.app.state.stage
    return JSONResponse(stage.as_json(), headers={"Cache-Control": "no-store"})


async def _media(request: Request) -> Response:
    """A picture that was sent by its id, as the phone shows it."""
    stage: WhatsApp = request.app.state.stage
    found = stage.graph.media.find(request.path_params["ident"])
    if found is None or found.mime not in ("image/jpeg", "image/png"):
        return Response(status_code=404)
    return Response(found.content, media_type=found.mime)


async def _events(request: Request) -> Response:
    stage: WhatsApp = request.app.state.stage

    async def lines() -> Any:
        async for version in stage.bus.versions():
            yield ": still here\n\n" if version is None else f"event: changed\ndata: {version}\n\n"

    return StreamingResponse(lines(), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


async def _reply(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    button = body.get("button")
    source = button if isinstance(button, dict) else body
    words = text(source, "text")
    if not words.strip():
        raise Invalid("text is empty")
    payload = text(source, "payload") if "payload" in source else None
    context = text(source, "context") if "context" in source else None
    message = stage.reply(phone_of(stage, body), words, payload, context, ad=body.get("ad") is True)
    return {"message": message.as_json()}


async def _file(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    kind = text(body, "kind", "image")
    if kind not in ("image", "video", "audio", "document", "sticker"):
        raise Invalid("kind must be image, video, audio, document or sticker")
    try:
        content = base64.b64decode(_text_of(body, "content"), validate=True)
    except ValueError as error:
        raise Invalid("content must be base64") from error
    message = stage.send_file(
        phone_of(stage, body), kind, content, text(body, "mime", "image/png"), text(body, "name", "")
    )
    return {"message": message.as_json()}


def _text_of(body: dict[str, Any], key: str) -> str:
    value = body.get(key)
    if not isinstance(value, str):
        raise Invalid(f"{key} must be a text")
    return value


async def _open(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    stage.open_phone(phone_of(stage, body))
    return {}


async def _fate(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    name = str(body.get("fate", ""))
    fates = stage.graph.fates
    known = fates.set_account(name) if "account" in body else fates.set(_number(stage, body), name)
    if not known:
        raise Invalid("there is no such fate")
    stage.bus.changed()
    return {}


def _number(stage: WhatsApp, body: dict[str, Any]) -> str:
    key = text(body, "phone" if "phone" in body else "customer")
    phone = stage.phones.by_key(key)
    if phone is None and not key.startswith("+"):
        raise Invalid("there is no such phone")
    return phone.number if phone else key


async def _settings(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    switches = stage.webhooks.switches
    for name, value in body.items():
        if name not in switches.__slots__ or not isinstance(value, bool):
            raise Invalid(f"{name} is not a switch, or its value is not true or false")
    for name, value in body.items():
        setattr(switches, name, value)
    stage.bus.changed()
    return {}


async def _templates(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    rows = body.get("templates")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid("templates must be a list of template bodies")
    try:
        created = [stage.graph.templates.create(row) for row in rows]
    except GraphError as error:
        raise Invalid(error.details) from error
    return {"ids": [template.id for template in created]}


async def _judge(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """Let Meta change its mind about a template: status, category, quality, reason; each is reported as Meta does."""
    template = stage.graph.templates.find(text(body, "name"), text(body, "language"))
    if template is None:
        raise Invalid("there is no such template")
    before, verdict = replace(template), {str(key): text(body, key) for key in VERDICTS if key in body}
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


async def _preference(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """A customer stops or resumes marketing in WhatsApp's own settings."""
    wish = text(body, "value")
    if wish not in ("stop", "resume"):
        raise Invalid("value must be stop or resume")
    stage.bus.spawn(stage.webhooks.preference(phone_of(stage, body), wish))
    return {}


async def _new_number(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """A customer has another number from now on."""
    number = text(body, "number")
    if not PHONE.fullmatch(number) or stage.phones.by_key(number):
        raise Invalid("number must be + and digits, and nobody's")
    phone = phone_of(stage, body)
    stage.change_number(phone, number)
    return {"user_id": phone.user_id}


async def _hide(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """A customer takes a username: webhooks name this person by BSUID alone."""
    phone_of(stage, body).hidden = body.get("hidden", True) is True
    stage.bus.changed()
    return {}


async def _account(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """The account gets into another state; Meta tells of most."""
    state = text(body, "state")
    if state not in ACCOUNT_STATES:
        raise Invalid(f"state must be one of {', '.join(ACCOUNT_STATES)}")
    stage.put_account(state)
    return {}


async def _tier(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """Another limit of people per day."""
    tier = text(body, "tier")
    if tier not in TIERS:
        raise Invalid(f"tier must be one of {', '.join(TIERS)}")
    stage.allow(tier)
    return {}


async def _clock(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """Time passes: windows close, limits end, media expire. It can also be set (`at`), or stand still (`stop`)."""
    if "at" in body:
        stage.clock.put(_moment(text(body, "at")))
    if "stop" in body:
        stage.clock.stop(stand=body["stop"] is True)
    if "seconds" in body or not body:
        stage.clock.move(timedelta(seconds=_seconds(body.get("seconds"))))
    stage.bus.changed()
    return {"now": stage.clock.now().isoformat()}


def _seconds(value: Any) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= FARTHEST:
        raise Invalid("seconds must be a number, at most ten years")
    return value


def _moment(value: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise Invalid("at must be a time like 2026-10-01T00:00:00+02:00") from error
    if found.tzinfo is None:
        raise Invalid("at needs a zone, like 2026-10-01T00:00:00+02:00")
    return found.astimezone(UTC)


async def _token(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """The token is withdrawn, ends at a time, or has other permissions."""
    token = stage.graph.management.token
    scopes = body.get("scopes", token.scopes)
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise Invalid("scopes must be a list of permissions")
    if "expires_at" in body:
        token.expires_at = int(_moment(text(body, "expires_at")).timestamp()) if body["expires_at"] else 0
    token.valid, token.scopes = body.get("valid", token.valid) is True, scopes
    return {"expires_at": token.expires_at, "valid": token.valid, "scopes": token.scopes}


async def _news(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """Anything else that Meta may tell: the value of a webhook's field, signed like every other."""
    field, value = text(body, "field"), body.get("value")
    if field not in FIELDS or not isinstance(value, dict):
        raise Invalid(f"field must be one of {', '.join(sorted(FIELDS))}, value a JSON object")
    stage.bus.spawn(stage.webhooks.news(field, value))
    return {}


async def _pacing(stage: WhatsApp, body: dict[str, Any]) -> dict[str, Any]:
    """Let Meta hold back messages of a template, or end that: `hold`, `release` or `drop`."""
    template, verdict, sending = text(body, "template"), text(body, "verdict"), stage.graph.sending
    if verdict not in ("hold", "release", "drop"):
        raise Invalid("verdict must be hold, release or drop")
    if verdict == "hold":
        sending.paced.add(template)
        return {"held": 0}
    if verdict == "drop":
        for found in (one for one in stage.graph.templates if one.name == template):
            found.status = "PAUSED"
            stage.bus.spawn(stage.webhooks.template_status(found, "PAUSED"))
    return {"held": sending.judge_held(template, well=verdict == "release")}


async def _connect(stage: WhatsApp, _: dict[str, Any]) -> dict[str, Any]:
    return {"handshake": await stage.connect()}
