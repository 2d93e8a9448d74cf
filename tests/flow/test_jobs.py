"""The sweeps and the send loop."""

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import monotonic
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import update
from storekit import an_entry, rows
from worlds import NOON, Clock, RememberingChannel, order, post, post_meta

from integration import metrics
from integration.domain.actions import Action
from integration.domain.errors import LedgerBroken, Refused
from integration.domain.messages.channel import Accepted, Envelope, Inbound, MetaUpdate, RemoteTemplate
from integration.domain.messages.refusals import Refusal
from integration.domain.messages.status import MessageStatus, Outcome
from integration.domain.numbers.numbers import BusinessProfile, NumberChoice, NumberFacts
from integration.domain.shops.ports import Finding
from integration.domain.templates.templates import Template, all_templates
from integration.flow import react, send
from integration.flow.world import World
from integration.store import tables
from integration.store.consent import ledger, ledger_checks
from integration.store.messages import messages
from integration.store.messages.messages import Result
from integration.store.numbers import numbers, paused
from integration.store.templates import templates
from integration.store.webhooks import inbox
from integration.store.webhooks.inbox import InboxItem
from jobs.loops import sender, token_bucket
from jobs.loops.sender import SendLoop, in_flight
from jobs.loops.token_bucket import Bucket
from jobs.sweeps import ledger_check, number_health, rescue, retention, template_sync

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@dataclass
class FakeAccount:
    """The management side, with templates that tests set."""

    found: list[RemoteTemplate] = field(default_factory=list)
    refuses: frozenset[str] = frozenset()
    well: bool = True
    reads: bool = True
    submitted: list[str] = field(default_factory=list)

    def templates(self) -> list[RemoteTemplate]:
        if not self.reads:
            raise Refused(190, 401, "token", Action.PAUSE_SENDER)
        return list(self.found)

    def create_template(self, template: Template, samples: Mapping[str, str]) -> None:
        if template.name in self.refuses:
            raise Refused(100, 400, "parameter", Action.FAIL)
        self.submitted.append(template.name)
        self.found.append(RemoteTemplate(template.name, template.language, "PENDING", template.category))

    def sample(self, content: bytes, mime: str) -> str:
        return "4:sample"

    def healthy(self) -> bool:
        return self.well

    def facts(self) -> NumberFacts:
        return NumberFacts(throughput="HIGH", messaging_limit="TIER_10K")

    def choices(self) -> list[NumberChoice]:
        return []

    def connect(self, address: str, verify_token: str) -> list[Finding]:
        return []

    def upload(self, content: bytes, mime: str) -> str:
        return "1"

    def download(self, media_id: str, most: int) -> bytes:
        return b""

    def profile(self) -> BusinessProfile:
        return BusinessProfile()

    def change_profile(self, profile: BusinessProfile) -> None:
        return None


def with_senders(world: World, **accounts: FakeAccount) -> World:
    one = world.senders["nummer"]
    found = {slug: replace(one, slug=slug, account=slug, management=a) for slug, a in accounts.items()}
    return replace(world, senders=found)


def approved() -> list[RemoteTemplate]:
    return [RemoteTemplate(t.name, t.language, "APPROVED", t.category) for t in all_templates()]


def queue(world: World, count: int = 1) -> None:
    post(world, *(order(number=str(n), phone=f"+4917139{10000 + n}") for n in range(count)))
    react.run(world)


# --- number_health


def test_a_paused_number_that_answers_again_is_resumed(world: World) -> None:
    both = with_senders(world, gut=FakeAccount(), krank=FakeAccount(well=False))
    with world.database.write() as connection:
        for slug in ("gut", "krank", "weg"):
            paused.pause(connection, slug, 190, "token", NOON)
    assert number_health.sweep(both, NOON) == "paused=3 resumed=1 lifted=0 read=2"
    with world.database.read() as connection:
        assert set(paused.paused(connection)) == {"krank", "weg"}


def test_numbers_that_work_are_not_asked(world: World) -> None:
    class Silent(FakeAccount):
        def healthy(self) -> bool:
            raise AssertionError("asked without need")

    assert number_health.sweep(with_senders(world, nummer=Silent()), NOON) == "paused=0 resumed=0 lifted=0 read=1"


def test_numbers_are_read_each_hour_and_when_somebody_wants_it(world: World, clock: Clock) -> None:
    both = with_senders(world, eins=FakeAccount(), zwei=FakeAccount())
    assert number_health.sweep(both, clock()).endswith("read=2")
    clock.advance(minutes=59)
    assert number_health.sweep(both, clock()).endswith("read=0")
    with world.database.write() as connection:
        numbers.read_soon(connection, "zwei")
    assert number_health.sweep(both, clock()).endswith("read=1")
    clock.advance(minutes=1)
    assert number_health.sweep(both, clock()).endswith("read=1")
    with world.database.read() as connection:
        known = numbers.facts_of(connection)
    assert {(facts.rate, facts.people_per_day) for facts in known.values()} == {(1000, 10_000)}


# --- template_sync


def test_missing_templates_are_submitted_and_the_others_not(world: World) -> None:
    account = FakeAccount(found=[*approved()[:2], RemoteTemplate("fremd", "de", "APPROVED", "UTILITY")])
    template_sync.sweep(with_senders(world, nummer=account), NOON)
    have = {(t.name, t.language) for t in approved()[:2]}
    assert Counter(account.submitted) == Counter(t.name for t in all_templates() if (t.name, t.language) not in have)
    with world.database.read() as connection:
        facts = templates.facts(connection, "nummer")
    assert len(facts) == len(all_templates()) + 1
    assert Counter(f.status for f in facts.values()) == {"APPROVED": 3, "PENDING": len(all_templates()) - 2}
    template_sync.sweep(with_senders(world, nummer=account), NOON)
    assert len(account.submitted) == len(all_templates()) - 2, "once"


def test_what_is_submitted_is_every_text_and_first_what_the_shop_uses(world: World) -> None:
    sent: list[Template] = []

    class Account(FakeAccount):
        def create_template(self, template: Template, samples: Mapping[str, str]) -> None:
            assert set(samples) == set(template.parts.sources)
            sent.append(template)

    template_sync.sweep(with_senders(world, nummer=Account()), NOON)
    unused = [template for template in all_templates() if template.address == "sie"]
    assert sent == [*(template for template in all_templates() if template not in unused), *unused]


def test_an_approval_releases_what_waited_for_it(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        templates.replace_all(connection, "konto", [], NOON)
    queue(world)
    assert rows(world.database, tables.message, "status", "reason") == [("queued", "template_not_approved")]
    account = FakeAccount(found=approved())
    one = replace(world, senders={"nummer": replace(world.senders["nummer"], management=account)})
    clock.advance(seconds=10)
    assert send.claim(one, "nummer", 9) == [], "still waiting its pause out"
    template_sync.sweep(one, clock())
    assert len(send.claim(one, "nummer", 9)) == 1


def test_an_account_that_does_not_answer_keeps_what_is_known_and_stops_no_other(world: World) -> None:
    both = with_senders(world, stumm=FakeAccount(reads=False), gut=FakeAccount(found=approved()))
    with world.database.write() as connection:
        templates.replace_all(connection, "stumm", approved(), NOON)
    assert template_sync.sweep(both, NOON) == f"stumm: unread; gut: {len(approved())} templates, 0 submitted"
    with world.database.read() as connection:
        assert len(templates.facts(connection, "stumm")) == len(approved())
        assert len(templates.facts(connection, "gut")) == len(approved())


def test_one_template_that_meta_refuses_does_not_hide_the_others_approval(world: World) -> None:
    """Otherwise nothing is ever sent because one text of ten was refused."""
    mine = approved()
    refused, rest = mine[-1], mine[:-1]
    account = FakeAccount(found=rest, refuses=frozenset({refused.name}))
    template_sync.sweep(with_senders(world, nummer=account), NOON)
    with world.database.read() as connection:
        facts = templates.facts(connection, "nummer")
    assert {key for key, fact in facts.items() if fact.status == "APPROVED"} == {(t.name, t.language) for t in rest}


def test_one_refused_submission_does_not_keep_the_others_from_being_submitted(world: World) -> None:
    names = [t.name for t in all_templates()]
    account = FakeAccount(refuses=frozenset({names[0]}))
    template_sync.sweep(with_senders(world, nummer=account), NOON)
    assert set(account.submitted) == set(names[1:]) - {names[0]}


# --- rescue, retention, ledger_check


def test_rescue_strands_expires_and_says_how_many(world: World, clock: Clock) -> None:
    queue(world, 3)
    assert len(send.claim(world, "nummer", 1)) == 1
    clock.advance(hours=13)
    assert rescue.sweep(world, clock()) == "stranded=1 expired=2 lapsed=0"
    assert rescue.sweep(world, clock()) == "stranded=0 expired=0 lapsed=0"
    assert Counter(rows(world.database, tables.message, "status", "reason")) == {
        ("unknown", "uncertain"): 1,
        ("expired", "expired"): 2,
    }


def test_retention_deletes_old_bodies_in_pieces_and_keeps_young_and_waiting_ones(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = NOON - timedelta(days=14, seconds=1)
    with world.database.write() as connection:
        inbox.add(connection, [InboxItem("shop", "laden", "t", {}, b"{}", False, old) for _ in range(2500)])
        connection.execute(update(tables.inbox).values(state="done"))
        inbox.add(connection, [InboxItem("shop", "laden", "new", {}, b"{}", False, old)])
        inbox.add(connection, [InboxItem("shop", "laden", "young", {}, b"{}", False, NOON - timedelta(days=13))])
        connection.execute(update(tables.inbox).where(tables.inbox.c.topic == "young").values(state="done"))
    pieces = []
    forget = inbox.forget

    def counted(*arguments: Any) -> int:
        pieces.append(forget(*arguments))
        return pieces[-1]

    monkeypatch.setattr(inbox, "forget", counted)
    assert retention.sweep(world, NOON).split()[0] == "bodies=2500"
    assert pieces == [1000, 1000, 500, 0], "at most a thousand rows per commit"
    assert sorted(t for (t,) in rows(world.database, tables.inbox, "topic")) == ["new", "young"]
    assert len(rows(world.database, tables.inbox_body, "id")) == 2


def test_a_broken_chain_is_marked_and_recovers(world: World) -> None:
    with world.database.write() as connection:
        world.ledger.append(connection, [an_entry(), an_entry(), an_entry(company="andere")], NOON)
    assert ledger_check.sweep(world, NOON) == "companies=2 broken=0"
    edited = tables.consent.c.company == "firma"
    with world.database.write() as connection:
        connection.execute(update(tables.consent).where(edited).values(actor="somebody"))
    with pytest.raises(LedgerBroken, match="firma"):
        ledger_check.sweep(world, NOON)
    assert metrics.REGISTRY.get_sample_value("ladenbote_ledger_broken", {"company": "firma"}) == 1
    with world.database.read() as connection:
        assert ledger.broken(connection) == {"firma"}
    with world.database.write() as connection:
        connection.execute(update(tables.consent).where(edited).values(actor="customer"))
    ledger_check.sweep(world, NOON)
    with world.database.read() as connection:
        assert ledger.broken(connection) == set()


def test_a_broken_chain_does_not_stop_service(world: World) -> None:
    queue(world, 1)
    with world.database.write() as connection:
        ledger_checks.note(connection, "firma", 1, [("edited", 1)], NOON)
    assert len(send.claim(world, "nummer", 1)) == 1


# --- the bucket


@settings(max_examples=200, deadline=None)
@given(
    rate=st.sampled_from([0.5, 1.0, 7.0, 20.0, 80.0, 250.0, 1000.0]),
    steps=st.lists(st.tuples(st.floats(0, 1.5), st.integers(0, 400)), min_size=1, max_size=60),
)
def test_the_bucket_never_lets_more_out_than_rate_and_burst(rate: float, steps: list[tuple[float, int]]) -> None:
    """Over every stretch of simulated time, not only over the whole."""
    now, taken = [0.0], []
    patch = pytest.MonkeyPatch()
    patch.setattr(token_bucket, "monotonic", lambda: now[0])
    try:
        bucket = Bucket(rate, at=0.0)
        for pause, wanted in steps:
            now[0] += pause
            count = min(wanted, bucket.available())
            assert count >= 0
            bucket.take(count)
            taken.append((now[0], count))
    finally:
        patch.undo()
    burst = max(1.0, rate / 5)
    for first in range(len(taken)):
        total = 0
        for at, count in taken[first:]:
            total += count
            assert total <= rate * (at - taken[first][0]) + burst + 1e-6


def test_the_bucket_gives_the_whole_rate_to_who_asks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr(token_bucket, "monotonic", lambda: now[0])
    bucket, total = Bucket(80, at=0.0), 0
    for _ in range(100):
        now[0] += 0.1
        count = bucket.available()
        bucket.take(count)
        total += count
    assert 795 <= total <= 816
    assert 0 <= bucket.wait() <= 1 / 80


def test_in_flight_is_bounded() -> None:
    assert [in_flight(rate) for rate in (0.5, 20, 80, 1000)] == [4, 40, 160, 400]


# --- the send loop


@dataclass
class SlowChannel(RememberingChannel):
    """Takes its time, and remembers when it was called and how many calls were under way."""

    delay: float = 0.05
    at: list[float] = field(default_factory=list)
    open: int = 0
    most: int = 0

    async def send(self, envelope: Envelope) -> Accepted:
        self.at.append(monotonic())
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            await asyncio.sleep(self.delay)
            return await super().send(envelope)
        finally:
            self.open -= 1


@dataclass
class GatedChannel(SlowChannel):
    """Answers once the gate is open."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    looked: int = 0

    async def send(self, envelope: Envelope) -> Accepted:
        self.open += 1
        self.most = max(self.most, self.open)
        await self.gate.wait()
        self.open -= 1
        return await RememberingChannel.send(self, envelope)


def sending(world: World, channel: RememberingChannel, rate: float = 80) -> SendLoop:
    return SendLoop(world, replace(world.senders["nummer"], channel=channel, rate=rate))


def play(loop: SendLoop, until: Callable[[], bool], within: float = 60, after: Any = None) -> float:
    """Run the loop until something is true, then stop it; returns the seconds that took."""

    async def main() -> float:
        task = asyncio.create_task(loop.run())
        began = monotonic()
        while not until() and monotonic() - began < within and not task.done():
            await asyncio.sleep(0.01)
        took = monotonic() - began
        if after:
            after()
        loop.stop()
        await asyncio.wait_for(task, 60)
        return took

    return asyncio.run(main())


def claimed(loop: SendLoop, results: list[Result]) -> list[send.Dispatch]:
    """One claim of a loop that does not run, together with results."""
    try:
        return loop._claim(5, results)
    finally:
        loop._lease.release()


def states(world: World) -> Counter[str]:
    return Counter(s for (s,) in rows(world.database, tables.message, "status"))


def test_the_loop_sends_everything_once_at_the_rate(world: World) -> None:
    queue(world, 60)
    channel = SlowChannel()
    play(sending(world, channel), lambda: len(channel.sent) == 60)
    assert Counter(Counter(e.to for e in channel.sent).values()) == {1: 60}
    assert states(world) == {"accepted": 60}
    assert Counter(o for (o,) in rows(world.database, tables.attempt, "outcome")) == {"accepted": 60}
    for first in range(len(channel.at)):
        for last in range(first, len(channel.at)):
            # a busy machine may let the requests of two claims begin together; without the limit all 60 would
            allowed = 80 * (channel.at[last] - channel.at[first]) + 2 * 16 + 2
            assert last - first + 1 <= allowed


def test_no_more_are_in_flight_than_the_bound(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody answers until the loop has looked for more three times."""
    queue(world, 30)
    monkeypatch.setattr(sender, "in_flight", lambda _rate: 5)
    monkeypatch.setattr(sender, "IDLE", 0.05)
    channel = GatedChannel(delay=0)
    loop = sending(world, channel, rate=1000)
    rest = loop._rest

    async def rests(found: int) -> None:
        channel.looked += channel.open == 5
        if channel.looked > 3:
            channel.gate.set()
        await rest(found)

    monkeypatch.setattr(loop, "_rest", rests)
    play(loop, lambda: len(channel.sent) == 30)
    assert len(channel.sent) == 30
    assert channel.most == 5


def test_a_slow_rate_is_used_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop must sleep until the next token, not until something wakes it: no message comes late for that."""
    monkeypatch.setattr(sender, "IDLE", 600.0)
    queue(world, 10)
    channel = RememberingChannel()
    took = play(sending(world, channel, rate=5), lambda: len(channel.sent) >= 10)
    assert len(channel.sent) == 10
    assert took >= (10 - 1) / 5, "one at once, then five a second"


def test_stop_waits_for_what_is_in_flight_and_stores_its_results(world: World) -> None:
    queue(world, 5)
    channel = SlowChannel(delay=0.6)
    play(sending(world, channel), lambda: channel.open == 5)
    assert len(channel.sent) == 5
    assert states(world) == {"accepted": 5}


def test_stop_begins_nothing_new(world: World) -> None:
    queue(world, 100)
    channel = SlowChannel(delay=0.3)
    begun = []
    play(sending(world, channel), lambda: channel.open > 3, after=lambda: begun.append(len(channel.at)))
    assert len(channel.at) == len(channel.sent) <= begun[0] + 16, "at most the claim under way"
    found = states(world)
    assert found["sending"] == 0
    assert found["accepted"] == len(channel.sent)
    assert found["queued"] == 100 - len(channel.sent)


def test_a_new_message_wakes_an_idle_loop(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sender, "IDLE", 600.0)
    channel = RememberingChannel()
    loop = sending(world, channel)
    resting, rest = asyncio.Event(), loop._rest

    async def rests(found: int) -> None:
        resting.set()
        await rest(found)

    monkeypatch.setattr(loop, "_rest", rests)

    async def main() -> None:
        task = asyncio.create_task(loop.run())
        await asyncio.wait_for(resting.wait(), 60)
        await asyncio.to_thread(queue, world, 1)
        loop.wake()
        began = monotonic()
        while not channel.sent and monotonic() - began < 60:
            await asyncio.sleep(0.005)
        loop.stop()
        await task

    asyncio.run(main())
    assert len(channel.sent) == 1, "not after the idle time"


def test_an_error_in_a_database_round_drops_no_result(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    queue(world, 6)
    monkeypatch.setattr(sender, "IDLE", 0.05)
    claim, broken = send.claim, []

    def sometimes(world_: World, slug: str, most: int, results: Any = (), *more: Any) -> Any:
        if results and len(broken) < 3:
            broken.append(len(results))
            raise OSError("disk full")
        return claim(world_, slug, most, results, *more)

    monkeypatch.setattr(send, "claim", sometimes)
    channel = SlowChannel()
    play(sending(world, channel), lambda: states(world)["accepted"] == 6)
    assert len(broken) == 3
    assert len(channel.sent) == 6
    assert states(world) == {"accepted": 6}
    assert {o for (o,) in rows(world.database, tables.attempt, "outcome")} == {"accepted"}


def test_answers_that_cannot_be_stored_together_are_soon_stored_one_by_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One answer that the database does not take must not keep the others from it for long."""
    queue(world, 6)
    monkeypatch.setattr(sender, "IDLE", 0.05)
    claim, failed = send.claim, []

    def never_together(world_: World, slug: str, most: int, results: Any = (), *more: Any) -> Any:
        if len(results) > 1:
            failed.append(len(results))
            raise OSError("one of them is too long for its column")
        return claim(world_, slug, most, results, *more)

    monkeypatch.setattr(send, "claim", never_together)
    channel = SlowChannel()
    play(sending(world, channel), lambda: states(world)["accepted"] == 6 or len(failed) > 10, within=60)
    assert states(world) == {"accepted": 6}
    assert len(failed) <= 10


def test_an_error_while_stopping_drops_no_result_either(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last commit of a stopping process failed once: Meta's answers are stored at the next try."""
    queue(world, 3)
    monkeypatch.setattr(sender, "IDLE", 0.05)
    claim, failed = send.claim, []
    loop_: list[SendLoop] = []

    def once(world_: World, slug: str, most: int, results: Any = (), *more: Any) -> Any:
        if loop_[0]._stopping and results and not failed:
            failed.append(1)
            raise OSError("busy")
        return claim(world_, slug, most, results, *more)

    monkeypatch.setattr(send, "claim", once)
    channel = SlowChannel(delay=0.5)
    loop_.append(sending(world, channel))
    try:
        play(loop_[0], lambda: channel.open == 3)
    except OSError:
        failed.append(2)
    assert failed == [1]
    assert states(world) == {"accepted": 3}


def test_what_was_claimed_is_sent_even_if_the_bookkeeping_after_it_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Marked *sending* and never begun would end as *unknown*, with nobody written to."""
    queue(world, 3)
    monkeypatch.setattr(sender, "IDLE", 0.05)
    failed: list[int] = []
    settle = messages.settle

    def once(*arguments: Any) -> None:
        if not failed:
            failed.append(1)
            raise OSError("busy")
        settle(*arguments)

    monkeypatch.setattr(messages, "settle", once)
    channel = RememberingChannel()
    play(sending(world, channel), lambda: len(channel.sent) == 3)
    assert failed
    assert states(world) == {"accepted": 3}


def test_a_number_that_meta_stops_begins_nothing_in_the_same_breath(world: World) -> None:
    """The refusal is known before the next claim: those messages wait, they are not burnt."""
    queue(world, 6)
    first = send.claim(world, "nummer", 1)
    refused = Refused(190, 401, "expired", Action.PAUSE_SENDER)

    class Stopped(RememberingChannel):
        async def send(self, envelope: Envelope) -> Accepted:
            raise refused

    result = asyncio.run(send.dispatch(world, Stopped(), first[0]))
    assert claimed(sending(world, RememberingChannel()), [result]) == []
    assert states(world) == {"queued": 6}


def test_a_stop_that_meta_tells_forbids_the_next_message_in_the_same_breath(world: World) -> None:
    """131050 is a withdrawal: it is in the ledger before anything else is claimed, and in the same commit."""
    queue(world, 1)
    [item] = send.claim(world, "nummer", 1)
    result = Result(
        item.attempt,
        Outcome.REFUSED,
        MessageStatus.FAILED,
        NOON,
        error_code=131050,
        refusal=Refusal(131050, Action.OPT_OUT, 0, 0, NOON),
    )
    seen: list[list[str]] = []
    locked = send._locked

    def look(world_: World, connection: Any, *arguments: Any) -> Any:
        found = connection.execute(tables.consent.select()).mappings()
        seen.append([row["type"] for row in found])
        return locked(world_, connection, *arguments)

    patch = pytest.MonkeyPatch()
    patch.setattr(send, "_locked", look)
    try:
        claimed(sending(world, RememberingChannel()), [result])
    finally:
        patch.undo()
    assert seen == [["granted", "platform_stop"]]


@pytest.mark.databases("postgresql")
def test_two_loops_of_one_number_on_postgresql_only_one_sends(world: World) -> None:
    queue(world, 10)
    first, second = SlowChannel(), SlowChannel()
    loops = [sending(world, first), sending(world, second)]

    async def main() -> None:
        tasks = [asyncio.create_task(loop.run()) for loop in loops]
        began = monotonic()
        while len(first.sent) + len(second.sent) < 10 and monotonic() - began < 60:
            await asyncio.sleep(0.02)
        for loop in loops:
            loop.stop()
        await asyncio.gather(*tasks)

    asyncio.run(main())
    assert sorted([len(first.sent), len(second.sent)]) == [0, 10]


def test_an_unread_message_defers_and_the_loop_goes_on_afterwards(world: World, clock: Clock) -> None:
    from integration.flow import answer

    queue(world, 1)
    [(phone,)] = rows(world.database, tables.contact, "phone")
    post_meta(world, MetaUpdate(messages=(Inbound("in1", phone, None, "A", NOON, "text", "Hallo"),)))
    channel = RememberingChannel()
    play(sending(world, channel), lambda: False, within=0.4)
    assert channel.sent == []
    answer.run(world)
    clock.advance(minutes=2)
    play(sending(world, channel), lambda: bool(channel.sent))
    assert len(channel.sent) == 1
