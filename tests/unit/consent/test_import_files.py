"""What a row of a foreign list proves: columns by name, grades by evidence, times that can be read for certain."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from integration.domain.consent.imports import (
    PROBLEMS,
    REASONS,
    Choices,
    Verdict,
    channel_of,
    guess,
    judge,
    problem,
    tool_of,
)

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
HEADERS = ["phone", "status", "at", "wording", "source", "confirmation"]
TEXT = "Ja, Laden darf mir per WhatsApp Neuigkeiten schicken, höchstens 4 im Monat, STOP genügt."
GOOD = ["+491713920012", "subscribed", "2025-03-31 14:05", TEXT, "Pop-up", "wamid.HBg"]
COLUMNS = {name: place for place, name in enumerate(HEADERS)}
CHOICES = Choices(COLUMNS, purposes=("marketing_news",))


def graded(*cells: str, choices: Choices = CHOICES) -> tuple[Verdict, str]:
    found = judge(2, cells, choices, BERLIN, NOW)
    return found.verdict, found.why


def changed(**cells: str) -> list[str]:
    return [cells.get(name, cell) for name, cell in zip(HEADERS, GOOD, strict=True)]


def test_everything_proven_is_an_a() -> None:
    found = judge(2, GOOD, CHOICES, BERLIN, NOW)
    assert (found.verdict, found.phone) == (Verdict.A, "+491713920012")
    assert found.at == datetime(2025, 3, 31, 12, 5, tzinfo=UTC), "the company's zone"


CASES = [
    ({"confirmation": ""}, Verdict.B, "not_confirmed"),
    ({"at": ""}, Verdict.C, "no_time"),
    ({"at": "03/04/2025"}, Verdict.C, "time_unclear"),
    ({"at": "gestern"}, Verdict.C, "time_unclear"),
    ({"at": "2031-01-01 10:00"}, Verdict.C, "impossible_time"),
    ({"at": "1999-01-01 10:00"}, Verdict.C, "impossible_time"),
    ({"wording": ""}, Verdict.C, "no_wording"),
    ({"wording": "Ja, schickt mir Neuigkeiten."}, Verdict.C, "whatsapp_missing"),
    ({"source": ""}, Verdict.C, "no_source"),
    ({"status": ""}, Verdict.C, "no_status"),
    ({"status": "NEVER_SUBSCRIBED"}, Verdict.C, "no_status"),
    ({"status": "Unsubscribed"}, Verdict.OUT, "opted_out"),
    ({"status": "FALSE"}, Verdict.OUT, "opted_out"),
    ({"phone": ""}, Verdict.REFUSED, "no_phone"),
    ({"phone": "12"}, Verdict.REFUSED, "not_a_phone"),
    ({"phone": "=HYPERLINK(1)"}, Verdict.REFUSED, "not_a_phone"),
]


@pytest.mark.parametrize(("cells", "verdict", "reason"), CASES, ids=[f"{c}" for c, *_ in CASES])
def test_each_gap_has_its_grade(cells: dict[str, str], verdict: Verdict, reason: str) -> None:
    assert graded(*changed(**cells)) == (verdict, reason)
    assert reason in REASONS


def test_order_messages_need_no_confirmation() -> None:
    service = Choices(COLUMNS, purposes=("service_updates",))
    assert graded(*changed(confirmation=""), choices=service) == (Verdict.A, "proven")


@pytest.mark.parametrize("channel", ["sms", "email"])
def test_another_channels_consent_proves_nothing(channel: str) -> None:
    choices = Choices(COLUMNS, channel=channel, purposes=("marketing_news",))
    assert graded(*GOOD, choices=choices) == (Verdict.C, "other_channel")
    left = graded(*changed(status="unsubscribed"), choices=choices)
    assert left[0] is Verdict.C, "who leaves an e-mail list has not left WhatsApp"


def test_what_columns_lack_the_owner_may_say() -> None:
    columns = {"phone": 0, "at": 1, "confirmation": 2}
    choices = Choices(columns, purposes=("marketing_news",), wording=TEXT, source="Shop")
    assert graded("0171 3920012", "31.03.2025 14:05", "wamid.1", choices=choices) == (Verdict.A, "proven")


TIMES = [
    ("2025-03-31T14:05:00+02:00", datetime(2025, 3, 31, 12, 5, tzinfo=UTC)),
    ("2025-03-31T12:05:00Z", datetime(2025, 3, 31, 12, 5, tzinfo=UTC)),
    ("2025-03-31 12:05:00 UTC", datetime(2025, 3, 31, 12, 5, tzinfo=UTC)),
    ("2025/03/31 14:05", datetime(2025, 3, 31, 12, 5, tzinfo=UTC)),
    ("31.03.2025, 14:05", datetime(2025, 3, 31, 12, 5, tzinfo=UTC)),
    ("31.03.2025", datetime(2025, 3, 30, 22, tzinfo=UTC)),
    ("1743422700", datetime(2025, 3, 31, 12, 5, tzinfo=UTC)),
    ("1743422700000", datetime(2025, 3, 31, 12, 5, tzinfo=UTC)),
    ("99.99.2025", None),
    ("9999999999999", None),
]


@pytest.mark.parametrize(("text", "at"), TIMES, ids=[text for text, _ in TIMES])
def test_times_as_exports_write_them(text: str, at: datetime | None) -> None:
    assert judge(2, changed(at=text), CHOICES, BERLIN, NOW).at == at


PHONES = [
    ("'+491713920012", "+491713920012"),
    ("491713920012", "+491713920012"),
    ("0171 3920012", "+491713920012"),
    ("+43 664 1234567", "+436641234567"),
    ("436641234567", "+436641234567"),
    ("17612345678", "+4917612345678"),
    ("41791234567", "+41791234567"),
]


@pytest.mark.parametrize(("typed", "number"), PHONES)
def test_numbers_as_exports_write_them(typed: str, number: str) -> None:
    assert judge(2, changed(phone=typed), CHOICES, BERLIN, NOW).phone == number


EXPORTS = [
    ("klaviyo", "sms", ["Email", "Klaviyo ID", "Phone Number", "SMS Consent", "SMS Consent Timestamp", "Country"]),
    ("mailchimp", "email", ["Email Address", "Phone Number", "MEMBER_RATING", "OPTIN_TIME", "OPTIN_IP", "LEID"]),
    ("wati", "whatsapp", ["Name", "Phone", "Allow Broadcast", "Allow SMS", "Country Code"]),
    ("charles", "whatsapp", ["charles_person_id", "phone", "opt_in", "opt_in_date", "opt_in_source"]),
    ("", "whatsapp", ["Handynummer", "Einwilligung", "Zeitpunkt", "Wortlaut", "Quelle", "Message-ID"]),
]


@pytest.mark.parametrize(("tool", "channel", "headers"), EXPORTS, ids=[tool or "own" for tool, *_ in EXPORTS])
def test_columns_are_found_by_their_names(tool: str, channel: str, headers: list[str]) -> None:
    found = guess(headers)
    assert tool_of(headers) == tool and channel_of(headers, found) == channel
    assert "phone" in found and len(set(found.values())) == len(found)


def test_our_own_headers_find_every_role() -> None:
    assert guess(["Handynummer", "Einwilligung", "Zeitpunkt", "Wortlaut", "Quelle", "Message-ID", "Land"]) == {
        "phone": 0, "status": 1, "at": 2, "wording": 3, "source": 4, "confirmation": 5, "country": 6,
    }  # fmt: skip


def test_every_problem_has_its_sentence() -> None:
    assert all(text.de.endswith(".") and text.en.endswith(".") for text in (*PROBLEMS.values(), *REASONS.values()))
    assert problem("unreadable:17").de.startswith("Zeile 17")
