"""The life of a text: written, submitted, judged, used, made marketing; on both databases."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select
from storekit import an_entry, rows
from worlds import NOON, Clock, NoAccount, RememberingChannel, make_world, order, post

from connectors.whatsapp.payloads import message
from integration.domain.actions import Action
from integration.domain.consent.consent import Source
from integration.domain.errors import NotSent, OutcomeUnknown, Refused
from integration.domain.messages.channel import RemoteTemplate, TemplateNews
from integration.domain.notifications import NOTIFICATIONS
from integration.domain.templates.approval import BECOMES_MARKETING, TOO_MANY
from integration.domain.templates.selection import OwnText, Slot
from integration.domain.templates.templates import Template, all_templates, is_pictured
from integration.flow import react, send
from integration.flow.templates import templates as flow
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from integration.store.ids import new_id
from integration.store.templates import templates
from jobs.sweeps import template_sync

KIND = "order_confirmation"
LIBRARY, OWN = "lb_order_confirmation_du_v1", "lb_order_confirmation_du_v101"
SLOT = Slot("firma", KIND, "de", "du")
BODY = "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist da. Danke dir!"


@dataclass
class Account(NoAccount):
    """Meta's side: what was submitted waits, until a test judges it."""

    found: dict[tuple[str, str], RemoteTemplate] = field(default_factory=dict)
    submitted: list[str] = field(default_factory=list)
    samples: dict[str, dict[str, str]] = field(default_factory=dict)
    error: Exception | None = None
    room: int = 10_000
    tried: int = 0

    def templates(self) -> list[RemoteTemplate]:
        return list(self.found.values())

    def create_template(self, template: Template, samples: Mapping[str, str]) -> None:
        self.tried += 1
        if self.error:
            raise self.error
        if len(self.submitted) >= self.room:
            raise Refused(80007, 400, "Too many calls", Action.SLOW_ACCOUNT, wait=300)
        self.submitted.append(template.name)
        self.samples[template.name] = dict(samples)
        shown = {"body": template.body, "outline": template.outline}
        self.judge(template.name, "PENDING", template.category, template.language, **shown)

    def judge(self, name: str, status: str, category: str = "UTILITY", language: str = "de", **more: Any) -> None:
        self.found[name, language] = RemoteTemplate(name, language, status, category, **more)


@pytest.fixture
def account() -> Account:
    made = Account()
    for t in all_templates():
        made.judge(t.name, "APPROVED", t.category, t.language)
    return made


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, account: Account) -> World:
    made = make_world(database, keys, clock)
    return replace(made, senders={"nummer": replace(made.senders["nummer"], management=account)})


def write(world: World, body: str | None = BODY, slot: Slot = SLOT) -> str:
    with world.database.write() as connection:
        return flow.write(world, connection, slot, body, "owner", world.clock()).name


def used(world: World) -> list[Any]:
    return [row[0] for row in rows(world.database, tables.message, "template")]


def queue(world: World, number: str = "1001") -> None:
    post(world, order(number=number, phone=f"+49171392{number}"))
    react.run(world)


def deliver(world: World) -> None:
    batch = send.claim(world, "nummer", 10)
    results = [asyncio.run(send.dispatch(world, world.senders["nummer"].channel, item)) for item in batch]
    send.claim(world, "nummer", 0, results)


def states(world: World) -> list[Any]:
    return [tuple(row) for row in rows(world.database, tables.message, "status", "reason")]


def test_an_own_text_is_submitted_and_serves_once_approved(world: World, account: Account) -> None:
    assert write(world) == OWN
    assert template_sync.submit(world, NOON) == "submitted=1"
    assert template_sync.submit(world, NOON) == "submitted=0"
    queue(world)
    account.judge(OWN, "APPROVED")
    template_sync.sweep(world, NOON)
    queue(world, "1002")
    assert sorted(used(world)) == [LIBRARY, OWN]
    assert account.submitted == [OWN]


def test_an_own_text_that_advertises_needs_a_consent_to_that(world: World, account: Account) -> None:
    """However it got past the lint, and whatever Meta calls it: a voucher makes a service message an offer."""
    body = "Hallo {{name}}, Bestellung {{order}} bei {{shop}} ist da. 10 % Rabatt auf die nächste! Stopp mit STOP."
    with world.database.write() as connection:
        templates.add_text(connection, OwnText(new_id(), "firma", "", KIND, "de", "du", 101, OWN, body, NOON, "x"))
    account.judge(OWN, "APPROVED")
    template_sync.sweep(world, NOON)
    queue(world)
    assert used(world) == [OWN]
    assert states(world) == [("suppressed", "promotion_in_service_message")]


def test_a_list_that_was_under_way_does_not_undo_what_a_webhook_said(
    world: World, account: Account, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else nobody would be asked for the consent that a service text made MARKETING needs, until the next list."""
    template_sync.sweep(world, clock())
    old, asked = list(account.found.values()), clock()

    def slowly() -> list[RemoteTemplate]:
        clock.now += timedelta(seconds=20)
        with world.database.write() as connection:
            news = TemplateNews(LIBRARY, "de", category="MARKETING")
            flow.noted(world, connection, "konto", [news], clock())
        return old

    monkeypatch.setattr(account, "templates", slowly)
    template_sync.sweep(world, asked)
    queue(world)
    assert states(world) == [("queued", "template_flipped")]
    monkeypatch.undo()
    template_sync.sweep(world, clock())
    deliver(world)
    assert states(world)[0][0] == "accepted", "Meta's next list counts again"


def test_only_the_newest_version_is_submitted_and_who_went_back_submits_none(world: World, account: Account) -> None:
    write(world)
    second = write(world, BODY + " Bis bald!")
    template_sync.submit(world, NOON)
    assert account.submitted == [second]
    write(world, None)
    template_sync.submit(world, NOON)
    assert account.submitted == [second]


def test_a_text_of_one_shop_has_a_name_of_its_own(world: World, account: Account) -> None:
    write(world, slot=replace(SLOT, shop="laden"))
    template_sync.submit(world, NOON)
    assert account.submitted == ["lb_order_confirmation_du_s_laden_v101"]
    account.judge(account.submitted[0], "APPROVED")
    template_sync.sweep(world, NOON)
    queue(world)
    assert used(world) == account.submitted


def test_a_text_that_meta_does_not_take_is_kept_with_its_reason_and_offered_a_day_later(
    world: World, account: Account, clock: Clock
) -> None:
    write(world)
    account.error = Refused(100, 400, "Too many variables", Action.FAIL)
    template_sync.submit(world, clock())
    template_sync.sweep(world, clock())
    with world.database.read() as connection:
        known = templates.known(connection, "konto")[OWN, "de"]
    assert (known.status, known.reason) == ("REFUSED", "Too many variables")
    account.error = None
    clock.advance(hours=23)
    template_sync.sweep(world, clock())
    assert account.submitted == []
    clock.advance(hours=2)
    template_sync.sweep(world, clock())
    assert account.submitted == [OWN]
    with world.database.read() as connection:
        assert templates.known(connection, "konto")[OWN, "de"].status == "PENDING"


def test_when_meta_takes_no_more_the_rest_goes_with_the_next_sweep(world: World, account: Account) -> None:
    account.found.clear()
    account.room = 3
    template_sync.sweep(world, NOON)
    account.room = 5
    assert template_sync.submit(world, NOON) == "submitted=0"
    template_sync.sweep(world, NOON)
    account.room = 10_000
    template_sync.sweep(world, NOON)
    assert sorted(account.submitted) == sorted(t.name for t in all_templates()), "each once, and none was given up"


@pytest.mark.parametrize("error", [NotSent("away"), OutcomeUnknown("500")])
def test_while_meta_is_away_one_text_is_tried_and_not_all(world: World, account: Account, error: Exception) -> None:
    account.found.clear()
    account.error = error
    template_sync.sweep(world, NOON)
    assert account.tried == 1


def test_what_may_have_arrived_waits_for_what_meta_lists(world: World, account: Account) -> None:
    template_sync.sweep(world, NOON)
    write(world)
    account.error = OutcomeUnknown("500")
    assert template_sync.submit(world, NOON) == "submitted=0"
    write(world, slot=replace(SLOT, address="sie"))
    for _ in range(3):
        assert template_sync.submit(world, NOON) == "submitted=0"
    assert account.tried == 1, "neither this one nor another, again and again"
    account.error = None
    account.judge(OWN, "PENDING")
    template_sync.sweep(world, NOON)
    assert account.submitted == [OWN.replace("_du_", "_sie_")], "the first had arrived"


def test_no_connection_is_no_refusal(world: World, account: Account) -> None:
    write(world)
    account.error = NotSent("away")
    assert template_sync.submit(world, NOON) == "submitted=0"
    account.error = None
    assert template_sync.submit(world, NOON) == "submitted=1"


def test_history_is_append_only(world: World) -> None:
    write(world)
    write(world, None)
    with world.database.read() as connection:
        found = templates.texts(connection)
    assert [(t.version, t.body, t.by) for t in found] == [(101, BODY, "owner"), (102, None, "owner")]


# --- the brake


def flip(world: World, account: Account, name: str = LIBRARY) -> None:
    account.judge(name, "APPROVED", "MARKETING")
    template_sync.sweep(world, world.clock())


def test_a_text_that_meta_made_marketing_rests_until_the_owner_decides(world: World, account: Account) -> None:
    queue(world)
    flip(world, account)
    deliver(world)
    queue(world, "1002")
    assert states(world) == [("queued", "template_flipped")] * 2


def test_the_webhook_brakes_as_well(world: World) -> None:
    queue(world)
    with world.database.write() as connection:
        flow.noted(world, connection, "konto", [TemplateNews(LIBRARY, "de", category="MARKETING")], NOON)
    deliver(world)
    assert states(world) == [("queued", "template_flipped")]


def test_accepted_as_marketing_it_goes_to_nobody_without_that_consent(world: World, account: Account) -> None:
    queue(world)
    flip(world, account)
    with world.database.write() as connection:
        flow.decide_category(world, connection, "konto", (LIBRARY, "de"), accept=True, by="owner", now=NOON)
    deliver(world)
    assert states(world) == [("suppressed", "text_is_marketing")]
    channel = world.senders["nummer"].channel
    assert isinstance(channel, RememberingChannel)
    assert channel.sent == []


def test_accepted_as_marketing_it_goes_to_who_wants_advertising(world: World, account: Account) -> None:
    queue(world)
    with world.database.write() as connection:
        subject = connection.execute(select(tables.contact.c.subject)).scalar_one()
        entry = an_entry(subject, purposes=("marketing_news",), source=Source.QR, occurred_at=NOON)
        world.ledger.append(connection, [entry], NOON)
    flip(world, account)
    with world.database.write() as connection:
        flow.decide_category(world, connection, "konto", (LIBRARY, "de"), accept=True, by="owner", now=NOON)
    deliver(world)
    assert states(world) == [("accepted", None)]


def test_a_reworded_text_ends_the_pause_by_itself(world: World, account: Account) -> None:
    flip(world, account)
    write(world)
    template_sync.submit(world, NOON)
    account.judge(OWN, "APPROVED")
    template_sync.sweep(world, NOON)
    queue(world)
    deliver(world)
    assert used(world) == [OWN]
    assert states(world) == [("accepted", None)]


def test_an_acceptance_lasts_while_the_category_does(world: World, account: Account) -> None:
    flip(world, account)
    with world.database.write() as connection:
        flow.decide_category(world, connection, "konto", (LIBRARY, "de"), accept=True, by="owner", now=NOON)
    template_sync.sweep(world, NOON)
    with world.database.read() as connection:
        assert not templates.facts(connection, "konto")[LIBRARY, "de"].braked
    account.judge(LIBRARY, "APPROVED", "UTILITY")
    template_sync.sweep(world, NOON)
    flip(world, account)
    with world.database.read() as connection:
        assert templates.facts(connection, "konto")[LIBRARY, "de"].braked
        assert [row.choice for row in templates.choices(connection, [LIBRARY])] == ["accept"]


# --- what webhooks say


def test_news_of_a_template(world: World) -> None:
    news = [
        TemplateNews(LIBRARY, "de", status="REJECTED", reason="TAG_CONTENT_MISMATCH"),
        TemplateNews(LIBRARY, "en", quality="RED"),
        TemplateNews("lb_unknown_v1", "de", status="APPROVED"),
    ]
    with world.database.write() as connection:
        flow.noted(world, connection, "konto", news, NOON)
        known = templates.known(connection, "konto")
    assert (known[LIBRARY, "de"].status, known[LIBRARY, "de"].reason) == ("REJECTED", "TAG_CONTENT_MISMATCH")
    assert ("lb_unknown_v1", "de") not in known


def test_an_approval_by_webhook_releases_what_waited(world: World, clock: Clock) -> None:
    with world.database.write() as connection:
        flow.noted(world, connection, "konto", [TemplateNews(LIBRARY, "de", status="PENDING")], NOON)
    queue(world)
    assert states(world) == [("queued", "template_not_approved")]
    with world.database.write() as connection:
        flow.noted(world, connection, "konto", [TemplateNews(LIBRARY, "de", status="APPROVED")], NOON)
    deliver(world)
    assert states(world) == [("accepted", None)]


def test_when_a_state_began_stays(world: World, account: Account, clock: Clock) -> None:
    template_sync.sweep(world, clock())
    clock.advance(hours=3)
    template_sync.sweep(world, clock())
    with world.database.read() as connection:
        assert templates.known(connection, "konto")[LIBRARY, "de"].since == NOON


# --- what changes at Meta without us


def status(world: World, name: str = LIBRARY) -> tuple[str, str]:
    with world.database.read() as connection:
        found = templates.known(connection, "konto")[name, "de"]
    return found.status, found.reason


CHANGED = "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist eingegangen. Danke! Antworte mit STOP."


def test_a_text_that_was_changed_at_meta_is_filled_in_as_it_reads_there(world: World, account: Account) -> None:
    account.judge(LIBRARY, "APPROVED", body=CHANGED)
    template_sync.sweep(world, NOON)
    queue(world)
    [item] = send.claim(world, "nummer", 10)
    assert item.envelope.body == CHANGED
    [part] = orjson.loads(message(item.envelope))["template"]["components"][:1]
    assert [p["parameter_name"] for p in part["parameters"]] == ["name", "order", "shop"]


@pytest.mark.parametrize("body", [CHANGED + " {{punkte}} Punkte!", CHANGED + " Jetzt 10 % Rabatt."])
def test_a_text_that_was_changed_to_what_must_not_leave_waits(world: World, account: Account, body: str) -> None:
    queue(world)
    account.judge(LIBRARY, "APPROVED", body=body)
    template_sync.sweep(world, NOON)
    deliver(world)
    assert states(world) == [("queued", "template_not_approved")]
    assert status(world)[0] == templates.CHANGED
    account.judge(LIBRARY, "APPROVED", body=CHANGED)
    template_sync.sweep(world, NOON)
    deliver(world)
    assert states(world) == [("accepted", None)]


@pytest.mark.parametrize(("body", "expected"), [(CHANGED, "APPROVED"), (CHANGED + " Nur heute: Sale!", "CHANGED")])
def test_the_webhook_tells_of_a_change_at_once(world: World, body: str, expected: str) -> None:
    queue(world)
    with world.database.write() as connection:
        flow.noted(world, connection, "konto", [TemplateNews(LIBRARY, "de", body=body)], NOON)
    assert status(world)[0] == expected
    assert world.catalogue.body("konto", LIBRARY, "de") == body
    deliver(world)
    assert states(world) == [("accepted", None) if expected == "APPROVED" else ("queued", "template_not_approved")]


def test_a_category_that_is_announced_stays_announced_until_it_comes(world: World, account: Account) -> None:
    with world.database.write() as connection:
        news = TemplateNews(LIBRARY, "de", category="UTILITY", reason=BECOMES_MARKETING)
        flow.noted(world, connection, "konto", [news], NOON)
    template_sync.sweep(world, NOON)
    assert status(world) == ("APPROVED", BECOMES_MARKETING)
    queue(world)
    deliver(world)
    assert states(world) == [("accepted", None)]
    flip(world, account)
    assert status(world) == ("APPROVED", "")


def test_a_category_that_comes_back_lets_what_waited_go(world: World, account: Account, clock: Clock) -> None:
    queue(world)
    flip(world, account)
    deliver(world)
    assert states(world) == [("queued", "template_flipped")]
    with world.database.write() as connection:
        flow.noted(world, connection, "konto", [TemplateNews(LIBRARY, "de", category="UTILITY")], clock())
    deliver(world)
    assert states(world) == [("accepted", None)]


def test_an_account_without_room_is_asked_once_an_hour(world: World, account: Account, clock: Clock) -> None:
    account.found.clear()
    account.error = Refused(100, 400, TOO_MANY, Action.FAIL)
    template_sync.sweep(world, clock())
    assert account.tried == 1
    account.error = None
    clock.advance(minutes=61)
    template_sync.sweep(world, clock())
    assert sorted(account.submitted) == sorted(t.name for t in all_templates())


# --- one template for all shops that say the same


def test_the_same_words_of_two_shops_are_one_template(world: World, account: Account) -> None:
    shop = world.shops["laden"]
    two = replace(world, shops={"laden": shop, "filiale": replace(shop, slug="filiale", name="Filiale")})
    first, second = (write(two, slot=replace(SLOT, shop=slug)) for slug in ("laden", "filiale"))
    assert first != second
    template_sync.submit(two, NOON)
    assert account.submitted == [first]
    account.judge(first, "APPROVED")
    template_sync.sweep(two, NOON)
    template_sync.submit(two, NOON)
    assert account.submitted == [first]
    for slug in ("laden", "filiale"):
        assert flow.serving(two, two.shops[slug], KIND, "de", {}).name == first
    account.judge(first, "REJECTED")
    template_sync.sweep(two, NOON)
    template_sync.submit(two, NOON)
    assert account.submitted == [first, second], "who may not share a text has it looked at anew"


def test_shops_of_one_address_share_the_text_with_picture_and_button(world: World, account: Account) -> None:
    shop = world.shops["laden"]
    shops = {
        slug: replace(shop, slug=slug, address=address) for slug, address in (("a", "du"), ("b", "du"), ("c", "sie"))
    }
    two = replace(world, shops=shops)
    kinds = sum(n.pictured is not None for n in NOTIFICATIONS)
    places = {"a": "https://laden.example/", "b": "https://laden.example/", "c": "https://laden.example/"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flow, "beginning_in", lambda _world, found, _kind: places[found.slug])
        template_sync.sweep(two, NOON)
    assert len(account.submitted) == 3 * kinds, "German du, German Sie and English, for three shops"
    assert all(is_pictured(name) for name in account.submitted)
