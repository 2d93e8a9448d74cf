"""The owner's choices about cart reminders: kept as versions, refused when nobody offered them."""

from decimal import Decimal
from typing import Any

from integration.domain.carts.reminders import CartRule, Offer
from integration.store.carts import settings


def rule(database: Any, shop: str) -> CartRule | None:
    with database.read() as connection:
        return settings.current(connection).get(shop)


def test_the_page_shows_and_keeps_them(inside: Any, seeded: Any, csrf: Any, world: Any, database: Any) -> None:
    assert "Einstellungen der Erinnerungen" in inside.get("/carts").text
    form = {"csrf": csrf(), "shop": world.SHOP, "second": "on", "percent": "10", "days": "7"}
    assert inside.post("/carts/reminders", data=form).status_code == 303
    kept = rule(database, world.SHOP)
    assert kept
    assert (kept.second, kept.holdout, kept.offer) == (True, False, Offer(7, Decimal(10)))
    assert '<option value="10" selected>' in inside.get("/carts").text


def test_the_hold_out_can_be_switched_off_and_the_voucher_left_out(
    inside: Any, seeded: Any, csrf: Any, world: Any, database: Any
) -> None:
    inside.post("/carts/reminders", data={"csrf": csrf(), "shop": world.SHOP, "holdout": "on", "percent": "0"})
    kept = rule(database, world.SHOP)
    assert kept
    assert (kept.holdout, kept.offer) == (True, None)
    inside.post("/carts/reminders", data={"csrf": csrf(), "shop": world.SHOP, "percent": "0"})
    kept = rule(database, world.SHOP)
    assert kept
    assert not kept.holdout


def test_what_nobody_offered_is_refused(inside: Any, seeded: Any, csrf: Any, world: Any, database: Any) -> None:
    for changed in ({"shop": "nobody"}, {"percent": "99"}, {"days": "400"}, {"percent": "x"}):
        form = {"csrf": csrf(), "shop": world.SHOP, "percent": "10", "days": "7"} | changed
        assert inside.post("/carts/reminders", data=form).status_code == 404
    assert rule(database, world.SHOP) is None
