"""The page of the reconciliation: explained orders lead to their rows, unexplained ones say what to do."""

from datetime import timedelta
from typing import Any

from integration.store.shops import reconciliation
from integration.store.shops.reconciliation import Reconciliation


def keep(world: Any, database: Any, found: dict[str, tuple[str, str]], **changes: Any) -> None:
    facts: dict[str, Any] = {
        "orders": 14, "reasons": {"reached": 11, "no_consent": 2, "before_connection": 1}, "healed": 0, "asked": True,
    }  # fmt: skip
    check = Reconciliation(shop=world.SHOP, at=world.NOW, since=world.NOW - timedelta(days=7), **facts | changes)
    with database.write() as connection:
        reconciliation.keep(connection, check, found)


def test_before_the_first_night_it_says_when(inside: Any, seeded: Any) -> None:
    text = inside.get("/reconciliation").text
    assert "Noch nicht geprüft" in text


def test_every_number_leads_to_its_rows(inside: Any, seeded: Any, world: Any, database: Any) -> None:
    keep(world, database, {})
    text = inside.get("/reconciliation").text
    assert f'href="/messages?shop={world.SHOP}&amp;reason=no_consent"' in text
    assert 'href="/received?outcome=before_connection"' in text
    assert "14" in text
    assert "11" in text


def test_an_unexplained_order_says_what_to_do(inside: Any, seeded: Any, world: Any, database: Any) -> None:
    keep(world, database, {f"{world.SHOP}/order/77": ("1077", "lost")}, healed=3, reasons={"lost": 1}, orders=1)
    text = inside.get("/reconciliation").text
    assert "1077" in text
    assert "Bitte melden Sie ihn" in text
    assert "3 Bestellungen waren nicht bei uns angekommen" in text


def test_a_shop_that_was_away_is_named_so(inside: Any, seeded: Any, world: Any, database: Any) -> None:
    keep(world, database, {}, asked=False)
    text = inside.get("/reconciliation").text
    assert "Der Shop selbst war nicht zu erreichen" in text
