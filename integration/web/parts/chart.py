"""Charts of days: pygal's SVG without its script and style, coloured by our own style sheet."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from xml.etree import ElementTree

import pygal
from markupsafe import Markup
from pygal.config import Config

from integration.i18n import N_, translator

# pygal hooks an old-style finder into every later import, only for plugins of its own; Python warns of it.
sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder).__name__ != "PluginImportFixer"]
ElementTree.register_namespace("", "http://www.w3.org/2000/svg")
SVG = "{http://www.w3.org/2000/svg}"
#: more than so many days do not fit on the axis
MOST_LABELS = 15
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


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, or a part of a stacked one: what it says to who rests on it, and the rows behind it."""

    value: int | Decimal
    link: str
    title: str


def chart(days: Sequence[Day], language: str) -> Markup:
    """The messages of each day by how far they got."""
    _ = translator(language).gettext
    series = [
        [_part(day, status, f"{label(day.day, language)} {_(name)}", day.counts.get(status, 0)) for day in days]
        for status, name in SERIES
    ]
    return bars([label(day.day, language) for day in days], series, _("Messages per day"), _whole)


def _part(day: Day, status: str, said: str, count: int) -> Bar:
    return Bar(count, f"/messages?day={day.day.isoformat()}&status={status}", f"{said}: {count}")


def _whole(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else ""


def bars(labels: Sequence[str], series: Sequence[Sequence[Bar]], said: str, shown: Callable[[float], str]) -> Markup:
    """Stacked bars, to stand inline in a page with a strict CSP. `said` names them, `shown` writes the axis."""
    every = -(-len(labels) // MOST_LABELS)
    drawn = pygal.StackedBar(config(), value_formatter=shown, x_labels_major_every=every, show_minor_x_labels=False)
    drawn.x_labels = labels
    for part in series:
        drawn.add("", [{"value": float(bar.value), "xlink": {"href": bar.link}} for bar in part])
    tree = ElementTree.fromstring(drawn.render(is_unicode=True, disable_xml_declaration=True))  # noqa: S314 - our own
    strip(tree)
    _name(tree, series, said)
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
        value_formatter=_whole,
    )


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


def _name(tree: ElementTree.Element, series: Sequence[Sequence[Bar]], said: str) -> None:
    """Say on each bar what it is; the table below the chart says the same to who cannot see it."""
    tree.attrib.update({"role": "img", "aria-label": said, "focusable": "false"})
    tree.attrib.pop("id", None)
    for part, drawn in zip(series, tree.findall(f".//{SVG}g[@class='bars']"), strict=True):
        for bar, link in zip(part, drawn.iter(f"{SVG}a"), strict=True):
            for text in link.findall(f"{SVG}desc"):
                link.remove(text)
            link.set("tabindex", "-1")
            link.attrib.pop("target", None)
            ElementTree.SubElement(link, f"{SVG}title").text = bar.title
