"""Checks a POST /messages body as strictly as Meta does."""

import re
from collections.abc import Mapping
from typing import Any, Final

from integration.sandbox.whatsapp.errors import GraphError
from integration.sandbox.whatsapp.filling import filled, parameter_text, parts_of
from integration.sandbox.whatsapp.kinds import KINDS, Draft
from integration.sandbox.whatsapp.shapes import CONTENTS, ENVELOPE, Shape, check
from integration.sandbox.whatsapp.templates import Template, TemplateRegistry

PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}")
USER_ID: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9]{1,128}")
PAUSED: Final = {"PAUSED": 132015, "DISABLED": 132016}
MAX_CALLBACK: Final = 512


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
    if not isinstance(kind, str) or kind not in CONTENTS:
        raise GraphError(131051, f"Message type {kind!r} is not supported.")
    if body.get(kind) is None:
        raise GraphError(100, f"The parameter {kind} is required.")
    check(body, Shape({**ENVELOPE.keys, kind: CONTENTS[kind]}))
    draft = KINDS[kind](body[kind]) if kind in KINDS else _template(body[kind], templates, auto)
    if draft.needs_phone and not to.startswith("+"):
        raise GraphError(131062, "Authentication templates need the recipient's phone number.")
    draft.to, draft.callback = to, callback
    return draft


def _recipient(body: Mapping[str, Any]) -> str:
    to, user = body.get("to"), body.get("recipient")
    if to is None and user is not None:
        if not isinstance(user, str) or not USER_ID.fullmatch(user):
            raise GraphError(131009, "recipient must be a user id: a country's code, a dot, letters and digits.")
        return user
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


def _template(content: Mapping[str, Any], templates: TemplateRegistry, auto: bool) -> Draft:
    name, language = content["name"], content["language"]
    if (language.get("policy") or "deterministic") != "deterministic":
        raise GraphError(131009, "Param template['language']['policy'] must be deterministic.")
    code, parts = language["code"], parts_of(content.get("components") or [])
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
    found = filled(template, parts)
    return Draft(
        **found.shown(),
        template=template.name,
        language=template.language,
        category=template.category.lower(),
        parameters=found.parameters,
        needs_phone=template.category == "AUTHENTICATION",
    )


def _generic(name: str, language: str, parts: list[dict[str, Any]]) -> Draft:
    """A template of ours that was never submitted here: the phone lists its parameters."""
    given = [p for part in parts if part["type"] == "body" for p in part["parameters"]]
    values = {str(p.get("parameter_name", n)): parameter_text(p, "body") for n, p in enumerate(given, 1)}
    lines = [f"[{name}]", *(f"{key}: {value}" for key, value in values.items())]
    return Draft("\n".join(lines), template=name, language=language, category="utility", parameters=values)
