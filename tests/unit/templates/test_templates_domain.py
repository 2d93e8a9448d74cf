"""Templates: the names that Meta approves our texts by, and the shape in which they are submitted."""

import re

import pytest

from connectors.whatsapp.definitions import definition
from integration.domain.consent.consent import MARKETING
from integration.domain.notifications import BY_KIND, NOTIFICATIONS
from integration.domain.templates.templates import EXAMPLES, Template, all_templates, rendered, template_for

each = pytest.mark.parametrize("template", all_templates(), ids=lambda t: f"{t.name}-{t.language}")


def test_each_kind_has_its_three_texts_under_names_of_their_own() -> None:
    found = {(t.kind, t.language, t.address): t.name for t in all_templates()}
    assert len(found) == 3 * len(NOTIFICATIONS)
    assert found["order_confirmation", "de", "du"] == "lb_order_confirmation_du_v1"
    assert found["order_confirmation", "de", "sie"] == "lb_order_confirmation_sie_v1"
    assert found["shipping_notice", "en", ""] == "lb_shipping_notice_v1"
    assert len({(t.name, t.language) for t in all_templates()}) == len(all_templates())


@each
def test_names_are_what_meta_takes(template: Template) -> None:
    assert re.fullmatch(r"lb_[a-z0-9_]{1,120}_v\d+", template.name)
    assert template.language in ("de", "en")
    assert template.category == ("MARKETING" if BY_KIND[template.kind].purpose in MARKETING else "UTILITY")


@each
def test_a_submission_has_metas_shape(template: Template) -> None:
    found = definition(template, dict.fromkeys(template.parts.sources, "4:1:x"))
    assert set(found) - {"message_send_ttl_seconds"} == {
        "name",
        "language",
        "category",
        "parameter_format",
        "components",
    }
    assert found["parameter_format"] == "NAMED"
    shown = [part for part in found["components"] if part["type"] != "HEADER"]  # type: ignore[attr-defined]
    body, *rest = shown
    titles = [button["text"] for part in rest for button in part["buttons"]]
    assert titles == [title for _, title in template.buttons] and all(len(title) <= 25 for title in titles)
    assert (body["type"], body["text"]) == ("BODY", template.body)
    examples = body["example"]["body_text_named_params"]
    assert [e["param_name"] for e in examples] == list(dict.fromkeys(re.findall(r"{{(\w+)}}", template.body)))
    assert all(set(e) == {"param_name", "example"} and e["example"] for e in examples)


@each
def test_every_placeholder_has_an_example_and_is_filled(template: Template) -> None:
    told = rendered(template.body, EXAMPLES)
    assert "{{" not in told and "…" not in told
    assert EXAMPLES["shop"] in told


@pytest.mark.parametrize(
    ("language", "address", "name", "written"),
    [
        ("de", "du", "lb_order_confirmation_du_v1", "de"),
        ("de", "sie", "lb_order_confirmation_sie_v1", "de"),
        ("de_AT", "sie", "lb_order_confirmation_sie_v1", "de"),
        ("en", "du", "lb_order_confirmation_v1", "en"),
        ("fr", "sie", "lb_order_confirmation_v1", "en"),
    ],
)
def test_the_best_fitting_language(language: str, address: str, name: str, written: str) -> None:
    found = template_for("order_confirmation", language, address)
    assert (found.name, found.language) == (name, written)


def test_what_is_missing_shows_as_missing() -> None:
    assert rendered("Hallo {{name}}, {{total}}", {"name": "Anna"}) == "Hallo Anna, …"


def test_a_value_is_not_read_as_a_placeholder() -> None:
    assert rendered("Hallo {{name}}.", {"name": "{{total}}", "total": "x"}) == "Hallo {{total}}."


@pytest.mark.parametrize(
    ("kind", "seconds"),
    [("doi_request", 3_600), ("order_confirmation", 43_200), ("shipping_notice", None), ("abandoned_cart", None)],
)
def test_what_makes_no_sense_after_hours_does_not_arrive_days_later(kind: str, seconds: int | None) -> None:
    assert definition(template_for(kind, "de", "sie"), {}).get("message_send_ttl_seconds") == seconds
