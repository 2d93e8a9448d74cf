"""Fetching letters from a real mailbox into a real database: verified, once acknowledged, never lost."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from blank import opened
from letters import TOKEN, at
from php import filled_in, serving
from sqlalchemy import select
from worlds import make_world

from connectors.mailbox.client import Mailbox, MailboxFailed
from connectors.registry import CONNECTORS
from connectors.whatsapp.webhook import WEBHOOK
from integration.domain.shops.ports import ShopConnector
from integration.domain.signing import sign
from integration.flow.receive import Intake
from integration.flow.webhooks.mailbox import LetterSlot
from integration.flow.webhooks.plugin import PluginGate
from integration.flow.world import World
from integration.store import tables
from integration.store.shops import mailboxes, pairing
from integration.store.shops.pairing import Pairing
from integration.store.webhooks.inbox import InboxItem
from jobs.loops.mailboxes import LONGEST_PAUSE, PAUSE, QUIET_AFTER, QUIET_PAUSE, Box, Mailboxes, Round

APP_SECRET = "app-secret"
ADDRESSES = {"meta/nummer": "", "hooks/laden": "", "hooks/gone": ""}


@dataclass
class Shop:
    slug: str = "laden"
    connector: ShopConnector = CONNECTORS["woocommerce"]
    secrets: Any = lambda: ["hook-secret"]


@dataclass
class Sender:
    slug: str = "nummer"
    app_secret: str = APP_SECRET
    webhook: Any = WEBHOOK
    webhook_header: str = ""


@dataclass
class Wall:
    """Stands between the letters and the inbox, and can be broken."""

    intake: Intake
    broken: bool = False
    seen: list[InboxItem] = field(default_factory=list)

    async def put(self, item: InboxItem) -> None:
        if self.broken:
            raise OSError("disk full")
        await self.intake.put(item)
        self.seen.append(item)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with opened(tmp_path) as (database, keys):
        yield make_world(database, keys, lambda: datetime.now(UTC))


def signed(body: bytes) -> dict[str, str]:
    return {"x-hub-signature-256": "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()}


def hooked(body: bytes) -> dict[str, str]:
    digest = hmac.new(b"hook-secret", body, hashlib.sha256).digest()
    return {"x-wc-webhook-signature": base64.b64encode(digest).decode(), "x-wc-webhook-topic": "order.updated"}


def deliver(mailbox: str, to: str, body: bytes, headers: dict[str, str]) -> None:
    assert httpx.post(at(mailbox, to), content=body, headers=headers, timeout=60).status_code == 200


def walking(world: World, mailbox: str, work: Any, eager: bool = True) -> None:
    """Run `work(round, wall)` with a round to this mailbox."""

    async def run() -> None:
        intake = Intake(world.database, lambda _channel: None)
        wall = Wall(intake)
        gate = PluginGate(world.database, world.vault, wall.put, world.clock)
        slot = LetterSlot({"laden": Shop()}, {"nummer": Sender()}, gate, wall.put, [].append)
        async with httpx.AsyncClient(trust_env=False) as http:
            await work(Round(world, Box("web", mailbox, TOKEN, ADDRESSES, eager), slot.take, http), wall)
        await intake.close()

    asyncio.run(run())


def stored(world: World) -> list[tuple[str, str, str, bytes]]:
    query = select(tables.inbox.c.channel, tables.inbox.c.endpoint, tables.inbox.c.topic, tables.inbox_body.c.body)
    with world.database.read() as connection:
        joined = query.join_from(tables.inbox, tables.inbox_body, tables.inbox.c.id == tables.inbox_body.c.id)
        return [tuple(row) for row in connection.execute(joined.order_by(tables.inbox.c.id))]


def problem(world: World) -> str | None:
    with world.database.read() as connection:
        state = mailboxes.states(connection).get("web")
    return state.problem if state else None


def test_letters_are_verified_and_stored_as_they_came(world: World, file_mailbox: str) -> None:
    async def work(walk: Round, wall: Wall) -> None:
        assert await walk.walk() == PAUSE
        deliver(file_mailbox, "meta/nummer", b'{"messages": [1]}', signed(b'{"messages": [1]}'))
        deliver(file_mailbox, "hooks/laden", b'{"id": 1}', hooked(b'{"id": 1}'))
        assert await walk.walk() == 0
        assert await walk.walk() == PAUSE

    walking(world, file_mailbox, work)
    assert stored(world) == [
        ("meta", "nummer", "whatsapp", b'{"messages": [1]}'),
        ("shop", "laden", "order.updated", b'{"id": 1}'),
    ]
    assert problem(world) == ""


def test_forged_letters_and_unknown_addresses_are_dropped(world: World, file_mailbox: str) -> None:
    async def work(walk: Round, wall: Wall) -> None:
        await walk.walk()
        deliver(file_mailbox, "meta/nummer", b"{}", signed(b"{ }"))
        deliver(file_mailbox, "hooks/laden", b"{}", hooked(b"x"))
        deliver(file_mailbox, "hooks/gone", b"{}", hooked(b"{}"))
        assert await walk.walk() == 0
        assert await walk.walk() == PAUSE

    walking(world, file_mailbox, work)
    assert stored(world) == []


def test_a_letter_that_could_not_be_stored_stays_in_the_mailbox(world: World, file_mailbox: str) -> None:
    async def work(walk: Round, wall: Wall) -> None:
        await walk.walk()
        deliver(file_mailbox, "meta/nummer", b"{}", signed(b"{}"))
        wall.broken = True
        with pytest.raises(OSError, match="disk full"):
            await walk.walk()
        with pytest.raises(OSError, match="disk full"):
            await walk.walk()
        wall.broken = False
        assert await walk.walk() == 0
        assert await walk.walk() == PAUSE

    walking(world, file_mailbox, work)
    assert [body for *_, body in stored(world)] == [b"{}"]


def test_who_dies_before_the_acknowledgement_gets_the_letter_again(world: World, file_mailbox: str) -> None:
    async def first(walk: Round, wall: Wall) -> None:
        await walk.walk()
        deliver(file_mailbox, "meta/nummer", b"{}", signed(b"{}"))
        assert await walk.walk() == 0

    async def second(walk: Round, wall: Wall) -> None:
        assert await walk.walk() == 0
        assert await walk.walk() == PAUSE

    walking(world, file_mailbox, first)
    walking(world, file_mailbox, second)
    walking(world, file_mailbox, second_is_empty)
    assert len(stored(world)) == 2


async def second_is_empty(walk: Round, wall: Wall) -> None:
    assert await walk.walk() == PAUSE


def test_a_flood_of_junk_is_worked_off(world: World, web_space: Path) -> None:
    filled_in(web_space, {"TOKEN": f"'{TOKEN}'", "LETTERS_AT_A_TIME": "10"})

    async def work(walk: Round, wall: Wall) -> None:
        await walk.walk()
        for n in range(25):
            deliver(walk._box.url, "meta/nummer", b"junk %d" % n, {"x-hub-signature-256": "sha256=junk"})
        deliver(walk._box.url, "meta/nummer", b"{}", signed(b"{}"))
        assert [await walk.walk() for _ in range(4)] == [0, 0, 0, PAUSE]

    with serving(web_space) as address:
        walking(world, f"{address}/mailbox.php", work)
    assert [body for *_, body in stored(world)] == [b"{}"]


def test_a_mailbox_whose_clock_is_off_is_understood(world: World, file_mailbox: str) -> None:
    wrong = replace(world, clock=lambda: datetime.now(UTC) - timedelta(minutes=20))

    async def work(walk: Round, wall: Wall) -> None:
        assert await walk.walk() == PAUSE
        deliver(file_mailbox, "meta/nummer", b"{}", signed(b"{}"))
        assert await walk.walk() == 0
        (item,) = wall.seen
        assert abs(item.received_at - wrong.clock()) < timedelta(minutes=1)

    walking(wrong, file_mailbox, work)


def test_the_plugins_own_letters_pass_once(world: World, web_space: Path) -> None:
    """The plugin puts its facts into its own mailbox; here they are handed over by a script."""
    found = Pairing("https://x.example", "t", "plugin-secret", direct=False)
    with world.database.write() as connection:
        pairing.put(connection, world.vault, "laden", found, world.clock())
    body, at = b'{"event":"ping","id":"1"}', datetime.now(UTC) - timedelta(hours=30)
    letter = {"to": "plugin/laden", "received_at": int(at.timestamp()), "body": base64.b64encode(body).decode()}
    good = letter | {"id": "1", "headers": {n.title(): v for n, v in sign("plugin-secret", body, at).items()}}
    late = letter | {"id": "2", "headers": sign("plugin-secret", body, at - timedelta(minutes=6))}
    forged = letter | {"id": "3", "headers": sign("another", body, at)}
    handing_over(web_space, [good, good, late, forged])

    async def work(walk: Round, wall: Wall) -> None:
        assert await walk.walk() == 0
        assert await walk.walk() == PAUSE  # it hands over again what it should have thrown away

    with serving(web_space) as address:
        walking(world, f"{address}/other.php", work)
    assert stored(world) == [("shop", "laden", "plugin", body)]


def handing_over(web_space: Path, letters: list[dict[str, Any]]) -> None:
    import json

    text = json.dumps({"letters": letters, "waiting": 0})
    (web_space / "other.php").write_text(f"<?php echo base64_decode('{base64.b64encode(text.encode()).decode()}');")


ANSWERS = {
    "<html>Maintenance</html>": "stranger",
    "<?php echo '[]';": "stranger",
    '<?php echo \'{"letters":[{"id":""}],"waiting":0}\';': "stranger",
    '<?php echo \'{"letters":[{"id":"1","to":"x","received_at":1,"headers":{},"body":"A"}],"waiting":0}\';': "stranger",
    "<?php http_response_code(500);": "broken",
    "<?php http_response_code(401);": "token",
    "<?php http_response_code(404);": "missing",
    "<?php header('Location: /mailbox.php');": "moved",
    "<?php for ($i = 0; $i < 26; $i++) { echo str_repeat(' ', 1000000); }": "stranger",
}


@pytest.mark.parametrize(("script", "wrong"), ANSWERS.items())
def test_whatever_else_answers_is_said_plainly(world: World, web_space: Path, script: str, wrong: str) -> None:
    (web_space / "other.php").write_text(script)

    async def work(walk: Round, wall: Wall) -> None:
        pauses = [await walk.walk() for _ in range(3)]
        assert pauses == [PAUSE * 2, PAUSE * 4, PAUSE * 8]

    with serving(web_space) as address:
        walking(world, f"{address}/other.php", work)
    assert problem(world) == wrong


def test_a_dead_mailbox_backs_off_says_so_and_comes_back(world: World, web_space: Path) -> None:
    filled_in(web_space, {"TOKEN": f"'{TOKEN}'"})

    async def dead(walk: Round, wall: Wall) -> None:
        pauses = [await walk.walk() for _ in range(9)]
        assert pauses[:3] == [PAUSE * 2, PAUSE * 4, PAUSE * 8] and pauses[-1] == LONGEST_PAUSE
        assert problem(world) == "unreachable"
        with serving(web_space) as address:
            walk._mailbox.url = f"{address}/mailbox.php"
            assert await walk.walk() == PAUSE
        assert problem(world) == ""
        assert await walk.walk() == PAUSE * 2

    walking(world, "http://127.0.0.1:9/mailbox.php", dead)


def test_a_direct_plugins_mailbox_is_asked_less_often_while_nothing_comes(world: World, file_mailbox: str) -> None:
    async def work(walk: Round, wall: Wall) -> None:
        assert await walk.walk() == PAUSE
        walk._last_letter -= QUIET_AFTER + 1
        assert await walk.walk() == QUIET_PAUSE
        deliver(file_mailbox, "meta/nummer", b"{}", signed(b"{}"))
        assert [await walk.walk(), await walk.walk()] == [0, PAUSE]

    walking(world, file_mailbox, work, eager=False)


def test_new_and_changed_mailboxes_are_noticed(
    world: World, file_mailbox: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The supervisor asks which mailboxes there are; one that goes is asked no more."""
    monkeypatch.setattr("jobs.loops.mailboxes.PAUSE", 0.01)
    boxes: list[Box] = []
    arrived = asyncio.Event()

    async def take(*_: Any) -> Any:
        from integration.flow.webhooks.mailbox import Reception

        arrived.set()
        return Reception.STORED

    async def run() -> None:
        supervisor = Mailboxes(world, lambda: boxes, take)
        running = asyncio.create_task(supervisor.run())
        boxes.append(Box("web", file_mailbox, TOKEN, ADDRESSES))
        while not await asyncio.to_thread(lambda: problem(world) == ""):
            await asyncio.sleep(0.01)
        await asyncio.to_thread(deliver, file_mailbox, "meta/nummer", b"{}", signed(b"{}"))
        await asyncio.wait_for(arrived.wait(), 20)
        boxes[0] = replace(boxes[0], token=TOKEN[::-1])
        while await asyncio.to_thread(problem, world) != "token":
            await asyncio.sleep(0.01)
        boxes.clear()
        while supervisor._rounds:
            await asyncio.sleep(0.01)
        supervisor.stop()
        await running

    asyncio.run(asyncio.wait_for(run(), 60))


def test_the_error_quotes_neither_token_nor_address(world: World) -> None:
    async def run() -> None:
        async with httpx.AsyncClient(trust_env=False) as http:
            await Mailbox("http://127.0.0.1:9/secret-place", TOKEN, world.clock, http).collect([], {})

    with pytest.raises(MailboxFailed) as failed:
        asyncio.run(run())
    assert TOKEN not in str(failed.value) and "secret-place" not in str(failed.value)
