"""One person is told things in their order, whatever had to be tried again; advertising holds nobody up."""

from datetime import timedelta

import pytest
from sending import ANNA, channel, deliver
from storekit import a_message, rows
from worlds import NOON, Clock, order, parcel, post

from connectors.whatsapp.errors import reaction
from integration.domain.errors import ChannelError, NotSent, Refused
from integration.domain.messages.manual_actions import Choice
from integration.domain.messages.refusals import Refusal
from integration.domain.messages.status import MessageStatus, Outcome
from integration.flow import react, send
from integration.flow.manual_actions import intervene
from integration.flow.messages.throttle import Limits
from integration.flow.world import World
from integration.store import tables
from integration.store.messages import messages
from jobs.sweeps import rescue

pytestmark = pytest.mark.databases("sqlite", "postgresql")

BOTH = ["lb_order_confirmation_du_v1", "lb_shipping_notice_du_v1"]


def refused(code: int) -> Refused:
    return Refused(code, 400, "nein", *reaction(code))


def queue(world: World, *snapshots) -> None:
    post(world, *snapshots)
    react.run(world)


def told(world: World) -> list[str | None]:
    return [envelope.template for envelope in channel(world).sent]


AGAIN = pytest.mark.parametrize(
    "fate", [NotSent("no connection"), refused(131056), refused(130429), refused(2), refused(80007), refused(190)]
)


@AGAIN
def test_what_comes_later_stays_behind_what_is_tried_again(world: World, clock: Clock, fate: ChannelError) -> None:
    limits = Limits()
    queue(world, order())
    clock.advance(seconds=1)
    queue(world, parcel(version=clock()))
    channel(world).fates[ANNA] = fate
    deliver(world, most=1, limits=limits)
    channel(world).fates.clear()
    assert told_in_the_end(world, clock, limits) == BOTH


@AGAIN
def test_what_comes_while_it_waits_stays_behind_it_too(world: World, clock: Clock, fate: ChannelError) -> None:
    limits = Limits()
    queue(world, order())
    channel(world).fates[ANNA] = fate
    deliver(world, limits=limits)
    channel(world).fates.clear()
    clock.advance(seconds=1)
    queue(world, parcel(version=clock()))
    assert told_in_the_end(world, clock, limits) == BOTH


def test_who_was_passed_over_overtakes_nobody(world: World, clock: Clock) -> None:
    """Others filled the claims: the third one was not looked at when the second was put off."""
    limits = Limits()
    for number in ("1", "2", "3"):
        queue(world, order(number=number, placed_at=clock().isoformat()))
        clock.advance(seconds=0.1)
    deliver(world, most=1, limits=limits)
    clock.advance(seconds=1)
    assert deliver(world, most=1, limits=limits) == []
    for _ in range(2):
        clock.advance(seconds=6)
        deliver(world, most=1, limits=limits)
    assert [envelope.variables["order"] for envelope in channel(world).sent] == ["1", "2", "3"]


def told_in_the_end(world: World, clock: Clock, limits: Limits) -> list[str | None]:
    """What the person was told within ten minutes; a pause of the number ends after a minute."""
    for second in range(600):
        clock.advance(seconds=1)
        if second == 60:
            lift(world)
        deliver(world, most=1, limits=limits)
    return told(world)


def lift(world: World) -> None:
    with world.database.write() as connection:
        connection.execute(tables.sender_state.delete())


def test_advertising_that_meta_puts_off_for_a_day_holds_no_parcel_up(world: World, clock: Clock) -> None:
    limits = Limits()
    queue(world, order(consent=True))
    deliver(world, limits=limits)
    [(contact_id,)] = rows(world, tables.contact, "id")
    ad = {"kind": "newsletter", "purpose": "newsletter", "template": "werbung", "expires_at": NOON + timedelta(days=9)}
    first, second = (a_message(contact_id, occurred_at=NOON + timedelta(seconds=n), **ad) for n in (0, 1))
    with world.database.write() as connection:
        messages.add(connection, [first, second], NOON)
    clock.advance(seconds=30)
    queue(world, parcel(version=clock()))
    refuse(world, first, 131049)
    deliver(world, limits=limits)
    assert told(world) == BOTH, "the parcel does not wait for a day"
    [(waits,)] = [(at,) for id_, at in rows(world, tables.message, "id", "send_after") if id_ == second.id]
    assert waits >= clock() + timedelta(hours=23), "the next advertising does"


def refuse(world: World, item: messages.Message, code: int) -> None:
    """It was sent, and Meta refuses it in its answer; whether it might leave is not asked here."""
    now = world.clock()
    with world.database.write() as connection:
        [attempt] = messages.start(connection, [item], now)
    refusal = Refusal(code, *reaction(code), now)
    result = messages.Result(attempt, Outcome.REFUSED, MessageStatus.FAILED, now, error_code=code, refusal=refusal)
    send.claim(world, "nummer", 0, [result])


def test_an_answer_of_a_try_long_given_up_says_nothing_of_the_next(world: World, clock: Clock) -> None:
    """The first try hung until its message was uncertain, and the owner sent it again: only the new one counts."""
    queue(world, order())
    [old] = send.claim(world, "nummer", 10)
    clock.advance(minutes=2)
    rescue.sweep(world, clock())
    [(id_,)] = rows(world, tables.message, "id")
    assert intervene(world.database, [id_], Choice.RESEND, "owner", clock()) == 1
    [_new] = send.claim(world, "nummer", 10)
    late = messages.Result(old.attempt, Outcome.REFUSED, MessageStatus.FAILED, clock(), error_code=100)
    send.claim(world, "nummer", 0, [late])
    assert rows(world, tables.message, "status") == [("sending",)]
