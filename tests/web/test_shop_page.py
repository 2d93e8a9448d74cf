"""One shop's page: progress, faults with their remedies, and asking again."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from integration.domain.errors import ShopUnreachable
from integration.domain.ports import Finding, Level, Page, Stream
from integration.domain.text import Text
from integration.store import shops, streams
from integration.store.tables import shop_state, stream

PAGE = "/connections/kaffeeladen"
MINUTE, MONTH = timedelta(minutes=1), timedelta(days=30)


@pytest.fixture
def read(seeded: Any, database: Any, world: Any) -> Any:
    """The shop is being read: 40 of 100 orders, and its products fail."""
    with database.write() as connection:
        both = [(Stream(name, MINUTE, MINUTE, MONTH), {}) for name in ("orders", "products")]
        streams.begin(connection, "kaffeeladen", both, world.NOW)
        known = streams.of(connection, "kaffeeladen")
        streams.advance(connection, "kaffeeladen", known["orders"], Page({}, more=True, left=100), world.NOW)
        error = ShopUnreachable("timeout", Text("Der Shop schweigt.", "The shop is silent."))
        streams.fail(connection, "kaffeeladen", [known["products"]], error, world.NOW)
    return database


def test_progress_and_faults_in_plain_words(inside: Any, read: Any) -> None:
    text = inside.get(PAGE).text
    assert '<progress value="0" max="100"' in text
    assert "0 von 100" in text
    assert "Der Shop schweigt." in text
    assert "wird geprüft" in text


def test_findings_and_their_remedies(inside: Any, read: Any, world: Any) -> None:
    bad = Finding(
        "key",
        Level.FAULT,
        Text("Falscher <b>Schlüssel</b>", "Wrong <b>key</b>"),
        Text("Neuen machen", "Make a new one"),
    )
    with read.write() as connection:
        shops.examined(connection, "kaffeeladen", [bad], world.NOW)
    text = inside.get(PAGE).text
    assert "finding-fault" in text
    assert "Falscher &lt;b&gt;Schlüssel&lt;/b&gt;" in text
    assert "Neuen machen" in text


def test_asking_again(inside: Any, read: Any, world: Any) -> None:
    with read.write() as connection:
        shops.examined(connection, "kaffeeladen", [], world.NOW)
        streams.rest(connection, "kaffeeladen", "orders", MINUTE, world.NOW)
    csrf = inside.get(PAGE).text.split('name="csrf" value="')[1].split('"')[0]
    assert inside.post(PAGE, data={"csrf": "falsch"}).status_code == 403
    assert inside.post(PAGE, data={"csrf": csrf}).status_code == 303
    with read.read() as connection:
        assert connection.execute(select(shop_state.c.examined_at)).scalars().all() == [None]
        assert max(connection.execute(select(stream.c.due_at)).scalars()) == world.NOW


def test_a_shop_without_keys_and_one_that_does_not_exist(inside: Any, seeded: Any) -> None:
    assert "noch nicht gefragt" in inside.get(PAGE).text
    assert inside.get("/connections/anderer").status_code == 404
