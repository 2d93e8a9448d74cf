"""Templates: our texts under the names that Meta approves them by."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from integration.domain.consent import MARKETING
from integration.domain.notifications import BY_KIND, NOTIFICATIONS, Notification

PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")
EXAMPLES = {
    "name": "Anna",
    "shop": "Kaffeeladen",
    "order": "1001",
    "total": "24,90 €",
    "carrier": "DHL",
    "tracking": "https://www.dhl.de/",
    "date": "24.11.2026",
    "place": "kaffeeladen.example",
    "parcel": "Paket 1 von 2",
    "money": "erstattet",
    "amount": "5,00 € (einen Teil)",
    "items": "Espresso 1 kg",
    "item": "Espresso 1 kg",
    "price": "19,90 €",
    "before": "24,90 €",
    "what": "Beratung im Laden",
    "when": "Dienstag, 1. Dezember 2026, um 14:30 Uhr",
    "link": "https://kaffeeladen.example/espresso",
    "note": "Gutschein KM7TX-4RDPH: 10 % Rabatt bis 30.11.2026.",
}


@dataclass(frozen=True, slots=True)
class Template:
    """A text in one language and form of address; `name` is `lb_<kind>_<du|sie>_v<n>`, in English `lb_<kind>_v<n>`.

    A text of one shop alone names it: `lb_<kind>_<du|sie>_s_<shop>_v<n>`. `category` is what we ask Meta for, `buttons`
    are quick replies, (payload, title); `own`: the owner wrote it.
    """

    kind: str
    language: str
    address: str
    name: str
    body: str
    category: str
    buttons: tuple[tuple[str, str], ...] = ()
    own: bool = False


def template_for(kind: str, language: str, address: str) -> Template:
    """The template of a kind in the best fitting language: German in `address`, else English."""
    notification = BY_KIND[kind]
    key = ("de", address) if language.startswith("de") else ("en", "")
    return _template(notification, *key)


def all_templates() -> list[Template]:
    """Every template of every kind."""
    return [_template(n, language, address) for n in NOTIFICATIONS for language, address in n.bodies]


def submission(template: Template) -> dict[str, object]:
    """The template as the management API takes it (named parameters with examples)."""
    names = list(dict.fromkeys(PLACEHOLDER.findall(template.body)))
    examples = [{"param_name": name, "example": EXAMPLES[name]} for name in names]
    components: list[object] = [
        {"type": "BODY", "text": template.body, "example": {"body_text_named_params": examples}}
    ]
    if template.buttons:
        replies = [{"type": "QUICK_REPLY", "text": title} for _, title in template.buttons]
        components.append({"type": "BUTTONS", "buttons": replies})
    return {
        "name": template.name,
        "language": template.language,
        "category": template.category,
        "parameter_format": "NAMED",
        "components": components,
    }


def rendered(body: str, variables: Mapping[str, str]) -> str:
    """The text as the customer reads it."""
    return PLACEHOLDER.sub(lambda match: variables.get(match[1], "…"), body)


def _template(notification: Notification, language: str, address: str) -> Template:
    parts = ["lb", notification.kind, address, f"v{notification.version}"]
    return Template(
        kind=notification.kind,
        language=language,
        address=address,
        name="_".join(part for part in parts if part),
        body=notification.bodies[language, address],
        category="MARKETING" if notification.purpose in MARKETING else "UTILITY",
        buttons=tuple((payload, title.in_(language)) for payload, title in notification.buttons),
    )
