"""One world for every flow: a company with a shop and a number, on both databases, and a clock that stands."""

import pytest
from worlds import Clock, make_world

from integration.flow.world import World
from integration.store.db import Database


@pytest.fixture
def clock() -> Clock:
    """Stands at noon until a test moves it."""
    return Clock()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> World:
    """What flows work with; its number only remembers what it was told to send."""
    return make_world(database, keys, clock)
