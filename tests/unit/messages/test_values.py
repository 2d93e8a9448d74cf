"""What strangers type still makes a message: names, empty and over-long values."""

import pytest

from integration.domain.messages.components import MAX_BODY
from integration.domain.templates.templates import Template, all_templates, examples, fitting, rendered
from integration.domain.values import LONGEST_LINK, NOTHING, called, fitted, length, linked, visible

BODY = "Hallo {{name}}, bei {{shop}} liegt noch etwas: {{items}}. {{note}} Weiter: {{link}} – STOP."
VALUES = {"name": "Anna", "shop": "Laden", "items": "Espresso", "note": "Code AB12.", "link": "https://laden.example/a"}


@pytest.mark.parametrize(
    "name", ["Anna", "Zoë <b>", "Anne-Marie", "O'Brien", "Dr. Ünal", "محمد", "李", "Anna 🌸", "J. R."]
)
def test_what_is_a_name(name: str) -> None:
    assert called(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "", " ", "👍", "{{1}}", "{{name}}", "https://betrug.example", "www.betrug.example", "Gewinn betrug.de/x",
        "anna@example.com", "+49 171 3920011", "0900123456", "Sie haben gewonnen, rufen Sie gleich bei uns an",
        "\u202e\u200b",
    ],
)  # fmt: skip
def test_what_is_none(name: str) -> None:
    assert called(name) == ""


def test_what_nobody_sees_is_not_there() -> None:
    assert visible("\u202eAn\u200bna\x07") == "Anna"
    assert visible("👨\u200d👩\u200d👧 علی\u200cرضا") == "👨\u200d👩\u200d👧 علی\u200cرضا", "these need their joiners"


def test_an_emoji_counts_as_two() -> None:
    assert (length("ab"), length("äb"), length("👍b")) == (2, 2, 3)


def test_short_values_stay() -> None:
    assert fitted(BODY, VALUES, MAX_BODY) is VALUES


def test_what_is_empty_shows_as_nothing() -> None:
    assert fitted(BODY, VALUES | {"items": ""}, MAX_BODY) == VALUES | {"items": NOTHING}


@pytest.mark.parametrize("letter", ["x", "ä", "👍"])
def test_a_long_name_of_an_article_gives_way_and_the_link_and_the_code_stay(letter: str) -> None:
    link, note = "https://laden.example/" + "k" * 550, "Gutschein AB12: 10 % bis 30.11.2026."
    found = fitted(BODY, VALUES | {"items": letter * 900, "name": letter * 30, "link": link, "note": note}, MAX_BODY)
    assert length(rendered(BODY, found)) <= MAX_BODY
    assert (found["link"], found["note"]) == (link, note)
    assert found["items"].endswith("…") and len(found["items"]) >= 24


def test_a_link_that_is_too_long_is_not_cut() -> None:
    assert fitted(BODY, VALUES | {"link": "https://x.example/" + "k" * 1500}, MAX_BODY)["link"].endswith("k")


#: what shops and strangers can put into a text at the worst
WORST = {
    **dict.fromkeys(("name", "shop", "carrier", "place", "what", "items", "item"), "Ä" * 200),
    **dict.fromkeys(("link", "tracking"), "https://laden.example/" + "k" * (LONGEST_LINK - 22)),
    **dict.fromkeys(("alarm", "remedy"), "Satz. " * 60),
}


@pytest.mark.parametrize("template", all_templates(), ids=lambda t: f"{t.name}-{t.language}")
def test_every_text_of_ours_fits_with_the_worst_of_values(template: Template) -> None:
    found = fitting(template, {**examples(template.language), **WORST})
    text = rendered(template.body, found)
    assert length(text) <= MAX_BODY
    for name in ("link", "tracking"):
        if f"{{{{{name}}}}}" in template.body:
            assert WORST[name] in text, "the link is whole"


@pytest.mark.parametrize(
    ("url", "said"),
    [("https://dhl.de/1", "https://dhl.de/1"), ("", "0034"), ("https://x.example/" + "k" * 600, "0034")],
)
def test_a_link_that_is_none_gives_way_to_the_number(url: str, said: str) -> None:
    assert linked(url, "0034") == said
