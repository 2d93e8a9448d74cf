"""The bodies of POST /messages (reference/whatsapp.md section 2)."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from integration.domain.channel import Action, Envelope
from integration.domain.errors import Refused

PHONE: Final = re.compile(r"\+[1-9][0-9]{6,14}\Z")
USER_ID: Final = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}\Z")
_ONE_LINE: Final = re.compile(r"\s*[\r\n\t\v\f]\s*| {5,}")


def message(envelope: Envelope) -> bytes:
    """The body of one message. Raises Refused for an envelope that Meta would misread."""
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
        raise _unfit("the recipient's phone is not E.164 with +")
    if envelope.recipient and USER_ID.match(envelope.recipient):
        return {"recipient": envelope.recipient}
    raise _unfit("the message has neither phone nor WhatsApp user id")


def _template(envelope: Envelope) -> dict[str, Any]:
    template: dict[str, Any] = {"name": envelope.template, "language": {"code": envelope.language}}
    components: list[dict[str, Any]] = []
    if envelope.variables:
        components.append({"type": "body", "parameters": _parameters(envelope.variables)})
    components += [_quick_reply(n, payload) for n, (payload, _) in enumerate(envelope.buttons)]
    if components:
        template["components"] = components
    return {"type": "template", "template": template}


def _quick_reply(index: int, payload: str) -> dict[str, Any]:
    parameters = [{"type": "payload", "payload": payload}]
    return {"type": "button", "sub_type": "quick_reply", "index": str(index), "parameters": parameters}


def _parameters(variables: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"type": "text", "parameter_name": name, "text": _parameter(value)} for name, value in variables.items()]


def _parameter(value: str) -> str:
    # Meta refuses line ends, tabs and more than four spaces in a row inside a parameter.
    return _ONE_LINE.sub(" ", value.strip())


def _text(envelope: Envelope) -> dict[str, Any]:
    if not envelope.text:
        raise _unfit("the message has neither template nor text")
    if envelope.buttons:
        return _interactive(envelope.text, envelope.buttons)
    return {"type": "text", "text": {"preview_url": False, "body": envelope.text}}


def _interactive(text: str, buttons: Sequence[tuple[str, str]]) -> dict[str, Any]:
    rows = [{"type": "reply", "reply": {"id": payload, "title": title}} for payload, title in buttons]
    return {
        "type": "interactive",
        "interactive": {"type": "button", "body": {"text": text}, "action": {"buttons": rows}},
    }


def _unfit(detail: str) -> Refused:
    return Refused(code=131009, http_status=0, detail=detail, action=Action.FAIL)
