"""Undelivered: the owner sees what failed or is uncertain, with the next step, and decides with one click."""

from collections.abc import Callable
from typing import Any

from markupsafe import escape
from sqlalchemy import select

from integration.domain.channel_errors import explanation
from integration.store.db import Database
from integration.store.tables import message


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
    answer = inside.post("/undelivered", data={"csrf": csrf(), "choice": "resend", "code": "131042"})
    assert answer.headers["location"] == "/undelivered?asked=2&done=2"
    assert {state(database, id_) for id_ in ids} == {("queued", "resent")}


def test_what_cannot_be_done_is_said(inside: Any, seeded: Any, csrf: Callable[[], str]) -> None:
    form = {"csrf": csrf(), "choice": "resend", "id": seeded.ids["read"]}
    assert inside.post("/undelivered", data=form).headers["location"] == "/undelivered?asked=1&done=0"
    assert "0 von 1" in inside.get("/undelivered?asked=1&done=0").text
    assert inside.post("/undelivered", data=form | {"choice": "burn"}).status_code == 404
    assert inside.post("/undelivered", data={"csrf": csrf(), "choice": "resend", "code": "x"}).status_code == 303
