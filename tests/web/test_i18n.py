"""de.po is complete, and the check would notice if it were not."""

from typing import Any

from babel.messages.catalog import Catalog

from integration.i18n import check, negotiated, translator


def test_german_is_complete() -> None:
    assert check.main([]) == 0


def test_check_notices() -> None:
    wanted, have = Catalog(locale="de"), Catalog(locale="de")
    wanted.add("new", locations=[("x.html", 1)])
    wanted.add("vague")
    have.add("vague", "vage", flags=["fuzzy"])
    have.add("old", "alt")
    found = check.problems(wanted, have)
    assert [line.split(":")[0] for line in found] == ["missing", "fuzzy", "unused"]


def test_english_is_the_source() -> None:
    assert translator("en").gettext("Messages") == "Messages"
    assert translator("de").gettext("Messages") == "Nachrichten"


def test_nonsense_in_accept_language() -> None:
    nonsense: Any = "de;q=x, ,;;, en;q=0.1"
    assert negotiated(nonsense, "de") == "en"
