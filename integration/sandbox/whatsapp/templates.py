"""The registry of message templates: created, listed, and filled in for the phone."""

import itertools
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from integration.sandbox.clock import Clock
from integration.sandbox.whatsapp.codes import check_code
from integration.sandbox.whatsapp.definitions import PLACEHOLDER, check_components
from integration.sandbox.whatsapp.errors import GraphError

NAME: Final = re.compile(r"[a-z0-9_]{1,512}")
#: the languages of templates; an unlisted region such as de_DE is refused
_CODES: Final = (
    "af ar ar_AE ar_EG ar_LB ar_MA ar_QA ar_SA az be_BY bg bn bn_IN ca cs da de de_AT de_CH el en en_AE en_AU en_CA "
    "en_GB en_GH en_IE en_IN en_JM en_MY en_NZ en_QA en_SG en_UG en_US en_ZA es es_AR es_CL es_CO es_CR es_DO es_EC "
    "es_ES es_HN es_MX es_PA es_PE es_UY es_VE et fa fi fil fr fr_BE fr_CA fr_CH fr_CI fr_MA ga gu ha he hi hr hu id "
    "it ja ka kk kn ko ky_KG lo lt lv mk ml mr ms nb nl nl_BE pa pl prs_AF ps_AF pt_BR pt_PT ro ru rw_RW si_LK sk sl "
    "sq sr sv sw ta te th tr uk ur uz vi zh_CN zh_HK zh_TW zu"
)
LANGUAGES: Final = frozenset(_CODES.split())
CATEGORIES: Final = ("UTILITY", "MARKETING", "AUTHENTICATION")
STATUSES: Final = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "FLAGGED", "ARCHIVED")
QUALITIES: Final = ("UNKNOWN", "GREEN", "YELLOW", "RED")
#: words by which this Meta knows advertising
ADVERTISES: Final = re.compile(r"rabatt|gutschein|voucher|discount|% ?off|\d ?%|angebot|special offer", re.IGNORECASE)
#: least and most seconds that a message of a category may be tried; -1 is Meta's own 30 days
LIVES: Final = {"UTILITY": (30, 43_200), "AUTHENTICATION": (30, 900)}
DEFAULT_LIFE: Final = -1
MAX_TEMPLATES: Final = 6000
#: what a template shows unasked, and what it may have besides
SHOWN: Final = ("name", "parameter_format", "components", "language", "status", "category")
EMPTY: Final = frozenset({
    "previous_category", "correct_category", "sub_category", "library_template_name", "degrees_of_freedom_spec",
    "cta_url_link_tracking_opted_out",
})  # fmt: skip
EDITABLE: Final = ("APPROVED", "REJECTED", "PAUSED")
NAME_BLOCKED: Final = timedelta(days=30)


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with its variables replaced."""
    return PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


@dataclass(slots=True)
class Template:
    """One template in one language."""

    id: str
    name: str
    language: str
    category: str
    status: str
    parameter_format: str
    components: list[dict[str, Any]]
    quality: str = "UNKNOWN"
    reason: str = "NONE"
    lives: int = DEFAULT_LIFE
    judged: int = 0

    def component(self, kind: str) -> dict[str, Any]:
        """The component of this type, empty if there is none."""
        return next((c for c in self.components if c["type"] == kind), {})

    def text(self, kind: str) -> str:
        """The text of a component, empty if there is none."""
        return str(self.component(kind).get("text", ""))

    @property
    def header_format(self) -> str:
        """TEXT, IMAGE, VIDEO, DOCUMENT, or empty without a header."""
        header = self.component("HEADER")
        return str(header.get("format", "TEXT")).upper() if header else ""

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The buttons, in order."""
        return list(self.component("BUTTONS").get("buttons", []))

    @property
    def named(self) -> bool:
        """Whether variables have names instead of numbers."""
        return self.parameter_format == "NAMED"

    def as_json(self) -> dict[str, Any]:
        """The row that the Graph API lists."""
        return {
            "name": self.name, "parameter_format": self.parameter_format, "components": self.components,
            "language": self.language, "status": self.status, "category": self.category, "id": self.id,
            "quality_score": {"score": self.quality, "date": self.judged}, "rejected_reason": self.reason,
            "message_send_ttl_seconds": self.lives,
        }  # fmt: skip


class TemplateRegistry:
    """All templates of the account by name and language."""

    def __init__(self, clock: Clock | None = None) -> None:
        self._clock = clock or Clock()
        self._blocked: dict[tuple[str, str], datetime] = {}
        self._templates: OrderedDict[tuple[str, str], Template] = OrderedDict()
        self._ids = itertools.count(1_689_556_908_129_832)

    def __iter__(self) -> Any:
        return iter(list(self._templates.values()))

    def __len__(self) -> int:
        return len(self._templates)

    def create(self, body: Mapping[str, Any], *, waits: bool = False) -> Template:
        """Check a template as Meta does; it `waits` for its review, or is judged at once."""
        template = self._parse(body)
        if self._blocked.get((template.name, template.language), self._clock.now()) > self._clock.now():
            raise GraphError(100, "This name was deleted; it can be used again after 30 days.", subcode=2388023)
        if (template.name, template.language) in self._templates:
            raise GraphError(100, "There is already content in this language for this name.", subcode=2388024)
        if len(self._templates) >= MAX_TEMPLATES:
            raise GraphError(100, "The template limit of this account is reached.", subcode=2388019)
        self._templates[(template.name, template.language)] = template
        if not waits:
            self.review(template)
        return template

    def checked_edit(self, template: Template, body: Mapping[str, Any]) -> Template:
        """The template as `body` would make it. Name and language stay; an approved one keeps its category."""
        if template.status not in EDITABLE:
            raise GraphError(100, f"The template is {template.status}: only {', '.join(EDITABLE)} can be edited.")
        strangers = sorted(set(body) - {"category", "components", "message_send_ttl_seconds", "parameter_format"})
        if strangers or not body:
            raise GraphError(100, f"Param {strangers[0]} cannot be edited." if strangers else "Nothing is edited.")
        if template.status == "APPROVED" and body.get("category", template.category) != template.category:
            raise GraphError(100, "The category of an approved template cannot be edited.")
        return self._parse({**template.as_json(), **body})

    def edit(self, template: Template, changed: Template, *, waits: bool) -> None:
        """Let it have other words, and be judged anew."""
        template.components, template.category, template.lives = changed.components, changed.category, changed.lives
        template.parameter_format, template.status, template.reason = changed.parameter_format, "PENDING", "NONE"
        if not waits:
            self.review(template)

    def delete(self, name: str, ident: str = "") -> int:
        """Delete a name in every language, or the one with an id. What was not rejected blocks its name for 30 days."""
        gone = [t for t in self if t.name == name and ident in ("", t.id)]
        for template in gone:
            del self._templates[(template.name, template.language)]
            if template.status != "REJECTED":
                self._blocked[template.name, template.language] = self._clock.now() + NAME_BLOCKED
        return len(gone)

    def review(self, template: Template) -> None:
        """Approve what still waits; a service text that advertises is approved as MARKETING, without a word."""
        if template.status != "PENDING":
            return
        template.status, template.judged = "APPROVED", int(self._clock.now().timestamp())
        if template.category == "UTILITY" and ADVERTISES.search(template.text("BODY")):
            template.category = "MARKETING"

    def judge(self, template: Template, verdict: Mapping[str, str]) -> None:
        """Give it what the sandbox's owner chose: status, category, quality, reason."""
        known = {"status": STATUSES, "category": CATEGORIES, "quality": QUALITIES}
        wrong = [name for name, value in verdict.items() if value not in known.get(name, (value,))]
        if wrong:
            raise GraphError(100, f"{wrong[0]} must be one of {', '.join(known[wrong[0]])}.")
        for name, value in verdict.items():
            setattr(template, name, value)

    def find(self, name: str, language: str) -> Template | None:
        """The template with exactly this name and language: there is no fallback."""
        return self._templates.get((name, language))

    def by_id(self, ident: str) -> Template | None:
        """The template with this id."""
        return next((t for t in self._templates.values() if t.id == ident), None)

    def knows(self, name: str) -> bool:
        """Whether the name exists in any language."""
        return any(t.name == name for t in self._templates.values())

    def set_status(self, name: str, language: str, status: str) -> Template | None:
        """Pause, disable or approve a template by hand."""
        template = self.find(name, language)
        if template is not None and status in STATUSES:
            template.status = status
        return template

    def _parse(self, body: Mapping[str, Any]) -> Template:
        name, language = str(body.get("name", "")), str(body.get("language", ""))
        if not NAME.fullmatch(name):
            raise GraphError(100, "name may contain only lowercase letters, digits and underscores.")
        if language not in LANGUAGES:
            raise GraphError(100, f"language {language!r} is not supported.")
        category = str(body.get("category", "")).upper()
        if category not in CATEGORIES:
            raise GraphError(100, f"category must be one of {', '.join(CATEGORIES)}.")
        fmt = str(body.get("parameter_format", "positional")).upper()
        if fmt not in ("NAMED", "POSITIONAL"):
            raise GraphError(100, "parameter_format must be named or positional.")
        components = (
            check_code(body.get("components"), language)
            if category == "AUTHENTICATION"
            else check_components(body.get("components"), category, named=fmt == "NAMED")
        )
        lives = body.get("message_send_ttl_seconds", DEFAULT_LIFE)
        _check_life(lives, category)
        return Template(str(next(self._ids)), name, language, category, "PENDING", fmt, components, lives=lives)


def _check_life(seconds: object, category: str) -> None:
    """How long Meta keeps trying: utility 30 s to 12 h, authentication 30 s to 15 min, marketing not here."""
    if seconds == DEFAULT_LIFE:
        return
    low, high = LIVES.get(category, (0, -1))
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not low <= seconds <= high:
        raise GraphError(100, f"message_send_ttl_seconds does not fit a template of category {category}.")
