"""Figures day by day: what the bars say stands in the tables, and both lead to the rows."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest


def test_the_first_day_says_what_comes(inside: Any) -> None:
    text = inside.get("/figures").text
    assert "Noch nichts zu zeichnen" in text and '<svg class="pygal' not in text


@pytest.fixture
def traded(seeded: Any, world: Any, add_cart: Any, add_order: Any) -> Any:
    """Some reminders brought something, in two currencies; messages cost."""
    for hours, amount, currency in ((1, "20", "EUR"), (2, "30.50", "EUR"), (30, "9", "CHF")):
        at = world.NOW - timedelta(hours=hours)
        add_order(add_cart("recovered", reminded_at=at), "link", amount, hours=hours, currency=currency)
    add_order(add_cart("recovered"), "link", "999", undone_at=world.NOW)
    with seeded.again() as more:
        for state in ("delivered", "read", "sent"):
            more.message(0, state, world.NOW, price=Decimal("0.25"), price_currency="EUR", price_at=world.NOW)
    return seeded


def test_bars_tables_and_rows_agree(inside: Any, world: Any, traded: Any) -> None:
    text = inside.get("/figures").text
    day = world.NOW.date()
    titles = re.findall(r"<title>([^<]+)</title>", text)
    assert f"{day.day}.{day.month}.: 50,50 €" in titles and f"{day.day}.{day.month}.: 0,50 €" in titles
    assert f'<a href="/carts?came={day}">' in text and "999,00" not in text
    for words in ("50,50 €", "9,00 CHF", "0,50 €"):
        assert f'<td class="count">{words}</td>' in text
    listed = inside.get(f"/carts?came={day}").text
    assert len(re.findall(r'<td class="who">', listed)) == 2


@pytest.mark.parametrize(("asked", "days"), [("", 14), ("30", 30), ("90", 90), ("5000", 14), ("x", 14)])
def test_only_the_offered_spans(inside: Any, traded: Any, asked: str, days: int) -> None:
    text = inside.get(f"/figures?days={asked}").text
    assert f'href="/figures?days={days}" aria-current="true"' in text
    assert text.count("/messages?day=") >= days


def test_the_charts_obey_the_strict_csp(inside: Any, traded: Any) -> None:
    for path in ("/figures", "/", "/carts"):
        text = inside.get(path).text
        assert "style=" not in text and "<style" not in text and "onclick" not in text
        assert re.findall(r"<script(?![^>]* src=)", text) == []


def test_in_english(client: Any, sign_in: Any, traded: Any) -> None:
    assert "Brought back by cart reminders" in sign_in(client, "en").get("/figures").text
