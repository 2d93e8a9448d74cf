"""Templates: our texts under the names that Meta approves them by."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from integration.domain.consent.consent import MARKETING
from integration.domain.messages.components import MAX_BODY, MAX_OFFER_BODY, Row, Variables, stored
from integration.domain.notifications import BY_KIND, NOTIFICATIONS, Notification
from integration.domain.templates.parts import (
    NO_PARTS,
    PLACEHOLDER,
    Header,
    HeaderType,
    LinkButton,
    Parts,
    PartType,
    filled,
    outline,
)
from integration.domain.values import fitted

_PICTURED = re.compile(r"_p_[0-9a-f]{8}_v[0-9]{1,2}\Z")
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
    "note": "Gutschein KM7TX4RDPH: 10 % Rabatt bis 30.11.2026.",
    "code": "KM7TX4RDPH",
    "document": "die Rechnung",
    "alarm": "Ein Shop antwortet nicht: Der Shop Kaffeeladen lässt sich seit 20:15 nicht mehr lesen.",
    "remedy": "Auf der Seite des Shops steht der Grund.",
}
_IN_ENGLISH: Mapping[str, str] = {
    "total": "€24.90",
    "date": "24 Nov 2026",
    "parcel": "parcel 1 of 2",
    "money": "refunded",
    "amount": "€5.00 (a part of it)",
    "price": "€19.90",
    "before": "€24.90",
    "what": "Consultation in the shop",
    "when": "Tuesday, 1 December 2026, at 14:30",
    "note": "Voucher KM7TX4RDPH: 10 % off until 30 Nov 2026.",
    "document": "the invoice",
    "alarm": "A shop does not answer: the shop Kaffeeladen cannot be read since 20:15.",
    "remedy": "The shop's page tells the reason.",
}


def examples(language: str) -> dict[str, str]:
    """A value for every variable, for Meta's reviewers and where there is no real one."""
    return {**EXAMPLES} if language.startswith("de") else {**EXAMPLES, **_IN_ENGLISH}


@dataclass(frozen=True, slots=True)
class Template:
    """A text in one language and form of address; `name` is `lb_<kind>_<du|sie>_v<n>`, in English `lb_<kind>_v<n>`.

    A text of one shop alone names it: `lb_<kind>_<du|sie>_s_<shop>_v<n>`. `category` is what we ask Meta for, `buttons`
    are quick replies, (payload, title), `parts` what it shows besides; `own`: the owner wrote it.
    """

    kind: str
    language: str
    address: str
    name: str
    body: str
    category: str
    buttons: tuple[tuple[str, str], ...] = ()
    own: bool = False
    parts: Parts = NO_PARTS

    @property
    def outline(self) -> tuple[Row, ...]:
        """What people see of it besides its text."""
        return outline([title for _, title in self.buttons], self.parts)

    @property
    def words(self) -> str:
        """All that people read in it."""
        return " ".join([self.body, *(part for row in self.outline for part in row)])

    @property
    def positional(self) -> bool:
        """Whether its variables are numbers, as Meta counted them before it had names."""
        names = PLACEHOLDER.findall(self.body)
        return bool(names) and all(name.isdecimal() for name in names)


def template_for(kind: str, language: str, address: str) -> Template:
    """The template of a kind in the best fitting language: German in `address`, else English."""
    notification = BY_KIND[kind]
    key = ("de", address) if language.startswith("de") else ("en", "")
    return _template(notification, *key)


def all_templates() -> list[Template]:
    """Every template of every kind."""
    return [_template(n, language, address) for n in NOTIFICATIONS for language, address in n.bodies]


def pictured_stem(kind: str, address: str) -> str:
    """What the names of texts with picture and button begin with; what their links begin with comes after."""
    return "_".join(part for part in ("lb", kind, address, "p") if part) + "_"


def pictured_for(kind: str, language: str, address: str, begins: str) -> Template | None:
    """Ladenbote's text with the article's picture and the link as a button, None where a kind has none.

    `begins` is what the links begin with (https://shop.example/): Meta approves a button for one address. All shops of
    an account that have this address share the template.
    """
    notification = BY_KIND[kind]
    pictured = notification.pictured
    if pictured is None:
        return None
    plain = template_for(kind, language, address)
    place = hashlib.sha256(begins.encode()).hexdigest()[:8]
    return replace(
        plain,
        name=f"{pictured_stem(kind, plain.address)}{place}_v{pictured.version}",
        body=pictured.bodies[plain.language, plain.address],
        parts=Parts(
            header=Header(HeaderType.IMAGE),
            buttons=(LinkButton(PartType.URL, pictured.button.in_(plain.language), begins, "link"),),
        ),
    )


def is_pictured(name: str) -> bool:
    """Whether a name of Meta's is one that `pictured_for` makes."""
    return _PICTURED.search(name) is not None


def beginning(link: str) -> str:
    """What the links of a shop begin with, by one of them: https://shop.example/; "" for one that is not encrypted.

    A simulated shop on this machine need not be.
    """
    parts = urlsplit(link)
    opens = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname == "127.0.0.1")
    return f"{parts.scheme}://{parts.netloc}/" if opens and "." in parts.netloc else ""


def meta_slug(shop: str) -> str:
    """A shop's short name as a part of Meta's name."""
    return re.sub(r"[^a-z0-9]+", "_", shop.lower())


def carried(template: Template, variables: Variables, media: Mapping[str, str]) -> dict[str, Any] | None:
    """What a message in this text carries besides its words, as its row stores it; `media` are ids by source.

    The variables must fit (`template_parts.fits`); a medium without id has to be got ready before it leaves.
    """
    if not template.parts:
        return None
    return stored(filled(template.parts, len(template.buttons), variables, media)) or None


def fitting(template: Template, variables: Variables) -> Variables:
    """The variables so that this text, filled in with them, is one that WhatsApp takes."""
    return fitted(template.body, variables, MAX_OFFER_BODY if template.parts.offer else MAX_BODY)


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
        parts=Parts(header=Header(HeaderType.DOCUMENT)) if notification.encloses else NO_PARTS,
    )
