"""What Meta made rest: explained on Shops & numbers, and going on by the owner's click."""

from collections.abc import Callable
from typing import Any

from markupsafe import escape

from integration.domain.blocks import Block, Scope
from integration.domain.channel_errors import explanation
from integration.store import blocks, senders
from integration.store.db import Database


def test_what_rests_is_explained_and_goes_on_by_a_click(
    inside: Any, csrf: Callable[[], str], database: Database, world: Any
) -> None:
    key = "konto/lb_shipping_notice_du_v1/de"
    with database.write() as connection:
        blocks.put(connection, Block(Scope.TEMPLATE, key, 132000, world.NOW))
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
        senders.pause(connection, "whatsapp", 131042, "payment", world.NOW)
    form = {"csrf": csrf(), "scope": "number", "key": "whatsapp"}
    assert inside.post("/resting", data=form).status_code == 303
    with database.read() as connection:
        assert senders.paused(connection) == {}
