"""Every fact that `decide` honours reaches it from the database."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from storekit import a_message, an_entry
from worlds import NOON, Clock, make_world

from integration.domain.consent.consent import ConsentType, Policy, Source
from integration.domain.consent.decision import Allow, Decision, Defer
from integration.domain.contacts.contacts import Contact
from integration.domain.messages.channel import RemoteTemplate
from integration.flow.messages import decide
from integration.flow.messages.decide import Question
from integration.flow.world import World
from integration.store import tables
from integration.store.consent.ledger import Entry
from integration.store.contacts import contacts, identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.messages import messages
from integration.store.templates import templates

ANNA = "+491713920012"
NEWS = "lb_newsletter_du_v1"
SERVICE = "lb_shipping_notice_du_v1"


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    made = make_world(database, keys, clock)
    with database.write() as connection:
        listed = [
            RemoteTemplate(NEWS, "de", "APPROVED", "MARKETING"),
            RemoteTemplate(SERVICE, "de", "APPROVED", "UTILITY"),
        ]
        templates.replace_all(connection, "konto", listed, NOON)
    yield made


def person(world: World, phone: str = ANNA, **columns: Any) -> Contact:
    with world.database.write() as connection:
        [made] = identity_resolution.resolve(connection, [Person("firma", phone)], NOON)
        if columns:
            connection.execute(update(tables.contact).where(tables.contact.c.id == made.id).values(columns))
        return contacts.by_id(connection, [made.id])[made.id]


def record(world: World, *entries: Entry) -> None:
    with world.database.write() as connection:
        world.ledger.append(connection, entries, NOON)


def agreed(who: Contact, *scopes: str, **changes: Any) -> Entry:
    """A grant from the person's own phone: on at once."""
    values = {"purposes": scopes or ("marketing_news",), "source": Source.QR, "occurred_at": NOON - timedelta(days=9)}
    return an_entry(who.subject, **(values | changes))


def decided(world: World, who: Contact, **changes: Any) -> Decision:
    values = {"kind": "newsletter", "purpose": "newsletter", "template": NEWS, "occurred_at": world.clock()}
    values |= {"expires_at": world.clock() + timedelta(days=30)}
    message = a_message(who.id, **(values | changes))
    with world.database.write() as connection:
        [answer] = decide.decide_all(world, connection, [Question(message, who)], "queue")
    return answer.decision


def sent(world: World, who: Contact, at: datetime, **changes: Any) -> None:
    message = a_message(who.id, kind="newsletter", purpose="newsletter", template=NEWS, **changes)
    with world.database.write() as connection:
        messages.add(connection, [message], at)
        messages.start(connection, [message], at)


def test_news_that_was_agreed_to_may_go(world: World) -> None:
    anna = person(world)
    record(world, agreed(anna))
    assert isinstance(decided(world, anna), Allow)


def test_the_item_of_an_alert_is_the_one_asked_for(world: World) -> None:
    anna = person(world)
    record(world, agreed(anna, "back_in_stock:42"))
    alert = {"kind": "back_in_stock", "purpose": "back_in_stock"}
    assert isinstance(decided(world, anna, item="42", **alert), Allow)
    assert decided(world, anna, item="43", **alert).reason == "no_consent"


def test_a_promotion_in_a_service_text_is_marketing(world: World) -> None:
    anna = person(world)
    record(world, agreed(anna, "service_updates"))
    service = {"kind": "shipping_notice", "purpose": "shipping_notice"}
    assert isinstance(decided(world, anna, template=SERVICE, **service), Allow)
    assert decided(world, anna, promotion=True, **service).reason == "promotion_in_service_message"


@pytest.mark.parametrize(
    ("ago", "reason"),
    [
        (timedelta(hours=24) - timedelta(microseconds=1), "ok"),
        (timedelta(hours=24), "window_closed"),
        (None, "window_closed"),
    ],
)
def test_free_text_goes_within_24_hours_of_what_the_person_wrote(
    world: World, ago: timedelta | None, reason: str
) -> None:
    anna = person(world, last_inbound_at=ago and world.clock() - ago)
    record(world, agreed(anna, "service_updates"))
    free = {"kind": "support_reply", "purpose": "support_reply", "template": None, "text": "Gern."}
    assert decided(world, anna, **free).reason == reason
    with_template = {"kind": "shipping_notice", "purpose": "shipping_notice", "template": SERVICE}
    assert isinstance(decided(world, anna, **with_template), Allow), "a template goes at any time"


@pytest.mark.parametrize(("born", "reason"), [(date(2010, 11, 24), "ok"), (date(2010, 11, 25), "minor")])
def test_who_is_sixteen_today_is_no_minor(world: World, born: date, reason: str) -> None:
    anna = person(world, born_on=born)
    record(world, agreed(anna))
    assert decided(world, anna).reason == reason


def test_a_strict_country_raises_the_age(world: World) -> None:
    asha = person(world, "+919812345678", born_on=date(2009, 1, 1))
    record(world, agreed(asha, phone="+919812345678"))
    assert decided(world, asha).reason == "minor"


def test_the_caps_count_when_messages_left_not_when_they_were_read(world: World) -> None:
    anna = person(world)
    record(world, agreed(anna))
    sent(world, anna, NOON - timedelta(hours=25))
    with world.database.write() as connection:
        connection.execute(update(tables.message).values(status="read", status_at=NOON))
    assert isinstance(decided(world, anna), Allow)
    sent(world, anna, NOON - timedelta(hours=23))
    assert decided(world, anna).reason == "frequency_cap"


def test_a_promoted_service_text_counts_as_marketing_sent(world: World) -> None:
    anna = person(world)
    record(world, agreed(anna))
    message = a_message(anna.id, promotion=True)
    with world.database.write() as connection:
        messages.add(connection, [message], NOON)
        messages.start(connection, [message], NOON - timedelta(hours=1))
    assert decided(world, anna).reason == "frequency_cap"


def test_the_promised_number_counts_thirty_days(world: World, clock: Clock) -> None:
    anna = person(world)
    record(world, agreed(anna, promised_per_month=2))
    sent(world, anna, NOON - timedelta(days=29))
    sent(world, anna, NOON - timedelta(days=8))
    assert decided(world, anna).reason == "frequency_promise"
    clock.advance(days=2)
    assert isinstance(decided(world, anna), Allow)


def test_use_keeps_an_old_consent_awake(world: World) -> None:
    anna = person(world)
    record(world, agreed(anna, occurred_at=NOON - timedelta(days=800)))
    assert decided(world, anna).reason == "dormant"
    sent(world, anna, NOON - timedelta(days=700))
    assert isinstance(decided(world, anna), Allow)


@pytest.mark.parametrize(
    ("phone", "region", "until"),
    [
        (ANNA, None, datetime(2027, 1, 7, 7, tzinfo=UTC)),
        (ANNA, "DE-BY", datetime(2027, 1, 7, 7, tzinfo=UTC)),
        (ANNA, "DE-HH", None),
        ("+4366412345678", None, datetime(2027, 1, 7, 7, tzinfo=UTC)),
        ("+41791234567", "ZH", None),
    ],
)
def test_a_holiday_of_the_federal_state_is_quiet(
    world: World, clock: Clock, phone: str, region: str | None, until: datetime | None
) -> None:
    """Epiphany: a holiday in Bavaria and Austria; whose state is unknown may live there."""
    clock.now = datetime(2027, 1, 6, 11, tzinfo=UTC)
    who = person(world, phone, region=region)
    record(world, agreed(who, phone=phone))
    assert decided(world, who) == (Defer("quiet_hours", until) if until else Allow("ok", decided(world, who).basis))


def test_an_open_question_rests_marketing_and_nothing_else(world: World) -> None:
    anna = person(world, asked_at=NOON)
    record(world, agreed(anna), agreed(anna, "service_updates"))
    assert decided(world, anna).reason == "inbound_pending"
    assert isinstance(decided(world, anna, kind="shipping_notice", purpose="shipping_notice", template=SERVICE), Allow)


def request(world: World, who: Contact) -> Decision:
    return decided(world, who, kind="doi_request", purpose="doi_request", template=SERVICE)


def signed_up(who: Contact) -> Entry:
    return agreed(who, source=Source.FORM, occurred_at=NOON - timedelta(minutes=1))


def test_one_confirmation_request_a_month(world: World, clock: Clock) -> None:
    anna = person(world)
    record(world, signed_up(anna))
    assert isinstance(request(world, anna), Allow)
    message = a_message(anna.id, kind="doi_request", purpose="doi_request")
    with world.database.write() as connection:
        messages.add(connection, [message], NOON)
        messages.start(connection, [message], NOON)
    assert request(world, anna).reason == "already_requested"
    clock.advance(days=31)
    record(world, replace(signed_up(anna), occurred_at=clock()))
    assert isinstance(request(world, anna), Allow)


def test_who_said_no_to_a_request_is_not_asked_again_for_a_year(world: World) -> None:
    anna = person(world)
    no = agreed(anna, type=ConsentType.DECLINED, source=Source.CHAT_BUTTON, occurred_at=NOON - timedelta(days=300))
    record(world, no, signed_up(anna))
    assert request(world, anna).reason == "already_requested"


def test_an_edited_row_defers_its_person_and_nobody_else(world: World) -> None:
    anna, bernd = person(world), person(world, "+491713920013")
    record(world, agreed(anna), agreed(bernd, phone="+491713920013"))
    edit = update(tables.consent).where(tables.consent.c.subject == anna.subject).values(type="blessed")
    with world.database.write() as connection:
        connection.execute(edit)
        questions = [Question(a_message(c.id, purpose="newsletter", template=NEWS), c) for c in (anna, bernd)]
        first, second = (a.decision for a in decide.decide_all(world, connection, questions, "queue"))
    assert first == Defer("ledger_unavailable")
    assert isinstance(second, Allow)


def test_the_policy_of_the_company_is_asked(database: Database, keys: Database) -> None:
    world = make_world(database, keys, policy=Policy(cap_24h=2, cap_7d=2))
    with database.write() as connection:
        templates.replace_all(connection, "konto", [RemoteTemplate(NEWS, "de", "APPROVED", "MARKETING")], NOON)
    anna = person(world)
    record(world, agreed(anna))
    sent(world, anna, NOON - timedelta(hours=1))
    assert isinstance(decided(world, anna), Allow)


def test_two_advertisements_of_one_batch_are_two(world: World, clock: Clock) -> None:
    who = person(world)
    record(world, agreed(who))
    both = [
        a_message(
            who.id, kind="newsletter", purpose="newsletter", template=NEWS, occurred_at=clock(),
            expires_at=clock() + timedelta(days=1),
        )
        for _ in range(2)
    ]  # fmt: skip
    with world.database.write() as connection:
        answers = decide.decide_all(world, connection, [Question(message, who) for message in both], "send")
    assert [answer.decision.reason for answer in answers][1:] == ["frequency_cap"]
    assert isinstance(answers[0].decision, Allow)
