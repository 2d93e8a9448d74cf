"""Checks a POST /messages body as strictly as Meta does."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from integration.sandbox.graph_errors import GraphError
from integration.sandbox.graph_filling import filled, parameter_text, parts_of
from integration.sandbox.graph_templates import Template, TemplateRegistry

PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
USER_ID: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
PAUSED: Final = {"PAUSED": 132015, "DISABLED": 132016}
MAX_TEXT: Final = 4096
MAX_BODY: Final = 1024
MAX_CALLBACK: Final = 512


@dataclass(slots=True)
class Draft:
    """A checked message, with the text as the phone will show it."""

    to: str
    kind: str
    body: str
    header: str = ""
    footer: str = ""
    buttons: list[dict[str, str]] = field(default_factory=list)
    template: str = ""
    language: str = ""
    category: str = "service"
    parameters: dict[str, str] = field(default_factory=dict)
    callback: str = ""
    media: dict[str, str] = field(default_factory=dict)
    offer: dict[str, str] = field(default_factory=dict)
    cards: list[dict[str, Any]] = field(default_factory=list)


def parse(body: Any, templates: TemplateRegistry, *, auto: bool) -> Draft:
    """The message in this body, or a GraphError."""
    if not isinstance(body, dict):
        raise GraphError(100, "The request body must be a JSON object.")
    if body.get("messaging_product") != "whatsapp":
        raise GraphError(100, "messaging_product must be 'whatsapp'.")
    if body.get("recipient_type", "individual") != "individual":
        raise GraphError(100, "recipient_type must be 'individual'.")
    to, callback = _recipient(body), _callback(body)
    kind = body.get("type", "text")
    parser = {"template": _template, "text": _text, "interactive": _interactive}.get(str(kind))
    if parser is None:
        raise GraphError(131051, f"Message type {kind!r} is not supported.")
    content = body.get(kind)
    if not isinstance(content, dict):
        raise GraphError(100, f"The parameter {kind} is required.")
    draft = parser(content, templates, auto)
    draft.to, draft.callback = to, callback
    return draft


def _recipient(body: Mapping[str, Any]) -> str:
    to = body.get("to")
    if to is None and USER_ID.fullmatch(str(body.get("recipient", ""))):
        return str(body["recipient"])
    if not to:
        raise GraphError(100, "The parameter to is required.")
    if not isinstance(to, str) or not PHONE.fullmatch(to):
        raise GraphError(131009, "to must be '+' and the digits of a phone number.")
    return to


def _callback(body: Mapping[str, Any]) -> str:
    value = body.get("biz_opaque_callback_data", "")
    if not isinstance(value, str) or len(value) > MAX_CALLBACK:
        raise GraphError(100, f"biz_opaque_callback_data must be a string of at most {MAX_CALLBACK} characters.")
    return value


def _text(content: Mapping[str, Any], _: TemplateRegistry, __: bool) -> Draft:
    return Draft("", "text", _free_text(content.get("body"), MAX_TEXT, "text['body']"))


def _interactive(content: Mapping[str, Any], _: TemplateRegistry, __: bool) -> Draft:
    if content.get("type") != "button":
        raise GraphError(131051, "Only interactive messages of type button are supported here.")
    rows = (content.get("action") or {}).get("buttons")
    if not isinstance(rows, list) or not 1 <= len(rows) <= 3:
        raise GraphError(131009, "action['buttons'] must list 1 to 3 buttons.")
    body = _free_text((content.get("body") or {}).get("text"), MAX_BODY, "body['text']")
    return Draft("", "interactive", body, buttons=[_reply_button(row) for row in rows])


def _reply_button(row: Any) -> dict[str, str]:
    reply = row.get("reply") if isinstance(row, dict) else None
    if not isinstance(reply, dict) or not reply.get("id") or not 1 <= len(str(reply.get("title", ""))) <= 20:
        raise GraphError(131009, "A reply button needs an id and a title of 1 to 20 characters.")
    return {"type": "reply", "text": str(reply["title"]), "payload": str(reply["id"])}


def _free_text(value: Any, limit: int, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise GraphError(131008, f"Param {where} is required.")
    if len(value) > limit:
        raise GraphError(131009, f"Param {where} must be at most {limit} characters long.")
    return value


def _template(content: Mapping[str, Any], templates: TemplateRegistry, auto: bool) -> Draft:
    name, language = str(content.get("name") or ""), content.get("language")
    code = str(language.get("code") or "") if isinstance(language, dict) else ""
    if not name or not code:
        raise GraphError(131008, "template needs name and language.code.")
    parts = parts_of(content.get("components", []))
    template = templates.find(name, code)
    if template is not None:
        return _approved(template, parts)
    if auto and name.startswith("lb_") and not templates.knows(name):
        return _generic(name, code, parts)
    raise GraphError(132001, f"template name ({name}) does not exist in {code}")


def _approved(template: Template, parts: list[dict[str, Any]]) -> Draft:
    if template.status != "APPROVED":
        code = PAUSED.get(template.status, 132001)
        raise GraphError(code, f"template {template.name} is {template.status}")
    shown = filled(template, parts)
    return Draft(
        "", "template", shown.body, shown.header, shown.footer, shown.buttons, template.name, template.language,
        template.category.lower(), shown.parameters, "", shown.media, shown.offer, shown.cards,
    )  # fmt: skip


def _generic(name: str, language: str, parts: list[dict[str, Any]]) -> Draft:
    """A template of ours that was never submitted here: the phone lists its parameters."""
    given = [p for part in parts if part["type"] == "body" for p in part.get("parameters", [])]
    values = {str(p.get("parameter_name", n)): parameter_text(p, "body") for n, p in enumerate(given, 1)}
    lines = [f"[{name}]", *(f"{key}: {value}" for key, value in values.items())]
    return Draft("", "template", "\n".join(lines), template=name, language=language, category="utility",
                 parameters=values)  # fmt: skip
