"""Our texts as we submit and send them, before a Meta that shares none of our code."""

import orjson
import pytest

from connectors.whatsapp.definitions import definition
from connectors.whatsapp.payloads import message
from integration.domain.messages.channel import Envelope
from integration.domain.messages.components import restored
from integration.domain.templates.parts import PLACEHOLDER
from integration.domain.templates.templates import EXAMPLES, Template, all_templates, carried, rendered
from integration.sandbox.whatsapp.messages import parse
from integration.sandbox.whatsapp.templates import TemplateRegistry


@pytest.mark.parametrize("template", all_templates(), ids=lambda t: f"{t.name}-{t.language}")
def test_every_text_is_taken_in_its_category_and_shown_as_we_show_it(template: Template) -> None:
    registry = TemplateRegistry()
    assert (
        registry.create(definition(template, dict.fromkeys(template.parts.sources, "4:1:x"))).category
        == template.category
    )
    names = dict.fromkeys(PLACEHOLDER.findall(template.body))
    row = carried(template, EXAMPLES, dict.fromkeys(template.parts.sources, "1"))
    envelope = Envelope(
        "a1",
        "+491713920011",
        None,
        template.language,
        template.name,
        variables={name: EXAMPLES[name] for name in names},
        buttons=template.buttons,
        body=template.body,
        components=restored(row) if row else None,
    )
    draft = parse(orjson.loads(message(envelope)), registry, auto=False)
    assert draft.body == rendered(template.body, EXAMPLES)
    assert [(b["payload"], b["text"]) for b in draft.buttons] == list(template.buttons)
