"""The chart of reachable people over the last weeks: lines, as SVG to stand in a page with a strict CSP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree

import pygal
from markupsafe import Markup

from integration.i18n import translator
from integration.web.labels import scope as scope_name
from integration.web.parts.chart import SVG, config, label, strip


@dataclass(frozen=True, slots=True)
class Week:
    """How many people could be reached at the end of a week, by purpose."""

    start: date
    counts: Mapping[str, int]

    @property
    def anybody(self) -> bool:
        """Whether there was anybody."""
        return any(self.counts.values())


def growth(weeks: Sequence[Week], scopes: Sequence[str], language: str) -> Markup:
    """A line per purpose."""
    lines = pygal.Line(config())
    lines.x_labels = [label(week.start, language) for week in weeks]
    for scope in scopes:
        lines.add(scope_name(scope, language), [week.counts[scope] for week in weeks])
    tree = ElementTree.fromstring(lines.render(is_unicode=True, disable_xml_declaration=True))  # noqa: S314 - our own
    strip(tree)
    for parent in list(tree.iter()):
        for child in [c for c in parent if c.tag == f"{SVG}desc"]:
            parent.remove(child)
    said = translator(language).gettext("Reachable people per week")
    tree.attrib.update({"role": "img", "aria-label": said, "focusable": "false"})
    tree.attrib.pop("id", None)
    return Markup(ElementTree.tostring(tree, encoding="unicode"))  # noqa: S704 - an XML library escaped it
