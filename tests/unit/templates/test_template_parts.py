"""What stands around a text: checked by us, taken by the sandbox's Meta, read back as it was, chosen in a form."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
import pytest

from connectors.whatsapp.definitions import definition, outline_of
from connectors.whatsapp.payloads import message
from integration.domain.messages.channel import Envelope
from integration.domain.messages.components import restored as components_of
from integration.domain.notifications import BY_KIND
from integration.domain.shops.ports import Level
from integration.domain.templates.lint import lint, may_be_submitted
from integration.domain.templates.parts import (
    GOODS,
    NO_PARTS,
    CardPart,
    Header,
    HeaderType,
    LinkButton,
    Parts,
    PartType,
    fits,
    restored,
    stored,
)
from integration.domain.templates.templates import EXAMPLES, Template, carried, is_pictured, pictured_for, template_for
from integration.domain.values import length
from integration.sandbox.whatsapp.messages import parse
from integration.sandbox.whatsapp.templates import TemplateRegistry
from integration.web.parts.text_form import Offered, fields_of, parts_of

BEGINS = "https://laden.example/"
LINK = LinkButton(PartType.URL, "Zum Warenkorb", BEGINS, "link")
PAGE = LinkButton(PartType.URL, "Hilfe", f"{BEGINS}hilfe")
CALL = LinkButton(PartType.PHONE, "Anrufen", "+4922147110900")
CODE = LinkButton(PartType.COPY_CODE, variable="code")
ITEM = Header(HeaderType.IMAGE)
FILES = {
    "a" * 64: ("laden.png", "image/png"),
    "b" * 64: ("film.mp4", "video/mp4"),
    "c" * 64: ("agb.pdf", "application/pdf"),
}
PICTURE, FILM, PAPER = FILES


def card(words: str = "Kaffee", *buttons: LinkButton, file: str = PICTURE) -> CardPart:
    return CardPart(HeaderType.IMAGE, file, words, buttons or (PAGE,))


def goods(n: int, words: str = "Noch da: {{item}} – ein Tipp genügt.") -> CardPart:
    return CardPart(HeaderType.IMAGE, GOODS[n - 1], words, (LINK,))


WHOLE = [
    Parts(header=ITEM, footer="Kaffeeladen, Köln", buttons=(CODE, LINK, PAGE, CALL)),
    Parts(header=Header(HeaderType.TEXT, "Dein Warenkorb, {{name}}"), buttons=(PAGE,)),
    Parts(header=Header(HeaderType.VIDEO, file=FILM), offer="Nur kurz", buttons=(CODE, LINK)),
    Parts(header=Header(HeaderType.DOCUMENT, file=PAPER)),
    Parts(cards=(card(), card("Tee"), card("Tassen"))),
    Parts(cards=(goods(1), goods(2), goods(3))),
]
WORDS = {
    **EXAMPLES,
    "item1": "Espresso",
    "item2": "Tee {{1}}",
    "item3": "Tassen" * 99,
    "link": f"{BEGINS}checkout-link/?products=7:2",
    "ends": "2026-11-30T22:59:59+00:00",
}


def text(parts: Parts, kind: str = "abandoned_cart") -> Template:
    return replace(template_for(kind, "de", "du"), parts=parts)


def codes(parts: Parts, kind: str = "abandoned_cart", body: str = "") -> list[str]:
    words = body or template_for(kind, "de", "du").body
    return [finding.code for finding in lint(kind, "de", "du", words, parts) if finding.level is Level.FAULT]


@pytest.mark.parametrize("parts", WHOLE)
def test_what_we_allow_meta_takes_and_shows_filled_in(parts: Parts) -> None:
    assert codes(parts) == []
    template, registry = text(parts), TemplateRegistry()
    created = registry.create(definition(template, dict.fromkeys(parts.sources, "4:1:x")))
    assert outline_of(created.components) == template.outline
    media = {source: str(n) for n, source in enumerate(parts.sources, 1)}
    row = carried(template, WORDS, media)
    assert row is not None or not parts.sources
    envelope = Envelope(
        "a1",
        "+491713920011",
        None,
        "de",
        template.name,
        variables=WORDS,
        components=components_of(row) if row else None,
        body=template.body,
    )
    draft = parse(orjson.loads(message(envelope)), registry, auto=False)
    assert draft.footer == parts.footer
    assert [b["type"] for b in draft.buttons] == [b.type.replace("phone", "phone_number") for b in parts.buttons]
    if LINK in parts.buttons:
        assert {"type": "url", "text": "Zum Warenkorb", "url": WORDS["link"]} in draft.buttons
    if parts.header and parts.header.text:
        assert draft.header == "Dein Warenkorb, Anna"
    assert len(draft.cards) == len(parts.cards)
    if parts.cards and parts.cards[0].own:
        assert [c["body"] for c in draft.cards[:2]] == [
            f"Noch da: {n} – ein Tipp genügt." for n in ("Espresso", "Tee {{1}}")
        ]
        assert {c["buttons"][0]["url"] for c in draft.cards} == {WORDS["link"]}


@pytest.mark.parametrize(("language", "address"), [("de", "du"), ("de", "sie"), ("en", "")])
@pytest.mark.parametrize("kind", [kind for kind, n in BY_KIND.items() if n.pictured])
def test_our_own_texts_with_picture_and_button(kind: str, language: str, address: str) -> None:
    found = pictured_for(kind, language, address, BEGINS)
    assert found and found.name.startswith(f"lb_{kind}_") and is_pictured(found.name)
    assert may_be_submitted(lint(kind, language, address, found.body, found.parts))
    assert "{{link}}" not in found.body
    TemplateRegistry().create(definition(found, {"item": "4:1:x"}))
    other = pictured_for(kind, language, address, "https://neu.example/")
    assert other and other.name != found.name, "a shop that moves gets another template"


def test_variables_by_number() -> None:
    template = replace(
        text(Parts(header=Header(HeaderType.TEXT, "Bestellung {{1}}"))), body="Hallo {{1}}, deine {{2}} ist da, danke."
    )
    found: Any = definition(template, {})
    assert found["parameter_format"] == "POSITIONAL"
    assert TemplateRegistry().create(found).named is False
    assert found["components"][0]["example"] == {"header_text": ["Beispiel 1"]}
    assert found["components"][1]["example"] == {"body_text": [["Beispiel 1", "Beispiel 2"]]}


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (Parts(header=Header(HeaderType.TEXT, "x" * 61)), "header_too_long"),
        (Parts(header=Header(HeaderType.TEXT, "Hallo *du*")), "header_markup"),
        (Parts(header=Header(HeaderType.TEXT, "Hallo 🎉")), "header_markup"),
        (Parts(header=Header(HeaderType.TEXT, "")), "header_empty"),
        (Parts(header=Header(HeaderType.TEXT, "{{name}} {{shop}}")), "header_variable"),
        (Parts(header=Header(HeaderType.TEXT, "{{punkte}}")), "header_variable"),
        (Parts(footer="x" * 61), "footer_too_long"),
        (Parts(footer="von {{shop}}"), "footer_variable"),
        (Parts(buttons=(PAGE, LINK, replace(PAGE, title="Mehr"))), "too_many_buttons"),
        (Parts(buttons=(CALL, replace(CALL, title="Noch einmal"))), "too_many_buttons"),
        (Parts(buttons=(PAGE, replace(LINK, title="Hilfe"))), "same_title"),
        (Parts(buttons=(replace(PAGE, title=""),)), "button_title"),
        (Parts(buttons=(replace(PAGE, title="x" * 26),)), "button_title"),
        (Parts(buttons=(replace(PAGE, title="Los {{name}}"),)), "button_title"),
        (Parts(buttons=(replace(PAGE, value="laden.example"),)), "link_address"),
        (Parts(buttons=(replace(PAGE, value="javascript:alert(1)"),)), "link_address"),
        (Parts(buttons=(replace(PAGE, value=f"{BEGINS}{{{{name}}}}"),)), "link_address"),
        (Parts(buttons=(replace(PAGE, value="https://bit.ly/x"),)), "short_link"),
        (Parts(buttons=(replace(PAGE, value="https://wa.me/49221"),)), "short_link"),
        (Parts(buttons=(replace(CALL, value="0221 4711"),)), "phone_number"),
        (Parts(offer="Nur kurz", buttons=(LINK,)), "offer_buttons"),
        (Parts(offer="Nur kurz", buttons=(CODE,)), "offer_buttons"),
        (Parts(offer="x" * 17, buttons=(CODE, LINK)), "offer_too_long"),
        (Parts(offer="Nur kurz", footer="Laden", buttons=(CODE, LINK)), "offer_footer"),
        (Parts(cards=(card(),)), "cards_count"),
        (Parts(cards=(card(),) * 11), "cards_count"),
        (Parts(cards=(card("x" * 161), card())), "card"),
        (Parts(cards=(card(file=""), card())), "card"),
        (Parts(cards=(card("Für {{name}} da"), card())), "card"),
        (Parts(cards=(goods(1, "{{item}} ist noch da."), goods(2, "{{item}} ist noch da."))), "card"),
        (Parts(cards=(goods(1, "Noch da: {{item}}!"), goods(2, "Noch da: {{item}}!"))), "card"),
        (Parts(cards=(goods(1, "Noch da"), goods(2, "Noch da"))), "card"),
        (Parts(cards=(goods(1, "{{item}} x" + "y" * 99 + "{{item}} da"), goods(2))), "card"),
        (Parts(cards=(card(), card("Tee", PAGE, CALL))), "cards_alike"),
        (Parts(cards=(card(), card()), footer="Laden"), "cards_alone"),
    ],
)
def test_what_meta_refuses_is_found_before(parts: Parts, code: str) -> None:
    assert code in codes(parts)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        (Parts(buttons=(CODE,)), "code_in_service"),
        (Parts(offer="Nur kurz", buttons=(CODE, PAGE)), "offer_in_service"),
        (Parts(cards=(card(), card())), "cards_in_service"),
        (Parts(footer="10 % auf alles"), "advertising_in_service"),
        (Parts(header=Header(HeaderType.TEXT, "Unsere Angebote")), "advertising_in_service"),
        (Parts(buttons=(replace(PAGE, title="Jetzt bewerten"),)), "advertising_in_service"),
        (Parts(header=ITEM), "no_article"),
        (Parts(cards=(goods(1), goods(2))), "no_goods"),
    ],
)
def test_a_service_message_advertises_nowhere(parts: Parts, code: str) -> None:
    assert code in codes(parts, "order_confirmation")


@pytest.mark.parametrize("parts", [Parts(header=Header(HeaderType.IMAGE, file=PICTURE)), Parts(buttons=(PAGE,))])
def test_a_confirmation_request_leads_nowhere_and_shows_nothing(parts: Parts) -> None:
    assert codes(parts, "doi_request") == ["advertising_in_request"]


def test_a_picture_of_the_owners_in_a_service_message_is_worth_a_thought() -> None:
    own = Parts(header=Header(HeaderType.IMAGE, file=PICTURE))
    body = template_for("order_confirmation", "de", "du").body
    assert [f.code for f in lint("order_confirmation", "de", "du", body, own)] == ["picture_in_service"]
    assert lint("abandoned_cart", "de", "du", template_for("abandoned_cart", "de", "du").body, own) == []


def test_the_way_out_may_stand_in_the_footer_and_the_link_on_a_button() -> None:
    body = "Hallo {{name}}, bei {{shop}} liegt noch etwas für dich: {{items}}. Gut zu wissen: {{note}} Bis bald!"
    assert "no_way_out" in codes(NO_PARTS, body=body)
    found = lint("abandoned_cart", "de", "du", body, Parts(footer="Keine Werbung mehr? STOP", buttons=(LINK,)))
    assert found == []


@pytest.mark.parametrize("name", ["Anna", "x" * 99, "👍" * 60, "Ä" * 30 + "👍" * 30])
def test_a_heading_fits_whatever_is_filled_in(name: str) -> None:
    parts = Parts(header=Header(HeaderType.TEXT, "Dein Warenkorb, {{name}}"))
    row = carried(text(parts), WORDS | {"name": name}, {})
    assert row
    heading = f"Dein Warenkorb, {row['title']['name']}"
    assert length(heading) <= 60 and (name in heading or heading.endswith("…"))


def test_long_offers() -> None:
    body = "Hallo {{name}}, bei {{shop}} gilt das nur kurz. " + "x" * 560 + " STOP"
    assert "offer_body" in codes(Parts(offer="Nur kurz", buttons=(CODE, LINK)), body=body)


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, True),
        ({"link": "https://anderswo.example/x"}, False),
        ({"link": BEGINS}, False),
        ({"link": ""}, False),
        ({"code": ""}, False),
        ({"code": "KM7TX-4RDPH"}, False),
        ({"code": "K" * 21}, False),
        ({"link": f"{BEGINS}{'x' * 2000}"}, False),
        ({"ends": ""}, False),
    ],
)
def test_a_message_fits_when_it_has_what_the_shape_needs(changes: Mapping[str, str], good: bool) -> None:
    assert fits(Parts(offer="Nur kurz", buttons=(CODE, LINK)), {**WORDS, **changes}) is good


@pytest.mark.parametrize(("missing", "good"), [("item3", True), ("item2", False), ("link", False)])
def test_goods_fit_a_cart_that_has_as_many(missing: str, good: bool) -> None:
    assert fits(Parts(cards=(goods(1), goods(2))), {k: v for k, v in WORDS.items() if k != missing}) is good


@pytest.mark.parametrize("parts", [*WHOLE, NO_PARTS])
def test_a_shape_survives_its_row_and_its_form(parts: Parts) -> None:
    assert restored(orjson.loads(orjson.dumps(stored(parts)))) == parts
    chosen = Offered(True, False, "link", BEGINS, True, True, True, FILES)
    assert parts_of(fields_of(parts), chosen) == parts


def test_a_form_cannot_choose_what_the_kind_does_not_have() -> None:
    nothing = Offered(False, False, "", "", False, False, False, {})
    asked = {"header": "item", "to1": "own", "title1": "Hin", "code": "yes", "offer": "Nur kurz"}
    assert parts_of(asked, nothing) == Parts(buttons=(LinkButton(PartType.URL, "Hin", ""),))
    assert parts_of({"header": "d" * 64}, nothing) == NO_PARTS
    assert parts_of({"shape": "goods", "goods_text": "x", "goods_count": "3"}, nothing) == NO_PARTS
