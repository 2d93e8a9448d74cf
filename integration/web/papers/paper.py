"""A printable page: calm, black on white, in a font that has every European letter."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import font_roboto
from fpdf import FPDF
from fpdf.enums import XPos, YPos

from integration.i18n import N_, translator
from integration.web.formats import Formats

MARGIN, GAP = 20, 3
GREY, BLACK, RULE = (95, 95, 95), (20, 20, 20), (205, 205, 205)
#: the font's makers log each letter that a font lacks: a letter of somebody's name
for name in ("fpdf", "fontTools"):
    logging.getLogger(name).setLevel(logging.ERROR)


class Paper(FPDF):
    """An A4 document with a running foot. `note` stands at the foot of each page."""

    def __init__(self, language: str, zone: ZoneInfo, title: str, note: str, made_at: datetime) -> None:
        super().__init__(format="A4")
        self.words = translator(language).gettext
        self._widths: dict[tuple[str, float, str], float] = {}
        self.formats = Formats(language, zone)
        self.note = note
        self.zone = zone
        self.add_font("Roboto", "", font_roboto.Roboto)
        self.add_font("Roboto", "B", font_roboto.RobotoMedium)
        self.set_title(title)
        self.set_lang(language)
        self.set_creator("Ladenbote")
        self.set_creation_date(made_at)
        self.set_margins(MARGIN, MARGIN, MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(True, MARGIN + 5)
        self.add_page()
        self._write(title, 20, bold=True, gap=3)

    def footer(self) -> None:
        """The note and the page's number."""
        self.set_y(-MARGIN + 3)
        self.set_font("Roboto", "", 8)
        self.set_text_color(*GREY)
        page = self.words(N_("Page %(page)s of {nb}")) % {"page": self.page_no()}
        self.cell(0, 5, self.note)
        self.set_x(MARGIN)
        self.cell(0, 5, page, align="R")

    def lead(self, text: str) -> None:
        """A sentence below the title."""
        self._write(text, 11, gap=3)

    def section(self, text: str) -> None:
        """A heading."""
        self._room(25)
        self.ln(4)
        self.set_draw_color(*RULE)
        self.line(MARGIN, self.y, self.w - MARGIN, self.y)
        self.ln(3)
        self._write(text, 13, bold=True, gap=2)

    def step(self, when: datetime | None, heading: str) -> None:
        """Something that happened."""
        self._room(20)
        self.ln(2)
        if when:
            self._write(self.both_times(when), 8.5, color=GREY)
        self._write(heading, 10.5, bold=True, gap=0.5)

    def say(self, text: str) -> None:
        """A paragraph."""
        self._write(text, 10, gap=1)

    def small(self, text: str) -> None:
        """A line of detail."""
        self._write(text, 8.5, color=GREY)

    def quote(self, text: str) -> None:
        """Words as they were shown, with a bar beside them."""
        self.ln(0.8)
        self._write(text, 10, gap=1, bar=5)

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Names and values in two columns; what has no value is left out."""
        for pair in pairs:
            if pair[1]:
                self._row(pair, (48, 122), 10)
        self.ln(1)

    def rows(self, heads: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
        """A table with a head; widths are millimetres, 170 in all."""
        self._row(heads, widths, 8.5, bold=True)
        for row in rows:
            self.line(MARGIN, self.y, self.w - MARGIN, self.y)
            self._row(row, widths, 8.5)
        self.ln(1)

    def code(self, text: str) -> None:
        """A key, a hash, a command: to be copied."""
        self._write(text, 8.5, gap=1)

    def both_times(self, at: datetime) -> str:
        """The wall's clock with its zone, and UTC."""
        utc = at.astimezone(UTC)
        return f"{self.formats.exact(at)} ({self.zone.key}) · {utc:%Y-%m-%d %H:%M:%S} UTC"

    def finished(self) -> bytes:
        """The document's bytes."""
        return bytes(self.output())

    def _row(self, cells: Sequence[str], widths: Sequence[int], size: float, *, bold: bool = False) -> None:
        self._ink(size, BLACK, bold=bold)
        self.set_draw_color(*RULE)
        columns = [list(self._lines(cell, width - GAP)) for cell, width in zip(cells, widths, strict=True)]
        height = size * 0.48
        self._room(height * min(30, max(map(len, columns))) + 2)
        self.y += 0.8
        for line in range(max(map(len, columns))):
            self._room(height)
            for place, column in enumerate(columns):
                if line < len(column):
                    self.set_x(MARGIN + sum(widths[:place]))
                    self.cell(widths[place], height, column[line])
            self.ln(height)
        self.y += 0.8

    def _write(
        self, text: str, size: float, *, bold: bool = False, color: tuple[int, int, int] = BLACK, gap: float = 0,
        bar: float = 0,
    ) -> None:  # fmt: skip
        self._ink(size, color, bold=bold)
        height = size * 0.48
        for line in self._lines(text, self.epw - bar):
            self._room(height)
            if bar:
                self.set_draw_color(*GREY)
                self.line(MARGIN + 1, self.y, MARGIN + 1, self.y + height)
            self.set_x(MARGIN + bar)
            self.cell(0, height, line, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(gap)

    def _ink(self, size: float, color: tuple[int, int, int], *, bold: bool) -> None:
        self.set_font("Roboto", "B" if bold else "", size)
        self.set_text_color(*color)

    def _lines(self, text: str, room: float) -> Iterator[str]:
        """Lines that fit. fpdf2's own way measures each line anew with every letter: five seconds for 500 messages."""
        space = self._wide(" ")
        for paragraph in text.split("\n"):
            line, filled = "", 0.0
            for word in self._words(paragraph, room):
                width = self._wide(word)
                if line and filled + space + width > room:
                    yield line
                    line, filled = "", 0.0
                line, filled = (f"{line} {word}", filled + space + width) if line else (word, width)
            yield line

    def _words(self, paragraph: str, room: float) -> Iterator[str]:
        """The words, those that are wider than a line in pieces."""
        for word in paragraph.split():
            while self._wide(word) > room:
                fits = max(1, int(len(word) * room / self._wide(word)))
                yield word[:fits]
                word = word[fits:]
            yield word

    def _wide(self, word: str) -> float:
        key = (self.font_style, self.font_size_pt, word)
        if key not in self._widths:
            self._widths[key] = self.get_string_width(word)
        return self._widths[key]

    def _room(self, height: float) -> None:
        """A heading does not stand alone at a page's end."""
        if self.will_page_break(height):
            self.add_page()
