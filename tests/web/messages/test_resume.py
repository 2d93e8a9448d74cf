"""What Meta made rest: explained on Shops & numbers, and going on by the owner's click."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from markupsafe import escape

from integration.domain.messages.channel_errors import explanation
from integration.domain.messages.holds import Block, Scope
from integration.domain.numbers.diagnostics import findings
from integration.domain.numbers.numbers import PERMISSIONS, NumberFacts
from integration.store.db import Database
from integration.store.messages import holds
from integration.store.numbers import numbers, paused
from integration.web.app import create_app


def test_what_rests_is_explained_and_goes_on_by_a_click(
    inside: Any, csrf: Callable[[], str], database: Database, world: Any
) -> None:
    key = "konto/lb_shipping_notice_du_v1/de"
    with database.write() as connection:
        holds.put(connection, Block(Scope.TEMPLATE, key, 132000, world.NOW))
    why = explanation(132000)
    page = inside.get("/connections").text
    assert str(escape(why.what.de)) in page and str(escape(why.todo.de)) in page
    form = {"csrf": csrf(), "scope": "template", "key": key}
    assert inside.post("/resting", data=form).status_code == 303
    assert str(escape(why.what.de)) not in inside.get("/connections").text
    assert inside.post("/resting", data=form | {"scope": "everything"}).status_code == 404


def test_a_paused_number_says_why_and_goes_on_by_a_click(
    inside: Any, csrf: Callable[[], str], database: Database, world: Any
) -> None:
    with database.write() as connection:
        paused.pause(connection, "whatsapp", 131042, "payment", world.NOW)
    form = {"csrf": csrf(), "scope": "number", "key": "whatsapp"}
    assert inside.post("/resting", data=form).status_code == 303
    with database.read() as connection:
        assert paused.paused(connection) == {}


def test_of_a_hundred_numbers_those_that_need_the_owner_stand_first_and_whole(
    world: Any, database: Database, intake: Any, clock: Any, sign_in: Callable[..., Any]
) -> None:
    deps = world.deps(database, intake, clock)
    one = next(iter(deps.senders.values()))
    many = {f"n{n:03}": replace(one, slug=f"n{n:03}", display_number=f"+49 30 {n:04}") for n in range(100)}
    faulty = NumberFacts(token_valid=True, permissions=PERMISSIONS, subscribed=False, status="CONNECTED")
    with database.write() as connection:
        paused.pause(connection, "n050", 131042, "payment", world.NOW)
        numbers.keep(connection, "n077", faulty, findings(faulty, world.NOW), world.NOW)
    page = sign_in(world.Browser(create_app(replace(deps, senders=many)))).get("/connections").text
    assert page.count('<article class="card card-bad"') == 2
    assert page.index('id="n077"') < page.index("98 Nummern sind sendebereit") < page.index('id="n000"')
    assert "hört dem WhatsApp-Konto noch nicht zu" in page
    assert all(f'href="/connections/numbers/{slug}"' in page for slug in many)
