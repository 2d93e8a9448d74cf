"""Paper to opt in by: an A4 poster and a card for the parcel (A6), with the QR code and the full wording."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import cast

import font_roboto
import segno
from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos

from integration.domain.consent.consent import SERVICE_SCOPE
from integration.domain.consent.wordings import BACK_IN_STOCK, PRICE_DROP
from integration.domain.text import Text
from integration.web.parts.qr_code import QUIET

Colour = tuple[int, int, int]
INK: Colour = (23, 33, 31)
MUTED: Colour = (85, 99, 95)
ACCENT: Colour = (15, 118, 110)
SOFT: Colour = (227, 242, 240)
_HEADLINES = (
    (PRICE_DROP, Text("Günstiger? Nachricht per WhatsApp", "Cheaper? A message on WhatsApp")),
    (BACK_IN_STOCK, Text("Wieder da? Nachricht per WhatsApp", "Back again? A message on WhatsApp")),
    ("marketing_news", Text("Neuigkeiten per WhatsApp", "News on WhatsApp")),
    ("marketing_offers", Text("Angebote per WhatsApp", "Offers on WhatsApp")),
    (SERVICE_SCOPE, Text("Bestell-Updates per WhatsApp", "Order updates on WhatsApp")),
)
_BOTH = Text("Neuigkeiten und Angebote per WhatsApp", "News and offers on WhatsApp")
_OTHER = Text("Nachrichten per WhatsApp", "Messages on WhatsApp")
_STEPS = (
    Text("Code mit dem Handy scannen", "Scan the code with your phone"),
    Text("Die fertige Nachricht absenden", "Send the message that is typed in"),
    Text("Das war's: angemeldet", "That's it: signed up"),
)
_OR = Text("Oder von Hand: „{start}“ an {number} schreiben.", "Or by hand: write “{start}” to {number}.")
_READ = Text("Mit dem Absenden sage ich:", "By sending it I say:")


@dataclass(frozen=True, slots=True)
class Notice:
    """What stands on the paper. `address` is what the QR code holds, `start` the text to send, `number` as spelled."""

    company: str
    purposes: tuple[str, ...]
    language: str
    wording: str
    version: str
    address: str
    start: str
    number: str

    @property
    def headline(self) -> str:
        """In large letters, what it is about."""
        if {"marketing_news", "marketing_offers"} <= set(self.purposes):
            return _BOTH.in_(self.language)
        found = (text for scope, text in _HEADLINES if any(p.startswith(scope) for p in self.purposes))
        return next(found, _OTHER).in_(self.language)


def poster(notice: Notice, at: datetime) -> bytes:
    """An A4 page to hang up."""
    pdf = _document("A4", "portrait", notice, at)
    _band(pdf, 210, 58)
    pdf.set_text_color(255, 255, 255)
    _line(pdf, notice.company, 18, 14, 174, 15, bold=False)
    _line(pdf, notice.headline, 18, 26, 174, 30, bold=True)
    side = 92.0
    _code(pdf, notice.address, (210 - side) / 2, 70, side)
    _steps(pdf, notice, 42, 168, 150, 15, 10)
    pdf.set_text_color(*MUTED)
    _line(pdf, _by_hand(notice), 18, 199, 174, 11, bold=False, align="C")
    _wording(pdf, notice, 18, 209, 174, 78, 12.5)
    return bytes(pdf.output())


def card(notice: Notice, at: datetime) -> bytes:
    """A card for the parcel: A6, landscape."""
    pdf = _document((105, 148), "landscape", notice, at)
    _band(pdf, 148, 20)
    pdf.set_text_color(255, 255, 255)
    _line(pdf, notice.company, 8, 4, 132, 8.5, bold=False)
    _line(pdf, notice.headline, 8, 9, 132, 14, bold=True)
    side = 42.0
    _code(pdf, notice.address, 7, 24, side)
    _steps(pdf, notice, 54, 27, 86, 9.5, 8)
    pdf.set_text_color(*MUTED)
    _line(pdf, _by_hand(notice), 54, 55, 86, 8, bold=False)
    _wording(pdf, notice, 8, 69, 132, 32, 8)
    return bytes(pdf.output())


def _document(size: str | tuple[float, float], orientation: str, notice: Notice, at: datetime) -> FPDF:
    pdf = FPDF(orientation=orientation, unit="mm", format=size)
    pdf.set_creation_date(at)
    pdf.set_title(f"{notice.company}: {notice.headline}")
    pdf.set_lang(notice.language)
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.add_font("Roboto", "", font_roboto.font_files["Roboto"])
    pdf.add_font("Roboto", "B", font_roboto.font_files["RobotoBold"])
    pdf.add_page()
    return pdf


def _band(pdf: FPDF, width: float, height: float) -> None:
    pdf.set_fill_color(*ACCENT)
    pdf.rect(0, 0, width, height, style="F")


def _line(pdf: FPDF, text: str, x: float, y: float, width: float, size: float, *, bold: bool, align: str = "L") -> None:
    pdf.set_xy(x, y)
    pdf.set_font("Roboto", "B" if bold else "", size)
    pdf.multi_cell(width, size * 0.42, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _code(pdf: FPDF, address: str, x: float, y: float, side: float) -> None:
    """The QR code as rectangles, so that it stays sharp at any size."""
    pdf.set_draw_color(*ACCENT)
    pdf.set_line_width(side / 120)
    pdf.set_fill_color(255, 255, 255)
    pdf.rect(x, y, side, side, style="DF", round_corners=True, corner_radius=side / 20)
    modules = [bytes(row) for row in segno.make(address, error="m").matrix]
    step = side / (len(modules) + 2 * QUIET)
    pdf.set_fill_color(*INK)
    for row, cells in enumerate(modules):
        for start, length in _runs(cells):
            pdf.rect(x + (start + QUIET) * step, y + (row + QUIET) * step, length * step, step, style="F")


def _runs(cells: bytes) -> Iterator[tuple[int, int]]:
    """Where dark modules begin in a row, and how many stand together."""
    start = None
    for place, dark in enumerate([*cells, 0]):
        if dark and start is None:
            start = place
        elif not dark and start is not None:
            yield start, place - start
            start = None


def _steps(pdf: FPDF, notice: Notice, x: float, y: float, width: float, size: float, pitch: float) -> None:
    for number, step in enumerate(_STEPS, 1):
        top, dot = y + (number - 1) * pitch, size * 0.55
        pdf.set_fill_color(*ACCENT)
        pdf.ellipse(x, top, dot, dot, style="F")
        pdf.set_text_color(255, 255, 255)
        pdf.set_font("Roboto", "B", size * 0.8)
        pdf.set_xy(x, top)
        pdf.cell(dot, dot, str(number), align="C")
        pdf.set_text_color(*INK)
        pdf.set_font("Roboto", "", size)
        pdf.set_xy(x + dot * 1.4, top)
        pdf.cell(width, dot, step.in_(notice.language))


def _by_hand(notice: Notice) -> str:
    return _OR.in_(notice.language).format(start=notice.start, number=notice.number)


def _wording(pdf: FPDF, notice: Notice, x: float, y: float, width: float, height: float, size: float) -> None:
    """The whole text, in smaller letters when it is long: it has to be there to the last word."""
    inner, rest = width - 8, height - 6 - size * 0.9
    while size > 4 and _height(pdf, notice.wording, inner, size) > rest:
        size -= 0.25
    pdf.set_fill_color(*SOFT)
    pdf.rect(x, y, width, height, style="F", round_corners=True, corner_radius=2)
    pdf.set_text_color(*INK)
    _line(pdf, _READ.in_(notice.language), x + 4, y + 3, inner, size, bold=True)
    pdf.set_font("Roboto", "", size)
    pdf.set_x(x + 4)
    pdf.multi_cell(inner, size * 0.46, notice.wording, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_text_color(*MUTED)
    pdf.set_font("Roboto", "", max(size * 0.7, 4))
    pdf.set_xy(x + 4, y + height - size * 0.5)
    pdf.cell(inner, size * 0.35, notice.version, align="R")


def _height(pdf: FPDF, text: str, width: float, size: float) -> float:
    pdf.set_font("Roboto", "", size)
    height = pdf.multi_cell(width, size * 0.46, text, dry_run=True, output=MethodReturnValue.HEIGHT)
    return cast(float, height)
