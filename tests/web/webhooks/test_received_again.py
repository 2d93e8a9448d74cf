"""Reports are dealt with once more from the dashboard, after a look at how many, and the result is shown."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from integration.store.db import Database
from integration.store.tables import inbox as table
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem


@pytest.fixture
def kept(inside: Any, database: Database, world: Any) -> dict[str, str]:
    """Reports of different age, side and end, by name."""
    found = {}
    for name, channel, days, state in (
        ("new", "meta", 0, "new"), ("today", "meta", 0.5, "done"), ("old", "meta", 5, "done"),
        ("shop", "shop", 2, "done"), ("poison", "shop", 10, "failed"),
    ):  # fmt: skip
        at = world.NOW - timedelta(days=days)
        with database.write() as connection:
            inbox.add(connection, [InboxItem(channel, "x", name, {}, b"{}", False, at)])
            id_ = connection.execute(select(table.c.id).where(table.c.topic == name)).scalar_one()
            connection.execute(table.update().where(table.c.id == id_).values(state=state, tries=5))
        found[name] = id_
    return found


def states(database: Database, kept: dict[str, str]) -> dict[str, str]:
    with database.read() as connection:
        by_id = dict(connection.execute(select(table.c.id, table.c.state)).all())
    return {name: by_id[id_] for name, id_ in kept.items()}


@pytest.mark.parametrize(
    ("choice", "again"),
    [
        ("failed-0", {"poison"}), ("meta-1", {"today"}), ("meta-14", {"today", "old"}), ("shop-3", {"shop"}),
        ("shop-14", {"shop", "poison"}), ("shop-1", set()),
    ],
)  # fmt: skip
def test_what_was_chosen_is_dealt_with_once_more(
    inside: Any, csrf: Callable[[], str], database: Database, kept: dict[str, str], choice: str, again: set[str]
) -> None:
    before = states(database, kept)
    answer = inside.post("/received/again", data={"csrf": csrf(), "choice": choice})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/received?again={len(again)}")
    after = states(database, kept)
    assert {name for name in kept if before[name] != after[name]} == again
    assert all(after[name] == "new" for name in again)


def test_the_page_says_how_many_and_what_came_of_it(inside: Any, kept: dict[str, str]) -> None:
    page = inside.get("/received/again").text
    assert "Nur die gescheiterten, die ruhen" in page
    assert "niemand bekommt eine Nachricht zweimal" in page
    assert 'value="shop-1"' not in page, "there is none, so it is no choice"
    assert "/received/again" in inside.get("/received").text
    assert "2 Meldungen" in inside.get("/received?again=2").text
    assert inside.get("/received?again=x").status_code == 200


def test_on_the_first_day_there_is_nothing(inside: Any) -> None:
    assert "Es gibt nichts zu bearbeiten" in inside.get("/received/again").text


def test_nothing_happens_without_a_choice_or_from_elsewhere(
    inside: Any, csrf: Callable[[], str], database: Database, kept: dict[str, str]
) -> None:
    before = states(database, kept)
    assert inside.post("/received/again", data={"csrf": csrf(), "choice": "all-9"}).status_code == 404
    assert inside.post("/received/again", data={"choice": "failed-0"}).status_code == 403
    assert states(database, kept) == before
