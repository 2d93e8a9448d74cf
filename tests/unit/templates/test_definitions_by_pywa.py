"""What we submit as a template, beside what pywa, written by others, would submit for the same."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pywa.types import templates as pywa

from connectors.whatsapp.definitions import definition
from integration.domain.templates.approval import REASONS
from integration.domain.templates.parts import (
    GOODS,
    PLACEHOLDER,
    CardPart,
    Header,
    HeaderType,
    LinkButton,
    Parts,
    PartType,
)
from integration.domain.templates.templates import Template, all_templates, examples, pictured_for, template_for

BEGINS, HANDLE = "https://laden.example/", "4:1:x"
LINK = LinkButton(PartType.URL, "Zum Warenkorb", BEGINS, "link")
PAGE = LinkButton(PartType.URL, "Hilfe", f"{BEGINS}hilfe")
CALL = LinkButton(PartType.PHONE, "Anrufen", "+4922147110900")
CODE = LinkButton(PartType.COPY_CODE, variable="code")
HEADERS = {
    HeaderType.IMAGE: pywa.HeaderImage,
    HeaderType.VIDEO: pywa.HeaderVideo,
    HeaderType.DOCUMENT: pywa.HeaderDocument,
}


def words(kind: Any, text: str, template: Template) -> Any:
    """A text with its examples, by name or by position."""
    names, shown = list(dict.fromkeys(PLACEHOLDER.findall(text))), examples(template.language)
    if template.positional:
        return kind(text, *(f"Beispiel {name}" for name in names))
    return kind(text, **{name: shown[name] for name in names})


def medium(kind: HeaderType) -> Any:
    found = HEADERS[kind](example=HANDLE)
    found._handle = HANDLE
    return found


def button(one: LinkButton) -> Any:
    if one.type is PartType.COPY_CODE:
        return pywa.CopyCodeButton(example=examples("de")["code"])
    if one.type is PartType.PHONE:
        return pywa.PhoneNumberButton(text=one.title, phone_number=one.value)
    return pywa.URLButton(text=one.title, url=one.address, example=f"{one.value}warenkorb" if one.variable else None)


def components(template: Template) -> Iterator[Any]:
    parts = template.parts
    if parts.header:
        named = parts.header.type is HeaderType.TEXT
        yield words(pywa.HeaderText, parts.header.text, template) if named else medium(parts.header.type)
    if parts.offer:
        yield pywa.LimitedTimeOffer(text=parts.offer, has_expiration=True)
    yield words(pywa.BodyText, template.body, template)
    if parts.footer:
        yield pywa.FooterText(text=parts.footer)
    buttons = [*(pywa.QuickReplyButton(text=title) for _, title in template.buttons), *map(button, parts.buttons)]
    if buttons:
        yield pywa.Buttons(buttons=buttons)
    if parts.cards:
        yield pywa.Carousel(cards=[card(one, template) for one in parts.cards])


def card(one: CardPart, template: Template) -> Any:
    buttons = pywa.Buttons(buttons=[button(b) for b in one.buttons])
    return pywa.CarouselCard(components=[medium(one.type), words(pywa.BodyText, one.text, template), buttons])


def by_pywa(template: Template) -> Any:
    lives = definition(template, dict.fromkeys(template.parts.sources, HANDLE)).get("message_send_ttl_seconds")
    made = pywa.Template(
        name=template.name,
        language=pywa.TemplateLanguage(template.language),
        category=pywa.TemplateCategory(template.category),
        components=list(components(template)),
        parameter_format=pywa.ParamFormat("POSITIONAL" if template.positional else "NAMED"),
        message_send_ttl_seconds=lives,  # type: ignore[arg-type]
    )
    return json.loads(made.to_json())


CART = template_for("abandoned_cart", "de", "du")
SHAPES = [
    Parts(header=Header(HeaderType.IMAGE), footer="Kaffeeladen, Köln", buttons=(CODE, LINK, PAGE, CALL)),
    Parts(header=Header(HeaderType.TEXT, "Dein Warenkorb, {{name}}"), buttons=(PAGE,)),
    Parts(header=Header(HeaderType.VIDEO, file="f"), offer="Nur kurz", buttons=(CODE, LINK)),
    Parts(header=Header(HeaderType.DOCUMENT, file="f")),
    Parts(cards=tuple(CardPart(HeaderType.IMAGE, "f", word, (PAGE, CALL)) for word in ("Kaffee", "Tee"))),
    Parts(cards=tuple(CardPart(HeaderType.IMAGE, source, "Da: {{item}} – hin?", (LINK,)) for source in GOODS[:3])),
]


@pytest.mark.parametrize(
    "template",
    [
        *all_templates(),
        *(replace(CART, parts=parts) for parts in SHAPES),
        replace(
            CART, body="Hallo {{1}}, deine {{2}} ist da.", parts=Parts(header=Header(HeaderType.TEXT, "Nr. {{1}}"))
        ),
        pictured_for("back_in_stock", "en", "", BEGINS),
    ],
    ids=lambda t: f"{t.name}-{t.language}",
)
def test_a_submission_is_what_pywa_would_submit(template: Template) -> None:
    assert definition(template, dict.fromkeys(template.parts.sources, HANDLE)) == by_pywa(template)


def test_every_reason_that_pywa_knows_is_explained() -> None:
    assert {reason.value for reason in pywa.TemplateRejectionReason} - {"UNKNOWN"} <= set(REASONS)
