"""A keyword stays one however people dress it; a negated, embedded or asked one is never obeyed."""

import re
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from integration.domain.consent import optout_keywords as words
from integration.domain.consent.optout import classify
from integration.domain.consent.optout_words import ADVERTISING


def listed(text: str) -> list[str]:
    return sorted({word.strip() for word in re.split(r"[,\n]", text) if word.strip()})


MARKETING, ALL = listed(words.KEYWORDS), listed(words.ALL_KEYWORDS)
DECORATIONS: list[Callable[[str], str]] = [
    str.upper,
    str.capitalize,
    lambda text: f"*{text}*",
    lambda text: f"_{text}_",
    lambda text: f"~{text}~",
    lambda text: f'"{text}"',
    lambda text: f"„{text}“",
    lambda text: f"({text})",
    lambda text: f"{text}!!!",
    lambda text: f"{text}.",
    lambda text: f"  {text}  ",
    lambda text: f"{text} 🙏",
    lambda text: f"😡 {text}",
    lambda text: "\u200b".join(text),
    lambda text: f"\u202a{text}\u202c",
    lambda text: f"{text}\ufe0f",
    lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    lambda text: f"Bitte {text}",
    lambda text: f"{text} bitte, danke",
    lambda text: f"Hallo, {text} please",
    str,
]
SIGNED: list[Callable[[str], str]] = [
    str,
    lambda text: f"{text}\n\nGesendet von meinem Handy",
    lambda text: f"{text}\nAnna Beispiel",
]
dressed = st.builds(
    lambda worn, signed: [*worn, signed], st.lists(st.sampled_from(DECORATIONS), max_size=3), st.sampled_from(SIGNED)
)


def wear(text: str, decorations: list[Callable[[str], str]]) -> str:
    for decorate in decorations:
        text = decorate(text)
    return text


@given(st.sampled_from(MARKETING), dressed)
def test_a_dressed_keyword_stops_marketing(keyword: str, decorations: list[Callable[[str], str]]) -> None:
    found = classify(wear(keyword, decorations))
    assert (found.kind, found.scope) == ("opt_out", "marketing")


@given(st.sampled_from(ALL), dressed)
def test_a_dressed_keyword_stops_everything(keyword: str, decorations: list[Callable[[str], str]]) -> None:
    found = classify(wear(keyword, decorations))
    assert (found.kind, found.scope) == ("opt_out", "all")


@given(st.sampled_from(MARKETING + ALL), dressed, st.booleans())
def test_a_keyword_beats_a_pending_confirmation(
    keyword: str, decorations: list[Callable[[str], str]], pending: bool
) -> None:
    assert classify(wear(keyword, decorations), doi_pending=pending).kind == "opt_out"


@given(st.sampled_from(MARKETING + ALL))
def test_answering_service_or_from_the_us_everything_stops(keyword: str) -> None:
    advertising_only = ADVERTISING.search(keyword) is not None
    if not advertising_only and keyword in ALL:
        assert classify(keyword, last_outbound="service").scope == "all"
    assert classify(keyword, country="US").scope == "all"


@given(st.sampled_from(MARKETING + ALL), st.sampled_from(["?", "??", "？", "؟"]))
def test_a_question_is_never_automatic(keyword: str, mark: str) -> None:
    assert classify(keyword + mark).kind != "opt_out"


WEAK = set(listed(words.WEAK_KEYWORDS))
INNER = sorted(word for word in MARKETING if " " not in word and word.isascii() and len(word) > 3 and word not in WEAK)


@given(st.sampled_from(INNER), st.sampled_from(["ierung", "xyz", "uhr", "zeichen"]))
def test_a_keyword_inside_a_longer_word_is_none(keyword: str, rest: str) -> None:
    assert (
        classify(f"Habt ihr {keyword}{rest} in blau auf Lager, oder kommt das erst im Frühjahr wieder rein").kind
        == "none"
    )


@given(
    st.text(max_size=60), st.booleans(), st.sampled_from(["marketing", "service"]), st.sampled_from([None, "DE", "US"])
)
def test_any_text_has_one_meaning(text: str, pending: bool, last: str, country: str | None) -> None:
    found = classify(text, doi_pending=pending, last_outbound=last, country=country)
    assert (found.scope is not None) is (found.kind in ("opt_out", "erase"))
    assert pending or found.kind not in ("confirm", "decline")
