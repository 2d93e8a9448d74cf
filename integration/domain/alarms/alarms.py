"""What needs the owner: each cause with a title, what happened, and what to do, in both languages.

A cause is raised once per thing it is about and stays open until it is gone; the owner is told once, and told when it
is over. The sentences take `{name}` and what the cause's facts hold; facts never hold personal data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime

from integration.domain.alarms.account_events import account_words
from integration.domain.alarms.causes import WORSE, Cause, Story
from integration.domain.alarms.causes_meta import OF_META
from integration.domain.alarms.causes_own import OF_OURS
from integration.domain.alarms.heartbeats import loop_name
from integration.domain.money import amount
from integration.domain.text import Text

#: what stands in a sentence for a fact that nobody knows
UNKNOWN = "–"

PERIODS: Mapping[str, Text] = {"day": Text("heute", "today"), "month": Text("in diesem Monat", "this month")}

#: the ways to the owner, by their short names
ROUTES: Mapping[str, Text] = {
    "mail": Text("E-Mail", "e-mail"),
    "webhook": Text("den Webhook", "the webhook"),
    "whatsapp": Text("WhatsApp", "WhatsApp"),
}

__all__ = ["CAUSES", "WORSE", "Cause", "Story", "Told", "route_name", "told"]

CAUSES: Mapping[Cause, Story] = {**OF_META, **OF_OURS}


@dataclass(frozen=True, slots=True)
class Told:
    """A cause as it is told in one language. `page` is an address of the dashboard, without its host."""

    title: str
    sentence: str
    remedy: str
    page: str


def told(cause: str, about: str, facts: Mapping[str, object], language: str, zone: ZoneInfo) -> Told:
    """What to tell of a cause. `facts` fill the sentence, `name` stands for `about` unless they say otherwise."""
    story = CAUSES[Cause(cause)]
    worded = {key: _worded(key, value, facts, language, zone) for key, value in facts.items()}
    words = _Words({"about": about, "name": about} | worded)
    title, sentence, remedy = (part.in_(language) for part in (story.title, story.sentence, story.remedy))
    return Told(title, sentence.format_map(words), remedy, story.page.format_map(words))


def _worded(key: str, value: object, facts: Mapping[str, object], language: str, zone: ZoneInfo) -> str:
    """A fact as people of the language write it: moments, days, money, and Meta's codes in words."""
    if key == "day":
        day = date.fromisoformat(str(value))
        return format_date(day, "long", "de_DE" if language == "de" else "en_GB")
    if key in ("since", "due"):
        return format_datetime(
            datetime.fromisoformat(str(value)), "short", zone, "de_DE" if language == "de" else "en_GB"
        )
    if key in ("spent", "cap"):
        return amount(str(value), str(facts.get("currency", "")), language)
    if key == "route":
        return route_name(str(value), language)
    if key == "loop":
        return loop_name(str(value), language)
    if key == "unseen":
        return "; ".join(f"„{title}“" if language == "de" else f"“{title}”" for title in _titles(value, language))
    if key == "news":
        return account_words(str(value), language)
    return PERIODS[str(value)].in_(language) if key == "period" else str(value)


def _titles(causes: object, language: str) -> list[str]:
    """What alarms of these causes are called; one that is no more is left out."""
    known = [Cause(str(one)) for one in causes if one in set(Cause)] if isinstance(causes, list) else []
    return [CAUSES[one].title.in_(language) for one in known]


def route_name(route: str, language: str) -> str:
    """What people call a way to the owner."""
    return ROUTES[route].in_(language) if route in ROUTES else route


class _Words(dict[str, str]):
    def __missing__(self, _key: str) -> str:
        return UNKNOWN
