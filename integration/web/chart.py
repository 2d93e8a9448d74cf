"""The chart of the last days: pygal's SVG without its script and style, coloured by our own style sheet."""

import sys
from dataclasses import dataclass
from datetime import date
from xml.etree import ElementTree

import pygal
from markupsafe import Markup
from pygal.config import Config

from integration.i18n import N_, translator

# pygal hooks an old-style finder into every later import, only for plugins of its own; Python warns of it.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "PluginImportFixer"]
ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
SVG = "{http://www.w3.org/2000/svg}"
SERIES = (("read", N_("Read")), ("delivered", N_("Delivered")), ("sent", N_("Sent")))


@dataclass(frozen=True, slots=True)
class Day:
    """The messages of one day by how far they got."""

    day: date
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """All that went out."""
        return sum(self.counts.values())


def chart(days: list[Day], language: str) -> Markup:
    """Stacked bars, one per day, to stand inline in a page with a strict CSP."""
    bars = pygal.StackedBar(config())
    bars.x_labels = [label(day.day, language) for day in days]
    for status, name in SERIES:
        bars.add(name, [_bar(day, status) for day in days])
    tree = ElementTree.fromstring(bars.render(is_unicode=True, disable_xml_declaration=True))  # noqa: S314 - our own
    strip(tree)
    _name(tree, days, language)
    return Markup(ElementTree.tostring(tree, encoding="unicode"))  # noqa: S704 - an XML library escaped it


def config() -> Config:
    """How the charts of the house look."""
    return Config(
        width=600,
        height=190,
        js=[],
        css=[],
        no_prefix=True,
        show_legend=False,
        show_x_guides=False,
        print_values=False,
        margin=6,
        margin_left=34,
        margin_bottom=4,
        truncate_label=-1,
        spacing=4,
        max_scale=4,
        min_scale=2,
        value_formatter=lambda value: f"{value:.0f}" if value == int(value) else "",
    )


def _bar(day: Day, status: str) -> dict[str, object]:
    link = f"/messages?day={day.day.isoformat()}&status={status}"
    return {"value": day.counts.get(status, 0), "xlink": {"href": link}}


def label(day: date, language: str) -> str:
    """A day on the axis."""
    return f"{day.day}.{day.month}." if language == "de" else f"{day.day}/{day.month}"


def strip(tree: ElementTree.Element) -> None:
    """Remove what a strict CSP refuses (style, script) and what only pygal's own script needs."""
    for parent in list(tree.iter()):
        parent.attrib.pop("style", None)
        for child in list(parent):
            needless = child.get("class", "").startswith("plot ") or child.get("class") == "titles"
            if needless or child.tag in (f"{SVG}defs", f"{SVG}title"):
                parent.remove(child)


def _name(tree: ElementTree.Element, days: list[Day], language: str) -> None:
    """Say on each bar what it is; the table below the chart says the same to who cannot see it."""
    _ = translator(language).gettext
    tree.attrib.update({"role": "img", "aria-label": _("Messages per day"), "focusable": "false"})
    tree.attrib.pop("id", None)
    for (status, name), series in zip(SERIES, tree.findall(f".//{SVG}g[@class='bars']"), strict=True):
        for day, link in zip(days, series.iter(f"{SVG}a"), strict=True):
            for text in link.findall(f"{SVG}desc"):
                link.remove(text)
            link.set("tabindex", "-1")
            link.attrib.pop("target", None)
            title = ElementTree.SubElement(link, f"{SVG}title")
            title.text = f"{label(day.day, language)} {_(name)}: {day.counts.get(status, 0)}"
