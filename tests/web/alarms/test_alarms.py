"""Open alarms stand at the top of Today and on their page, those that are over below."""

from collections.abc import Callable
from dataclasses import replace
from html import unescape
from typing import Any

import pytest

from integration.domain.alarms.alarm_texts import Owner
from integration.domain.alarms.alarms import CAUSES, Cause, told
from integration.domain.errors import NoticeFailed
from integration.flow.alarms.raising import clear, raise_alarm
from integration.store.alarms import alarms, deliveries
from integration.store.db import Database
from integration.web.app import create_app


def raised(database: Database, world: Any, cause: Cause, about: str = "laden") -> None:
    with database.write() as connection:
        raise_alarm(connection, cause, about, world.NOW, {"name": "<b>Laden</b>"})


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("path", ["/", "/alarms"])
def test_every_cause_is_told(
    client: Any, sign_in: Callable[..., Any], database: Database, world: Any, path: str, language: str
) -> None:
    for cause in Cause:
        raised(database, world, cause)
    page = sign_in(client, language).get(path).text
    told = unescape(page)
    for story in CAUSES.values():
        assert story.title.in_(language) in told
    assert "<b>Laden</b>" not in page


def test_nothing_needs_the_owner(inside: Any) -> None:
    page = inside.get("/alarms").text
    assert "Nichts braucht Sie" in page
    assert "ladenbote test-alarm" in page


def test_who_is_told(client_for: Callable[..., Any], sign_in: Callable[..., Any]) -> None:
    page = sign_in(client_for(alarm_routes=("inhaber@example.com",))).get("/alarms").text
    assert "Alarme gehen auch an inhaber@example.com." in page


def test_what_is_over_moves_down(inside: Any, database: Database, world: Any) -> None:
    raised(database, world, Cause.SHOP_UNREACHABLE)
    with database.write() as connection:
        clear(connection, Cause.SHOP_UNREACHABLE, "laden", world.NOW)
    page = inside.get("/alarms").text
    assert "Nichts braucht Sie" in page and "Ein Shop antwortet nicht" in page
    assert "Ein Shop antwortet nicht" not in inside.get("/").text


def test_history_has_pages(inside: Any, database: Database, world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarms, "PAGE", 2)
    for about in ("a", "b", "c"):
        raised(database, world, Cause.GAP_FOUND, about)
        with database.write() as connection:
            clear(connection, Cause.GAP_FOUND, about, world.NOW)
    first = inside.get("/alarms").text
    assert first.count("Bestellungen ohne Nachricht") == 2
    with database.read() as connection:
        before = alarms.over(connection, most=2)[-1].id
    assert f"/alarms?before={before}" in first
    second = inside.get(f"/alarms?before={before}").text
    assert second.count("Bestellungen ohne Nachricht") == 1 and "Nichts braucht Sie" not in second


def test_a_paused_number_is_named_once(inside: Any, seeded: Any, database: Database, world: Any) -> None:
    with seeded.again() as add:
        add.pause()
    raised(database, world, Cause.SENDER_PAUSED, world.SENDER)
    page = inside.get("/").text
    assert "Eine WhatsApp-Nummer pausiert" in page
    assert "von ihr wird nichts gesendet" not in page and "pausiert: " not in page


def test_a_cause_of_a_newer_version_breaks_no_page(inside: Any, database: Database, world: Any) -> None:
    with database.write() as connection:
        alarms.add(connection, "from_the_future", "x", {}, world.NOW)
    assert inside.get("/").status_code == inside.get("/alarms").status_code == 200


def test_facts_of_a_page_lead_to_the_thing() -> None:
    from zoneinfo import ZoneInfo

    assert told(Cause.SHOP_UNREACHABLE, "laden", {}, "de", ZoneInfo("UTC")).page == "/connections/laden"


class Bell:
    """A route that rings, or says why not."""

    name = "mail"
    target = "inhaber@example.com"

    def __init__(self, failure: str = "") -> None:
        self._failure = failure
        self.rung: list[Any] = []

    def send(self, notice: Any, at: Any) -> None:
        if self._failure:
            raise NoticeFailed(self._failure)
        self.rung.append(notice)


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("", "Ein Probealarm ging an inhaber@example.com hinaus."),
        ("login", "Der Probealarm an inhaber@example.com ging nicht hinaus: Der Mailserver nimmt"),
    ],
)
def test_a_test_alarm_by_a_click(
    sign_in: Callable[..., Any], database: Database, world: Any, clock: Any, csrf: Any, failure: str, words: str
) -> None:
    bell = Bell(failure)
    deps = world.deps(database, world.Put(), clock)
    deps = replace(
        deps,
        world=replace(deps.world, owner=Owner(routes=(bell,))),
        config=replace(deps.config, alarm_routes=(bell.target,)),
    )
    client = sign_in(world.Browser(create_app(deps)))
    assert "Probealarm senden" in client.get("/alarms").text
    page = unescape(client.post("/alarms/test", data={"csrf": csrf()}).text)
    assert words in page
    assert len(bell.rung) == (not failure)


def test_a_route_that_fails_says_why(inside: Any, database: Database, world: Any) -> None:
    with database.write() as connection:
        deliveries.owe(connection, [("1", "raised", "mail")], world.NOW)
        [owed] = deliveries.due(connection, world.NOW)
        deliveries.failed(connection, [owed], "answered_404", world.NOW)
    page = unescape(inside.get("/alarms").text)
    assert "Über E-Mail erreichen wir Sie" in page and "HTTP-Status 404" in page and "von selbst" in page
