"""Consent texts: the house's own pass the look-through, and each fault that an owner's text can have is found."""

from itertools import combinations

import pytest

from integration.domain.consent.consent import SERVICE_SCOPE
from integration.domain.consent.wording_lint import is_sound, lint
from integration.domain.consent.wordings import (
    ALERT_SCOPES,
    MARKETING_SCOPES,
    OFFERED,
    alert_wording,
    names_birthday,
    shared_ending,
    wording_for,
)
from integration.domain.privacy.privacy_notice import privacy_notice

COMPANY, TOWN = "Kaffeeladen Grün GmbH", "Kaffeeladen Grün GmbH, Ulm"
URL = "https://kaffee.example/datenschutz"
SETS = [chosen for size in range(1, len(OFFERED) + 1) for chosen in combinations(OFFERED, size)]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("purposes", SETS, ids="+".join)
def test_the_houses_texts_have_no_finding(purposes: tuple[str, ...], language: str) -> None:
    assert lint(wording_for(TOWN, purposes, 4, URL, language), COMPANY, purposes, 4) == []


@pytest.mark.parametrize("alert", ALERT_SCOPES)
@pytest.mark.parametrize("language", ["de", "en"])
def test_the_alert_names_the_article_and_ends_after_one(language: str, alert: str) -> None:
    text = alert_wording(alert, TOWN, "Röstung Nr. 7", URL, language)
    assert "Röstung Nr. 7" in text and ("einmal" in text or "once" in text)
    assert lint(text, COMPANY, (), None) == []


GOOD = wording_for(TOWN, ("marketing_news", "marketing_offers"), 4, URL, "de")
SPOILT = [
    (GOOD.replace("Kaffeeladen Grün GmbH", "Wir"), "company_missing"),
    (GOOD.replace("WhatsApp", "Messenger"), "whatsapp_missing"),
    (GOOD.replace("widerrufbar", "gut").replace("STOP", "…"), "withdrawal_missing"),
    (GOOD.replace("höchstens 4 Nachrichten im Monat", "ab und zu"), "frequency_missing"),
    (GOOD.replace("höchstens 4", "höchstens 14"), "frequency_differs"),
    (GOOD.replace("Angebote und Gutscheine (auch zum Geburtstag)", "Schönes"), "purpose_missing"),
    (GOOD + " x" * 1000, "too_long"),
]


@pytest.mark.parametrize(("text", "code"), SPOILT, ids=[code for _, code in SPOILT])
def test_each_fault_is_found_and_nothing_else(text: str, code: str) -> None:
    found = lint(text, COMPANY, ("marketing_news", "marketing_offers"), 4)
    assert code in [finding.code for finding in found] and not is_sound(found)
    assert [f.code for f in found if f.level == "fault"] == [code]
    assert all(f.remedy and f.text.de != f.text.en for f in found)


HINTED = [
    (GOOD.replace("freiwillig, für den Kauf nicht nötig und ", ""), "optional_missing"),
    (GOOD.replace(URL, ""), "privacy_missing"),
    (GOOD.replace("WhatsApp Ireland Ltd.", "WhatsApp"), "operator_missing"),
    (GOOD + " Es gelten unsere AGB.", "terms_mentioned"),
]


@pytest.mark.parametrize(("text", "code"), HINTED, ids=[code for _, code in HINTED])
def test_hints_are_said_and_stop_nothing(text: str, code: str) -> None:
    found = lint(text, COMPANY, ("marketing_news", "marketing_offers"), 4)
    assert [finding.code for finding in found] == [code] and is_sound(found)


def test_a_service_text_needs_no_frequency() -> None:
    text = wording_for(TOWN, (SERVICE_SCOPE,), 4, URL, "de")
    assert lint(text, COMPANY, (SERVICE_SCOPE,), None) == []


def test_a_birthday_is_asked_for_only_where_the_text_names_it() -> None:
    assert names_birthday(wording_for(TOWN, ("marketing_offers",), 4, URL, "de"))
    assert names_birthday(wording_for(TOWN, ("marketing_offers",), 4, URL, "en"))
    assert not names_birthday(wording_for(TOWN, ("marketing_news",), 4, URL, "de"))


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_all_boxes_say_is_shown_once(language: str) -> None:
    texts = [wording_for(TOWN, (scope,), 4, URL, language) for scope in MARKETING_SCOPES]
    ending = shared_ending(texts)
    assert all(text.endswith(ending) for text in texts) and URL in ending and "STOP" in ending
    leads = [text.removesuffix(ending) for text in texts]
    assert len(set(leads)) == len(texts) and all("WhatsApp" in lead and lead.endswith(". ") for lead in leads)
    assert shared_ending(texts[:1]) == "" and shared_ending(["Eins. Zwei.", "Drei. Vier."]) == ""
    assert shared_ending(["Gleich. Alles.", "Gleich. Alles."]) == "Alles.", "a box keeps a sentence of its own"


@pytest.mark.parametrize("language", ["de", "en"])
def test_the_privacy_notice_says_what_article_13_asks_for(language: str) -> None:
    notice = privacy_notice(TOWN, ("marketing_offers", SERVICE_SCOPE), 4, language)
    for word in (TOWN, "WhatsApp Ireland Ltd.", "4", "STOP", "Meta Platforms", "30"):
        assert word in notice, word
    assert "UWG" in notice
    assert "UWG" not in privacy_notice(TOWN, (SERVICE_SCOPE,), 4, language)
