"""What is found in a text before Meta sees it."""

import re

import pytest

from integration.domain.notifications import NOTIFICATIONS
from integration.domain.shops.ports import Level
from integration.domain.templates.lint import lint, may_be_submitted, plainer
from integration.domain.templates.templates import all_templates

STOP = " Antworte mit STOP."
GOOD = "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} über {{total}} ist bei uns angekommen. Danke!" + STOP
DOI = "Hallo, hier ist {{shop}}. Am {{date}} wurde diese Nummer bei {{place}} für Neuigkeiten eingetragen. Stimmt das?"


def codes(body: str, kind: str = "order_confirmation") -> list[str]:
    return [finding.code for finding in lint(kind, "de", "du", body)]


@pytest.mark.parametrize("template", all_templates(), ids=lambda t: f"{t.name}-{t.language}")
def test_our_own_texts_have_no_fault(template) -> None:
    found = lint(template.kind, template.language, template.address, template.body)
    assert may_be_submitted(found), [f.text.en for f in found if f.level is Level.FAULT]


def test_a_good_text_has_no_findings() -> None:
    assert codes(GOOD) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "empty"),
        ("  \n ", "empty"),
        (GOOD + "x" * 1024, "too_long"),
        ("{{shop}} schreibt dir hier etwas über deine neue Bestellung." + STOP, "variable_at_edge"),
        ("Deine Bestellung ist bei uns angekommen. STOP beendet das. Es grüßt {{shop}}", "variable_at_edge"),
        *((GOOD.replace("Hallo ", mark), "variable_at_edge") for mark in ("„", "👋 ", "*", "\n– ", "_")),
        *(
            (f"{GOOD} Bis bald bei {{{{shop}}}}{mark}", "variable_at_edge")
            for mark in (".", "!", " 👋", "*\n", "_", "“.")
        ),
        (GOOD.replace(", deine", " {{order}} deine"), "variables_adjacent"),
        (GOOD.replace(", deine", "*{{order}}* deine"), "variables_adjacent"),
        (GOOD.replace(", deine", "\n{{order}} deine"), "variables_adjacent"),
        (GOOD.replace(", deine", "\u200b{{order}} deine"), "variables_adjacent"),
        (GOOD + "👍" * 480, "too_long"),
        (GOOD + "\tTab", "gaps"),
        (GOOD + "     Lücke", "gaps"),
        ("An {{name}} von {{shop}}: {{order}} kostet {{total}}. STOP", "too_many_variables"),
        (GOOD + " {{punkte}} Punkte hast du schon.", "unknown_variable"),
        (GOOD.replace("{{shop}}", "uns"), "missing_variable"),
        (GOOD.replace("{{name}}", "{{ name }}"), "broken_variable"),
        (GOOD.replace("{{name}}", "{name}"), "broken_variable"),
        (GOOD + "\n\n\n\nBis bald!", "gaps"),
        (GOOD + " Mehr unter bit.ly/abc dazu.", "short_link"),
    ],
)
def test_what_meta_refuses(body: str, code: str) -> None:
    assert code in codes(body)
    assert not may_be_submitted(lint("order_confirmation", "de", "du", body))


@pytest.mark.parametrize(
    "words",
    [
        "Dein Gutschein: KAFFEE10.",
        "Jetzt 10 % auf alles.",
        "10% off today.",
        "Nur heute Rabatt!",
        "Folge uns auf Instagram.",
        "Folgen Sie uns!",
        "Follow us.",
        "Bewerte uns bei Google.",
        "Leave a review.",
        "Das könnte dir auch gefallen.",
        "Unsere Angebote warten.",
        "Melde dich zum Newsletter an.",
        "Use voucher ABC.",
        "Big sale this week.",
        "Sales are on.",
        "Nur noch 3% Restbestand",
        "20 percent off.",
        "RABATT!",
        "R\u00adabatt",
        "𝗥𝗮𝗯𝗮𝘁𝘁 für dich",
        "10 ％ auf alles",
        "*Gut*schein",
        "Black Friday bei uns!",
        "Jetzt kaufen!",
        "Shop now.",
        "Kostenloser Versand ab 20 €",
        "Danke dir! 🎁",
        "🔥🔥🔥",
        "Alles 🏷️",
    ],
)
def test_a_service_text_holds_no_promotion(words: str) -> None:
    assert codes(f"{GOOD} {words}") == ["advertising_in_service"]


@pytest.mark.parametrize(
    "words",
    [
        "Deine Rechnung liegt bei.",
        "Wir sparen uns lange Worte.",
        "Die Adresse steht auf der Rechnung.",
        "Der Widerruf ist 14 Tage möglich.",
        "Der Betrag enthält 19 % MwSt.",
        "The amount includes 19% VAT.",
        "Danke dir! 👋 📦",
        "Die Menge wurde auf 2 reduziert.",
    ],
)
def test_ordinary_words_are_no_promotion(words: str) -> None:
    assert codes(f"{GOOD} {words}") == []


def test_a_variable_called_like_a_promotion_is_none() -> None:
    assert "advertising_in_service" not in codes(GOOD + " {{rabatt}} steht dabei.")


@pytest.mark.parametrize(
    "words",
    ["Es warten exklusive Vorteile.", "Mit Gutschein!", "Mehr: https://laden.example", "www.laden.example", "Ja? 🎁"],
)
def test_a_confirmation_request_is_free_of_any_advertising(words: str) -> None:
    assert codes(f"{DOI} {words} STOP", "doi_request") == ["advertising_in_request"]


@pytest.mark.parametrize("name", ["shop", "date", "place"])
def test_a_confirmation_request_says_who_where_and_when(name: str) -> None:
    assert "missing_variable" in codes(DOI.replace(f"{{{{{name}}}}}", "uns") + " STOP", "doi_request")


def test_only_a_thought_does_not_keep_a_text_back() -> None:
    body = "Hallo, deine Bestellung bei {{shop}} ist da. Danke dir!"
    found = lint("order_confirmation", "de", "du", body)
    assert [f.code for f in found] == ["no_way_out", "left_out"]
    assert may_be_submitted(found)


def test_advertising_says_how_to_stop() -> None:
    marketing = next((n for n in NOTIFICATIONS if "STOP" in n.bodies["de", "du"] and n.kind == "review_request"), None)
    if marketing is None:
        pytest.skip("no kind of advertising in the table yet")
    body = re.sub(r"\bSTOPP?\b", "", marketing.bodies["de", "du"])
    assert "no_way_out" in codes(body, marketing.kind)
    assert not may_be_submitted(lint(marketing.kind, "de", "du", body))


def test_every_finding_says_what_to_do_in_both_languages() -> None:
    bodies = ["", "{{shop}}{{x}} { 10% \t bit.ly/a" + "x" * 1025, GOOD.replace("{{shop}}", "uns")]
    found = [
        f for body in bodies for kind in ("order_confirmation", "doi_request") for f in lint(kind, "de", "du", body)
    ]
    assert len({f.code for f in found}) >= 10
    for finding in found:
        assert finding.remedy and finding.remedy.de and finding.remedy.en
        assert finding.text.de.endswith(".") and finding.text.en.endswith(".")


def test_a_plainer_text_keeps_what_concerns_the_order() -> None:
    text = (
        "Hallo {{name}}, deine Bestellung {{order}} ist da. Wir freuen uns sehr! Keine Infos mehr? Antworte mit STOP."
    )
    assert plainer(text) == "Hallo {{name}}, deine Bestellung {{order}} ist da. Keine Infos mehr? Antworte mit STOP."
    assert plainer(plainer(text)) == plainer(text)
