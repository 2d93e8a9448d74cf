"""/o/{token}: stopping messages by a link. No login, no personal data, nothing happens by reading it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from blank import opened
from sqlalchemy import select
from worlds import NOON, make_world

from integration.flow.consent.optout import OptOutPage
from integration.store import tables
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.web.app import create_app

PHONE = "+491713920012"


@pytest.fixture
def page(tmp_path: Any) -> Iterator[OptOutPage]:
    with opened(tmp_path) as (main, keys):
        yield OptOutPage(make_world(main, keys))


@pytest.fixture
def token(page: OptOutPage) -> str:
    with page._world.database.write() as connection:
        return page.token(identity_resolution.resolve(connection, [Person("firma", PHONE)], NOON)[0])


@pytest.fixture
def browser(page: OptOutPage, world: Any, database: Database, intake: Any, clock: Any) -> Any:
    return world.Browser(create_app(replace(world.deps(database, intake, clock), opt_out=page)))


def withdrawn(page: OptOutPage) -> list[tuple[str, list[str], str, str]]:
    columns = (tables.consent.c.type, tables.consent.c.purposes, tables.consent.c.channel, tables.consent.c.source)
    with page._world.database.read() as connection:
        return [tuple(row) for row in connection.execute(select(*columns))]  # type: ignore[misc]


def test_reading_shows_the_choice_and_changes_nothing(browser: Any, page: OptOutPage, token: str) -> None:
    answer = browser.get(f"/o/{token}")
    assert answer.status_code == 200 and "Laden Beispiel" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert withdrawn(page) == []


@pytest.mark.parametrize(("scope", "purposes"), [("marketing", ["*marketing"]), ("all", ["*"]), ("", ["*marketing"])])
def test_a_press_withdraws_at_once(browser: Any, page: OptOutPage, token: str, scope: str, purposes: list[str]) -> None:
    answer = browser.post(f"/o/{token}", data={"scope": scope} if scope else {})
    assert answer.status_code == 200
    assert withdrawn(page) == [("withdrawn", purposes, "any", "form")]


def test_the_link_names_nobody(token: str) -> None:
    assert PHONE[1:] not in token and token.isascii() and len(token) < 50


@pytest.mark.parametrize("broken", ["first", "last", "short", "noise"])
def test_a_forged_link_stops_nobody(browser: Any, page: OptOutPage, token: str, broken: str) -> None:
    swap = "B" if token[0] != "B" else "C"
    forged = {"first": swap + token[1:], "last": token[:-3] + "AAA", "short": token[:20], "noise": "%C3%A4!!"}[broken]
    assert browser.get(f"/o/{forged}").status_code == 404
    assert browser.post(f"/o/{forged}", data={"scope": "all"}).status_code == 404
    assert withdrawn(page) == []
