"""What messages cost is shown on Today, on the message's page and in the CSV."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import update

from integration.flow.costs import Caps
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
    limits = {world.COMPANY: Caps(day=Decimal("20.00"))}
    client = world.Browser(create_app(replace(world.deps(database, world.Put(), clock), caps=limits)))
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
