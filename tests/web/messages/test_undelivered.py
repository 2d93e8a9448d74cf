"""Undelivered: the owner sees what failed or is uncertain, with the next step, and decides with one click."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from markupsafe import escape
from sqlalchemy import select

from integration.domain.messages.channel_errors import explanation
from integration.domain.numbers.numbers import NumberFacts
from integration.store.db import Database
from integration.store.numbers import numbers
from integration.store.tables import intervention, message

PAIRS = {"failed": (5, 6), "lapsed": (7, 8)}


def state(database: Database, id_: str) -> tuple[str, str | None]:
    with database.read() as connection:
        status, reason = connection.execute(select(message.c.status, message.c.reason).where(message.c.id == id_)).one()
    return status, reason


def test_on_the_first_day_there_is_nothing_to_do(inside: Any) -> None:
    assert "Alles kam an" in inside.get("/undelivered").text


def test_an_uncertain_message_is_settled_with_one_click(
    inside: Any, seeded: Any, csrf: Callable[[], str], database: Database
) -> None:
    id_ = seeded.ids["unknown"]
    assert f"/messages/{id_}" in inside.get("/undelivered").text
    assert "Als gesendet betrachten" in inside.get(f"/messages/{id_}").text
    answer = inside.post("/undelivered", data={"csrf": csrf(), "choice": "sent", "id": id_, "back": "message"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/messages/{id_}")
    assert state(database, id_) == ("sent", "taken_as_sent")
    assert "von Ihnen im Dashboard entschieden" in inside.get(f"/messages/{id_}").text


def test_failures_are_explained_and_sent_again_together(
    inside: Any, seeded: Any, csrf: Callable[[], str], database: Database, world: Any
) -> None:
    with seeded.again() as add:
        ids = [add.message(n, "failed", world.NOW) for n in (3, 4)]
    with database.write() as connection:
        connection.execute(message.update().where(message.c.id.in_(ids)).values(error_code=131042))
    page = inside.get("/undelivered").text
    assert str(escape(explanation(131042).what.de)) in page and str(escape(explanation(131042).todo.de)) in page
    answer = inside.post(
        "/undelivered", data={"csrf": csrf(), "choice": "resend", "all": "failed", "code": "131042", "reason": ""}
    )
    assert answer.headers["location"] == "/undelivered?asked=2&done=2"
    assert {state(database, id_) for id_ in ids} == {("queued", "resent")}


def test_what_cannot_be_done_is_said(inside: Any, seeded: Any, csrf: Callable[[], str]) -> None:
    form = {"csrf": csrf(), "choice": "resend", "id": seeded.ids["read"]}
    assert inside.post("/undelivered", data=form).headers["location"] == "/undelivered?asked=1&done=0"
    assert "0 von 1" in inside.get("/undelivered?asked=1&done=0").text
    assert inside.post("/undelivered", data=form | {"choice": "burn"}).status_code == 404
    assert inside.post("/undelivered", data={"csrf": csrf(), "choice": "resend", "code": "x"}).status_code == 303


def test_all_uncertain_ones_are_settled_together(
    inside: Any, seeded: Any, csrf: Callable[[], str], database: Database, world: Any
) -> None:
    with seeded.again() as add:
        ids = [seeded.ids["unknown"], *(add.message(n, "unknown", world.NOW) for n in (3, 4))]
    assert "Alle als gesendet betrachten" in inside.get("/undelivered").text
    answer = inside.post("/undelivered", data={"csrf": csrf(), "choice": "sent", "all": "uncertain"})
    assert answer.headers["location"] == "/undelivered?asked=3&done=3"
    assert {state(database, id_) for id_ in ids} == {("sent", "taken_as_sent")}
    with database.read() as connection:
        told = connection.execute(select(intervention.c.message_id, intervention.c.actor)).all()
    assert {(id_, "owner") for id_ in ids} <= {tuple(row) for row in told}


def test_what_failed_without_a_code_is_told_apart_and_sent_again_together(
    inside: Any, seeded: Any, csrf: Callable[[], str], database: Database, world: Any
) -> None:
    with seeded.again() as add:
        unfit, lapsed = ([add.message(n, status, world.NOW) for n in pair] for status, pair in PAIRS.items())
    with database.write() as connection:
        for ids, reason in ((unfit, "unfit"), (lapsed, "presumed_dropped")):
            connection.execute(message.update().where(message.c.id.in_(ids)).values(reason=reason))
    page = inside.get("/undelivered").text
    for id_ in (*unfit, *lapsed):
        assert page.count(f"/messages/{id_}") == 1
    form = {"csrf": csrf(), "choice": "resend", "all": "failed", "code": "", "reason": "presumed_dropped"}
    assert inside.post("/undelivered", data=form).headers["location"] == "/undelivered?asked=2&done=2"
    assert {state(database, id_) for id_ in lapsed} == {("queued", "resent")}
    assert {state(database, id_) for id_ in unfit} == {("failed", "unfit")}


def test_who_waits_for_metas_limit_is_told_when_it_is_over(
    inside: Any, seeded: Any, database: Database, world: Any
) -> None:
    with seeded.again() as add:
        ids = [add.message(n, "queued", world.NOW, "portfolio_limit") for n in (3, 4, 5)]
    tomorrow = world.NOW + timedelta(days=1)
    with database.write() as connection:
        connection.execute(message.update().where(message.c.id.in_(ids)).values(send_after=tomorrow))
        numbers.keep(connection, world.SENDER, NumberFacts(messaging_limit="TIER_250"), [], world.NOW)
    page = inside.get("/").text
    assert "Grenze von 250 Menschen in 24 Stunden" in page and "3 Nachrichten warten" in page
    assert "/messages?reason=portfolio_limit" in page
