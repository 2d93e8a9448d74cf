"""Times, numbers and texts as people of a language write them, in the owner's time zone."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit

from integration.domain.contacts.contacts import masked
from integration.domain.messages.channel_errors import explanation
from integration.domain.messages.reasons import reason
from integration.domain.money import amount, unit_price
from integration.domain.text import Text
from integration.web import labels
from integration.web.parts import cart_labels
from integration.web.parts.business_categories import trade
from integration.web.parts.message_types import written

JUST_NOW = Text("gerade eben", "just now")
EVERY = Text("alle", "every")
_SHORT = {"de": "d. MMM, HH:mm", "en": "d MMM, HH:mm"}
_LONG = {"de": "d. MMMM y, HH:mm:ss", "en": "d MMMM y, HH:mm:ss"}
_DAY = {"de": "EEEE, d. MMMM", "en": "EEEE, d MMMM"}


class Formats:
    """The filters of one language."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self.language = language
        self.locale = "de_DE" if language == "de" else "en_GB"
        self.zone = zone

    def moment(self, at: datetime | None) -> str:
        """Day and minute."""
        return format_datetime(at, _SHORT[self.language], self.zone, self.locale) if at else "–"

    def exact(self, at: datetime | None) -> str:
        """Day and second."""
        return format_datetime(at, _LONG[self.language], self.zone, self.locale) if at else "–"

    def clock(self, at: datetime) -> str:
        """The time of day."""
        return format_time(at, "HH:mm", self.zone, self.locale)

    def day(self, at: date) -> str:
        """Weekday and date."""
        return format_date(at, _DAY[self.language], self.locale)

    def full_day(self, at: datetime | None) -> str:
        """The date with its year."""
        return format_date(at.astimezone(self.zone), "long", self.locale) if at else "–"

    def number(self, value: int) -> str:
        """A number with the thousands apart."""
        return format_decimal(value, locale=self.locale)

    def duration(self, seconds: float) -> str:
        """How long, in days or hours where they are whole, else in minutes."""
        whole = int(seconds)
        size, unit = next(
            ((s, unit) for s, unit in ((86_400, "day"), (3600, "hour")) if whole % s == 0), (60, "minute")
        )
        return format_unit(whole // size, f"duration-{unit}", locale=self.locale)

    def every(self, seconds: float) -> str:
        """How often: "every 49 seconds", "alle 15 Minuten"."""
        count, unit = (
            (round(seconds / 60), "duration-minute") if seconds >= 120 else (round(seconds), "duration-second")
        )
        return f"{EVERY.in_(self.language)} {format_unit(count, unit, locale=self.locale)}"

    def ago(self, at: datetime, now: datetime) -> str:
        """How long ago, roughly."""
        if abs(at - now) < timedelta(seconds=2):
            return JUST_NOW.in_(self.language)
        return format_timedelta(at - now, add_direction=True, locale=self.locale)

    def filters(self) -> dict[str, object]:
        """The filters by their names in templates."""
        language = self.language
        return {
            "moment": self.moment,
            "exact": self.exact,
            "clock": self.clock,
            "day": self.day,
            "number": self.number,
            "ago": self.ago,
            "every": self.every,
            "masked": masked,
            "iso": lambda at: at.astimezone(UTC).isoformat(timespec="seconds"),
            "reason": lambda code: explained(code, language),
            "status": lambda code: labels.word(labels.STATUS, code, language),
            "status_sentence": lambda code: labels.word(labels.STATUS_SENTENCE, code, language),
            "outcome": lambda code: labels.word(labels.OUTCOME, code, language),
            "stage": lambda code: labels.word(labels.STAGE, code, language),
            "attempt": lambda code: labels.word(labels.ATTEMPT, code, language),
            "origin": lambda code: labels.word(labels.ORIGIN, code, language),
            "consent": lambda code: labels.word(labels.CONSENT, code, language),
            "source": lambda code: labels.word(labels.SOURCE, code, language),
            "flag": lambda code: labels.word(labels.FLAG, code, language),
            "role": lambda code: labels.word(labels.ROLE, code, language),
            "verdict": lambda code: labels.word(labels.VERDICT, code, language),
            "import_state": lambda code: labels.word(labels.IMPORT_STATE, code, language),
            "miss": lambda code: labels.miss(code, language),
            "way": lambda code: labels.word(labels.WAY, code, language),
            "request": lambda code: labels.word(labels.REQUEST, code, language),
            "ended": lambda outcome: labels.ended(outcome, language),
            "full_day": self.full_day,
            "date": lambda at: format_date(at, "long", self.locale),
            "done": lambda code: labels.word(labels.DONE, code, language),
            "detail": lambda name: labels.word(labels.DETAIL, name, language),
            "purpose": lambda code: labels.word(labels.PURPOSE, code, language),
            "stream": lambda code: labels.word(labels.STREAM, code, language),
            "choice": lambda code: labels.word(labels.CHOICE, code, language),
            "resting": lambda code: labels.word(labels.RESTING, code, language),
            "place": lambda code: labels.word(labels.PLACE, code, language),
            "category": lambda code: labels.word(labels.CATEGORY, code, language),
            "quality": lambda code: labels.word(labels.QUALITY, code, language) or "–",
            "replies": lambda buttons: [("quick_reply", title) for _, title in buttons],
            "platform": lambda code: labels.word(labels.PLATFORM, code, language),
            "scope": lambda code: labels.scope(code, language),
            "milestone": lambda object_type, name: labels.milestone(object_type, name, language),
            "capitalize_first": lambda text: text[:1].upper() + text[1:],
            "cart_state": lambda code: labels.word(cart_labels.CART_STATE, code, language),
            "cart_why": lambda code: cart_labels.why(code, language),
            "cart_sentence": lambda code: labels.word(cart_labels.CART_SENTENCE, code, language),
            "cart_step": lambda code: labels.word(cart_labels.CART_STEP, code, language),
            "sign": lambda code: labels.word(cart_labels.SIGN, code, language),
            "came_by": lambda code: labels.word(cart_labels.CAME_BY, code, language),
            "voucher": lambda code: labels.word(cart_labels.VOUCHER, code, language),
            "price_category": lambda code: labels.word(labels.PRICE_CATEGORY, code, language),
            "price_note": lambda message: labels.word(labels.PRICE_NOTE, price_note(message), language),
            "money": lambda value, currency: amount(str(value), currency, language),
            "unit_price": lambda value, currency: unit_price(value, currency, language),
            "duration": self.duration,
            "appointment_fault": lambda fault: labels.appointment_fault(fault, language),
            "order_answer": lambda row: labels.order_answer(row.about, row.answer, language),
            "trade": lambda code: trade(code, language),
            "written": lambda type_: written(type_, language),
            "kind": lambda code: labels.kind(code, language),
            "error_what": lambda code: explanation(code).what.in_(language),
            "error_todo": lambda code: explanation(code).todo.in_(language),
        }


def explained(code: str | None, language: str) -> str:
    """The sentence of a reason code, nothing without a code."""
    return reason(code).in_(language) if code else ""


def price_note(message: Any) -> str:
    """Why a message costs what it costs, as a word of labels.PRICE_NOTE."""
    if message.status in ("failed", "suppressed", "cancelled", "expired", "queued", "lapsed"):
        return "free"
    if message.price_type in labels.PRICE_NOTE:
        return str(message.price_type)
    return "charged" if message.status in ("delivered", "read") else "expected"


def day_span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """A calendar day of the owner as two moments."""
    start = datetime.combine(day, time(), zone)
    end = datetime.combine(day + timedelta(days=1), time(), zone)
    return start.astimezone(UTC), end.astimezone(UTC)
