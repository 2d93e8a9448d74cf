"""What Meta tells of templates and of the account itself, and what the shop wrote on its own phone."""

from typing import Final

from connectors.reading import Json, mapping, rows, text
from connectors.whatsapp.inbound import content_of, edited
from connectors.whatsapp.people import People, message_id_of, phone_of, user_id_of
from connectors.whatsapp.statuses import at_of
from integration.domain.messages.channel import AccountNews, Echo, TemplateNews
from integration.domain.templates.approval import BECOMES_MARKETING, REASONS

#: events that are another word for a status; one that is missing here is the status itself, FLAGGED is only a warning
EVENTS: Final = {
    **dict.fromkeys(("REINSTATED", "UNPAUSED", "UNARCHIVED"), "APPROVED"),
    "DELETED": "MISSING",
    **dict.fromkeys(("FLAGGED", "LOCKED"), ""),
}
ACCOUNT: Final = frozenset({
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "security",
})  # fmt: skip
#: what stands in an account's news besides its event, in Meta's own short words
_DETAILS: Final = (
    ("ban_info", "waba_ban_state"),
    ("violation_info", "violation_type"),
    ("alert_type", ""),
    ("decision", ""),
    ("current_limit", ""),
)
_RESTRICTED: Final = "restriction_info"


def template_status(value: Json) -> TemplateNews | None:
    """A template was approved, rejected, paused, …"""
    event = text(value.get("event"), 32).upper()
    rejection = mapping(value.get("rejection_info"))
    paused = text(mapping(value.get("other_info")).get("title"), 32).upper() if event == "PAUSED" else ""
    advice = " ".join(filter(None, (text(rejection.get("reason"), 300), text(rejection.get("recommendation"), 300))))
    why = text(value.get("reason")).upper()
    return _template(
        value,
        status=EVENTS.get(event, event),
        category=text(value.get("message_template_category"), 32).upper(),
        reason=paused or (why if why in REASONS else advice or why) if event in ("PAUSED", "REJECTED") else "",
    )


def template_category(value: Json) -> TemplateNews | None:
    """Meta put a template into another category, or is about to, within 24 hours: then it names the one it has, too."""
    coming, now = (text(value.get(name), 32).upper() for name in ("correct_category", "new_category"))
    ahead = BECOMES_MARKETING if coming == "MARKETING" != now else ""
    return _template(value, category=now, reason=ahead)


def template_components(value: Json) -> TemplateNews | None:
    """Somebody changed a template in Meta's manager, and the change was approved: it reads so now."""
    body = value.get("message_template_element")
    return _template(value, body=body.strip()[:4_000] if isinstance(body, str) else "")


def account_news(field: str, value: Json) -> AccountNews:
    """Something about the account or the number, in one word each."""
    restrictions = tuple(text(row.get("restriction_type"), 64) for row in rows(value.get(_RESTRICTED)))
    details = (text(mapping(value.get(a)).get(b) if b else value.get(a), 64) for a, b in _DETAILS)
    detail, severity = next(filter(None, details), ""), text(value.get("alert_severity"), 32)
    return AccountNews(field, text(value.get("event"), 64), detail, restrictions, severity)


def echo_of(row: Json, people: People) -> Echo | str:
    """A message that the shop wrote on its own phone, or the word that says why it is none."""
    wa_message_id, at, kind = message_id_of(row.get("id")), at_of(row), text(row.get("type"), 40)
    phone, user_id, _ = people.identity(phone_of(row.get("to")), user_id_of(row.get("to_user_id")))
    if not wa_message_id or at is None:
        return "no_id_or_time"
    if not phone and not user_id:
        return "no_recipient"
    said, kind = edited(row) if kind == "edit" else (row, kind)
    return Echo(wa_message_id, phone, user_id, at, kind, content_of(said, kind)[0])


def template_quality(value: Json) -> TemplateNews | None:
    """People like a template more or less."""
    return _template(value, quality=text(value.get("new_quality_score"), 16).upper())


def _template(
    value: Json, status: str = "", category: str = "", quality: str = "", reason: str = "", body: str = ""
) -> TemplateNews | None:
    name = text(value.get("message_template_name"), 128)
    language = text(value.get("message_template_language"), 16).replace("-", "_")
    if not name or not language or not (status or category or quality or body):
        return None
    return TemplateNews(name, language, status or None, category or None, quality or None, reason, body)
