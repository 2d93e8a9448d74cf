"""Pages of a shop that lives: its worker's world and its dashboard on the same SQLite file."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from blank import opened
from worlds import Clock, make_world

from integration.flow.world import World
from integration.store.db import Database
from integration.web.app import create_app


@pytest.fixture
def clock() -> Clock:
    """Stands at noon until a test moves it."""
    return Clock()


@pytest.fixture
def shop(tmp_path: Path, clock: Clock) -> Iterator[World]:
    """What the worker works with; nobody ordered yet."""
    with opened(tmp_path) as (database, keys):
        yield make_world(database, keys, clock)


@pytest.fixture
def database(shop: World) -> Database:
    """The dashboard looks at the same database."""
    return shop.database


@pytest.fixture
def stranger(shop: World, world: Any, intake: Any, clock: Clock) -> Any:
    """A browser that nobody has signed in."""
    return world.Browser(create_app(replace(world.deps(shop.database, intake, clock), world=shop)))


@pytest.fixture
def inside(stranger: Any, sign_in: Callable[..., Any]) -> Any:
    """A signed-in browser, in German."""
    return sign_in(stranger)


@pytest.fixture
def press(inside: Any, csrf: Callable[[], str]) -> Callable[..., Any]:
    """Send a form with the session's token."""

    def send_form(path: str, **fields: str) -> Any:
        return inside.post(path, data={"csrf": csrf(), **fields})

    return send_form
