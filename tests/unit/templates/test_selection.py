"""Which version of a text serves."""

from datetime import timedelta
from typing import Any

import pytest
from worlds import NOON

from integration.domain.templates.selection import Known, OwnText, Slot, flipped, next_version, serving, versions
from integration.domain.templates.templates import template_for

SLOT = Slot("firma", "order_confirmation", "de", "du", "laden")
LIBRARY = "lb_order_confirmation_du_v1"
OWN, SHOP = "lb_order_confirmation_du_v101", "lb_order_confirmation_du_s_laden_v101"
OK = Known("APPROVED", "UTILITY")


def text(
    name: str = OWN, version: int = 101, shop: str = "", body: str | None = "Eigener Text", **more: Any
) -> OwnText:
    fields = {"id": name, "company": "firma", "kind": SLOT.kind, "language": "de", "address": "du", "by": "owner"}
    at = NOON + timedelta(minutes=version)
    return OwnText(**(fields | {"name": name, "version": version, "shop": shop, "body": body, "at": at} | more))


def served(*own: OwnText, slot: Slot = SLOT, **states: Known) -> str:
    listed = {(name, slot.language): known for name, known in states.items()}
    return serving(versions(slot, own, listed), listed).name


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({LIBRARY: OK}, LIBRARY),
        ({LIBRARY: OK, OWN: Known("PENDING", "UTILITY")}, LIBRARY),
        ({LIBRARY: OK, OWN: OK}, OWN),
        ({LIBRARY: OK, OWN: OK, SHOP: Known("PENDING", "UTILITY")}, OWN),
        ({LIBRARY: OK, OWN: OK, SHOP: OK}, SHOP),
        ({LIBRARY: OK, OWN: Known("REJECTED", "UTILITY"), SHOP: Known("PAUSED", "UTILITY")}, LIBRARY),
        ({LIBRARY: OK, OWN: Known("APPROVED", "MARKETING")}, LIBRARY),
        ({LIBRARY: OK, OWN: Known("APPROVED", "MARKETING", accepted=NOON)}, OWN),
    ],
)
def test_the_best_approved_version_serves(states: dict[str, Known], expected: str) -> None:
    assert served(text(), text(SHOP, shop="laden"), **states) == expected


def test_without_any_approval_the_first_that_may_still_get_it() -> None:
    assert served(text()) == OWN
    assert served(text(), **{OWN: Known("REJECTED", "UTILITY"), LIBRARY: Known("PENDING", "UTILITY")}) == LIBRARY
    assert served(text(), **{OWN: Known("REJECTED", "UTILITY"), LIBRARY: Known("DISABLED", "UTILITY")}) == OWN


def test_the_one_before_serves_until_the_next_is_approved() -> None:
    second = text("lb_order_confirmation_du_v102", 102)
    assert served(text(), second, **{OWN: OK, second.name: Known("PENDING", "UTILITY")}) == OWN
    assert served(text(), second, **{OWN: OK, second.name: OK}) == second.name


def test_who_went_back_to_our_text_gets_it() -> None:
    back = text("lb_order_confirmation_du_v102", 102, body=None)
    assert served(text(), back, **{OWN: OK, LIBRARY: OK}) == LIBRARY
    later = text("lb_order_confirmation_du_v103", 103)
    assert served(text(), back, later, **{OWN: OK, LIBRARY: OK, later.name: Known("PENDING", "UTILITY")}) == LIBRARY


def test_a_shop_that_went_back_still_follows_its_company() -> None:
    back = text("lb_order_confirmation_du_s_laden_v102", 102, shop="laden", body=None)
    assert served(text(SHOP, shop="laden"), back, text(), **{SHOP: OK, OWN: OK, LIBRARY: OK}) == OWN


@pytest.mark.parametrize("other", [{"company": "andere"}, {"address": "sie"}, {"kind": "shipping_notice"}])
def test_other_places_have_texts_of_their_own(other: dict[str, str]) -> None:
    assert served(text(**other), **{OWN: OK, LIBRARY: OK}) == LIBRARY


def test_another_shops_text_stays_there() -> None:
    assert served(text(SHOP, shop="anderer"), **{SHOP: OK, LIBRARY: OK}) == LIBRARY


def test_an_older_release_serves_while_ours_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from integration.domain.templates import templates

    newer = replace(templates.BY_KIND[SLOT.kind], version=3)
    monkeypatch.setattr(templates, "BY_KIND", {**templates.BY_KIND, SLOT.kind: newer})
    old = Known("APPROVED", "UTILITY", body="Danke für {{order}} bei {{shop}}.")
    strange = Known("APPROVED", "UTILITY", body="Danke für {{punkte}} Punkte.")
    found = {"lb_order_confirmation_du_v1": old, "lb_order_confirmation_du_v2": strange}
    assert served(**found) == LIBRARY, "a version with variables that nobody fills in cannot serve"
    assert served(**found, lb_order_confirmation_du_v3=OK) == "lb_order_confirmation_du_v3"


def test_versions_count_on_over_companies_and_never_meet_ours() -> None:
    assert next_version(SLOT, []) == 101
    company = Slot("firma", "order_confirmation", "de", "du")
    assert next_version(company, [text(), text("x", 102, company="andere")]) == 103
    assert next_version(SLOT, [text()]) == 101
    # two shops whose names look alike to Meta
    assert next_version(Slot("firma", SLOT.kind, "de", "du", "mein-laden"), [text("y", 101, "mein_laden")]) == 102


def test_only_a_service_text_can_flip() -> None:
    service = template_for("order_confirmation", "de", "du")
    assert flipped(service, Known("APPROVED", "MARKETING"))
    assert not flipped(service, Known("APPROVED", "MARKETING", accepted=NOON))
    assert not flipped(service, OK) and not flipped(service, None)
