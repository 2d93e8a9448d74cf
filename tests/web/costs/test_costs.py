"""What messages cost is shown on Today, on the message's page and in the CSV."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from sqlalchemy import update

from integration.domain.costs.spending import Caps
from integration.store import tables
from integration.store.db import Database
from integration.web.app import create_app


def priced(database: Database, id_: str, status: str, at: Any, price: str = "0.0456", kind: str = "regular") -> None:
    values = {"price": Decimal(price), "price_currency": "EUR", "price_category": "utility", "price_type": kind}
    with database.write() as connection:
        move = update(tables.message).where(tables.message.c.id == id_)
        connection.execute(move.values(status=status, price_at=at, **values))


@pytest.fixture
def ids(seeded: Any, world: Any) -> list[str]:
    with seeded.again() as add:
        return [add.message(0, "read", world.NOW) for _ in range(4)]


def test_today_shows_what_was_charged_and_nothing_else(
    inside: Any, database: Database, ids: list[str], world: Any
) -> None:
    assert "Was kostet es?" not in inside.get("/").text
    priced(database, ids[0], "read", world.NOW, "1.50")
    priced(database, ids[1], "delivered", world.NOW - timedelta(days=2), "2.25")
    priced(database, ids[2], "sent", world.NOW, "9.00")
    priced(database, ids[3], "read", world.NOW - timedelta(days=40), "7.00")
    page = inside.get("/").text
    assert "Was kostet es?" in page
    assert "<b>1,50 €</b><span>heute" in page and "<b>3,75 €</b><span>in diesem Monat" in page
    assert "<b>1.000</b><span>kostenlose Antworten übrig" in page
    assert "Grenze für" not in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", "Grenze für heute: 1,50 € von 20,00 €"), ("en", "Today's limit: €1.50 of €20.00")],
)
def test_a_limit_is_shown(
    sign_in: Callable[..., Any], database: Database, ids: list[str], world: Any, clock: Any, language: str, words: str
) -> None:
    limits = Caps(day=Decimal("20.00"))
    client = world.Browser(create_app(world.deps(database, world.Put(), clock, caps=limits)))
    priced(database, ids[0], "accepted", world.NOW, "1.50")
    page = sign_in(client, language).get("/").text.replace("&#39;", "'")
    assert words in page


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        ("read", "regular", "von Meta bei Zustellung berechnet"),
        ("sent", "regular", "voraussichtlich; berechnet wird erst bei Zustellung"),
        ("failed", "regular", "wird nicht berechnet"),
        ("delivered", "free_entry_point", "nach einer Anzeige kostenlos"),
        ("delivered", "free_customer_service", "als Antwort kostenlos"),
    ],
)
def test_a_message_says_what_it_costs_and_why(
    inside: Any, database: Database, ids: list[str], world: Any, status: str, kind: str, words: str
) -> None:
    priced(database, ids[0], status, world.NOW, kind=kind)
    page = inside.get(f"/messages/{ids[0]}").text
    assert "0,0456 €" in page and words in page and "Service (Utility)" in page


def test_the_csv_has_what_was_charged(inside: Any, database: Database, ids: list[str], world: Any) -> None:
    priced(database, ids[0], "read", world.NOW)
    priced(database, ids[1], "sent", world.NOW)
    text = inside.get("/messages.csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert {"Preis", "Währung", "Preiskategorie"} <= rows[0].keys()
    assert [row["Preis"] for row in rows if row["Preis"]] == ["0,0456"]


def test_the_rows_behind_a_sum_add_up_to_it(inside: Any, database: Database, ids: list[str], world: Any) -> None:
    """What was made yesterday and delivered today stands on today's bill, and in today's rows."""
    before = world.NOW - timedelta(days=3)
    with database.write() as connection:
        connection.execute(update(tables.message).where(tables.message.c.id == ids[0]).values(created_at=before))
    priced(database, ids[0], "read", world.NOW, "1.50")
    priced(database, ids[1], "delivered", world.NOW, "0.25")
    priced(database, ids[2], "sent", world.NOW, "9.00")
    priced(database, ids[3], "read", before, "2.25")
    day = world.NOW.date()
    today = inside.get("/").text
    assert f'<a href="/messages?charged={day}"><b>1,75 €</b>' in today
    assert f'<a href="/messages?charged={day:%Y-%m}"><b>4,00 €</b>' in today
    listed = inside.get(f"/messages?charged={day}").text
    assert "Meta hat für diese Nachrichten 1,75 € berechnet." in listed
    assert '<td class="why">1,50 €</td>' in listed
    assert all(f"/messages/{id_}" in listed for id_ in ids[:2]) and f"/messages/{ids[2]}" not in listed
    assert "4,00 € berechnet" in inside.get(f"/messages?charged={day:%Y-%m}").text
    assert f'<a href="/messages?charged={day}">' in inside.get("/figures").text
    assert "1,75 €" in inside.get("/figures").text
    lines = inside.get(f"/messages.csv?charged={day}").text.splitlines()
    assert len(lines) == 3


@pytest.mark.parametrize("wrong", ["2026-13", "unfug", "9999-12", "2026-11-31", "2026-1", "%00"])
def test_a_time_that_is_none_filters_nothing(inside: Any, ids: list[str], wrong: str) -> None:
    answer = inside.get(f"/messages?charged={wrong}")
    assert answer.status_code == 200 and "von Meta berechnet" not in answer.text


def test_what_this_month_cost_by_category(inside: Any, database: Database, ids: list[str], world: Any) -> None:
    assert "Meta hat in diesem Monat noch nichts berechnet" in inside.get("/costs").text
    priced(database, ids[0], "read", world.NOW, "1.50")
    priced(database, ids[1], "read", world.NOW, "0.50")
    page = inside.get("/costs").text
    link = f"/messages?charged={world.NOW:%Y-%m}&amp;category=utility"
    assert f'<a href="{link}">Service (Utility)</a></th><td class="count">2</td><td class="count">2,00 €</td>' in page
    assert "2,00 € berechnet" in inside.get(link.replace("&amp;", "&")).text
    assert "No message" not in page and "berechnet" not in inside.get("/messages?category=marketing").text


def test_the_price_table_says_where_it_is_from_and_when_it_is_old(
    inside: Any, sign_in: Callable[..., Any], database: Database, world: Any, clock: Any
) -> None:
    page = unescape(inside.get("/costs").text)
    assert "0,1131 €" in page and "0,0456 €" in page and "ohne Steuern" in page
    assert "Ab 1. Oktober 2026 <small>gilt jetzt</small>" in page and "Ab 1. Juli 2025" in page
    assert "Diese Preise bringt Ladenbote mit" in page
    assert "Quelle: hello-charles.com" in page and "die ersten 1.000 freien Texte jeder Nummer" in page
    assert "Es gibt keine Grenze" in page and "diese Tabelle ist älter" not in page
    later = world.NOW.replace(year=2027, month=1, day=2)
    client = world.Browser(create_app(world.deps(database, world.Put(), lambda: later)))
    assert "Am 1. Januar 2027 kann Meta die Preise geändert haben" in sign_in(client).get("/costs").text


def test_limits_say_what_happens(
    sign_in: Callable[..., Any], database: Database, ids: list[str], world: Any, clock: Any
) -> None:
    limits = Caps(day=Decimal("20.00"), stop_month=Decimal(0))
    client = world.Browser(create_app(world.deps(database, world.Put(), clock, caps=limits)))
    priced(database, ids[0], "accepted", world.NOW, "1.50")
    page = sign_in(client).get("/costs").text
    assert '1,50 € <small>(8&nbsp;%)</small></td><td class="count">20,00 €</td><td>wartet Werbung' in page
    assert '(100&nbsp;%)</small></td><td class="count">0,00 €</td><td>wartet alles' in page
