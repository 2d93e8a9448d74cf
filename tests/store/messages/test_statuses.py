"""Statuses from Meta: any order and any number of copies end in the same state."""

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, select
from storekit import a_message, rows
from worlds import NOON, Clock, make_world, order, post, post_meta

from integration.domain.actions import Action
from integration.domain.costs.pricing import DEFAULT_CARDS, Prices
from integration.domain.messages.channel import MetaUpdate, Preference, StatusUpdate
from integration.domain.messages.status import MessageStatus, Outcome
from integration.flow import answer, react, send
from integration.flow.world import World
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.messages import messages, statuses
from integration.store.messages.messages import Attempt, Result
from integration.store.tables import attempt, consent, message, status

VAULT = Vault(b"\1" * 32)

KINDS = ("sent", "delivered", "read", "failed", "played", "deleted", "warning")
#: the model: what each of Meta's statuses says, as a number
MODEL = {"accepted": 1, "sent": 2, "failed": 3, "delivered": 4, "read": 5, "played": 5}
NAMES = {1: "accepted", 2: "sent", 3: "failed", 4: "delivered", 5: "read"}


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as opened:
        yield opened
        opened.rollback()


def begin(connection: Connection, settled: bool = True) -> Attempt:
    """A message that Meta accepted, or one whose answer is still under way."""
    item = a_message()
    messages.add(connection, [item], NOON)
    [begun] = messages.start(connection, [item], NOON)
    if settled:
        messages.settle(connection, [accepted(begun)])
    return begun


def accepted(begun: Attempt) -> Result:
    return Result(begun, Outcome.ACCEPTED, MessageStatus.ACCEPTED, NOON, wa_message_id=f"wamid.{begun.id}")


def update_of(begun: Attempt, kind: str, by_ours: bool = True, n: int = 0, **more: object) -> StatusUpdate:
    at = NOON + timedelta(seconds=n)
    return StatusUpdate(f"wamid.{begun.id}", kind, at, attempt_id=begun.id if by_ours else None, **more)  # type: ignore[arg-type]


def state(connection: Connection, begun: Attempt) -> str:
    return str(connection.execute(select(message.c.status).where(message.c.id == begun.message_id)).scalar_one())


arrivals = st.lists(st.tuples(st.sampled_from(KINDS), st.booleans(), st.integers(0, 2)), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arrivals=st.lists(arrivals, max_size=4), answer_at=st.integers(0, 4))
def test_any_order_and_number_of_statuses_give_the_models_state(
    connection: Connection, arrivals: list[list[tuple[str, bool, int]]], answer_at: int
) -> None:
    """Batches in any order, by our id or Meta's, with our own answer stored somewhere between them."""
    begun, settled = begin(connection, settled=False), False
    expected = 0
    for n, batch in enumerate(arrivals):
        if n == answer_at:
            messages.settle(connection, [accepted(begun)])
            settled, expected = True, max(expected, 1)
        found = [update_of(begun, kind, ours or not settled, at) for kind, ours, at in batch]
        if found:
            statuses.apply(connection, "firma", found, NOON, VAULT)
        expected = max([expected, *(MODEL.get(kind, 0) for kind, _, _ in batch)])
    if not settled:
        messages.settle(connection, [accepted(begun)])
        expected = max(expected, 1)
    assert state(connection, begun) == NAMES[expected]


def test_the_model_tells_a_wrong_order_apart(connection: Connection) -> None:
    begun = begin(connection)
    statuses.apply(connection, "firma", [update_of(begun, "read")], NOON, VAULT)
    statuses.apply(connection, "firma", [update_of(begun, "failed", error_code=1)], NOON, VAULT)
    assert state(connection, begun) == "read"


def test_one_body_with_statuses_of_many_messages(connection: Connection) -> None:
    """Meta's batches hold many: all of them move."""
    begun = [begin(connection) for _ in range(5)]
    found = [update_of(one, kind) for one in begun for kind in ("sent", "delivered")]
    statuses.apply(connection, "firma", [*found, update_of(begun[4], "read")], NOON, VAULT)
    assert [state(connection, one) for one in begun] == ["delivered"] * 4 + ["read"]


def test_copies_are_stored_once(connection: Connection) -> None:
    begun = begin(connection)
    for _ in range(3):
        statuses.apply(
            connection, "firma", [update_of(begun, "sent")] * 2 + [update_of(begun, "sent", n=1)], NOON, VAULT
        )
    assert len(connection.execute(select(status.c.status)).all()) == 2


@pytest.mark.parametrize("local", [MessageStatus.SUPPRESSED, MessageStatus.CANCELLED, MessageStatus.EXPIRED])
def test_what_never_left_is_not_raised(connection: Connection, local: MessageStatus) -> None:
    """A status for it would be a mistake of ours or somebody else's: the reason why it did not leave stays."""
    item = a_message(status=local, reason="withdrawn")
    messages.add(connection, [item], NOON)
    connection.execute(
        attempt.insert(), [{"id": "a1", "message_id": item.id, "n": 1, "at": NOON, "outcome": "not_sent"}]
    )
    statuses.apply(connection, "firma", [StatusUpdate("w", "sent", NOON, attempt_id="a1")], NOON, VAULT)
    assert state(connection, Attempt("a1", item.id, 1)) == local


def test_a_status_settles_an_uncertain_attempt(connection: Connection) -> None:
    begun = begin(connection, settled=False)
    messages.settle(connection, [Result(begun, Outcome.UNKNOWN, MessageStatus.UNKNOWN, NOON, reason="uncertain")])
    statuses.apply(connection, "firma", [update_of(begun, "sent")], NOON, VAULT)
    row = connection.execute(select(message.c.status, message.c.reason)).one()
    assert tuple(row) == ("sent", None)
    row = connection.execute(select(attempt.c.outcome, attempt.c.wa_message_id)).one()
    assert tuple(row) == ("accepted", f"wamid.{begun.id}")


def test_a_status_with_a_foreign_id_is_found_by_metas_message_id(connection: Connection) -> None:
    """A partner between Meta and us may put its own text into biz_opaque_callback_data."""
    begun = begin(connection)
    found = StatusUpdate(f"wamid.{begun.id}", "read", NOON, attempt_id="the partner's own")
    statuses.apply(connection, "firma", [found], NOON, VAULT)
    assert state(connection, begun) == "read"


def test_strangers_statuses_are_kept_without_message(connection: Connection) -> None:
    assert (
        statuses.apply(connection, "firma", [StatusUpdate("w", "failed", NOON, attempt_id="x")], NOON, VAULT).failed
        == {}
    )
    assert connection.execute(select(status.c.message_id)).all() == [(None,)]


def test_a_failure_is_reported_with_its_reason_and_forgotten_by_a_delivery(connection: Connection) -> None:
    one, two = begin(connection), begin(connection)
    failed = update_of(one, "failed", error_code=131026, error_title="Undeliverable", action=Action.UNDELIVERABLE)
    assert statuses.apply(connection, "firma", [failed], NOON, VAULT).failed == {one.message_id: failed}
    other = update_of(two, "failed", error_code=131053)
    statuses.apply(connection, "firma", [other], NOON, VAULT)
    assert reasons(connection) == {one.message_id: "undeliverable", two.message_id: "refused_by_meta"}
    assert statuses.apply(connection, "firma", [update_of(one, "delivered")], NOON, VAULT) == ({}, [one.message_id])
    assert reasons(connection)[one.message_id] is None
    stored = connection.execute(select(status.c.error_code).where(status.c.status == "failed")).scalars()
    assert set(stored) == {131026, 131053}


def reasons(connection: Connection) -> dict[str, str | None]:
    return {row.id: row.reason for row in connection.execute(select(message.c.id, message.c.reason))}


@pytest.mark.parametrize("together", [True, False], ids=["one batch", "two batches"])
def test_the_price_that_came_with_sent_stays(connection: Connection, together: bool) -> None:
    """Meta names the price with one of the statuses; the others do not take it away."""
    begun = begin(connection)
    priced, later = update_of(begun, "sent", price_category="utility"), update_of(begun, "read", n=1)
    for batch in [[priced, later]] if together else [[priced], [later]]:
        statuses.apply(connection, "firma", batch, NOON, VAULT, Prices(DEFAULT_CARDS, ZoneInfo("Europe/Berlin")))
    assert connection.execute(select(message.c.price_category)).scalar_one() == "utility"


def test_held_ends_with_the_first_status(connection: Connection) -> None:
    begun = begin(connection, settled=False)
    held = Result(begun, Outcome.ACCEPTED, MessageStatus.ACCEPTED, NOON, wa_message_id="w", held=True)
    messages.settle(connection, [held])
    assert connection.execute(select(message.c.held)).scalar_one() is True
    statuses.apply(connection, "firma", [update_of(begun, "sent")], NOON, VAULT)
    assert connection.execute(select(message.c.held)).scalar_one() is False


@pytest.fixture
def world(database: Database, keys: Database) -> World:
    return make_world(database, keys, Clock())


def test_one_body_with_two_messages_statuses_passes_the_whole_way(world: World) -> None:
    post(world, order(number="1"), order(number="2"))
    react.run(world)
    batch = send.claim(world, "nummer", 10)
    found = [update_of(item.attempt, "delivered") for item in batch]
    post_meta(world, MetaUpdate(statuses=tuple(found)))
    answer.run(world)
    assert [s for (s,) in rows(world.database, message, "status")] == ["delivered"] * 2


def test_a_repeated_stop_of_metas_is_recorded_once_and_dated_when_it_happened(world: World) -> None:
    """Meta repeats its webhooks for days: a copy that comes after a resumption must not stop again."""
    clock = world.clock
    assert isinstance(clock, Clock)
    post(world, order())
    react.run(world)
    [item] = send.claim(world, "nummer", 1)
    phone = item.envelope.to
    stop = update_of(item.attempt, "failed", error_code=131050, action=Action.OPT_OUT, phone=phone)
    post_meta(world, MetaUpdate(statuses=(stop,)))
    answer.run(world)
    clock.advance(hours=1)
    post_meta(world, MetaUpdate(preferences=(Preference(phone, None, clock(), stop=False),)))
    answer.run(world)
    clock.advance(hours=1)
    post_meta(world, MetaUpdate(statuses=(stop,)))
    answer.run(world)
    found = sorted((at, kind) for kind, at in rows(world.database, consent, "type", "occurred_at"))
    assert [kind for _, kind in found if kind.startswith("platform")] == ["platform_stop", "platform_resume"]
