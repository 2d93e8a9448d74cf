"""The list of messages: filters, search, pages, sorting, CSV."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from integration.web.lists import harmless


def names(text: str) -> list[str]:
    return [name.strip() for name in re.findall(r'<td class="who"><a[^>]*>(.*?)</a>', text, re.DOTALL)]


def ids(text: str) -> list[str]:
    return re.findall(r'<td class="who"><a href="/messages/([^"]+)"', text)


@pytest.mark.parametrize(
    "query", ["status=unknown", "reason=uncertain", "status=unknown&day=2026-11-23&shop=kaffeeladen"]
)
def test_filters(inside: Any, seeded: Any, query: str) -> None:
    assert ids(inside.get(f"/messages?{query}").text) == [seeded.ids["unknown"]]


@pytest.mark.parametrize("query", ["status=nope", "shop=teehaus", "day=2020-01-01", "kind=nope"])
def test_filter_without_a_hit_says_so(inside: Any, seeded: Any, query: str) -> None:
    assert "Keine Nachricht passt" in inside.get(f"/messages?{query}").text


def test_a_day_is_the_owners_day(inside: Any, seeded: Any, world: Any) -> None:
    late = world.NOW.replace(hour=22, minute=59)  # 23:59 in Berlin
    with seeded.again() as add:
        first, second = add.message(0, "read", late), add.message(0, "read", late + timedelta(minutes=2))
    today, tomorrow = (ids(inside.get(f"/messages?day=2026-11-{day}").text) for day in (23, 24))
    assert first in today and first not in tomorrow
    assert second in tomorrow and second not in today


@pytest.mark.parametrize(
    ("search", "found"), [("sofia", {"Sofia Rossi"}), ("WEBER", {"Jonas Weber"}), ("%", set()), ("_", set())]
)
def test_search_by_name(inside: Any, seeded: Any, csrf: Callable[[], str], search: str, found: set[str]) -> None:
    text = inside.post("/messages", data={"csrf": csrf(), "q": search}).text
    assert set(names(text)) == found


@pytest.mark.parametrize("search", ["1003", "#1003", " 1003 "])
def test_search_by_order_number(inside: Any, seeded: Any, csrf: Callable[[], str], search: str) -> None:
    text = inside.post("/messages", data={"csrf": csrf(), "q": search}).text
    assert len(ids(text)) == 1 and "#1003" in text


def all_pages(inside: Any, query: str) -> list[str]:
    found, path = [], f"/messages?{query}"
    while path:
        text = inside.get(path).text
        found += ids(text)
        more = re.search(r'href="(/messages\?[^"]*after=[^"]*)"', text)
        path = more[1].replace("&amp;", "&") if more else ""
    return found


@pytest.mark.parametrize("query", ["", "sort=old", "sort=status", "status=read"])
def test_pages_hold_every_message_once(inside: Any, seeded: Any, database: Any, query: str) -> None:
    with database.read() as connection:
        only = " WHERE status = 'read'" if "status=read" in query else ""
        total = connection.exec_driver_sql(f"SELECT count(*) FROM message{only}").scalar()
    found = all_pages(inside, query)
    assert len(found) == len(set(found)) == total > 50


def test_messages_of_one_moment_are_not_lost_between_pages(inside: Any, seeded: Any, world: Any) -> None:
    with seeded.again() as add:
        made = {add.message(0, "read", world.NOW) for _ in range(120)}
    for query in ("", "sort=old", "sort=status"):
        assert made <= set(all_pages(inside, query))


def test_search_pages_by_form(inside: Any, seeded: Any, world: Any, csrf: Callable[[], str]) -> None:
    with seeded.again() as add:
        for _ in range(60):
            add.message(5, "read", world.NOW)
    first = inside.post("/messages", data={"csrf": csrf(), "q": "Sofia"}).text
    after = re.search(r'name="after" value="([^"]+)"', first)
    assert after and "Sofia" not in "".join(re.findall(r'href="([^"]*)"', first))
    second = inside.post("/messages", data={"csrf": csrf(), "q": "Sofia", "after": after[1]}).text
    assert not set(ids(first)) & set(ids(second)) and set(names(second)) == {"Sofia Rossi"}


@pytest.mark.parametrize("after", ["x", "AAAA", "äö", "MjAyNi0xMS0yM1QxNDoyMDowMA=="])
def test_broken_page_key_shows_the_first_page(inside: Any, seeded: Any, after: str) -> None:
    assert len(ids(inside.get("/messages", params={"after": after}).text)) == 50


def test_csv_holds_everything_and_no_formula(inside: Any, seeded: Any) -> None:
    answer = inside.get("/messages.csv?status=read")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")), delimiter=";"))
    assert rows[0] == [
        "Zeit",
        "Name",
        "Telefon",
        "Art",
        "Bestellung",
        "Shop",
        "Status",
        "Grund",
        "Preis",
        "Währung",
        "Preiskategorie",
    ]
    assert len(rows) - 1 == len(all_pages(inside, "status=read"))
    cells = [cell for row in rows for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    assert '\'=HYPERLINK("http://x")' in cells


def test_csv_of_a_search(inside: Any, seeded: Any, csrf: Callable[[], str]) -> None:
    text = inside.post("/messages.csv", data={"csrf": csrf(), "q": "Sofia"}).text
    assert "Sofia Rossi" in text and "Anna" not in text


@pytest.mark.parametrize("cell", ["=1+1", "+49", "-2", "@x", "\t=1", "\r=1", " =1"])
def test_formulas_are_harmless(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["Anna", "#1001", "64,63 €", ""])
def test_text_stays(cell: str) -> None:
    assert harmless(cell) == cell


def test_contacts_search_and_pages(inside: Any, seeded: Any, csrf: Callable[[], str]) -> None:
    text = inside.post("/contacts", data={"csrf": csrf(), "q": "krüger"}).text
    assert names(text) == ["Lena Krüger"]
