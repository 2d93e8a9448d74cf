"""Every cause is told completely in both languages."""

import string
from zoneinfo import ZoneInfo

import pytest

from integration.domain.alarms.alarms import CAUSES, UNKNOWN, Cause, told

BERLIN = ZoneInfo("Europe/Berlin")
FACTS = {
    "name": "Laden",
    "code": 131031,
    "since": "2026-11-26T18:00:00+00:00",
    "count": 3,
    "spent": "8.00",
    "cap": "10.00",
    "currency": "EUR",
    "period": "day",
    "free": 12,
    "error": "OSError",
    "due": "2026-12-26T18:00:00+00:00",
    "news": "ACCOUNT_VIOLATION SPAM",
    "before": 10_000,
    "after": 2_000,
    "version": "v21.0",
    "day": "2027-01-21",
    "route": "mail",
    "loop": "sender:nummer",
    "unseen": ["mailbox_silent"],
}


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_title_sentence_and_remedy(cause: Cause, language: str) -> None:
    said = told(cause, "laden", FACTS, language, BERLIN)
    for part in (said.title, said.sentence, said.remedy):
        assert part.endswith(".") is (part is not said.title)
        assert UNKNOWN not in part, "a fact that the test's FACTS do not know"
    assert said.page.startswith("/")


@pytest.mark.parametrize("cause", Cause)
def test_both_languages_name_the_same_facts(cause: Cause) -> None:
    story = CAUSES[cause]
    for part in (story.title, story.sentence, story.remedy):
        assert fields(part.de) == fields(part.en)


def fields(text: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


def test_facts_are_written_as_people_write_them() -> None:
    german = told(Cause.CAP_REACHED, "firma:day", FACTS, "de", BERLIN).sentence
    assert german.startswith("Laden: 8,00 € von 10,00 € sind verbraucht (heute).")
    silent = told(Cause.MAILBOX_SILENT, "webspace", {"since": FACTS["since"]}, "en", BERLIN).sentence
    assert "The mailbox webspace has handed over no letters since 26/11/2026, 19:00." in silent


def test_metas_codes_are_told_in_words_and_new_ones_as_they_are() -> None:
    facts = {"name": "+49 30 1", "news": "ACCOUNT_RESTRICTION RESTRICTED_BIZ_INITIATED_MESSAGING NEU_VON_META"}
    german = told(Cause.ACCOUNT_WARNED, "nummer", facts, "de", BERLIN).sentence
    assert (
        "meldet Meta: eine Einschränkung des Kontos, Sie dürfen nur noch antworten, nicht von sich aus schreiben, "
        "NEU_VON_META. " in german
    )
    english = told(Cause.ACCOUNT_SECURITY, "nummer", {"news": "PIN_CHANGED"}, "en", BERLIN).sentence
    assert english.endswith("Meta says: the number's PIN was changed.")


def test_a_missing_fact_leaves_a_gap_and_breaks_nothing() -> None:
    assert UNKNOWN in told(Cause.SHOP_UNREACHABLE, "laden", {}, "de", BERLIN).sentence
    hostile = told(Cause.JOB_FAILING, "x", {"error": "{about} {0} {__class__}"}, "de", BERLIN).sentence
    assert "{about} {0} {__class__}" in hostile
