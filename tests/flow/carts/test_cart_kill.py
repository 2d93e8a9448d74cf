"""kill -9 between taking a reminder and storing that it left: one voucher, one reminder, nobody who bought."""

import signal
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from cart_dier import MOMENTS, FileChannel, FileLink, lines
from cart_play import MINUTE, arrive, choose, later, left, of_carts, placed, reach, reminding, told
from links import linked
from storekit import child, ended
from worlds import Clock

from integration.domain.carts.reminders import Offer
from integration.flow.messages.prepare import LEASE
from integration.flow.world import World
from integration.store.db import Database
from jobs.sweeps import rescue

pytestmark = pytest.mark.databases("sqlite", "postgresql")

#: at these moments it may have left: it counts as sent, and nobody sends it again
LEFT = ("sending", "posted")
BEFORE = [moment for moment in MOMENTS if moment not in LEFT]


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, tmp_path: Path) -> World:
    """Anna left a cart; its reminder, with a voucher, is due. Shop and phone outlive the process."""
    link = FileLink(tmp_path)
    made = reminding(database, keys, clock, link)
    choose(made, offer=Offer(7, percent=Decimal(10)))
    left(made, clock)
    senders = {"nummer": replace(made.senders["nummer"], channel=FileChannel(tmp_path))}
    return replace(linked(made, link), senders=senders)


@pytest.fixture
def killed(world: World, clock: Clock, tmp_path: Path) -> Callable[[str], None]:
    """Let a process begin and be killed at this moment."""

    def kill(moment: str) -> None:
        url = str(world.database.engine.url.render_as_string(False))
        process = child("cart_dier.py", url, world.keys.url, str(tmp_path), clock().isoformat(), moment)
        ended(process)
        assert process.returncode == -signal.SIGKILL

    return kill


def recovered(world: World, clock: Clock) -> None:
    """The next process begins, and more than an hour passes."""
    rescue.after_crash(world)
    for _ in range(8):
        reach(world)
        rescue.sweep(world, clock())
        later(world, clock, 10 * MINUTE)


@pytest.mark.parametrize("moment", MOMENTS)
def test_one_voucher_and_one_reminder(
    world: World, clock: Clock, killed: Callable[[str], None], tmp_path: Path, moment: str
) -> None:
    killed(moment)
    recovered(world, clock)
    assert len(lines(tmp_path / "vouchers")) == 1
    shown = {"sending": 0}.get(moment, 1)
    assert len(lines(tmp_path / "shown")) == shown
    status = ("unknown", "uncertain") if moment in LEFT else ("accepted", None)
    assert told(world) == [status]
    assert of_carts(world, "state") == [("reminded",)]


@pytest.mark.parametrize("moment", BEFORE)
@pytest.mark.parametrize("heard", [True, False])
def test_nobody_who_bought_meanwhile(
    world: World, clock: Clock, killed: Callable[[str], None], tmp_path: Path, moment: str, heard: bool
) -> None:
    """The order came to us, or only the shop knows of it."""
    killed(moment)
    clock.now += timedelta(seconds=5)
    if heard:
        arrive(world, placed("1", clock, consent=None))
    else:
        world.links.plain.bought["c1"] = "1"  # type: ignore[attr-defined]
        clock.now += 2 * MINUTE
    recovered(world, clock)
    assert lines(tmp_path / "shown") == []
    assert ("cancelled", "bought") in told(world)
    assert len(lines(tmp_path / "vouchers")) <= 1


@pytest.mark.parametrize("last", LEFT)
def test_killed_again_and_again(
    world: World, clock: Clock, killed: Callable[[str], None], tmp_path: Path, last: str
) -> None:
    """Each process gets one moment further than the one before."""
    for moment in (*BEFORE, last):
        killed(moment)
        clock.now += LEASE + MINUTE
        rescue.after_crash(world)
    recovered(world, clock)
    assert len(lines(tmp_path / "vouchers")) == 1
    assert len(lines(tmp_path / "shown")) == (last == "posted")
    assert told(world) == [("unknown", "uncertain")]
