"""What the owner does for a person who uses a right: proof, and everything else on the person's page."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import select
from worlds import NOON, Clock, make_world, order, post

from integration.flow import proof, react, send
from integration.flow.world import World
from integration.store import schema, tables
from integration.store.db import Database
from integration.web.app import create_app

ANNA = "+491713920012"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop(tmp_path: Any, clock: Clock) -> Iterator[World]:
    """A world in which Anna ordered with the box ticked and got her confirmation."""
    database, keys = Database(f"sqlite:///{tmp_path}/shop.db"), Database(f"sqlite:///{tmp_path}/keys.db")
    schema.upgrade(database, keys)
    made = make_world(database, keys, clock)
    post(made, order(number="1001"))
    react.run(made)
    send.claim(made, "nummer", 10)
    yield made
    database.close()
    keys.close()


@pytest.fixture
def database(shop: World) -> Database:
    """The dashboard looks at the same database."""
    return shop.database


@pytest.fixture
def anna(shop: World) -> str:
    with shop.database.read() as connection:
        return connection.execute(select(tables.contact.c.id).where(tables.contact.c.phone == ANNA)).scalar_one()


@pytest.fixture
def inside(shop: World, world: Any, intake: Any, clock: Clock, sign_in: Callable[..., Any]) -> Any:
    from dataclasses import replace

    deps = replace(world.deps(shop.database, intake, clock), world=shop)
    return sign_in(world.Browser(create_app(deps)))


@pytest.fixture
def press(inside: Any, csrf: Callable[[], str]) -> Callable[..., Any]:
    """Send a form with the session's token."""

    def send_form(path: str, **fields: str) -> Any:
        return inside.post(path, data={"csrf": csrf(), **fields})

    return send_form


def types(shop: World) -> list[str]:
    with shop.database.read() as connection:
        return list(connection.execute(select(tables.consent.c.type).order_by(tables.consent.c.seq)).scalars())


def test_the_proof_sheet_is_one_press_away(press: Callable[..., Any], shop: World, anna: str, inside: Any) -> None:
    assert f"/contacts/{anna}/proof" in inside.get(f"/contacts/{anna}").text
    answer = press(f"/contacts/{anna}/proof")
    assert answer.headers["content-type"] == "application/zip" and answer.headers["cache-control"] == "no-store"
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    pdf, sheet = sorted(files.namelist(), key=lambda name: name.endswith("json"))
    assert files.read(pdf).startswith(b"%PDF") and proof.verify(files.read(sheet)).faults == ()
    assert json.loads(files.read(sheet))["proof"]["person"]["phone"] == ANNA
    assert types(shop) == ["granted", "proof_exported"]
    assert press("/contacts/nobody/proof").status_code == 404


def test_nothing_happens_without_the_forms_token(inside: Any, shop: World, anna: str) -> None:
    assert inside.post(f"/contacts/{anna}/proof").status_code == 403
    assert types(shop) == ["granted"]


def test_the_sheet_is_dated_by_the_clock(press: Callable[..., Any], anna: str) -> None:
    files = zipfile.ZipFile(io.BytesIO(press(f"/contacts/{anna}/proof").content))
    [sheet] = [name for name in files.namelist() if name.endswith("json")]
    assert json.loads(files.read(sheet))["proof"]["made_at"] == NOON.isoformat()
