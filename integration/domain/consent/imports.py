"""Consents from other systems: which column says what, and what a row proves (docs/reference/law.md section 4).

Grades: A counts, because time, wording, source and, for marketing, the confirmation on WhatsApp are there. B lacks only
that confirmation: the person has to confirm by an own act. C proves nothing: no advertising.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from integration.domain.consent.consent import SERVICE_SCOPE
from integration.domain.contacts.contacts import Phone, is_mobile, read_phone
from integration.domain.text import Text

CHANNELS = ("whatsapp", "sms", "email")
LONGEST_CELL = 4_000
#: header names without anything but letters and digits, the surest first; every tool that we know writes one of these
ALIASES: Mapping[str, tuple[str, ...]] = {
    "phone": (
        "whatsappnumber",
        "whatsappnummer",
        "whatsappid",
        "waid",
        "phonenumber",
        "phone",
        "mobilenumber",
        "mobile",
        "smsphonenumber",
        "smsphone",
        "handynummer",
        "handy",
        "mobilnummer",
        "mobil",
        "telefonnummer",
        "telefon",
        "rufnummer",
        "msisdn",
        "phone1value",
        "contactnumber",
    ),
    "status": (
        "whatsappconsent",
        "whatsappmarketingconsent",
        "whatsappoptin",
        "whatsappsubscribed",
        "optinstatus",
        "optin",
        "subscriptionstatus",
        "allowbroadcast",
        "einwilligung",
        "consentstatus",
        "consent",
        "smsconsent",
        "smsmarketingconsent",
        "emailmarketingconsent",
        "emailconsent",
        "status",
    ),
    "at": (
        "whatsappconsenttimestamp",
        "whatsappoptintimestamp",
        "consenttimestamp",
        "consentat",
        "consentdate",
        "optintimestamp",
        "optintime",
        "optindate",
        "optinat",
        "subscribedat",
        "subscribedate",
        "smsconsenttimestamp",
        "einwilligungam",
        "einwilligungsdatum",
        "anmeldedatum",
        "zeitpunkt",
        "confirmtime",
    ),
    "wording": (
        "consentwording",
        "consenttext",
        "optintext",
        "wording",
        "wortlaut",
        "einwilligungstext",
        "disclosure",
    ),
    "source": (
        "consentsource",
        "optinsource",
        "consentmethod",
        "optinmethod",
        "formname",
        "quelle",
        "herkunft",
        "source",
    ),
    "confirmation": (
        "whatsappmessageid",
        "confirmationmessageid",
        "doimessageid",
        "confirmationid",
        "wamid",
        "messageid",
        "bestaetigungsid",
    ),
    "country": ("country", "countrycode", "land", "laendercode", "countryisocode"),
}
ROLES = tuple(ALIASES)
#: a header that only one tool writes
_TOOLS = (
    ("klaviyo", ("klaviyoid", "smsconsent", "emailmarketingconsent")),
    ("mailchimp", ("memberrating", "leid", "euid", "optinip")),
    ("wati", ("allowbroadcast", "allowsms")),
    ("charles", ("charlesid", "charlespersonid")),
)
_YES = {
    *("subscribed", "optedin", "optin", "yes", "ja", "true", "1", "y", "x", "active", "aktiv", "granted", "explicit"),
    *("confirmed", "angemeldet", "eingewilligt"),
}
_NO = {
    *("unsubscribed", "optedout", "optout", "no", "nein", "false", "0", "n", "stop", "stopped", "blocked"),
    *("suppressed", "revoked", "withdrawn", "abgemeldet", "widerrufen", "gesperrt"),
}
_GERMAN = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ ,T]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_STAMP = re.compile(r"\d{10}|\d{13}")
#: WhatsApp Business exists since then
_EARLIEST = datetime(2018, 1, 1, tzinfo=UTC)


class Verdict(StrEnum):
    """What becomes of a row."""

    A = "A"
    B = "B"
    C = "C"
    OUT = "out"
    KEPT_OUT = "kept_out"
    KNOWN = "known"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the owner says of a file. `columns` maps a role to a column's place; the rest fills what columns lack."""

    columns: Mapping[str, int]
    channel: str = "whatsapp"
    purposes: tuple[str, ...] = ()
    wording: str = ""
    source: str = ""
    country: str = "DE"
    per_month: int | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A row and what it proves by itself, before anybody looks into the ledger. `at` is None where it is unknown."""

    row: int
    verdict: Verdict
    why: str
    phone: str = ""
    country: str | None = None
    at: datetime | None = None
    wording: str = ""
    source: str = ""
    confirmation: str = ""
    cells: Mapping[str, str] = field(default_factory=dict)


REASONS: Mapping[str, Text] = {
    "proven": Text("Alle Nachweise sind da.", "All evidence is there."),
    "not_confirmed": Text(
        "Die Kennung der Bestätigung auf WhatsApp fehlt; Werbung erst, wenn die Person selbst zustimmt.",
        "The id of the confirmation on WhatsApp is missing; advertising only once the person agrees personally.",
    ),
    "no_time": Text("Der Zeitpunkt der Einwilligung fehlt.", "The time of the consent is missing."),
    "time_unclear": Text(
        "Der Zeitpunkt ist nicht eindeutig lesbar; schreiben Sie ihn wie 2025-03-31 14:05.",
        "The time cannot be read for certain; write it like 2025-03-31 14:05.",
    ),
    "impossible_time": Text(
        "Der Zeitpunkt liegt in der Zukunft oder vor 2018.", "The time lies in the future or before 2018."
    ),
    "no_wording": Text("Der Wortlaut fehlt.", "The wording is missing."),
    "whatsapp_missing": Text("Der Wortlaut nennt WhatsApp nicht.", "The wording does not name WhatsApp."),
    "no_source": Text("Die Herkunft fehlt, zum Beispiel das Formular.", "The source is missing, for example the form."),
    "no_status": Text("Die Datei sagt nicht, dass zugestimmt wurde.", "The file does not say that anybody agreed."),
    "other_channel": Text(
        "Die Einwilligung gilt für E-Mail oder SMS, nicht für WhatsApp.",
        "The consent is for e-mail or SMS, not for WhatsApp.",
    ),
    "opted_out": Text("Hat sich dort abgemeldet; das gilt auch hier.", "Opted out there; that holds here, too."),
    "stays_out": Text(
        "Hat sich hier schon abgemeldet; eine Datei ändert das nicht.",
        "Has opted out here already; a file does not change that.",
    ),
    "suppressed": Text(
        "Steht auf der Sperrliste; eine Datei ändert das nicht.",
        "Is on the suppression list; a file does not change that.",
    ),
    "known": Text("War schon importiert.", "Had been imported before."),
    "no_phone": Text("Keine Telefonnummer.", "No phone number."),
    "not_a_phone": Text("Das ist keine Telefonnummer.", "This is no phone number."),
}


#: why a file cannot be read; `{row}` is where
PROBLEMS: Mapping[str, Text] = {
    "too_large": Text(
        "Die Datei ist größer als 40 MB. Teilen Sie sie in mehrere.",
        "The file is larger than 40 MB. Split it into several.",
    ),
    "empty": Text("Die Datei ist leer.", "The file is empty."),
    "no_header": Text("In der ersten Zeile stehen keine Spaltennamen.", "The first line has no names of columns."),
    "too_many_columns": Text(
        "Die Datei hat zu viele Spalten für eine Liste von Personen.",
        "The file has too many columns for a list of people.",
    ),
    "unreadable": Text(
        "Zeile {row} ist nicht lesbar; vielleicht fehlt dort ein Anführungszeichen.",
        "Row {row} cannot be read; a quotation mark may be missing there.",
    ),
    "given_up": Text("Verworfen.", "Given up."),
}


def problem(code: str) -> Text:
    """The sentence for a stored problem, like "unreadable:17"."""
    name, _, row = code.partition(":")
    found = PROBLEMS[name]
    return Text(found.de.replace("{row}", row), found.en.replace("{row}", row))


def guess(headers: Sequence[str]) -> dict[str, int]:
    """The column of each role by its header's name; roles without one are left out, no column serves two roles."""
    names = [_folded(header) for header in headers]
    found: dict[str, int] = {}
    for role, aliases in ALIASES.items():
        places = [names.index(alias) for alias in aliases if alias in names]
        free = [place for place in places if place not in found.values()]
        if free:
            found[role] = free[0]
    return found


def tool_of(headers: Sequence[str]) -> str:
    """Which system wrote a file with these headers, "" when nothing tells."""
    names = {_folded(header) for header in headers}
    return next((tool for tool, marks in _TOOLS if names.intersection(marks)), "")


def channel_of(headers: Sequence[str], columns: Mapping[str, int]) -> str:
    """What the file's consents are for, as far as its headers tell: e-mail and SMS are never WhatsApp."""
    told = [_folded(headers[columns[role]]) for role in ("status", "at") if role in columns]
    if any("whatsapp" in name for name in told):
        return "whatsapp"
    if any("sms" in name for name in told):
        return "sms"
    return "email" if any("email" in name for name in told) or tool_of(headers) == "mailchimp" else "whatsapp"


def judge(row: int, cells: Sequence[str], choices: Choices, zone: ZoneInfo, now: datetime) -> Judged:
    """What a row proves by itself. Times without a zone are `zone`'s."""
    said = {role: _cell(cells, place) for role, place in choices.columns.items()}
    typed = said.get("phone", "")
    phone = _phone(typed, said.get("country", ""), choices.country)
    if phone is None:
        return Judged(row, Verdict.REFUSED, "not_a_phone" if typed else "no_phone")
    at, flaw = _time(said.get("at", ""), zone, now)
    found = Judged(
        row=row,
        verdict=Verdict.C,
        why=flaw,
        phone=phone.number,
        country=phone.country,
        at=at,
        wording=said.get("wording") or choices.wording,
        source=said.get("source") or choices.source,
        confirmation=said.get("confirmation", ""),
        cells=said,
    )
    verdict, reason = _graded(found, choices, said.get("status") if "status" in choices.columns else "yes")
    return replace(found, verdict=verdict, why=reason)


def _phone(typed: str, country: str, usual: str) -> Phone | None:
    """A number as exports write it: with +, in the row's country or the usual one, or as bare digits with its code.

    Bare digits can be read in several ways; what is a mobile number is meant before what is a landline.
    """
    named = country.upper() if len(country) == 2 else usual
    readings = [(typed, named), (typed, usual), *([(f"+{typed}", "")] if typed.isdigit() else [])]
    found = [phone for reading in readings if typed and (phone := read_phone(*reading))]
    return next((phone for phone in found if is_mobile(phone.number)), found[0] if found else None)


def _graded(found: Judged, choices: Choices, status: str | None) -> tuple[Verdict, str]:
    if choices.channel != "whatsapp":
        return Verdict.C, "other_channel"
    agreed = _folded(status or "")
    if agreed in _NO:
        return Verdict.OUT, "opted_out"
    if agreed not in _YES:
        return Verdict.C, "no_status"
    if flaw := _flaw(found):
        return Verdict.C, flaw
    marketing = any(scope != SERVICE_SCOPE for scope in choices.purposes)
    return (Verdict.B, "not_confirmed") if marketing and not found.confirmation else (Verdict.A, "proven")


def _flaw(found: Judged) -> str:
    if found.at is None:
        return found.why or "no_time"
    if not found.wording.strip():
        return "no_wording"
    if "whatsapp" not in found.wording.lower():
        return "whatsapp_missing"
    return "" if found.source.strip() else "no_source"


def _time(text: str, zone: ZoneInfo, now: datetime) -> tuple[datetime | None, str]:
    """The moment that a cell names, and what is wrong with it."""
    if not text:
        return None, "no_time"
    at = _moment(text, zone)
    if at is None:
        return None, "time_unclear"
    return (at, "") if _EARLIEST <= at <= now else (None, "impossible_time")


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        if _STAMP.fullmatch(text):
            return datetime.fromtimestamp(int(text[:10]), UTC)
        if german := _GERMAN.fullmatch(text):
            day, month, year, hour, minute, second = (int(part or 0) for part in german.groups())
            return datetime(year, month, day, hour, minute, second, tzinfo=zone).astimezone(UTC)
        read = datetime.fromisoformat(text.removesuffix(" UTC").replace("/", "-"))
        if read.tzinfo is None:
            read = read.replace(tzinfo=UTC if text.endswith(" UTC") else zone)
        return read.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _cell(cells: Sequence[str], place: int) -> str:
    text = cells[place] if 0 <= place < len(cells) else ""
    # spreadsheets protect numbers and text by an apostrophe
    return text.replace("\0", "").strip().removeprefix("'").strip()[:LONGEST_CELL]


def _folded(text: str) -> str:
    plain = text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return re.sub(r"[^a-z0-9]", "", plain)
