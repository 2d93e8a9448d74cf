"""The bodies of POST /messages (docs/reference/whatsapp.md section 2)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from connectors.whatsapp.components import template_components
from integration.domain.errors import Unfit
from integration.domain.messages.channel import Envelope
from integration.domain.messages.components import (
    MAX_BODY,
    MAX_OFFER_BODY,
    MAX_PAYLOAD,
    MAX_REPLIES,
    MAX_REPLY,
    MAX_TEXT,
)
from integration.domain.templates.parts import PLACEHOLDER
from integration.domain.templates.templates import rendered
from integration.domain.values import length

PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")
USER_ID: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}\Z")


def message(envelope: Envelope) -> bytes:
    """The body of one message. Raises Unfit for what Meta would refuse or misread."""
    content = _template(envelope) if envelope.template else _text(envelope)
    body = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        **_recipient(envelope),
        **content,
        "biz_opaque_callback_data": envelope.attempt_id,
    }
    return orjson.dumps(body)


def _recipient(envelope: Envelope) -> dict[str, str]:
    # Without "+" Meta prefixes the sender's own country code: the message would reach a stranger.
    if envelope.to:
        if PHONE.match(envelope.to):
            return {"to": envelope.to}
        raise Unfit("the recipient's phone is not E.164 with +")
    if envelope.recipient and USER_ID.match(envelope.recipient):
        return {"recipient": envelope.recipient}
    raise Unfit("the message has neither phone nor WhatsApp user id")


def _template(envelope: Envelope) -> dict[str, Any]:
    template: dict[str, Any] = {"name": envelope.template, "language": {"code": envelope.language}}
    _measure(envelope)
    replies = [payload for payload, _ in envelope.buttons]
    if components := template_components(_told(envelope), replies, envelope.components):
        template["components"] = components
    return {"type": "template", "template": template}


def _told(envelope: Envelope) -> Mapping[str, str]:
    """The variables that the text has, where we know it: Meta refuses one too many as well as one too few."""
    if not envelope.body:
        return envelope.variables
    names = dict.fromkeys(PLACEHOLDER.findall(envelope.body))
    if missing := [name for name in names if name not in envelope.variables]:
        raise Unfit(f"variable {missing[0]} is missing")
    return {name: envelope.variables[name] for name in names}


def _measure(envelope: Envelope) -> None:
    offer = envelope.components is not None and envelope.components.offer_ends is not None
    longest = MAX_OFFER_BODY if offer else MAX_BODY
    if envelope.body and length(rendered(envelope.body, envelope.variables)) > longest:
        raise Unfit(f"the text, filled in, is longer than {longest} characters")


def _text(envelope: Envelope) -> dict[str, Any]:
    if not envelope.text or not envelope.text.strip():
        raise Unfit("the message has neither template nor text")
    if envelope.components:
        raise Unfit("only a template has a header, offers or cards")
    if envelope.buttons:
        return _interactive(envelope.text, envelope.buttons)
    if length(envelope.text) > MAX_TEXT:
        raise Unfit(f"the text is longer than {MAX_TEXT} characters")
    return {"type": "text", "text": {"preview_url": False, "body": envelope.text}}


def _interactive(text: str, buttons: Sequence[tuple[str, str]]) -> dict[str, Any]:
    if length(text) > MAX_BODY:
        raise Unfit(f"a text with buttons is longer than {MAX_BODY} characters")
    if len(buttons) > MAX_REPLIES or len({payload for payload, _ in buttons}) < len(buttons):
        raise Unfit(f"a text has at most {MAX_REPLIES} buttons, each with an answer of its own")
    rows = [_reply(payload, title) for payload, title in buttons]
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": text}, "action": {"buttons": rows}},
    }


def _reply(payload: str, title: str) -> dict[str, Any]:
    if not 1 <= len(title.strip()) <= MAX_REPLY or not 1 <= len(payload) <= MAX_PAYLOAD:
        raise Unfit(f"a button needs a title of 1 to {MAX_REPLY} characters and an answer of at most {MAX_PAYLOAD}")
    return {"type": "reply", "reply": {"id": payload, "title": title}}
