"""The owner's decisions about failed and uncertain messages, and what a later status makes of them."""

import asyncio

import pytest
from sending import channel
from storekit import rows
from worlds import Clock, order, post, post_meta

from connectors.whatsapp.errors import reaction
from integration.domain.actions import Action
from integration.domain.errors import OutcomeUnknown, Refused
from integration.domain.messages.channel import MetaUpdate, StatusUpdate
from integration.domain.messages.manual_actions import Choice
from integration.flow import answer, react, send
from integration.flow.manual_actions import intervene
from integration.flow.world import World
from integration.store import tables
from integration.store.messages import manual_actions, messages

ANNA = "+491713920012"


def deliver(world: World, fate: Exception | None = None) -> None:
    channel(world).fates = {ANNA: fate} if fate else {}
    batch = send.claim(world, "nummer", 100)

    async def dispatch() -> list[messages.Result]:
        return await asyncio.gather(*(send.dispatch(world, channel(world), item) for item in batch))

    send.claim(world, "nummer", 0, asyncio.run(dispatch()))


def one(world: World, fate: Exception) -> str:
    """A message that ended so; its id."""
    post(world, order())
    react.run(world)
    deliver(world, fate)
    [(id_,)] = rows(world, tables.message, "id")
    return id_


def decide(world: World, id_: str, choice: Choice) -> int:
    return intervene(world.database, [id_], choice, "owner", world.clock())


def told(world: World, kind: str, n: int = 0, **more) -> None:
    attempts = sorted(rows(world, tables.attempt, "n", "id"))
    post_meta(world, MetaUpdate(statuses=(StatusUpdate(f"wamid.{n}", kind, world.clock(), attempts[n][1], **more),)))
    answer.run(world)


def state(world: World) -> tuple[str, str | None]:
    [(status, reason)] = rows(world, tables.message, "status", "reason")
    return status, reason


def test_an_uncertain_message_is_sent_again_only_by_decision_and_decided_on_anew(world: World, clock: Clock) -> None:
    id_ = one(world, OutcomeUnknown("hung up"))
    deliver(world)
    assert channel(world).sent == []
    assert decide(world, id_, Choice.RESEND) == 1
    deliver(world)
    assert state(world)[0] == "accepted"
    assert [stage for (stage,) in rows(world, tables.decision, "stage")].count("send") == 2
    assert rows(world, tables.intervention, "message_id", "at", "actor", "choice", "was") == [
        (id_, clock(), "owner", "resend", "unknown")
    ]


def test_two_clicks_send_once(world: World) -> None:
    id_ = one(world, OutcomeUnknown("hung up"))
    assert decide(world, id_, Choice.RESEND) == 1
    assert decide(world, id_, Choice.RESEND) == 0
    deliver(world)
    assert len(channel(world).sent) == 1


@pytest.mark.parametrize(
    ("choice", "then"), [(Choice.SENT, ("sent", "taken_as_sent")), (Choice.DROP, ("cancelled", "dropped_by_owner"))]
)
def test_the_other_decisions_send_nothing_and_yield_to_a_status(world: World, choice: Choice, then: object) -> None:
    id_ = one(world, OutcomeUnknown("hung up"))
    assert decide(world, id_, choice) == 1
    deliver(world)
    assert (channel(world).sent, state(world)) == ([], then)
    told(world, "delivered")
    assert state(world) == ("delivered", None)


def test_a_failure_told_later_wins_over_taken_as_sent(world: World) -> None:
    id_ = one(world, OutcomeUnknown("hung up"))
    decide(world, id_, Choice.SENT)
    told(world, "failed", error_code=131026, action=Action.UNDELIVERABLE)
    assert state(world) == ("failed", "undeliverable")


def test_a_late_status_of_the_first_try_stops_the_second(world: World) -> None:
    id_ = one(world, OutcomeUnknown("hung up"))
    decide(world, id_, Choice.RESEND)
    told(world, "sent")
    deliver(world)
    assert (channel(world).sent, state(world)[0]) == ([], "sent")


def test_a_late_failure_of_the_first_try_says_nothing_about_the_second(world: World) -> None:
    id_ = one(world, OutcomeUnknown("hung up"))
    decide(world, id_, Choice.RESEND)
    deliver(world)
    told(world, "failed", error_code=131026, action=Action.UNDELIVERABLE)
    assert state(world)[0] == "accepted"


def test_what_failed_can_be_sent_again_and_who_could_not_be_reached_is_tried(world: World) -> None:
    id_ = one(world, Refused(131026, 400, "nein", *reaction(131026)))
    assert rows(world, tables.message, "error_code") == [(131026,)]
    assert decide(world, id_, Choice.RESEND) == 1
    deliver(world)
    assert (state(world)[0], rows(world, tables.message, "error_code")) == ("accepted", [(None,)])


def test_nothing_is_sent_again_that_would_come_too_late(world: World, clock: Clock) -> None:
    id_ = one(world, OutcomeUnknown("hung up"))
    clock.advance(hours=13)
    assert decide(world, id_, Choice.RESEND) == 0
    assert state(world) == ("unknown", "uncertain")


@pytest.mark.parametrize("choice", list(Choice))
def test_what_arrived_cannot_be_decided_about(world: World, choice: Choice) -> None:
    id_ = one(world, OutcomeUnknown("hung up"))
    told(world, "delivered")
    assert decide(world, id_, choice) == 0
    assert rows(world, tables.intervention, "id") == []


def test_a_withdrawal_since_forbids_the_second_try(world: World) -> None:
    id_ = one(world, Refused(100, 400, "nein", *reaction(100)))
    with world.database.write() as connection:
        connection.execute(tables.consent.delete())
    decide(world, id_, Choice.RESEND)
    deliver(world)
    assert (channel(world).sent, state(world)) == ([], ("suppressed", "no_consent"))


def test_the_lists_count_by_code(world: World, clock: Clock) -> None:
    one(world, Refused(100, 400, "nein", *reaction(100)))
    with world.database.read() as connection:
        [found] = manual_actions.failures(connection, clock())
        rows_ = manual_actions.failed(connection, 100, "refused_by_meta", clock())
    assert (found.code, found.reason, found.count, len(rows_)) == (100, "refused_by_meta", 1, 1)
