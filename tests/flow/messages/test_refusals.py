"""What follows when Meta refuses a message: with the answer or by webhook, the same."""

from datetime import datetime, timedelta

import pytest
from endings import ENDINGS
from sending import channel, deliver
from sqlalchemy import select
from storekit import a_message, rows
from worlds import NOON, Clock, make_world, order, parcel, post, post_meta

from connectors.whatsapp.errors import REACTIONS, reaction
from integration.domain.actions import Action
from integration.domain.errors import Refused
from integration.domain.messages.channel import Inbound, MetaUpdate, RemoteTemplate, StatusUpdate
from integration.domain.messages.holds import Block, Scope
from integration.flow import answer, react
from integration.flow.messages import on_refused
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from integration.store.messages import holds, messages
from integration.store.numbers import paused
from integration.store.templates import templates
from jobs.sweeps import number_health, rescue

ANNA, BERT = "+491713920012", "+491713920013"


def refuse(world: World, code: int, phone: str = ANNA) -> None:
    channel(world).fates[phone] = Refused(code, 400, "nein", *reaction(code))


def queue(world: World, *snapshots) -> None:
    post(world, *(snapshots or (order(),)))
    react.run(world)


def advertise(world: World, count: int = 1, **changes) -> None:
    """Advertising to Anna, as a campaign would queue it; whether it may go is not asked here."""
    [(contact_id,)] = rows(world, tables.contact, "id")
    values = {"kind": "newsletter", "purpose": "newsletter", "template": "werbung"} | changes
    expires = NOON + timedelta(days=9)
    with world.database.write() as connection:
        found = [a_message(contact_id, expires_at=expires, **values) for _ in range(count)]
        messages.add(connection, found, NOON)


def fail(world: World, code: int, wamid: str | None = None, at: datetime | None = None) -> None:
    """Meta says by webhook that the newest attempt failed."""
    found = rows(world, tables.attempt, "id", "wa_message_id", "n")
    attempt_id, known, _ = max(found, key=lambda row: row[2])
    update = StatusUpdate(wamid or known, "failed", at or world.clock(), attempt_id, error_code=code)
    action, wait, tries = reaction(code)
    told = StatusUpdate(
        update.wa_message_id, "failed", update.at, attempt_id, error_code=code, action=action, wait=wait, tries=tries
    )
    post_meta(world, MetaUpdate(statuses=(told,)))
    answer.run(world)


def state(world: World) -> tuple[str, str | None]:
    [(status, reason)] = rows(world, tables.message, "status", "reason")
    return status, reason


def refused(world: World, code: int, way: str) -> None:
    """The only message is refused with this code, in either way."""
    if way == "answer":
        refuse(world, code)
        deliver(world)
    else:
        deliver(world)
        fail(world, code)
    channel(world).fates.clear()


WAYS = pytest.mark.parametrize("way", ["answer", "webhook"])


@WAYS
def test_every_code_has_the_same_end_in_both_ways(database: Database, keys: Database, way: str) -> None:
    world = make_world(database, keys, Clock())
    found: dict[int, tuple[str, str | None]] = {}
    for place, code in enumerate(REACTIONS):
        if REACTIONS[code].action is Action.UNKNOWN and way == "answer":
            continue  # the client makes it an outcome that nobody knows
        phone = f"+4917139{20000 + place}"
        queue(world, order(number=str(code), phone=phone))
        if way == "answer":
            refuse(world, code, phone)
        deliver(world)
        if way == "webhook":
            fail_newest(world, code)
        found[code] = clear(world)
    assert found == {code: ENDINGS[REACTIONS[code].action] for code in found}


def fail_newest(world: World, code: int) -> None:
    """The message that left last fails by webhook."""
    found = max(rows(world, tables.attempt, "at", "id", "wa_message_id"))
    _, attempt_id, wamid = found
    action, wait, tries = reaction(code)
    told = StatusUpdate(
        wamid, "failed", world.clock(), attempt_id, error_code=code, action=action, wait=wait, tries=tries
    )
    post_meta(world, MetaUpdate(statuses=(told,)))
    answer.run(world)


def clear(world: World) -> tuple[str, str | None]:
    """What became of the only message; then it is forgotten, and what rests is lifted."""
    with world.database.write() as connection:
        [(status, reason)] = connection.execute(select(tables.message.c.status, tables.message.c.reason)).all()
        for table in (tables.message, tables.attempt, tables.status, tables.sender_state, tables.block):
            connection.execute(table.delete())
    return status, reason


@WAYS
def test_a_temporary_fault_is_tried_a_few_times_and_then_the_owner_is_asked(
    world: World, clock: Clock, way: str
) -> None:
    queue(world)
    for _ in range(3):
        assert state(world)[0] == "queued"
        refused(world, 1, way)
        clock.advance(minutes=16)
    assert state(world) == ("failed", "refused_by_meta")
    assert len(rows(world, tables.attempt, "id")) == 3
    assert rows(world, tables.message, "error_code") == [(1,)]


@WAYS
def test_the_pair_limit_keeps_the_persons_messages_in_order_and_nobody_elses(
    world: World, clock: Clock, way: str
) -> None:
    queue(world, order(placed_at=NOON.isoformat()))
    refused(world, 131056, way)
    clock.advance(seconds=1)
    queue(world, parcel(version=clock()), order(number="2", phone=BERT, version=clock()))
    # Anna's confirmation waits 4 s; her parcel notice was not there yet, so it is held back when it is refused again
    deliver(world)
    left = [e.template for e in channel(world).sent if e.to == BERT]
    assert left == ["lb_order_confirmation_du_v1"]


def test_what_tells_of_later_facts_waits_behind_a_refused_message(world: World, clock: Clock) -> None:
    clock.advance(seconds=5)
    queue(world, order("1"), order("2", placed_at=clock().isoformat()))
    refuse(world, 131056)
    deliver(world, most=1)
    channel(world).fates.clear()
    deliver(world)
    assert channel(world).sent == []
    clock.advance(seconds=4)
    deliver(world)
    assert [e.variables["order"] for e in channel(world).sent] == ["1", "2"]


@WAYS
def test_spam_reports_pause_advertising_alone(world: World, clock: Clock, way: str) -> None:
    queue(world)
    advertise(world, 2)
    refused_first(world, 131048, way)
    with world.database.read() as connection:
        assert holds.in_force(connection, clock()).of(Scope.MARKETING, "nummer")
    waiting = [r for k, r in rows(world, tables.message, "kind", "reason") if k == "newsletter"]
    assert waiting == ["marketing_paused", "marketing_paused"]
    queue(world, order(number="2", phone=BERT))
    deliver(world)
    assert BERT in [e.to for e in channel(world).sent]


def refused_first(world: World, code: int, way: str) -> None:
    """The message that is due first is refused."""
    if way == "answer":
        refuse(world, code)
        deliver(world, most=1)
    else:
        deliver(world, most=1)
        fail_newest(world, code)
    channel(world).fates.clear()


@WAYS
def test_a_faulty_template_stops_the_others_that_need_it(world: World, clock: Clock, way: str) -> None:
    queue(world)
    clock.advance(seconds=1)
    queue(world, order(number="2", phone=BERT))
    refused_first(world, 132000, way)
    deliver(world)
    queue(world, order(number="3", phone=BERT, version=clock()))
    deliver(world)
    found = sorted(rows(world, tables.message, "status", "reason"))
    assert found == [("failed", "refused_by_meta"), ("queued", "template_stopped"), ("queued", "template_stopped")]
    with world.database.write() as connection:
        assert on_refused.resume(connection, Scope.TEMPLATE, "konto/lb_order_confirmation_du_v1/de", clock())
    deliver(world)
    assert len([e for e in channel(world).sent if e.to == BERT]) == 2


@WAYS
def test_a_template_that_meta_paused_is_decided_anew_when_it_is_approved_again(
    world: World, clock: Clock, way: str
) -> None:
    queue(world)
    refused(world, 132015, way)
    assert state(world) == ("queued", "template_stopped")
    sent = len(channel(world).sent)
    assert "lifted=0" in number_health.sweep(world, clock()), "what was read before says nothing"
    clock.advance(hours=1)
    approved = [RemoteTemplate("lb_order_confirmation_du_v1", "de", "APPROVED", "UTILITY")]
    with world.database.write() as connection:
        templates.replace_all(connection, "konto", approved, clock())
    assert "lifted=1" in number_health.sweep(world, clock())
    deliver(world)
    assert len(channel(world).sent) == sent + 1
    stages = [stage for (stage,) in rows(world, tables.decision, "stage")]
    assert stages.count("send") == 2


def test_wrong_placeholders_are_not_over_because_meta_approves_them(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        holds.put(connection, Block(Scope.TEMPLATE, "konto/lb_order_confirmation_du_v1/de", 132000, NOON))
        approved = [RemoteTemplate("lb_order_confirmation_du_v1", "de", "APPROVED", "UTILITY")]
        templates.replace_all(connection, "konto", approved, NOON + timedelta(hours=1))
    assert "lifted=0" in number_health.sweep(world, NOON + timedelta(hours=2))


@WAYS
def test_a_country_rests_for_this_number_and_no_other_country(world: World, clock: Clock, way: str) -> None:
    queue(world)
    clock.advance(seconds=1)
    queue(world, order(number="2", phone="+436641234567", country="AT"), order(number="3", phone=BERT))
    refused_first(world, 130497, way)
    deliver(world)
    assert "+436641234567" in [e.to for e in channel(world).sent]
    assert BERT not in [e.to for e in channel(world).sent]
    assert ("queued", "country_paused") in rows(world, tables.message, "status", "reason")


@pytest.mark.parametrize(("scope", "key"), [(Scope.COUNTRY, "nummer/DE"), (Scope.MARKETING, "nummer")])
def test_what_rests_for_a_day_goes_on_after_it(world: World, clock: Clock, scope: Scope, key: str) -> None:
    """What it held back is decided anew then, not when it expires."""
    queue(world)
    advertise(world)
    with world.database.write() as connection:
        block = Block(scope, key, 130497, clock(), clock() + timedelta(hours=24))
        on_refused.rest(world, connection, block)
    waits = [at for at, reason in rows(world, tables.message, "send_after", "reason") if reason == block.reason]
    assert waits and min(waits) >= clock() + timedelta(hours=24)
    clock.advance(hours=23, minutes=59)
    assert "lifted=0" in number_health.sweep(world, clock())
    clock.advance(minutes=1)
    assert "lifted=1" in number_health.sweep(world, clock())
    due = [at for at, reason in rows(world, tables.message, "send_after", "reason") if reason == block.reason]
    assert due == [clock()] * len(waits)


@WAYS
def test_who_cannot_be_reached_is_left_alone_until_they_write(world: World, clock: Clock, way: str) -> None:
    queue(world)
    refused(world, 131026, way)
    sent = len(channel(world).sent)
    [(until,)] = rows(world, tables.contact, "unreachable_until")
    assert until == clock() + timedelta(days=30)
    queue(world, order(number="2"))
    deliver(world)
    assert ("suppressed", "undeliverable") in rows(world, tables.message, "status", "reason")
    assert len(channel(world).sent) == sent
    assert [t for (t,) in rows(world, tables.consent, "type")].count("withdrawn") == 0, "not an opt-out"
    post_meta(world, MetaUpdate(messages=(Inbound("in1", ANNA, None, "Anna", clock(), "text", "Hallo"),)))
    answer.run(world)
    queue(world, order(number="3"))
    deliver(world)
    assert len(channel(world).sent) == sent + 1


def test_who_cannot_be_reached_again_rests_for_longer(world: World, clock: Clock) -> None:
    queue(world)
    refused(world, 131026, "answer")
    clock.advance(days=31)
    queue(world, order(number="2", placed_at=clock().isoformat(), version=clock()))
    refused(world, 131026, "answer")
    assert rows(world, tables.contact, "unreachable_until") == [(clock() + timedelta(days=90),)]


@WAYS
def test_too_many_calls_let_the_whole_account_rest_for_minutes(world: World, clock: Clock, way: str) -> None:
    queue(world)
    refused(world, 80007, way)
    sent = len(channel(world).sent)
    queue(world, order(number="2", phone=BERT))
    deliver(world)
    assert len(channel(world).sent) == sent
    clock.advance(minutes=5)
    deliver(world)
    assert len(channel(world).sent) == sent + 2


@WAYS
def test_metas_stop_is_recorded_once(world: World, clock: Clock, way: str) -> None:
    queue(world)
    refused(world, 131050, way)
    if way == "webhook":
        fail(world, 131050)
    assert [t for (t,) in rows(world, tables.consent, "type")].count("platform_stop") == 1


def test_a_copy_of_a_failure_does_not_undo_the_next_try(world: World, clock: Clock) -> None:
    """Meta repeats and shuffles: by the time of the copy the message waits again, or is under way."""
    queue(world)
    deliver(world)
    [(attempt_id, wamid)] = rows(world, tables.attempt, "id", "wa_message_id")
    fail(world, 131057)
    for kind in ("failed", "sent", "failed"):
        told = StatusUpdate(wamid, kind, clock(), attempt_id, error_code=131057, action=Action.RETRY, wait=60)
        post_meta(world, MetaUpdate(statuses=(told,)))
        answer.run(world)
    assert state(world) == ("queued", "retry")
    clock.advance(minutes=2)
    deliver(world)
    assert state(world)[0] == "accepted"
    late = StatusUpdate("wamid.other", "failed", clock(), attempt_id, error_code=131057, action=Action.RETRY, wait=60)
    post_meta(world, MetaUpdate(statuses=(late,)))
    answer.run(world)
    assert state(world)[0] == "accepted", "a failure of the first attempt says nothing about the second"


def test_the_delivery_of_a_failed_attempt_ends_the_wait(world: World, clock: Clock) -> None:
    queue(world)
    deliver(world)
    [(attempt_id, wamid)] = rows(world, tables.attempt, "id", "wa_message_id")
    fail(world, 131057)
    post_meta(world, MetaUpdate(statuses=(StatusUpdate(wamid, "delivered", clock(), attempt_id),)))
    answer.run(world)
    clock.advance(minutes=2)
    deliver(world)
    assert state(world) == ("delivered", None)
    assert len(rows(world, tables.attempt, "id")) == 1


@WAYS
def test_payment_is_tried_after_half_an_hour_and_a_token_each_minute(world: World, clock: Clock, way: str) -> None:
    queue(world)
    refused(world, 131042, way)
    assert "resumed=0" in number_health.sweep(world, clock() + timedelta(minutes=1))
    assert "resumed=1" in number_health.sweep(world, clock() + timedelta(minutes=30))
    with world.database.write() as connection:
        paused.pause(connection, "nummer", 190, "expired", clock())
    assert "resumed=1" in number_health.sweep(world, clock() + timedelta(minutes=1))


@pytest.mark.parametrize("code", [10, 200, 131005, 131045, 133010])
def test_that_a_number_can_be_read_does_not_prove_that_it_may_send(world: World, clock: Clock, code: int) -> None:
    """Else it would go on and be paused each minute, with an alarm and an all-clear each time."""
    queue(world)
    refused(world, code, "answer")
    assert "resumed=0" in number_health.sweep(world, clock() + timedelta(minutes=1))
    assert "resumed=1" in number_health.sweep(world, clock() + timedelta(minutes=30))


@pytest.mark.parametrize(("code", "goes_on"), [(190, True), (131005, True), (401, True), (131042, False)])
def test_a_new_token_ends_what_the_old_one_caused(world: World, clock: Clock, code: int, goes_on: bool) -> None:
    with world.database.write() as connection:
        paused.pause(connection, "nummer", code, "", clock())
        on_refused.renewed(connection, ["nummer"])
        assert ("nummer" not in paused.paused(connection)) is goes_on


def test_what_meta_says_of_a_number_that_it_stops_is_read_anew(world: World, clock: Clock) -> None:
    """131064 means a lower limit: the owner sees which, and messages keep it as soon as the number goes on."""
    number_health.sweep(world, clock())
    assert number_health.sweep(world, clock()).endswith("read=0")
    queue(world)
    refused(world, 131064, "answer")
    assert number_health.sweep(world, clock()).endswith("read=1")


def test_a_paused_number_drops_what_expired_and_sends_the_rest(world: World, clock: Clock) -> None:
    queue(world)
    refused(world, 190, "answer")
    clock.advance(hours=11)
    queue(world, order(number="2", phone=BERT, placed_at=clock().isoformat(), version=clock()))
    clock.advance(hours=1, seconds=1)
    rescue.sweep(world, clock())
    with world.database.write() as connection:
        paused.resume(connection, "nummer")
    clock.advance(hours=8)  # past the quiet hours
    deliver(world)
    assert [e.to for e in channel(world).sent] == [BERT]
    assert ("expired", "sender_paused") in rows(world, tables.message, "status", "reason")


def test_asking_for_what_rests_takes_no_further_statement(world: World) -> None:
    queue(world)
    with world.database.read() as connection:
        assert holds.in_force(connection, NOON) == holds.InForce()
