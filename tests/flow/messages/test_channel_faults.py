"""The real send loop against the sandbox's strict Cloud API over sockets: every fault, every code, lost statuses.

Nobody gets two copies, nothing stays *sending*, and Meta never has to tell us that we were too fast.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import aiohttp
import pytest
from channel_stage import ChannelStage, channel_stage, now
from endings import ENDINGS
from sqlalchemy import select, update
from worlds import order, post

from connectors.whatsapp import http
from connectors.whatsapp.errors import REACTIONS
from integration.domain.actions import Action
from integration.domain.messages.holds import Scope
from integration.domain.numbers.numbers import TIERS
from integration.flow import react
from integration.sandbox.whatsapp import limits
from integration.sandbox.whatsapp.fates import FATES
from integration.store import tables
from integration.store.db import Database
from integration.store.messages import holds
from integration.store.numbers import paused
from jobs.loops import circuit_breaker
from jobs.sweeps import number_health

ANNA = "+491713920011"
TRANSPORT = sorted({"deliver", *(name for name, one in FATES.items() if one.fault)})
NEVER_TAKEN = {name for name, one in FATES.items() if not one.accepted}


@pytest.fixture
def stage(database: Database, keys: Database) -> Iterator[ChannelStage]:
    with channel_stage(database, keys) as found:
        yield found


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever answers nothing for a second will not answer."""
    monkeypatch.setattr(http, "TIMEOUT", aiohttp.ClientTimeout(connect=10, sock_connect=5, sock_read=1))
    monkeypatch.setattr(circuit_breaker, "TRY_EVERY", 0.05)


@pytest.mark.usefixtures("hasty")
def test_nobody_gets_two_copies_and_nothing_stays_sending(stage: ChannelStage) -> None:
    switches = stage.meta.webhooks.switches
    switches.shuffle = switches.duplicate = switches.lose = True
    chosen = stage.fated([name for name in TRANSPORT for _ in range(4)])
    stage.play(2)
    stage.end()
    states = stage.states()
    accepted = {phone for phone, name in chosen.items() if name not in NEVER_TAKEN}
    assert set(stage.copies()) == accepted
    assert set(stage.copies().values()) == {1}
    assert not {status for status, _ in states.values()} & {"sending", "queued"}
    uncertain = {phone for phone, (status, _) in states.items() if status == "unknown"}
    assert set(chosen) - accepted <= uncertain, "a fault never proves that nothing was taken"
    assert stage.meta.webhooks.statuses.lost > 0
    assert not stage.meta.graph.sending.refused


@pytest.mark.usefixtures("hasty")
def test_a_status_settles_what_the_connection_left_open(stage: ChannelStage) -> None:
    chosen = stage.fated([name for name in TRANSPORT for _ in range(2)])
    stage.play()
    states = stage.states()
    for phone, name in chosen.items():
        assert states[phone][0] == ("unknown" if name in NEVER_TAKEN else "read"), name


# --- every code of the table, in the answer and by webhook


@pytest.mark.parametrize("way", ["sync", "later"])
def test_every_code_has_its_action(stage: ChannelStage, way: str) -> None:
    found: dict[int, tuple[str, str | None]] = {}
    for n, code in enumerate(REACTIONS):
        phone = f"+491713{80000 + n}"
        assert stage.meta.graph.fates.set(phone, f"{way}_{code}")
        stage.queue(phone)
        stage.play()
        found[code] = stage.states()[phone]
        EFFECTS.get(REACTIONS[code].action, nothing)(stage, code, phone)
        forget(stage)
    expected = {code: ENDINGS[REACTIONS[code].action] for code in REACTIONS}
    if way == "sync":
        expected |= dict.fromkeys(uncertain_codes(), ("unknown", "uncertain"))
    assert found == expected
    assert set(stage.copies().values()) <= {1}


def uncertain_codes() -> list[int]:
    return [code for code, one in REACTIONS.items() if one.action is Action.UNKNOWN]


def nothing(stage: ChannelStage, code: int, _phone: str) -> None:
    """It concerns this message alone: the number goes on."""
    with stage.world.database.read() as connection:
        assert not paused.paused(connection), code
        assert not holds.in_force(connection, now()).parts, code


def is_paused(stage: ChannelStage, code: int, _phone: str) -> None:
    with stage.world.database.read() as connection:
        assert paused.paused(connection) == {"nummer": code}


def rests(scope: Scope) -> Callable[[ChannelStage, int, str], None]:
    def check(stage: ChannelStage, code: int, _phone: str) -> None:
        with stage.world.database.read() as connection:
            found = holds.in_force(connection, now()).parts.values()
        assert [(one.scope, one.code) for one in found] == [(scope, code)]

    return check


def is_unreachable(stage: ChannelStage, _code: int, phone: str) -> None:
    query = select(tables.contact.c.unreachable_until).where(tables.contact.c.phone == phone)
    with stage.world.database.read() as connection:
        until = connection.execute(query).scalar_one()
    assert until > now() + timedelta(days=29)


def has_stopped(stage: ChannelStage, _code: int, phone: str) -> None:
    query = select(tables.consent.c.type).join(tables.contact, tables.contact.c.subject == tables.consent.c.subject)
    with stage.world.database.read() as connection:
        assert "platform_stop" in connection.execute(query.where(tables.contact.c.phone == phone)).scalars().all()


EFFECTS: dict[Action, Callable[[ChannelStage, int, str], None]] = {
    Action.PAUSE_SENDER: is_paused,
    Action.PAUSE_MARKETING: rests(Scope.MARKETING),
    Action.PAUSE_COUNTRY: rests(Scope.COUNTRY),
    Action.SLOW_ACCOUNT: rests(Scope.ACCOUNT),
    Action.STOP_TEMPLATE: rests(Scope.TEMPLATE),
    Action.HOLD_TEMPLATE: rests(Scope.TEMPLATE),
    Action.UNDELIVERABLE: is_unreachable,
    Action.OPT_OUT: has_stopped,
}


def forget(stage: ChannelStage) -> None:
    """The next code finds a number that nothing holds back."""
    with stage.world.database.write() as connection:
        for table in (tables.sender_state, tables.block):
            connection.execute(table.delete())
        connection.execute(update(tables.message).values(status="cancelled"))


# --- held, hidden, limited


@pytest.mark.parametrize(("well", "end"), [(True, ("read", None)), (False, ("queued", "template_stopped"))])
def test_what_is_held_is_not_sent(stage: ChannelStage, well: bool, end: tuple[str, str | None]) -> None:
    stage.tell("pacing", template="lb_order_confirmation_du_v1", verdict="hold")
    stage.queue(ANNA)
    stage.play()
    assert stage.states()[ANNA] == ("accepted", None)
    with stage.world.database.read() as connection:
        assert connection.execute(select(tables.message.c.held)).scalar_one() is True
    stage.tell("pacing", template="lb_order_confirmation_du_v1", verdict="release" if well else "drop")
    stage.read()
    assert stage.states()[ANNA] == end


def test_a_stop_by_a_username_counts_for_the_phone_we_know(stage: ChannelStage) -> None:
    stage.queue(ANNA)
    stage.play()
    stage.tell("hide", phone=ANNA)
    stage.tell("reply", phone=ANNA, text="STOP alles")
    stage.read()
    stage.play()
    stage.queue(ANNA)
    stage.play()
    with stage.world.database.read() as connection:
        kinds = connection.execute(select(tables.message.c.kind, tables.message.c.status)).all()
    assert sorted(kinds) == [
        ("optout_confirmation", "read"), ("order_confirmation", "read"), ("order_confirmation", "suppressed"),
    ]  # fmt: skip


def test_meta_never_counts_one_person_too_many(stage: ChannelStage, monkeypatch: pytest.MonkeyPatch) -> None:
    for tiers in (TIERS, limits.TIERS):
        monkeypatch.setitem(tiers, "TIER_250", 5)  # type: ignore[arg-type]
    stage.tell("tier", tier="TIER_250")
    number_health.sweep(stage.world, now())
    phones = [f"+491713{70000 + n}" for n in range(8)]
    stage.queue(*phones)
    stage.play()
    assert not stage.meta.graph.sending.refused
    found = list(stage.states().values())
    assert (found.count(("read", None)), found.count(("queued", "portfolio_limit"))) == (5, 3)
    # who has a place and is written to once more keeps it for another day
    stage.queue(*sorted(stage.copies())[:2])
    stage.play()
    assert not stage.meta.graph.sending.refused


def test_a_full_queue_never_meets_the_numbers_limit(stage: ChannelStage) -> None:
    stage.queue(*(f"+491713{60000 + n}" for n in range(200)))
    stage.play()
    assert len(stage.copies()) == 200
    assert not stage.meta.graph.sending.refused


def test_one_persons_orders_never_meet_the_pair_limit(stage: ChannelStage) -> None:
    at = now()
    orders = [order(number=str(n), phone=ANNA, placed_at=at.isoformat()) for n in range(60)]
    post(stage.world, *orders)
    react.run(stage.world)
    stage.play()
    assert not stage.meta.graph.sending.refused
    assert 1 <= stage.copies()[ANNA] < 60, "the others wait their turn"
