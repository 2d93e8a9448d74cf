"""What customers write: STOP, START, JA, the question back, WARUM; each word and each button ends where it should."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select, update
from storekit import a_message, an_entry, rows
from worlds import NOON, Clock, RememberingChannel, make_world, order, parcel, post, post_meta

from integration.domain.consent.consent import Source
from integration.domain.consent.decision import RULES
from integration.domain.messages.channel import Envelope, Inbound, MetaUpdate, RemoteTemplate
from integration.domain.shops.events import Milestone
from integration.domain.templates.templates import all_templates
from integration.flow import answer, react, send
from integration.flow.consent import links, optin
from integration.flow.conversations import explanation
from integration.flow.privacy import erasure, objections
from integration.flow.world import World
from integration.store import tables
from integration.store.consent.optin_links import OptinLink
from integration.store.contacts import identity_resolution
from integration.store.contacts.identity_resolution import Person
from integration.store.db import Database
from integration.store.messages import messages
from integration.store.messages.messages import Verdict
from integration.store.templates import templates
from integration.store.webhooks import inbox

ANNA = "+491713920012"
NEWS = "lb_newsletter_du_v1"
NUMBERS = count()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock) -> Iterator[World]:
    made = make_world(database, keys, clock)
    approved = [RemoteTemplate(t.name, t.language, "APPROVED", t.category) for t in all_templates()]
    with database.write() as connection:
        news = RemoteTemplate(NEWS, "de", "APPROVED", "MARKETING")
        templates.replace_all(connection, "konto", [*approved, news], NOON)
    yield made


def say(world: World, text: str, payload: str = "", phone: str = ANNA) -> list[Envelope]:
    """The customer writes or taps; what is sent in return."""
    kind = "interactive" if payload else "text"
    item = Inbound(f"in{next(NUMBERS)}", phone, "DE.1", "Anna", world.clock(), kind, text, payload)
    post_meta(world, MetaUpdate(messages=(item,)))
    answer.run(world)
    return deliver(world)


def deliver(world: World) -> list[Envelope]:
    import asyncio

    channel = world.senders["nummer"].channel
    assert isinstance(channel, RememberingChannel)
    before = len(channel.sent)
    for item in send.claim(world, "nummer", 50):
        result = asyncio.run(send.dispatch(world, channel, item))
        send.claim(world, "nummer", 0, [result])
    return channel.sent[before:]


def person(world: World) -> str:
    with world.database.write() as connection:
        return identity_resolution.resolve(connection, [Person("firma", ANNA)], NOON)[0].id


def agree(world: World, *scopes: str) -> str:
    """Anna agreed from her own phone some days ago."""
    with world.database.write() as connection:
        [anna] = identity_resolution.resolve(connection, [Person("firma", ANNA)], NOON)
        grant = an_entry(
            anna.subject, purposes=scopes or ("marketing_news",), source=Source.QR, occurred_at=NOON - timedelta(days=3)
        )
        world.ledger.append(connection, [grant], NOON)
    return anna.id


def queue_news(world: World) -> str:
    message = a_message(
        person(world), kind="newsletter", purpose="newsletter", template=NEWS, occurred_at=world.clock(),
        send_after=world.clock(), expires_at=world.clock() + timedelta(days=3),
    )  # fmt: skip
    with world.database.write() as connection:
        messages.add(connection, [message], world.clock())
    return message.id


def states(world: World, kind: str = "newsletter") -> list[tuple[str, str | None]]:
    query = select(tables.message.c.status, tables.message.c.reason).where(tables.message.c.kind == kind)
    with world.database.read() as connection:
        return [(row[0], row[1]) for row in connection.execute(query)]


def ledger(world: World) -> list[tuple[str, list[str]]]:
    query = select(tables.consent.c.type, tables.consent.c.purposes).order_by(tables.consent.c.seq)
    with world.database.read() as connection:
        return [(row[0], row[1]) for row in connection.execute(query)]


def test_doubt_rests_marketing_and_asks_once(world: World, clock: Clock) -> None:
    agree(world)
    queue_news(world)
    [question] = say(world, "Storno")
    assert "keine Werbung mehr" in (question.text or "")
    assert [payload for payload, _ in question.buttons] == ["OPTOUT:marketing", "KEEP:marketing"]
    assert all(len(title) <= 20 for _, title in question.buttons)
    assert ledger(world) == [("granted", ["marketing_news"])], "doubt is no withdrawal"
    assert states(world) == [("queued", "inbound_pending")]
    clock.advance(minutes=5)
    assert say(world, "Kündigung") == [], "one question, not two"


def test_something_else_lets_marketing_go_on(world: World, clock: Clock) -> None:
    agree(world)
    queue_news(world)
    say(world, "Storno")
    clock.advance(minutes=2)
    sent = say(world, "Etwas anderes", "KEEP:marketing")
    assert [e.template for e in sent] == [NEWS]


def test_no_more_offers_withdraws_and_confirms(world: World, clock: Clock) -> None:
    agree(world)
    queue_news(world)
    say(world, "Storno")
    clock.advance(minutes=2)
    [done] = say(world, "Keine Werbung mehr", "OPTOUT:marketing")
    assert "keine Werbung mehr" in (done.text or "")
    assert ledger(world)[-1] == ("withdrawn", ["*marketing"])
    assert states(world) == [("cancelled", "withdrawn")]


def test_a_clear_stop_after_the_question_ends_it(world: World, clock: Clock) -> None:
    agree(world)
    say(world, "Storno")
    clock.advance(minutes=1)
    say(world, "STOP")
    with world.database.read() as connection:
        assert connection.execute(select(tables.contact.c.asked_at)).scalars().all() == [None]


def test_stop_is_confirmed_once_a_day(world: World, clock: Clock) -> None:
    agree(world)
    assert len(say(world, "STOP")) == 1
    clock.advance(minutes=5)
    assert say(world, "STOP") == []
    clock.advance(hours=25)
    assert len(say(world, "STOP")) == 1


def test_a_bare_start_shows_the_wording_and_the_button_signs_up(world: World, clock: Clock) -> None:
    [offer] = say(world, "START")
    assert "WhatsApp" in (offer.text or "") and "STOP" in (offer.text or "")
    assert len(offer.text or "") <= 1024
    assert [payload for payload, _ in offer.buttons] == ["CONFIRM:yes", "CONFIRM:no"]
    queue_news(world)
    deliver(world)
    assert states(world) == [("suppressed", "not_informed")]
    clock.advance(minutes=1)
    [welcome] = say(world, "Ja, anmelden", "CONFIRM:yes")
    assert "angemeldet" in (welcome.text or "")
    queue_news(world)
    assert [e.template for e in deliver(world)] == [NEWS]
    [shown] = rows(world.database, tables.wording, "text")
    assert shown[0] in (offer.text or ""), "what was shown is what is stored"


def test_yes_without_a_question_means_nothing(world: World) -> None:
    assert say(world, "Ja") == []
    assert say(world, "Ja, anmelden", "CONFIRM:yes") == []
    assert ledger(world) == []


def test_no_to_the_offer_is_recorded(world: World) -> None:
    say(world, "START")
    assert say(world, "Nein", "CONFIRM:no") == []
    assert ledger(world)[-1][0] == "declined"


def link(world: World, *purposes: str) -> OptinLink:
    scopes = purposes or ("marketing_news",)
    return links.make(world, links.Wish("firma", "nummer", scopes, "de", label="Kassenzettel", by="chef"))


def test_a_code_ties_the_message_to_its_wording(world: World) -> None:
    made = link(world)
    [welcome] = say(world, f"start {made.code.lower()}")
    assert "angemeldet" in (welcome.text or "")
    [row] = rows(world.database, tables.consent, "source", "wording_hash", "flags", "promised_per_month", "purposes")
    assert row == ("qr", made.wording_hash, [], 4, ["marketing_news"])
    assert rows(world.database, tables.optin_link, "came") == [(1,)]
    queue_news(world)
    assert [e.template for e in deliver(world)] == [NEWS]


@pytest.mark.parametrize("ended", [True, False], ids=["ended", "unknown"])
def test_a_code_that_does_not_count_is_a_bare_start(world: World, ended: bool) -> None:
    made = link(world)
    if ended:
        from integration.store.consent import optin_links

        with world.database.write() as connection:
            optin_links.end(connection, made.code, NOON)
    [offer] = say(world, f"START {made.code if ended else 'ZZ99ZZ'}")
    assert offer.buttons


def test_codes_have_a_digit_and_a_letter_and_open_the_chat(world: World) -> None:
    from dataclasses import replace

    from integration.domain.consent.optout import classify, start_code
    from integration.domain.errors import LadenboteError

    made = [link(world) for _ in range(20)]
    assert len({m.code for m in made}) == 20
    assert all(start_code(f"START {m.code}") == m.code and classify(f"START {m.code}").kind == "opt_in" for m in made)
    with pytest.raises(LadenboteError, match="display_number"):
        links.address(world, made[0])
    known = replace(world, senders={"nummer": replace(world.senders["nummer"], number="+4930123456")})
    assert links.address(known, made[0]) == f"https://wa.me/4930123456?text=START%20{made[0].code}"


def sign_up(world: World, **changes: object) -> list[Envelope]:
    consent = {
        "granted": True, "at": world.clock().isoformat(), "wording": "Neuigkeiten per WhatsApp von Laden Beispiel, ja.",
        "version": "v1", "phone": "0171 3920012", "source": "test", "purposes": ["marketing_news"], **changes,
    }  # fmt: skip
    placed = order(number=str(next(NUMBERS)), version=world.clock())
    placed["facts"] |= {"consent": consent, "placed_at": world.clock().isoformat()}
    post(world, placed)
    react.run(world)
    return [e for e in deliver(world) if e.template and "doi_request" in e.template]


def test_a_sign_up_is_asked_to_confirm_and_the_button_does(world: World, clock: Clock) -> None:
    [request] = sign_up(world)
    assert [payload for payload, _ in request.buttons] == ["CONFIRM:yes", "CONFIRM:no"]
    assert request.variables["date"] == "24.11.2026"
    clock.advance(hours=3)
    say(world, "Ja, anmelden", "CONFIRM:yes")
    assert ledger(world)[-1] == ("confirmed", ["marketing_news"])
    queue_news(world)
    assert [e.template for e in deliver(world)] == [NEWS]


def test_ja_in_words_confirms_too_and_covers_every_scope_of_the_form(world: World, clock: Clock) -> None:
    sign_up(world, purposes=["marketing_news", "cart_reminder", "service_updates"])
    clock.advance(minutes=1)
    say(world, "Ja!")
    assert ledger(world)[-1] == ("confirmed", ["cart_reminder", "marketing_news"])


def test_there_is_one_request_and_no_reminder(world: World, clock: Clock) -> None:
    assert len(sign_up(world)) == 1
    clock.advance(minutes=2)
    assert sign_up(world) == []
    assert ("suppressed", "already_requested") in states(world, "doi_request")


def test_an_old_form_gets_no_request(world: World, clock: Clock) -> None:
    assert sign_up(world, at=(clock() - timedelta(minutes=61)).isoformat()) == []
    assert states(world, "doi_request") == []


def test_after_seven_days_yes_comes_too_late(world: World, clock: Clock) -> None:
    sign_up(world)
    clock.advance(days=7, minutes=1)
    say(world, "Ja")
    assert ledger(world)[-1][0] == "granted"


def test_a_yes_from_another_phone_confirms_nothing(world: World, clock: Clock) -> None:
    sign_up(world)
    clock.advance(minutes=1)
    item = Inbound("x", "+491713920099", "DE.9", "Wer", clock(), "text", "Ja")
    post_meta(world, MetaUpdate(messages=(item,)))
    answer.run(world)
    assert "confirmed" not in [kind for kind, _ in ledger(world)]


def test_stop_beats_a_pending_confirmation(world: World, clock: Clock) -> None:
    sign_up(world)
    clock.advance(minutes=1)
    say(world, "Stop")
    say(world, "Ja")
    assert ledger(world)[-1][0] == "withdrawn"


def test_service_consent_alone_asks_for_no_confirmation(world: World) -> None:
    assert sign_up(world, purposes=["service_updates"]) == []


def test_warum_gets_the_true_chain(world: World, clock: Clock) -> None:
    post(world, order(number="4711"))
    react.run(world)
    deliver(world)
    clock.advance(minutes=1)
    [told] = say(world, "WARUM?")
    text = told.text or ""
    assert "Bestellbestätigung" in text and "4711" in text and "24.11.2026 12:00" in text
    assert "an der Kasse des Shops" in text and "Bestell-Updates per WhatsApp" in text
    assert "lb_order_confirmation_du_v1" in text and RULES in text


def test_warum_about_a_request_to_confirm_claims_no_consent(world: World, clock: Clock) -> None:
    assert sign_up(world)
    clock.advance(minutes=1)
    told = say(world, "WARUM?")[0].text or ""
    assert "fragte einmal, ob das stimmt" in told and "an der Kasse des Shops angemeldet" in told
    assert "brauchte keine Einwilligung" not in told and "Grundlage: Einwilligung" not in told


def test_warum_names_the_double_opt_in(world: World, clock: Clock) -> None:
    sign_up(world)
    clock.advance(minutes=1)
    say(world, "Ja", "CONFIRM:yes")
    clock.advance(hours=1)
    queue_news(world)
    deliver(world)
    clock.advance(minutes=1)
    told = say(world, "WARUM?")[0].text or ""
    assert (
        "Neuigkeiten per WhatsApp von Laden Beispiel, ja." in told
        and "Bestätigt auf WhatsApp am 24.11.2026 12:01." in told
    )


def test_stop_after_warum_means_the_message_that_was_asked_about(world: World, clock: Clock) -> None:
    """The answer to WARUM is service; the advertising before it is what the customer has had enough of."""
    agree(world)
    post(world, order())
    react.run(world)
    deliver(world)
    clock.advance(minutes=5)
    queue_news(world)
    deliver(world)
    clock.advance(minutes=1)
    say(world, "WARUM?")
    clock.advance(minutes=1)
    say(world, "STOP")
    assert ledger(world)[-1] == ("withdrawn", ["*marketing"])


def test_stop_answers_what_left_last_whatever_was_read_last(world: World, clock: Clock) -> None:
    agree(world)
    queue_news(world)
    deliver(world)
    clock.advance(minutes=5)
    post(world, order())
    react.run(world)
    deliver(world)
    with world.database.write() as connection:  # the older one is read, the newer one not yet
        late = update(tables.message).where(tables.message.c.kind == "newsletter")
        connection.execute(late.values(status="read", status_at=clock() + timedelta(minutes=1)))
    clock.advance(minutes=2)
    say(world, "STOP")
    assert ledger(world)[-1] == ("withdrawn", ["*"])


def test_warum_says_what_a_message_is_sent_for_that_no_event_called_for(world: World) -> None:
    agree(world, "cart_reminder")
    message = a_message(person(world), kind="abandoned_cart", purpose="abandoned_cart", text="Noch da?")
    with world.database.write() as connection:
        messages.add(connection, [message], NOON)
        messages.start(connection, [message], NOON)
        messages.record(connection, [allowed(world, message.id)], NOON)
    told = say(world, "WARUM?")[0].text or ""
    assert "Anlass: Sie kommt, wenn" in told and "Warenkorb" in told and "über einen QR-Code" in told


def allowed(world: World, message_id: str) -> Verdict:
    with world.database.read() as connection:
        [basis] = connection.execute(select(tables.consent.c.event_id)).scalars()
    return Verdict(message_id, "send", "allow", "ok", (basis,), {"rules": RULES})


def test_every_occasion_has_words(world: World) -> None:
    assert set(explanation.EVENTS) == set(Milestone)


def test_warum_before_any_message(world: World) -> None:
    [told] = say(world, "Warum?")
    assert told.text == "Wir haben an diese Nummer noch keine Nachricht geschickt."


def test_staff_enters_what_came_by_letter(world: World, clock: Clock) -> None:
    id_ = agree(world)
    queue_news(world)
    assert objections.by_staff(world, id_, objections.StaffEntry(False, True, "letter", "chef", NOON, "Brief"))
    assert states(world) == [("cancelled", "withdrawn")]
    [row] = rows(world.database, tables.consent, "type", "channel", "source")[1:]
    assert row == ("objected", "any", "staff")
    assert not objections.by_staff(world, "nobody", objections.StaffEntry(True, False, "phone", "chef", NOON))


def test_staff_enters_a_signed_form(world: World) -> None:
    text = "Laden Beispiel darf mir zu meinen Bestellungen per WhatsApp schreiben."
    scopes = ("service_updates", "marketing_news")
    optin.by_staff(world, "firma", "0171 3920012", "DE", purposes=scopes, text=text, at=NOON, by="chef")
    queue_news(world)
    deliver(world)
    assert states(world) == [("suppressed", "not_confirmed")]
    post(world, order(consent=None))
    react.run(world)
    assert ("queued", None) in states(world, "order_confirmation")


@pytest.mark.parametrize(("typed", "days"), [("keine Nummer", 0), ("0171 3920012", 1)])
def test_a_form_without_number_or_from_tomorrow_is_refused(world: World, typed: str, days: int) -> None:
    from integration.domain.errors import LadenboteError

    with pytest.raises(LadenboteError):
        at = NOON + timedelta(days=days)
        optin.by_staff(world, "firma", typed, "DE", purposes=("service_updates",), text="WhatsApp", at=at, by="chef")


def test_an_unread_stop_of_metas_own_defers_too(world: World) -> None:
    """A user_preferences body in the inbox is a message that may say stop."""
    from integration.flow.webhooks.verify import MESSAGES

    assert MESSAGES.search(b'{"value": {"user_preferences": [{"value": "stop"}]}}')
    assert inbox.waiting_messages is not None


ORDER_CODE = "ABC123XYZ"


def nameless(world: World, number: str = "7001", **changes: object) -> dict[str, object]:
    """An order without a readable phone, as a small plan of Shopify's shows it."""
    placed = order(number=number, version=world.clock())
    facts = {"phone": "", "first_name": "", "last_name": "", "consent": None, "code": ORDER_CODE, **changes}
    return placed | {"facts": placed["facts"] | facts}


def test_the_thank_you_link_joins_chat_order_and_consent(world: World, clock: Clock) -> None:
    placed = nameless(world)
    post(world, placed)
    react.run(world)
    assert deliver(world) == []
    say(world, f"START {link(world, 'service_updates').code} {ORDER_CODE.lower()}")
    clock.advance(minutes=5)
    post(world, parcel(str(placed["id"]), version=world.clock()))
    react.run(world)
    [notice] = deliver(world)
    assert notice.to == ANNA and "shipping_notice" in (notice.template or "")


@pytest.mark.parametrize("code", ["FALSCH123", "", "ABC123XY"])
def test_another_word_joins_nothing(world: World, clock: Clock, code: str) -> None:
    placed = nameless(world)
    post(world, placed)
    react.run(world)
    say(world, f"START {link(world, 'service_updates').code} {code}")
    clock.advance(minutes=5)
    post(world, parcel(str(placed["id"]), version=world.clock()))
    react.run(world)
    assert deliver(world) == []


def test_an_order_that_is_somebodys_is_not_given_away(world: World) -> None:
    post(world, nameless(world, phone="0171 3920099"))
    react.run(world)
    owner = rows(world.database, tables.snapshot, "contact_id")
    say(world, f"START {link(world, 'service_updates').code} {ORDER_CODE}")
    assert rows(world.database, tables.snapshot, "contact_id") == owner


def test_an_old_order_is_not_claimed(world: World, clock: Clock) -> None:
    post(world, nameless(world))
    react.run(world)
    clock.advance(days=61)
    say(world, f"START {link(world, 'service_updates').code} {ORDER_CODE}")
    assert rows(world.database, tables.snapshot, "contact_id") == [(None,)]


def test_an_erased_persons_claimed_order_stays_nameless(world: World, clock: Clock) -> None:
    """Its later bodies bring no phone that could be looked up, but still a name."""
    post(world, nameless(world))
    react.run(world)
    say(world, f"START {link(world, 'service_updates').code} {ORDER_CODE}")
    [(contact_id,)] = rows(world.database, tables.contact, "id")
    assert erasure.erase_contact(world, contact_id, "page")
    clock.advance(minutes=5)
    post(world, nameless(world, first_name="Anna", email="anna@example.com"))
    react.run(world)
    [(facts, holder)] = rows(world.database, tables.snapshot, "facts", "contact_id")
    assert (facts["first_name"], facts["email"], holder) == ("", "", None)


def test_who_comes_back_to_a_claimed_order_is_named_again(world: World, clock: Clock) -> None:
    test_an_erased_persons_claimed_order_stays_nameless(world, clock)
    say(world, f"START {link(world, 'service_updates').code} {ORDER_CODE}")
    clock.advance(minutes=5)
    post(world, nameless(world, first_name="Anna"))
    react.run(world)
    [(facts, holder)] = rows(world.database, tables.snapshot, "facts", "contact_id")
    assert facts["first_name"] == "Anna" and holder
