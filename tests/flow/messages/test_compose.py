"""Texts with pictures and buttons in real messages: chosen, filled in, uploaded, and done without where need be."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import orjson
import pytest
from cart_play import HOUR, choose, later, left, reach, reminding
from goods import product, read
from links import PlainLink, refusing
from PIL import Image
from sending import ANNA, channel, deliver, prepared
from sqlalchemy import update
from storekit import rows
from worlds import NOON, Clock, NoAccount, cart, order, post

from connectors.whatsapp.errors import reaction
from connectors.whatsapp.payloads import message
from integration.domain.actions import Action
from integration.domain.carts.reminders import Offer
from integration.domain.errors import NotSent, Refused, ShopUnreachable
from integration.domain.messages.channel import Envelope, RemoteTemplate
from integration.domain.messages.components import Button, ButtonType, Media, MediaType
from integration.domain.notifications import NOTIFICATIONS
from integration.domain.templates.parts import GOODS, CardPart, Header, HeaderType, LinkButton, Parts, PartType
from integration.domain.templates.selection import Slot, own_template
from integration.domain.templates.templates import Template, all_templates, pictured_for
from integration.flow import react
from integration.flow.messages import on_refused
from integration.flow.templates import templates as flow
from integration.flow.templates import uploads
from integration.flow.world import World
from integration.store import tables
from integration.store.db import Database
from integration.store.templates import media_ids, templates
from jobs.sweeps import template_sync

BEGINS = "https://laden.example/"
PLAIN = "lb_abandoned_cart_du_v1"
PICTURE = "https://laden.example/kaffee.jpg"
WORDS = "Hallo {{name}}, bei {{shop}} wartet noch dein Warenkorb auf dich: {{items}}. Keine Werbung mehr? STOP genügt."
SLOT = Slot("firma", "abandoned_cart", "de", "du")


def image(colour: str = "teal", form: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(out, form)
    return out.getvalue()


@dataclass
class Account(NoAccount):
    """Meta's side: every upload has an id of its own, every template is approved at once."""

    uploaded: list[str] = field(default_factory=list)
    samples: list[tuple[str, int]] = field(default_factory=list)
    found: dict[tuple[str, str], RemoteTemplate] = field(default_factory=dict)
    error: Exception | None = None

    def upload(self, content: bytes, mime: str) -> str:
        if self.error:
            raise self.error
        self.uploaded.append(mime)
        return str(700 + len(self.uploaded))

    def sample(self, content: bytes, mime: str) -> str:
        self.samples.append((mime, len(content)))
        return f"4:{len(self.samples)}"

    def create_template(self, template: Template, samples: Mapping[str, str]) -> None:
        assert set(samples) == set(template.parts.sources)
        self.judge(template)

    def judge(self, template: Template, status: str = "APPROVED") -> None:
        key = template.name, template.language
        self.found[key] = RemoteTemplate(*key, status, template.category, body=template.body, outline=template.outline)

    def templates(self) -> list[RemoteTemplate]:
        return list(self.found.values())


@pytest.fixture
def link() -> PlainLink:
    return PlainLink(pictures={PICTURE: image()})


@pytest.fixture
def account() -> Account:
    made = Account()
    for template in all_templates():
        made.judge(template)
    return made


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, link: PlainLink, account: Account) -> World:
    made = reminding(database, keys, clock, link)
    return replace(made, senders={"nummer": replace(made.senders["nummer"], management=account)})


def pictured() -> str:
    found = pictured_for("abandoned_cart", "de", "du", BEGINS)
    assert found
    return found.name


def sync(world: World) -> str:
    return template_sync.sweep(world, world.clock())


def sent(world: World) -> Envelope:
    [envelope] = channel(world).sent
    return envelope


def write(world: World, parts: Parts, body: str = WORDS, slot: Slot = SLOT) -> str:
    with world.database.write() as connection:
        name = flow.write(world, connection, slot, body, "owner", world.clock(), parts).name
    template_sync.submit(world, world.clock())
    sync(world)
    return name


# --- Ladenbote's own text with picture and button


def test_it_is_submitted_as_soon_as_the_shops_links_are_known(world: World, account: Account, clock: Clock) -> None:
    sync(world)
    assert not account.samples, "no cart yet: nobody knows what the shop's links begin with"
    read(world, product("7"))
    post(world, cart())
    react.run(world)
    made = 2 * sum(1 for kind in NOTIFICATIONS if kind.pictured)
    assert sync(world) == f"konto: {len(all_templates()) + made} templates, {made} submitted"
    assert account.samples == [("image/png", len(image()))] * made, "reviewers see an article of the shop"
    assert (pictured(), "de") in account.found
    sync(world)
    assert len(account.samples) == made, "once"


def test_the_reminder_shows_the_article_and_has_the_way_back_as_a_button(
    world: World, account: Account, clock: Clock, link: PlainLink
) -> None:
    read(world, product("7"))
    left(world, clock)
    sync(world)
    reach(world)
    found = sent(world)
    assert (found.template, found.to) == (pictured(), ANNA)
    assert found.components and found.components.header == Media(MediaType.IMAGE, id="701")
    assert found.components.buttons == (Button(0, ButtonType.URL, "checkout-link/?products=7:2"),)
    assert "{{link}}" not in found.body and "{{items}}" in found.body
    assert account.uploaded == ["image/png"]


def test_a_picture_that_whatsapp_does_not_take_is_redrawn(
    world: World, account: Account, clock: Clock, link: PlainLink
) -> None:
    link.pictures[PICTURE] = image(form="WEBP")
    read(world, product("7"))
    left(world, clock)
    sync(world)
    reach(world)
    assert (sent(world).template, account.uploaded) == (pictured(), ["image/jpeg"])


@pytest.mark.parametrize("trouble", ["no article", "no picture", "no image", "shop away", "meta away", "other link"])
def test_rather_without_picture_than_not_at_all(
    world: World, account: Account, clock: Clock, link: PlainLink, trouble: str
) -> None:
    if trouble != "no article":
        read(world, product("7", picture="" if trouble == "no picture" else PICTURE))
    if trouble == "no image":
        link.pictures[PICTURE] = b"<html>"
    left(world, clock)
    sync(world)
    if trouble == "shop away":
        link.fail["picture"] = refusing(ShopUnreachable)
    if trouble == "meta away":
        account.error = NotSent("no connection")
    if trouble == "other link":
        post(world, cart(version=clock(), recovery_url="https://neu.example/checkout-link/?products=7:2"))
        react.run(world)
        later(world, clock)
    reach(world)
    found = sent(world)
    assert (found.template, found.components) == (PLAIN, None)
    assert "{{link}}" in found.body


def test_a_text_that_meta_has_not_approved_does_not_serve(world: World, account: Account, clock: Clock) -> None:
    read(world, product("7"))
    left(world, clock)
    sync(world)
    template = pictured_for("abandoned_cart", "de", "du", BEGINS)
    assert template
    account.judge(template, "REJECTED")
    sync(world)
    reach(world)
    assert sent(world).template == PLAIN


# --- the articles of a cart on cards


def item(id_: str) -> dict[str, Any]:
    return {"id": id_, "product_id": id_, "variant_id": id_, "name": f"Kaffee {id_}", "sku": "", "quantity": 1}


CARDS = Parts(
    cards=tuple(
        CardPart(
            HeaderType.IMAGE,
            GOODS[n],
            "Noch da: {{item}} für dich.",
            (LinkButton(PartType.URL, "Hin", BEGINS, "link"),),
        )
        for n in range(2)
    )
)


def test_each_card_shows_an_article_of_the_persons_cart(
    world: World, account: Account, clock: Clock, link: PlainLink
) -> None:
    link.pictures |= {f"{BEGINS}8.jpg": image("red"), f"{BEGINS}9.jpg": image("gold")}
    read(world, product("7", picture=""), *(product(n, picture=f"{BEGINS}{n}.jpg") for n in ("8", "9")))
    name = write(world, CARDS)
    left(world, clock, cart(items=[item("7"), item("8"), item("9"), item("9")]))
    reach(world)
    found = sent(world)
    assert found.template == name and found.components
    assert [c.variables for c in found.components.cards] == [{"item": "Kaffee 8"}, {"item": "Kaffee 9"}], (
        "those that have a picture, each once"
    )
    assert [c.header.id for c in found.components.cards] == ["701", "702"]
    way_back = Button(0, ButtonType.URL, "checkout-link/?products=7:2")
    assert {c.buttons for c in found.components.cards} == {(way_back,)}
    cards = orjson.loads(message(found))["template"]["components"][-1]["cards"]
    assert [part["type"] for part in cards[0]["components"]] == ["header", "body", "button"]


def test_who_has_fewer_articles_gets_the_next_best_text(world: World, account: Account, clock: Clock) -> None:
    read(world, product("7"))
    write(world, CARDS)
    left(world, clock)
    sync(world)
    reach(world)
    assert sent(world).template == pictured()


# --- the owner's own


def test_a_code_and_a_countdown_go_with_a_voucher_and_not_without(world: World, account: Account, clock: Clock) -> None:
    code = LinkButton(PartType.COPY_CODE, variable="code")
    name = write(world, Parts(offer="Nur kurz", buttons=(code, LinkButton(PartType.URL, "Hin", BEGINS, "link"))))
    choose(world, offer=Offer(7, percent=Decimal(10)))
    left(world, clock)
    reach(world)
    found = sent(world)
    assert found.template == name and found.components
    [voucher] = rows(world.database, tables.voucher, "code", "expires_at")
    assert found.components.buttons[0] == Button(0, ButtonType.COPY_CODE, voucher[0])
    assert found.components.offer_ends == voucher[1]


def test_without_a_voucher_the_text_without_its_button_serves(world: World, clock: Clock) -> None:
    write(world, Parts(buttons=(LinkButton(PartType.COPY_CODE, variable="code"),)))
    left(world, clock)
    reach(world)
    assert sent(world).template == PLAIN


def own_picture(world: World, content: bytes | None = None) -> str:
    return uploads.keep(world, "laden.png", [content or image("gold")])


def confirmed(world: World, parts: Parts, number: str = "1001") -> str:
    """The owner's own text for confirmations, and an order of that."""
    body = "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist bei uns angekommen. Danke dir sehr!"
    name = write(world, parts, body, Slot("firma", "order_confirmation", "de", "du"))
    post(world, order(number))
    react.run(world)
    return name


def test_a_picture_of_the_owners_is_uploaded_once_for_many_messages(world: World, account: Account) -> None:
    parts = Parts(header=Header(HeaderType.IMAGE, file=own_picture(world)), footer="Kaffeeladen, Köln")
    name = confirmed(world, parts)
    post(world, order("1002", phone="+491713920099"))
    react.run(world)
    deliver(world)
    assert channel(world).sent == [], "its picture has no id yet"
    prepared(world)
    deliver(world)
    assert [e.template for e in channel(world).sent] == [name, name]
    assert all(e.components and e.components.header == Media(MediaType.IMAGE, id="701") for e in channel(world).sent)
    assert account.uploaded == ["image/png"]


def test_a_heading_is_filled_in_and_needs_no_preparation(world: World) -> None:
    confirmed(world, Parts(header=Header(HeaderType.TEXT, "Bestellung {{order}}")))
    deliver(world)
    found = sent(world)
    assert found.components and found.components.title == {"order": "1001"}


def test_cards_have_their_pictures(world: World, clock: Clock) -> None:
    file = own_picture(world)
    cards = tuple(
        CardPart(HeaderType.IMAGE, file, words, (LinkButton(PartType.URL, "Ansehen", f"{BEGINS}{words}"),))
        for words in ("Kaffee", "Tee")
    )
    name = write(world, Parts(cards=cards))
    left(world, clock)
    reach(world)
    found = sent(world)
    assert found.template == name and found.components
    assert [card.header for card in found.components.cards] == [Media(MediaType.IMAGE, id="701")] * 2


def test_only_the_variables_of_the_text_travel(world: World) -> None:
    confirmed(world, Parts(footer="Kaffeeladen"))
    deliver(world)
    found = orjson.loads(message(sent(world)))["template"]["components"]
    [body] = [part for part in found if part["type"] == "body"]
    assert [p["parameter_name"] for p in body["parameters"]] == ["name", "order", "shop"], "not the total"


def test_a_file_of_the_owners_keeps_its_name(world: World, account: Account) -> None:
    hash_ = uploads.keep(world, "Pflege  Anleitung.pdf", [b"%PDF-1.7\n%%EOF"])
    confirmed(world, Parts(header=Header(HeaderType.DOCUMENT, file=hash_)))
    deliver(world)
    prepared(world)
    deliver(world)
    found = sent(world)
    assert found.components
    assert found.components.header == Media(MediaType.DOCUMENT, id="701", filename="Pflege Anleitung.pdf")


# --- refusals


def refuse(world: World, code: int, action: Action, tries: int = 0) -> None:
    channel(world).fates[ANNA] = Refused(code, 400, "media", action, 5, tries)


@pytest.mark.parametrize("code", sorted(on_refused.MEDIA_REFUSED | on_refused.MEDIA_LOST))
def test_a_medium_that_meta_refuses_is_uploaded_anew_and_the_message_tried_once_more(
    world: World, account: Account, clock: Clock, code: int
) -> None:
    refuse(world, code, *reaction(code)[::2])
    confirmed(world, Parts(header=Header(HeaderType.IMAGE, file=own_picture(world))))
    deliver(world)
    prepared(world)
    deliver(world)
    with world.database.read() as connection:
        assert connection.execute(tables.media.select()).all() == []
    channel(world).fates.clear()
    clock.advance(minutes=1)
    deliver(world)
    prepared(world)
    deliver(world)
    found = sent(world)
    assert found.components and found.components.header == Media(MediaType.IMAGE, id="702")
    assert len(account.uploaded) == 2


@pytest.mark.parametrize("code", [131053, 131009])
def test_a_medium_that_is_refused_again_ends_it(world: World, account: Account, clock: Clock, code: int) -> None:
    refuse(world, code, *reaction(code)[::2])
    confirmed(world, Parts(header=Header(HeaderType.IMAGE, file=own_picture(world))))
    for _ in range(3):
        deliver(world)
        prepared(world)
        deliver(world)
        clock.advance(minutes=5)
    assert rows(world.database, tables.message, "status", "reason") == [("failed", "refused_by_meta")]
    assert len(account.uploaded) == 2


def statuses(world: World) -> list[tuple[Any, ...]]:
    return [tuple(r) for r in rows(world.database, tables.message, "template", "status", "reason")]


@pytest.mark.parametrize(
    ("code", "action"), [(132015, Action.HOLD_TEMPLATE), (132016, Action.STOP_TEMPLATE), (132001, Action.STOP_TEMPLATE)]
)
def test_a_message_whose_text_meta_refuses_goes_out_in_another_one(
    world: World, clock: Clock, code: int, action: Action
) -> None:
    name = confirmed(world, Parts(footer="Kaffeeladen"))
    post(world, order("1002", phone="+491713920099"))
    react.run(world)
    refuse(world, code, action)
    assert {row[0] for row in statuses(world)} == {name}
    channel(world).fates["+491713920099"] = channel(world).fates[ANNA]
    deliver(world)
    library = "lb_order_confirmation_du_v1"
    assert statuses(world) == [(library, "queued", None)] * 2
    channel(world).fates.clear()
    clock.advance(seconds=1)
    deliver(world)
    assert [e.template for e in channel(world).sent] == [library] * 2


def test_what_waits_for_a_paused_text_moves_when_another_is_approved(world: World, account: Account) -> None:
    with world.database.write() as connection:
        connection.execute(update(tables.template).values(status="PAUSED"))
    world.catalogue.forget()
    post(world, order())
    react.run(world)
    assert statuses(world) == [("lb_order_confirmation_du_v1", "queued", "template_not_approved")]
    for template in all_templates():
        account.judge(template, "PAUSED")
    name = write(
        world,
        Parts(footer="Kaffeeladen"),
        "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist bei uns angekommen. Danke dir sehr!",
        Slot("firma", "order_confirmation", "de", "du"),
    )
    assert statuses(world) == [(name, "queued", None)]


def test_without_another_text_it_waits_and_says_why(world: World) -> None:
    post(world, order())
    react.run(world)
    refuse(world, 132015, Action.HOLD_TEMPLATE)
    deliver(world)
    assert statuses(world) == [("lb_order_confirmation_du_v1", "queued", "template_stopped")]


# --- what Meta shows


def test_what_meta_shows_besides_the_text_is_kept(world: World) -> None:
    parts = Parts(footer="Kaffeeladen", buttons=(LinkButton(PartType.PHONE, "Anrufen", "+4922147110900"),))
    name = confirmed(world, parts)
    with world.database.read() as connection:
        known = templates.known(connection, "konto")[name, "de"]
        [text] = templates.texts(connection)
    assert known.outline == own_template(text).outline
    assert ("phone", "Anrufen", "+4922147110900") in known.outline
    assert text.parts == parts


def test_an_id_that_is_of_no_use_is_forgotten(world: World) -> None:
    with world.database.write() as connection:
        media_ids.keep(connection, "nummer", "x" * 64, "1", NOON)
        media_ids.drop(connection, "nummer", ["2"])
        assert media_ids.find(connection, "nummer", "x" * 64, NOON - HOUR) == "1"
        media_ids.drop(connection, "nummer", ["1"])
        assert media_ids.find(connection, "nummer", "x" * 64, NOON - HOUR) is None
