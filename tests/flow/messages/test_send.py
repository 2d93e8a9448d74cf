"""send: the second decision, the POST, and what follows from its outcome."""

import asyncio
from datetime import timedelta

import pytest
from sending import channel, deliver
from sqlalchemy import select, update
from storekit import rows
from worlds import NOON, Clock, meta_id, order, parcel, post, post_meta

from integration.domain.actions import Action
from integration.domain.errors import NotSent, OutcomeUnknown, Refused
from integration.domain.messages.channel import Inbound, MetaUpdate, RemoteTemplate, StatusUpdate
from integration.flow import answer, react, send
from integration.flow.world import World
from integration.store import tables
from integration.store.numbers import paused
from integration.store.templates import templates
from jobs.sweeps import rescue

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ANNA = "+491713920012"


def queue(world: World, *snapshots) -> None:
    post(world, *(snapshots or (order(),)))
    react.run(world)


def said(text: str, wamid: str = "in1", phone: str | None = ANNA, user: str | None = None, at=NOON) -> MetaUpdate:
    return MetaUpdate(messages=(Inbound(wamid, phone, user, "Anna", at, "text", text),))


def status(kind: str, attempt_id: str | None, wamid: str = "w", **more) -> StatusUpdate:
    return StatusUpdate(wamid, kind, more.pop("at", NOON), attempt_id=attempt_id, **more)


def test_a_message_is_sent_once_and_accepted(world: World) -> None:
    queue(world)
    deliver(world)
    deliver(world)
    [envelope] = channel(world).sent
    assert (envelope.to, envelope.template, envelope.language) == (ANNA, "lb_order_confirmation_du_v1", "de")
    [(state,)] = rows(world, tables.message, "status")
    [(outcome, wamid, attempt_id)] = rows(world, tables.attempt, "outcome", "wa_message_id", "id")
    assert (state, outcome, wamid) == ("accepted", "accepted", meta_id(ANNA, attempt_id))
    assert envelope.attempt_id == attempt_id
    stages = rows(world, tables.decision, "stage", "outcome")
    assert sorted(stages) == [("queue", "allow"), ("send", "allow")]


def test_two_claims_never_share_a_message(world: World) -> None:
    queue(world, *(order(number=str(n)) for n in range(10)))
    first, second = send.claim(world, "nummer", 6), send.claim(world, "nummer", 6)
    assert len(first) == 6
    assert len(second) == 4
    assert not {d.message.id for d in first} & {d.message.id for d in second}


def test_statuses_in_any_order_and_doubled_give_the_highest(world: World) -> None:
    queue(world)
    deliver(world)
    [(attempt_id,)] = rows(world, tables.attempt, "id")
    for kind in ("read", "sent", "delivered", "sent", "read"):
        post_meta(world, MetaUpdate(statuses=(status(kind, attempt_id),)))
    answer.run(world)
    assert rows(world, tables.message, "status") == [("read",)]
    assert sorted(s for (s,) in rows(world, tables.status, "status")) == ["delivered", "read", "sent"]


def test_failed_yields_only_to_delivered(world: World) -> None:
    queue(world)
    deliver(world)
    [(attempt_id,)] = rows(world, tables.attempt, "id")
    failed = status("failed", attempt_id, error_code=131026, error_title="x", action=Action.UNDELIVERABLE)
    post_meta(world, MetaUpdate(statuses=(failed, status("sent", attempt_id))))
    answer.run(world)
    assert rows(world, tables.message, "status", "reason") == [("failed", "undeliverable")]
    post_meta(world, MetaUpdate(statuses=(status("delivered", attempt_id),)))
    answer.run(world)
    assert rows(world, tables.message, "status", "reason") == [("delivered", None)]


def test_a_status_before_the_answer_is_stored_is_not_undone_by_it(world: World) -> None:
    queue(world)
    [item] = send.claim(world, "nummer", 1)
    result = asyncio.run(send.dispatch(world, channel(world), item))
    post_meta(world, MetaUpdate(statuses=(status("delivered", item.attempt.id),)))
    answer.run(world)
    send.claim(world, "nummer", 0, [result])
    assert rows(world, tables.message, "status") == [("delivered",)]
    assert rows(world, tables.attempt, "outcome") == [("accepted",)]


def test_a_status_without_our_id_is_found_by_metas(world: World) -> None:
    queue(world)
    deliver(world)
    [(wamid,)] = rows(world, tables.attempt, "wa_message_id")
    post_meta(world, MetaUpdate(statuses=(status("read", None, wamid),)))
    answer.run(world)
    assert rows(world, tables.message, "status") == [("read",)]


def test_a_strangers_status_is_stored_alone(world: World) -> None:
    post_meta(world, MetaUpdate(statuses=(status("sent", "not-ours"),)))
    answer.run(world)
    assert rows(world, tables.status, "message_id") == [(None,)]


def test_an_unclear_outcome_is_never_sent_again_and_settled_by_its_status(world: World, clock: Clock) -> None:
    queue(world)
    channel(world).fates[ANNA] = OutcomeUnknown("hung up")
    deliver(world)
    assert rows(world, tables.message, "status", "reason") == [("unknown", "uncertain")]
    channel(world).fates.clear()
    clock.advance(hours=1)
    deliver(world)
    assert channel(world).sent == []
    [(attempt_id,)] = rows(world, tables.attempt, "id")
    post_meta(world, MetaUpdate(statuses=(status("sent", attempt_id, "wamid.late"),)))
    answer.run(world)
    assert rows(world, tables.message, "status", "reason") == [("sent", None)]
    assert rows(world, tables.attempt, "outcome", "wa_message_id") == [("accepted", "wamid.late")]


def test_what_never_left_is_tried_again_with_a_new_attempt(world: World, clock: Clock) -> None:
    queue(world)
    channel(world).fates[ANNA] = NotSent("refused")
    deliver(world)
    assert rows(world, tables.message, "status") == [("queued",)]
    deliver(world)
    assert len(rows(world, tables.attempt, "id")) == 1, "not before its pause is over"
    channel(world).fates.clear()
    clock.advance(seconds=3)
    deliver(world)
    assert len(channel(world).sent) == 1
    assert sorted(rows(world, tables.attempt, "n", "outcome")) == [(1, "not_sent"), (2, "accepted")]


def test_a_throughput_limit_is_tried_again_and_a_bad_payload_is_not(world: World, clock: Clock) -> None:
    queue(world)
    channel(world).fates[ANNA] = Refused(130429, 400, "slow down", Action.RETRY, 5)
    deliver(world)
    clock.advance(seconds=6)
    channel(world).fates[ANNA] = Refused(132000, 400, "parameters", Action.FAIL)
    deliver(world)
    assert rows(world, tables.message, "status", "reason") == [("failed", "refused_by_meta")]


def test_an_invalid_token_pauses_the_number_and_keeps_its_messages(world: World, clock: Clock) -> None:
    queue(world)
    channel(world).fates[ANNA] = Refused(190, 401, "expired", Action.PAUSE_SENDER)
    deliver(world)
    assert rows(world, tables.message, "status") == [("queued",)]
    channel(world).fates.clear()
    deliver(world)
    assert channel(world).sent == []
    with world.database.write() as connection:
        assert paused.paused(connection) == {"nummer": 190}
        paused.resume(connection, "nummer")
    deliver(world)
    assert len(channel(world).sent) == 1


def test_a_permission_that_grew_stale_is_asked_for_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(world)
    [item] = send.claim(world, "nummer", 1)
    monkeypatch.setattr(send, "monotonic", lambda: item.committed + 5.1)
    result = asyncio.run(send.dispatch(world, channel(world), item))
    monkeypatch.undo()
    assert channel(world).sent == []
    send.claim(world, "nummer", 0, [result])
    deliver(world)
    assert len(channel(world).sent) == 1


@pytest.mark.parametrize("stop", ["STOP ALLES", "Bitte alle meine Daten löschen"])
def test_a_stop_between_permission_and_post_keeps_it_from_beginning(world: World, stop: str) -> None:
    queue(world)
    [item] = send.claim(world, "nummer", 1)
    said = Inbound("stop", ANNA, "DE.1", "Anna", NOON, "text", stop)
    post_meta(world, MetaUpdate(messages=(said,)))
    answer.run(world)
    result = asyncio.run(send.dispatch(world, channel(world), item))
    assert channel(world).sent == []
    send.claim(world, "nummer", 0, [result])
    deliver(world)
    assert not [sent for sent in channel(world).sent if sent.template]
    assert ("suppressed", "withdrawn") in rows(world, tables.message, "status", "reason")


def test_what_was_asked_for_after_the_stop_is_not_held_back(world: World) -> None:
    said = Inbound("stop", ANNA, "DE.1", "Anna", NOON, "text", "STOP")
    post_meta(world, MetaUpdate(messages=(said,)))
    answer.run(world)
    deliver(world)
    assert len(channel(world).sent) == 1, "the confirmation"


def test_a_late_message_expires(world: World, clock: Clock) -> None:
    queue(world)
    clock.advance(hours=12, seconds=1)
    deliver(world)
    assert channel(world).sent == []
    assert rows(world, tables.message, "status", "reason") == [("expired", "expired")]


def test_the_order_is_looked_at_again_before_sending(world: World) -> None:
    queue(world)
    with world.database.write() as connection:
        facts = connection.execute(select(tables.snapshot.c.facts)).scalar() | {"status": "cancelled"}
        connection.execute(update(tables.snapshot).values(facts=facts))
    deliver(world)
    assert channel(world).sent == []
    assert rows(world, tables.message, "status", "reason") == [("suppressed", "precondition_failed")]


def test_a_template_that_is_not_approved_waits_for_approval(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        templates.replace_all(connection, "konto", [], NOON)
    queue(world)
    assert rows(world, tables.message, "status", "reason") == [("queued", "template_not_approved")]
    approved = [RemoteTemplate("lb_order_confirmation_du_v1", "de", "APPROVED", "UTILITY")]
    with world.database.write() as connection:
        templates.replace_all(connection, "konto", approved, NOON)
    clock.advance(minutes=6)
    deliver(world)
    assert len(channel(world).sent) == 1


def test_stop_while_a_hundred_messages_wait(world: World, clock: Clock) -> None:
    queue(world, *(order(number=str(n)) for n in range(100)))
    assert len(send.claim(world, "nummer", 1)) == 1
    post_meta(world, said("STOP ALLES", at=clock()))
    assert send.claim(world, "nummer", 99) == [], "an unread message defers everything to that person"
    answer.run(world)
    clock.advance(minutes=2)
    deliver(world)
    kinds = [e.text for e in channel(world).sent]
    assert kinds == [
        "Erledigt: Laden Beispiel schreibt dir nicht mehr von sich aus. Fragen kannst du hier jederzeit stellen."
    ]
    states = [s for (s,) in rows(world, tables.message, "status")]
    assert states.count("cancelled") == 99
    queue(world, order(number="200", version=clock()))
    with world.database.read() as connection:
        last = connection.execute(
            select(tables.message.c.status, tables.message.c.reason).where(tables.message.c.key.like("%/200/%"))
        ).one()
    assert tuple(last) == ("suppressed", "withdrawn")


def test_someone_elses_message_defers_nobody(world: World) -> None:
    queue(world)
    post_meta(world, said("Hallo", phone="+491713920099"))
    assert len(send.claim(world, "nummer", 1)) == 1


def test_a_repeated_inbound_message_counts_once(world: World) -> None:
    queue(world)
    for _ in range(3):
        post_meta(world, said("STOP ALLES"))
    answer.run(world)
    answer.run(world)
    assert len(rows(world, tables.inbound_message, "id")) == 1
    assert [t for (t,) in rows(world, tables.consent, "type")].count("withdrawn") == 1


def test_a_stop_from_a_bsuid_alone_reaches_the_phone_it_was_paired_with(world: World, clock: Clock) -> None:
    queue(world)
    deliver(world)
    [(attempt_id,)] = rows(world, tables.attempt, "id")
    post_meta(world, MetaUpdate(statuses=(status("sent", attempt_id, phone=ANNA, wa_user_id="DE.1"),)))
    answer.run(world)
    post_meta(world, said("STOP ALLES", phone=None, user="DE.1"))
    answer.run(world)
    queue(world, order(number="2"))
    assert ("suppressed", "withdrawn") in rows(world, tables.message, "status", "reason")


def test_a_stop_from_an_unknown_bsuid_counts_once_the_pair_is_known(world: World) -> None:
    post_meta(world, said("STOP ALLES", phone=None, user="DE.7"))
    answer.run(world)
    queue(world)
    post_meta(world, MetaUpdate(statuses=(status("sent", "x", phone=ANNA, wa_user_id="DE.7"),)))
    answer.run(world)
    queue(world, order(number="2", consent=None))
    assert ("suppressed", "withdrawn") in rows(world, tables.message, "status", "reason")


def test_metas_stop_by_error_131050_is_recorded(world: World) -> None:
    queue(world)
    deliver(world)
    [(attempt_id,)] = rows(world, tables.attempt, "id")
    failed = status("failed", attempt_id, error_code=131050, error_title="stopped", action=Action.OPT_OUT)
    post_meta(world, MetaUpdate(statuses=(failed,)))
    answer.run(world)
    assert "platform_stop" in [t for (t,) in rows(world, tables.consent, "type")]


def test_a_crash_while_sending_leaves_unknown(world: World) -> None:
    queue(world)
    send.claim(world, "nummer", 1)
    assert rescue.after_crash(world) == 1
    assert rows(world, tables.message, "status", "reason") == [("unknown", "uncertain")]
    assert rows(world, tables.attempt, "outcome") == [("unknown",)]


def test_rescue_leaves_young_requests_alone(world: World, clock: Clock) -> None:
    queue(world)
    send.claim(world, "nummer", 1)
    clock.advance(seconds=60)
    assert rescue.sweep(world, clock()).startswith("stranded=0")
    clock.advance(seconds=60)
    assert rescue.sweep(world, clock()).startswith("stranded=1")


def test_a_parcel_notice_follows_its_order_to_the_same_person(world: World, clock: Clock) -> None:
    queue(world, order(), parcel())
    deliver(world)
    assert [e.template for e in channel(world).sent] == ["lb_order_confirmation_du_v1"]
    clock.advance(seconds=6)
    deliver(world)
    assert sorted(e.template or "" for e in channel(world).sent) == [
        "lb_order_confirmation_du_v1",
        "lb_shipping_notice_du_v1",
    ]


def test_a_malformed_body_of_metas_is_recorded(world: World) -> None:
    post_meta(world, b"bad")
    answer.run(world)
    assert rows(world, tables.inbox, "state", "note") == [("done", "malformed")]


def test_quiet_hours_are_asked_again_at_sending(world: World, clock: Clock) -> None:
    queue(world, order(), parcel())
    clock.advance(hours=10)
    deliver(world)
    kinds = {e.template for e in channel(world).sent}
    assert "lb_shipping_notice_du_v1" not in kinds
    with world.database.read() as connection:
        waits = connection.execute(
            select(tables.message.c.send_after).where(tables.message.c.kind == "shipping_notice")
        ).scalar()
    assert waits == NOON + timedelta(hours=19)
