"""Reading what the Graph API answers."""

import re
from typing import Any, Final

import orjson

from connectors.reading import rows
from connectors.whatsapp.definitions import outline_of
from connectors.whatsapp.errors import code_of, reaction
from connectors.whatsapp.http import Reply
from connectors.whatsapp.people import message_id_of
from integration.domain.actions import Action
from integration.domain.errors import ChannelError, OutcomeUnknown, Refused
from integration.domain.messages.channel import Accepted, RemoteTemplate
from integration.domain.templates.approval import NAME_BLOCKED, NAME_TAKEN, TOO_LONG, TOO_MANY

PARTNERS_LIST: Final = "waba_templates"
#: a partner's words for Meta's states
STATES: Final = {"SUBMITTED": "PENDING", "CREATED": "PENDING"}
#: a code of its own, and also the subcode of 100, the way the Graph API says it of any object
NO_OBJECT: Final = 33
HELD: Final = "held_for_quality_assessment"
#: an answer without Meta's envelope: somebody between us and Meta refused it
OUTSIDERS: Final = {
    **dict.fromkeys((401, 403, 407), (Action.PAUSE_SENDER, 0.0)),
    **dict.fromkeys((300, 301, 302, 303, 307, 308, 404, 405, 410), (Action.PAUSE_SENDER, 0.0)),
    429: (Action.RETRY, 60.0),
}
#: why a template was not even taken; only the management side has these
SUBCODES: Final = {
    2388019: TOO_MANY,
    2388023: NAME_BLOCKED,
    2388024: NAME_TAKEN,
    2388040: TOO_LONG,
    **dict.fromkeys((2388073, 2388293, 2388299), "INVALID_FORMAT"),
}
_PERSONAL: Final = re.compile(r"\+?\d[\d\s()/-]{4,}\d|\b[A-Z]{2}\.\w{5,}|\S+@\S+|[\w|.-]{24,}")


def accepted(reply: Reply) -> Accepted:
    """The message id of an accepted message; raises what the answer means otherwise."""
    answer = _json(reply)
    found = answer.get("messages") if reply.ok else None
    first = found[0] if isinstance(found, list) and found else None
    if isinstance(first, dict) and (id_ := message_id_of(first.get("id"))):
        return Accepted(id_, held=first.get("message_status") == HELD)
    raise _error(reply, answer)


def read(reply: Reply) -> dict[str, Any]:
    """The object in a successful answer of the management API."""
    answer = _json(reply)
    if reply.ok and answer and not isinstance(answer.get("error"), dict):
        return answer
    raise _error(reply, answer)


def remote_templates(page: dict[str, Any]) -> list[RemoteTemplate]:
    """The templates of one page; rows without a name are left out. 360dialog lists them as `waba_templates`."""
    data = page.get("data", page.get(PARTNERS_LIST))
    found = [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []
    return [_template(row) for row in found if row.get("name")]


def following(page: dict[str, Any], seen: int) -> dict[str, str]:
    """What asks for the page after this one, when there is one: Meta's cursor, or a partner's count of those `seen`."""
    total = page.get("total")
    if PARTNERS_LIST in page and isinstance(total, int):
        return {"offset": str(seen)} if seen < total and page[PARTNERS_LIST] else {}
    cursor = _cursor(page)
    return {"after": cursor} if cursor else {}


def _cursor(page: dict[str, Any]) -> str:
    paging = page.get("paging")
    if not isinstance(paging, dict) or not paging.get("next"):
        return ""
    cursors = paging.get("cursors")
    after = cursors.get("after") if isinstance(cursors, dict) else ""
    return after if isinstance(after, str) else ""


def _template(row: dict[str, Any]) -> RemoteTemplate:
    name, language, status, category, reason = (
        str(row.get(key) or "") for key in ("name", "language", "status", "category", "rejected_reason")
    )
    status = STATES.get(status.upper(), status.upper())
    score = row.get("quality_score")
    quality = str(score.get("score") or "") if isinstance(score, dict) else ""
    return RemoteTemplate(
        name,
        language,
        status,
        category,
        "" if reason == "NONE" else reason,
        "" if quality == "UNKNOWN" else quality,
        _text_of(row, "BODY"),
        _text_of(row, "FOOTER"),
        outline_of(rows(row.get("components"))) if isinstance(row.get("components"), list) else None,
    )


def _text_of(row: dict[str, Any], kind: str) -> str:
    components = row.get("components")
    found = [c for c in components if isinstance(c, dict)] if isinstance(components, list) else []
    return next((str(c.get("text") or "") for c in found if str(c.get("type")).upper() == kind), "")


def _json(reply: Reply) -> dict[str, Any]:
    try:
        found = orjson.loads(reply.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _error(reply: Reply, answer: dict[str, Any]) -> ChannelError:
    status, error = reply.status, answer.get("error")
    code = code_of(error.get("code")) if isinstance(error, dict) else None
    if isinstance(error, dict) and code is not None:
        return _refusal(code, error, reply)
    if 300 <= status < 500 and status != 408:
        action, wait = OUTSIDERS.get(status, (Action.FAIL, 0.0))
        patience = max(wait, reply.wait) if action is Action.RETRY else wait
        return Refused(status, status, "the answer did not come from Meta", action, patience)
    return OutcomeUnknown(f"HTTP {status} without Meta's envelope")


def _refusal(code: int, error: dict[str, Any], reply: Reply) -> ChannelError:
    # the one subcode that matters: the number was deleted, or the token no longer reaches it
    code = NO_OBJECT if (code, error.get("error_subcode")) == (100, NO_OBJECT) else code
    action, wait, tries = reaction(code, transient=error.get("is_transient") is True)
    if action is Action.UNKNOWN:
        return OutcomeUnknown(f"Meta does not know (code {code})")
    return Refused(code, reply.status, _detail(error), action, max(wait, reply.wait), tries)


def _detail(error: dict[str, Any]) -> str:
    if known := SUBCODES.get(error.get("error_subcode") or 0):
        return known
    data = error.get("error_data")
    details = data.get("details") if isinstance(data, dict) else None
    return without_persons(f"{details or error.get('error_user_msg') or error.get('message') or ''}")


def without_persons(words: str) -> str:
    """Meta's words without phone numbers, user ids, addresses and tokens, which it likes to repeat."""
    return _PERSONAL.sub("…", words.replace("\0", ""))[:300]
