"""What the owner is told: alarms, all-clears and the daily digest, in words. No personal data in any of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

from integration.domain.alarms.alarms import Told, told
from integration.domain.messages.reasons import reason
from integration.domain.money import amount
from integration.domain.text import Text

#: tries and the wait before the next one: 1 min, 2, 4, … an hour at most, for about two days
MOST_TRIES = 50
LONGEST_WAIT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell: as a letter, and as `data` for machines."""

    subject: str
    text: str
    data: Mapping[str, Any]


class Route(Protocol):
    """One way to the owner (connectors/alarm_routes)."""

    @property
    def name(self) -> str:
        """mail, webhook, …"""

    @property
    def target(self) -> str:
        """Who is told, as the owner knows it."""

    def send(self, notice: Notice, at: datetime) -> None:
        """Deliver. Raises NoticeFailed."""


@dataclass(frozen=True, slots=True)
class OwnersPhone:
    """The owner's own WhatsApp (E.164), which number writes ("": the only one), and since when."""

    phone: str
    sender: str
    agreed_on: date


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom alarms and digests are for. `digest_hour` is in `zone`, None for no digest; `url` is the dashboard's.

    `phone` gets alarms only, through the same way as every message (flow.alarms.owner_phone).
    """

    language: str = "de"
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Europe/Berlin"))
    url: str = ""
    digest_hour: int | None = 8
    routes: tuple[Route, ...] = ()
    phone: OwnersPhone | None = None


class Alarmed(Protocol):
    """An alarm as stored (store.alarms.alarms.Alarm)."""

    @property
    def id(self) -> str: ...
    @property
    def cause(self) -> str: ...
    @property
    def about(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...
    @property
    def raised_at(self) -> datetime: ...
    @property
    def cleared_at(self) -> datetime | None: ...


@dataclass(frozen=True, slots=True)
class Yesterday:
    """A day in figures. `reasons` are (code, count) of what was not sent; `cost` by currency."""

    day: date
    sent: int
    delivered: int
    read: int
    reasons: Sequence[tuple[str, int]]
    uncertain: int
    cost: Sequence[tuple[Decimal, str]]


_RAISED = Text("Ladenbote braucht Sie", "Ladenbote needs you")
_CLEARED = Text("Erledigt", "All clear")
_TEST = Text("Probealarm von Ladenbote", "Test alarm from Ladenbote")
_TEST_WORDS = Text(
    "So erreicht Sie Ladenbote, wenn etwas Sie braucht. Es ist nichts zu tun.",
    "This is how Ladenbote reaches you when something needs you. There is nothing to do.",
)
_TO_DO = Text("Was zu tun ist", "What to do")
_OVER = Text("Das hat sich erledigt, es ist nichts mehr zu tun.", "This is over, nothing needs to be done.")


def backoff(tries: int) -> timedelta:
    """How long to wait after so many tries that failed."""
    return min(timedelta(minutes=2 ** min(tries - 1, 10)), LONGEST_WAIT)


def alarm_notice(raised: Sequence[Alarmed], cleared: Sequence[Alarmed], owner: Owner) -> Notice:
    """Alarms and all-clears in one letter: what happened, what to do, where."""
    new = [(item, told(item.cause, item.about, item.facts, owner.language, owner.zone)) for item in raised]
    over = [(item, told(item.cause, item.about, item.facts, owner.language, owner.zone)) for item in cleared]
    first = (new or over)[0][1].title
    more = f" (+{len(new) + len(over) - 1})" if len(new) + len(over) > 1 else ""
    heading = (_RAISED if new else _CLEARED).in_(owner.language)
    parts = [_alarm_words(words, owner) for _, words in new]
    parts += [f"{_CLEARED.in_(owner.language)}: {words.title}\n{_OVER.in_(owner.language)}" for _, words in over]
    data = {"raised": [_data(*pair, owner) for pair in new], "cleared": [_data(*pair, owner) for pair in over]}
    return Notice(f"{heading}: {first}{more}", "\n\n".join(parts) + "\n", {"type": "alarm", **data})


def _alarm_words(words: Told, owner: Owner) -> str:
    lines = (words.title, words.sentence, f"{_TO_DO.in_(owner.language)}: {words.remedy}", owner.url + words.page)
    return "\n".join(lines)


def _data(item: Alarmed, words: Told, owner: Owner) -> dict[str, Any]:
    return {
        "id": item.id,
        "cause": item.cause,
        "about": item.about,
        "title": words.title,
        "sentence": words.sentence,
        "remedy": words.remedy,
        "page": owner.url + words.page,
        "raised_at": item.raised_at.isoformat(),
        "cleared_at": item.cleared_at.isoformat() if item.cleared_at else None,
    }


def test_notice(owner: Owner) -> Notice:
    """What `ladenbote test-alarm` sends."""
    return Notice(_TEST.in_(owner.language), _TEST_WORDS.in_(owner.language) + "\n", {"type": "test"})


def digest_notice(figures: Yesterday, needs: Sequence[Alarmed], owner: Owner) -> Notice:
    """Yesterday in a few lines, and what still needs the owner."""
    language = owner.language
    day = format_date(
        figures.day, "EEEE, d. MMMM" if language == "de" else "EEEE, d MMMM", "de" if language == "de" else "en"
    )
    subject = Text(f"Ladenbote: {day}", f"Ladenbote: {day}").in_(language)
    words = [told(item.cause, item.about, item.facts, language, owner.zone) for item in needs]
    parts = ["\n".join(_figures(figures, language)), *_reasons(figures, language), _needs(words, figures, owner)]
    data = {
        "type": "digest",
        "day": figures.day.isoformat(),
        "sent": figures.sent,
        "delivered": figures.delivered,
        "read": figures.read,
        "not_sent": dict(figures.reasons),
        "uncertain": figures.uncertain,
        "cost": {currency: str(cost) for cost, currency in figures.cost},
        "open": [_data(item, told_, owner) for item, told_ in zip(needs, words, strict=True)],
    }
    return Notice(subject, "\n\n".join(parts) + "\n", data)


def _figures(figures: Yesterday, language: str) -> list[str]:
    names = (Text("gesendet", "sent"), Text("zugestellt", "delivered"), Text("gelesen", "read"))
    counts = (figures.sent, figures.delivered, figures.read)
    lines = [f"{_number(n, language)} {name.in_(language)}" for n, name in zip(counts, names, strict=True)]
    lines.append(
        f"{_number(sum(n for _, n in figures.reasons), language)} {Text('nicht gesendet', 'not sent').in_(language)}"
    )
    cost = " + ".join(amount(str(cost), currency, language) for cost, currency in figures.cost)
    return [*lines, f"{Text('Kosten bei Meta', 'Cost at Meta').in_(language)}: {cost}"] if cost else lines


def _reasons(figures: Yesterday, language: str) -> list[str]:
    if not figures.reasons:
        return []
    head = Text("Nicht gesendet, und warum:", "Not sent, and why:").in_(language)
    return [
        "\n".join([head, *(f"{_number(n, language)} × {reason(code).in_(language)}" for code, n in figures.reasons)])
    ]


def _needs(words: Sequence[Told], figures: Yesterday, owner: Owner) -> str:
    language = owner.language
    lines = [f"- {item.title}: {item.sentence} {item.remedy}" for item in words]
    page = f"{owner.url}/messages?status=unknown"
    if figures.uncertain:
        lines.append(
            Text(
                f"- {figures.uncertain} ungewisse Nachrichten warten auf Ihre Entscheidung: {page}",
                f"- {figures.uncertain} uncertain messages wait for your decision: {page}",
            ).in_(language)
        )
    if not lines:
        return Text("Alles läuft, nichts braucht Sie.", "Everything is running, nothing needs you.").in_(language)
    return "\n".join([Text("Das braucht Sie:", "This needs you:").in_(language), *lines])


def _number(value: int, language: str) -> str:
    return format_decimal(value, locale="de_DE" if language == "de" else "en_GB")
