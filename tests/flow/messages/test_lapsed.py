"""What Meta never told the delivery of is presumed dropped once it no longer tries; a late status still wins."""

from datetime import timedelta

import pytest
from sending import deliver
from storekit import a_message, rows
from worlds import NOON, Clock, order, post, post_meta

from integration.domain.messages.channel import MetaUpdate, StatusUpdate
from integration.domain.messages.manual_actions import Choice
from integration.domain.messages.status import MessageStatus
from integration.domain.notifications import BY_KIND, TRIED_FOR
from integration.flow import answer, react
from integration.flow.manual_actions import intervene
from integration.flow.world import World
from integration.store import tables
from integration.store.costs import costs
from integration.store.messages import messages
from integration.store.messages import sent as sent_messages
from jobs.sweeps import rescue

LIVES = BY_KIND["order_confirmation"].lives
OVER = LIVES + sent_messages.BUFFER
PHONE = "+491713920012"


def sent(world: World, word: str = "sent") -> None:
    """An order confirmation, and how far Meta said that it got."""
    post(world, order())
    react.run(world)
    deliver(world)
    if word:
        tell(world, word)


def tell(world: World, word: str) -> None:
    [(attempt_id, wamid)] = rows(world, tables.attempt, "id", "wa_message_id")
    update = StatusUpdate(wamid, word, world.clock(), attempt_id, price_category="utility", price_type="regular")
    post_meta(world, MetaUpdate(statuses=(update,)))
    answer.run(world)


def hear(world: World) -> None:
    """Meta says something about somebody else."""
    post_meta(world, MetaUpdate(notes=("something",)))
    answer.run(world)


def state(world: World) -> tuple[str, str | None]:
    [(status, reason)] = rows(world, tables.message, "status", "reason")
    return status, reason


def later(world: World, clock: Clock, by: timedelta) -> None:
    clock.advance(seconds=by.total_seconds())
    hear(world)
    rescue.sweep(world, clock())


@pytest.mark.parametrize("word", ["", "sent"])
def test_what_was_never_delivered_is_presumed_dropped_after_its_life(world: World, clock: Clock, word: str) -> None:
    sent(world, word)
    later(world, clock, OVER - timedelta(seconds=1))
    assert state(world)[0] == (word or "accepted")
    later(world, clock, timedelta(seconds=1))
    assert state(world) == ("lapsed", "presumed_dropped")


@pytest.mark.parametrize("word", ["delivered", "read", "failed"])
def test_a_late_status_wins(world: World, clock: Clock, word: str) -> None:
    sent(world)
    later(world, clock, OVER)
    tell(world, word)
    assert state(world)[0] == word


def test_a_late_word_of_the_sending_changes_nothing(world: World, clock: Clock) -> None:
    sent(world, "")
    later(world, clock, OVER)
    tell(world, "sent")
    assert state(world) == ("lapsed", "presumed_dropped")


def test_while_meta_is_silent_nothing_follows_from_its_silence(world: World, clock: Clock) -> None:
    sent(world)
    clock.advance(seconds=OVER.total_seconds() * 3)
    rescue.sweep(world, clock())
    assert state(world)[0] == "sent"


def test_it_costs_nothing_counts_for_the_caps_and_costs_again_when_it_arrives(world: World, clock: Clock) -> None:
    sent(world)
    month = NOON.replace(day=1)
    first = costs_of(world, month)
    later(world, clock, OVER)
    assert first > 0 == costs_of(world, month)
    [(contact_id,)] = rows(world, tables.contact, "id")
    with world.database.read() as connection:
        told = sent_messages.counted(connection, [contact_id], {"order_confirmation"}, NOON - timedelta(days=1))
    assert contact_id in told, "it may have arrived, and nobody knows"
    tell(world, "delivered")
    assert costs_of(world, month) == first


def costs_of(world: World, month) -> object:
    with world.database.read() as connection:
        return costs.sums(connection, "firma", month, month)[1]


def test_it_is_not_sent_again_by_itself_nor_what_the_owner_took_as_sent_presumed(world: World, clock: Clock) -> None:
    sent(world)
    later(world, clock, OVER)
    assert deliver(world) == []
    [(id_,)] = rows(world, tables.message, "id")
    with world.database.write() as connection:
        connection.execute(tables.message.update().values(status="unknown"))
    assert intervene(world.database, [id_], Choice.SENT, "owner", clock()) == 1
    later(world, clock, TRIED_FOR * 2)
    assert state(world) == ("sent", "taken_as_sent")


def test_advertising_is_tried_for_a_month(world: World, clock: Clock) -> None:
    post(world, order())
    react.run(world)
    [(contact_id,)] = rows(world, tables.contact, "id")
    ad = a_message(contact_id, kind="abandoned_cart", purpose="abandoned_cart", status=MessageStatus.SENT)
    with world.database.write() as connection:
        connection.execute(tables.message.delete())
        messages.add(connection, [ad], NOON)
    later(world, clock, TRIED_FOR)
    assert state(world)[0] == "sent"
    later(world, clock, sent_messages.BUFFER)
    assert state(world)[0] == "lapsed"


@pytest.mark.parametrize(
    ("kind", "hours"),
    [("order_confirmation", 12), ("out_for_delivery", 12), ("appointment_reminder", 12), ("doi_request", 1),
     ("shipping_notice", 720), ("abandoned_cart", 720)],
)  # fmt: skip
def test_what_makes_no_sense_later_lives_shortly(kind: str, hours: int) -> None:
    assert BY_KIND[kind].lives == timedelta(hours=hours)


def test_a_long_backlog_is_worked_off_in_parts(world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sent_messages, "AT_ONCE", 2)
    post(world, *(order(number=str(n), phone=f"+49171392000{n}") for n in range(5)))
    react.run(world)
    deliver(world)
    clock.advance(seconds=OVER.total_seconds())
    hear(world)
    ends = [rescue.sweep(world, clock()).rpartition(" ")[2] for _ in range(4)]
    assert ends == ["lapsed=2", "lapsed=2", "lapsed=1", "lapsed=0"]
