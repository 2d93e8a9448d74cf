"""The registry of message templates: created, listed, and filled in for the phone."""

import itertools
import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from integration.sandbox.graph_errors import GraphError

PLACEHOLDER: Final = re.compile(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}")
NAME: Final = re.compile(r"[a-z0-9_]{1,512}")
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
CATEGORIES: Final = ("UTILITY", "MARKETING", "AUTHENTICATION")
STATUSES: Final = ("APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED")
LIMITS: Final = {"HEADER": 60, "BODY": 1024, "FOOTER": 60}
MAX_TEMPLATES: Final = 6000
MAX_BUTTONS: Final = 10


def placeholders(text: str) -> list[str]:
    """The variables of a text, each once, in order of appearance."""
    return list(dict.fromkeys(PLACEHOLDER.findall(text)))


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

    def text(self, kind: str) -> str:
        """The text of a component, empty if there is none."""
        found = (c for c in self.components if c["type"] == kind)
        return str(next(found, {}).get("text", ""))

    @property
    def buttons(self) -> list[dict[str, Any]]:
        """The buttons, in order."""
        return [b for c in self.components if c["type"] == "BUTTONS" for b in c["buttons"]]

    @property
    def named(self) -> bool:
        """Whether variables have names instead of numbers."""
        return self.parameter_format == "NAMED"

    def as_json(self) -> dict[str, Any]:
        """The row that the Graph API lists."""
        return {
            "name": self.name, "parameter_format": self.parameter_format, "components": self.components,
            "language": self.language, "status": self.status, "category": self.category, "id": self.id,
            "quality_score": {"score": "UNKNOWN"}, "rejected_reason": "NONE",
        }  # fmt: skip


class TemplateRegistry:
    """All templates of the account by name and language."""

    def __init__(self) -> None:
        self._templates: OrderedDict[tuple[str, str], Template] = OrderedDict()
        self._ids = itertools.count(1_689_556_908_129_832)

    def __iter__(self) -> Any:
        return iter(list(self._templates.values()))

    def create(self, body: Mapping[str, Any]) -> Template:
        """Check a template as Meta does and approve it at once."""
        template = self._parse(body)
        if (template.name, template.language) in self._templates:
            raise GraphError(100, "There is already content in this language for this name.", subcode=2388024)
        if len(self._templates) >= MAX_TEMPLATES:
            raise GraphError(100, "The template limit of this account is reached.", subcode=2388019)
        self._templates[(template.name, template.language)] = template
        return template

    def find(self, name: str, language: str) -> Template | None:
        """The template with exactly this name and language: there is no fallback."""
        return self._templates.get((name, language))

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
        if not LANGUAGE.fullmatch(language):
            raise GraphError(100, f"language {language!r} is not supported.")
        category = str(body.get("category", "")).upper()
        if category not in CATEGORIES:
            raise GraphError(100, f"category must be one of {', '.join(CATEGORIES)}.")
        fmt = str(body.get("parameter_format", "positional")).upper()
        if fmt not in ("NAMED", "POSITIONAL"):
            raise GraphError(100, "parameter_format must be named or positional.")
        components = _components(body.get("components"), named=fmt == "NAMED")
        return Template(str(next(self._ids)), name, language, category, "APPROVED", fmt, components)


def _components(value: Any, *, named: bool) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(c, dict) for c in value):
        raise GraphError(100, "components must be a list of objects.")
    components = [{**c, "type": str(c.get("type", "")).upper()} for c in value]
    kinds = [c["type"] for c in components]
    if kinds.count("BODY") != 1 or len(set(kinds)) != len(kinds):
        raise GraphError(100, "components need exactly one BODY and each type at most once.")
    for component in components:
        if component["type"] == "BUTTONS":
            _check_buttons(component)
        elif component["type"] in LIMITS:
            _check_text(component, named=named)
        else:
            raise GraphError(100, f"components: unknown type {component['type']!r}.")
    return components


def _check_text(component: Mapping[str, Any], *, named: bool) -> None:
    kind = component["type"]
    if kind == "HEADER" and component.get("format", "TEXT") != "TEXT":
        return
    text = str(component.get("text", ""))
    if not text or len(text) > LIMITS[kind]:
        raise GraphError(100, f"{kind} text must have 1 to {LIMITS[kind]} characters.", subcode=2388040)
    variables = placeholders(text)
    if any(variable.isdigit() == named for variable in variables):
        raise GraphError(100, f"{kind} variables do not fit parameter_format.", subcode=2388073)
    if kind == "BODY" and variables:
        _check_body_variables(text.strip(), variables, component, named=named)


def _check_body_variables(text: str, variables: list[str], component: Mapping[str, Any], *, named: bool) -> None:
    if text.startswith("{{") or text.endswith("}}"):
        raise GraphError(100, "Variables can't be at the start or end of the template.", subcode=2388299)
    if len(PLACEHOLDER.sub("", text).split()) < 2 * len(variables):
        raise GraphError(100, "Too many variables for the length of the text.", subcode=2388293)
    example = component.get("example") or {}
    key = "body_text_named_params" if named else "body_text"
    given = example.get(key) or []
    count = len(given) if named else len(given[0]) if given and isinstance(given[0], list) else len(given)
    if count != len(variables):
        raise GraphError(100, f"BODY needs an example for each variable ({key}).", subcode=2388043)


def _check_buttons(component: Mapping[str, Any]) -> None:
    buttons = component.get("buttons")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MAX_BUTTONS:
        raise GraphError(100, f"BUTTONS must list 1 to {MAX_BUTTONS} buttons.")
    for button in buttons:
        kind = str(button.get("type", "")).upper()
        if kind not in ("URL", "QUICK_REPLY", "PHONE_NUMBER", "COPY_CODE"):
            raise GraphError(100, f"button type {kind!r} is not supported.")
        if kind != "COPY_CODE" and not 1 <= len(str(button.get("text", ""))) <= 25:
            raise GraphError(100, "button text must have 1 to 25 characters.")
        if kind == "URL" and not str(button.get("url", "")).startswith(("https://", "http://")):
            raise GraphError(100, "button url must be a web address.")
