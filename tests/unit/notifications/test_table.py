"""The table of notifications is complete in every language, and Meta would take its texts."""

import re
from datetime import timedelta

import pytest
from kinds import ORDER, SHIPMENT, subject

from integration.domain.consent.consent import Purpose
from integration.domain.notifications import NOTIFICATIONS, Notification
from integration.domain.shops.facts import OrderFacts, ShipmentFacts
from integration.domain.templates.parts import PLACEHOLDER
from integration.domain.templates.templates import EXAMPLES, all_templates

LANGUAGES = {("de", "du"), ("de", "sie"), ("en", "")}
FORMAL = re.compile(r"\b(Ihre?[nmrs]?|Ihnen|Sie)\b")
FAMILIAR = re.compile(r"\b(du|dich|dir|deine?[nmrs]?)\b", re.IGNORECASE)
BODIES = [(n, key) for n in NOTIFICATIONS for key in sorted(LANGUAGES)]
each_body = pytest.mark.parametrize(("entry", "key"), BODIES, ids=[f"{n.kind}-{'-'.join(k)}" for n, k in BODIES])
each_kind = pytest.mark.parametrize("entry", NOTIFICATIONS, ids=[n.kind for n in NOTIFICATIONS])


def test_the_samples_have_every_fact() -> None:
    assert set(ORDER) == set(OrderFacts.__annotations__)
    assert set(SHIPMENT) == set(ShipmentFacts.__annotations__)


def test_every_kind_is_there_once() -> None:
    kinds = [entry.kind for entry in NOTIFICATIONS]
    assert len(kinds) == len(set(kinds))


@each_kind
def test_has_every_text(entry: Notification) -> None:
    assert set(entry.bodies) == LANGUAGES
    assert len(set(entry.bodies.values())) == len(LANGUAGES)
    assert entry.title.de and entry.title.en and entry.title.de != entry.title.en
    assert re.fullmatch(r"[a-z0-9_]{1,32}", entry.kind)
    assert entry.purpose in Purpose


@each_kind
def test_has_a_rule(entry: Notification) -> None:
    assert not entry.on & entry.void_on
    assert entry.when.de and entry.when.en and entry.when.de != entry.when.en
    assert timedelta(minutes=1) <= entry.expires_after <= timedelta(days=7)
    assert entry.unless(subject(entry)) == ""
    assert entry.version >= 1


@each_body
def test_placeholders_are_the_variables(entry: Notification, key: tuple[str, str]) -> None:
    named = PLACEHOLDER.findall(entry.bodies[key])
    assert len(named) == len(set(named))
    assert set(named) == set(entry.variables(subject(entry, key[0])))
    assert set(named) <= set(EXAMPLES)
    assert all(value for value in entry.variables(subject(entry, key[0])).values())


@each_body
def test_meta_would_take_it(entry: Notification, key: tuple[str, str]) -> None:
    body = entry.bodies[key]
    assert len(body) <= 1024
    assert not body.startswith("{{") and not body.endswith("}}")
    assert not re.search(r"\}\}\W*\{\{", body)
    assert "{" not in PLACEHOLDER.sub("", body) and "}" not in PLACEHOLDER.sub("", body)
    assert not re.search(r"\n{3,}| {5,}|\t", body)
    words = re.findall(r"\w+", PLACEHOLDER.sub("", body))
    assert len(words) >= 3 * len(PLACEHOLDER.findall(body))


@each_body
def test_says_who_writes_and_how_to_stop(entry: Notification, key: tuple[str, str]) -> None:
    body = entry.bodies[key]
    assert "{{shop}}" in body
    assert re.search(r"(Antworten Sie|Antworte|Reply)\b.* STOP\b", body)
    assert body.rindex("STOP") > body.rindex("}}")


@each_body
def test_addresses_people_in_one_way(entry: Notification, key: tuple[str, str]) -> None:
    body = entry.bodies[key]
    if key == ("de", "du"):
        assert FAMILIAR.search(body) and not FORMAL.search(body)
    elif key == ("de", "sie"):
        assert FORMAL.search(body) and not FAMILIAR.search(body)
    else:
        assert not re.search(r"\b(und|der|die|Bestellung)\b", body)


def test_templates_have_names_that_meta_takes() -> None:
    names = [(template.name, template.language) for template in all_templates()]
    assert len(names) == len(set(names)) == len(BODIES)
    assert all(re.fullmatch(r"lb_[a-z0-9_]{1,500}_v\d+", name) for name, _ in names)
