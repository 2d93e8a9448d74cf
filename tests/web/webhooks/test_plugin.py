"""POST /plugin/{shop}: nothing unsigned, altered, late or repeated is stored."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from integration.domain.signing import SIGNATURE, TIMESTAMP, sign
from integration.run.worker import letters_of
from integration.store.db import Database
from integration.store.shops import pairing
from integration.store.shops.pairing import Pairing
from integration.store.webhooks.inbox import InboxItem
from integration.web.webhooks.plugin import PluginFacts

BODY = b'{"event":"ping","id":"1"}'
SECRET = "the-plugins-secret"
ADDRESS = "/plugin/kaffeeladen"


@pytest.fixture(autouse=True)
def paired(world: Any, database: Database) -> None:
    vault = world.deps(database, None, world.Clock()).world.vault
    found = Pairing("https://kaffee.example.com/wp-json/ladenbote/v1/mailbox", "token", SECRET, True)
    with database.write() as connection:
        pairing.put(connection, vault, "kaffeeladen", found, world.NOW)


def test_a_signed_fact_is_stored_as_it_came(client: Any, intake: Any, world: Any) -> None:
    assert client.post(ADDRESS, content=BODY, headers=sign(SECRET, BODY, world.NOW)).status_code == 200
    (item,) = intake.items
    assert (item.channel, item.endpoint, item.topic, item.body) == ("shop", "kaffeeladen", "plugin", BODY)
    assert item.received_at == world.NOW and item.headers == {}


def test_the_same_request_again_is_refused(client: Any, intake: Any, world: Any) -> None:
    headers = sign(SECRET, BODY, world.NOW)
    assert [client.post(ADDRESS, content=BODY, headers=headers).status_code for _ in range(3)] == [200, 401, 401]
    assert len(intake.items) == 1


def test_one_that_comes_both_ways_at_once_is_stored_once(world: Any, database: Database) -> None:
    """By the shop's own request and by its mailbox: both pass one gate."""

    class SlowIntake:
        """Takes long enough for the other one to be asked meanwhile, should nothing keep it."""

        def __init__(self) -> None:
            self.items: list[InboxItem] = []
            self._both = asyncio.Event()

        async def put(self, item: InboxItem) -> None:
            self.items.append(item)
            if len(self.items) == 2:
                self._both.set()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._both.wait(), 0.5)

    async def main() -> list[InboxItem]:
        deps = world.deps(database, intake := SlowIntake(), world.Clock())
        headers = {name.lower(): value for name, value in sign(SECRET, BODY, world.NOW).items()}
        by_mailbox = letters_of(deps).take("plugin/kaffeeladen", headers, BODY, world.NOW, world.NOW)
        await asyncio.gather(by_mailbox, PluginFacts(deps)._answer("kaffeeladen", headers, BODY))
        return intake.items

    assert len(asyncio.run(main())) == 1


def test_one_that_could_not_be_stored_may_come_again(client: Any, intake: Any, world: Any) -> None:
    headers = sign(SECRET, BODY, world.NOW)
    intake.failure = OSError("disk full")
    assert client.post(ADDRESS, content=BODY, headers=headers).status_code == 503
    intake.failure = None
    assert client.post(ADDRESS, content=BODY, headers=headers).status_code == 200
    assert len(intake.items) == 1


@pytest.mark.parametrize("minutes", [-6, 6, 20, -60 * 24 * 400])
def test_signed_at_another_time_is_refused(client: Any, intake: Any, world: Any, minutes: int) -> None:
    headers = sign(SECRET, BODY, world.NOW + timedelta(minutes=minutes))
    assert client.post(ADDRESS, content=BODY, headers=headers).status_code == 401
    assert intake.items == []


def test_four_minutes_of_difference_pass(client: Any, world: Any) -> None:
    headers = sign(SECRET, BODY, world.NOW - timedelta(minutes=4))
    assert client.post(ADDRESS, content=BODY, headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("body", "change"),
    [
        (BODY.replace(b"ping", b"pong"), {}),
        (BODY, {SIGNATURE: "v1=" + "0" * 64}),
        (BODY, {TIMESTAMP: "1795518001"}),
        (BODY, {SIGNATURE: ""}),
    ],
)
def test_altered_is_refused(client: Any, intake: Any, world: Any, body: bytes, change: dict[str, str]) -> None:
    headers = sign(SECRET, BODY, world.NOW) | change
    assert client.post(ADDRESS, content=body, headers=headers).status_code == 401
    assert intake.items == []


def test_a_shop_that_is_not_paired_takes_nothing(client: Any, intake: Any, world: Any) -> None:
    for secret in ("", SECRET):
        headers = sign(secret, BODY, world.NOW)
        assert client.post("/plugin/teehaus", content=BODY, headers=headers).status_code == 401
    assert intake.items == []


def test_unknown_shop_method_and_size(client: Any, world: Any) -> None:
    assert client.post("/plugin/none", content=BODY).status_code == 404
    assert client.get(ADDRESS).status_code == 405
    large = b"x" * 1_000_001
    assert client.post(ADDRESS, content=large, headers=sign(SECRET, large, world.NOW)).status_code == 413
