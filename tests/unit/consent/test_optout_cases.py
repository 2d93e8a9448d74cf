"""`classify` against texts in JSON: the project's own, or others of the form with --optout-cases FILE."""

import json
from pathlib import Path
from typing import Any

import pytest

from integration.domain.consent.optout import Intent, classify, fold

OWN_CASES = Path(__file__).parents[2] / "data" / "optout_cases.json"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    path = metafunc.config.getoption("--optout-cases", default=None) or OWN_CASES
    if "case" in metafunc.fixturenames:
        cases = json.loads(Path(path).read_text("utf-8"))["cases"]
        metafunc.parametrize("case", cases, ids=[case["id"] for case in cases])


def test_case(case: dict[str, Any]) -> None:
    intent = classify(case["text"], **case.get("context", {}))
    assert intent == Intent(case["expected"], case.get("scope")), case["text"]


def test_own_cases_cover_every_intent() -> None:
    cases = json.loads(OWN_CASES.read_text("utf-8"))["cases"]
    kinds = {case["expected"] for case in cases}
    assert kinds == {"opt_out", "ask", "erase", "opt_in", "confirm", "decline", "none"}


@pytest.mark.parametrize("text", ["", " ", "…", "\u200b", "?", "🙂" * 500, "a" * 5000, "stop " * 3000, "x. " * 2000])
def test_odd_texts_are_harmless(text: str) -> None:
    assert classify(text).kind in {"none", "ask", "opt_out"}


def test_unknown_country_is_not_the_us() -> None:
    assert classify("cancel", country=None) == Intent("ask")


@pytest.mark.parametrize(
    ("typed", "folded"),
    [("Ş ĞÜ", "s gu"), ("ABONELİKTEN ÇIK", "abonelikten cik"), ("Don’t", "dont"), ("Straße", "strasse")],
)
def test_fold(typed: str, folded: str) -> None:
    assert fold(typed) == folded
