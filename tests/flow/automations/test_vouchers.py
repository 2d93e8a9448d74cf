"""Vouchers: one per purpose, whatever breaks between us and the shop."""

import re
import signal
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from links import PlainLink, linked, refusing
from sqlalchemy import select
from storekit import child, ended
from worlds import NOON, Clock, make_world

from integration.domain.automations.vouchers import CHECKED_EVERY, GRACE, LETTERS
from integration.domain.errors import ShopBusy, ShopRefused, ShopUnreachable
from integration.domain.shops.ports import VoucherTerms
from integration.flow.automations.vouchers import issue, sweep
from integration.flow.world import World
from integration.store import tables
from integration.store.automations.vouchers import Voucher
from integration.store.db import Database
from jobs import schedule

TERMS = VoucherTerms("", NOON + timedelta(days=14), percent=Decimal("12.5"), minimum=Decimal("20.00"), currency="EUR")


@pytest.fixture
def link() -> PlainLink:
    return PlainLink()


@pytest.fixture
def world(database: Database, keys: Database, clock: Clock, link: PlainLink) -> World:
    return linked(make_world(database, keys, clock), link)


def rows(world: World, *columns: str):
    with world.database.read() as connection:
        return connection.execute(select(*[tables.voucher.c[name] for name in columns])).all()


def drawn(world: World, purpose: str = "laden/abandoned_cart/c1/1") -> Voucher:
    return issue(world, "laden", purpose, None, TERMS)


def test_a_voucher_is_made_as_agreed(world: World, link: PlainLink) -> None:
    found = drawn(world)
    assert found.status == "created"
    [made] = link.vouchers.values()
    assert made == found.terms
    assert (made.percent, made.minimum, made.expires_at) == (Decimal("12.5"), Decimal("20.00"), TERMS.expires_at)


def test_codes_can_be_read_out(world: World) -> None:
    codes = {drawn(world, str(n)).terms.code for n in range(50)}
    assert len(codes) == 50
    assert all(re.fullmatch(f"[{LETTERS}]{{10}}", code) for code in codes)
    assert not set("AEIOUL01258SZB") & set(LETTERS)


def test_one_purpose_has_one_voucher(world: World, link: PlainLink) -> None:
    assert drawn(world) == drawn(world)
    assert len(link.vouchers) == len(rows(world, "id")) == 1
    assert [what for what, _ in link.calls] == ["create_voucher"]
    assert drawn(world, "another").terms.code not in {drawn(world).terms.code}


@pytest.mark.parametrize(
    "change", [{"percent": None}, {"amount": Decimal(5)}, {"percent": None, "amount": Decimal(5), "currency": ""}]
)
def test_terms_that_are_none_are_refused(world: World, change: dict[str, object]) -> None:
    from dataclasses import replace

    with pytest.raises(ValueError, match="either a percentage"):
        issue(world, "laden", "x", None, replace(TERMS, **change))
    assert rows(world, "id") == []


def test_an_unclear_answer_makes_no_second_one(world: World, link: PlainLink, clock: Clock) -> None:
    """The shop made it, and the answer was lost."""
    link.fail["created"] = refusing(ShopUnreachable, "timeout")
    first = drawn(world)
    assert (first.status, first.failures, first.error and first.error["code"]) == ("drawn", 1, "timeout")
    assert drawn(world) == first, "it waits before it asks again"
    link.fail.clear()
    clock.now = rows(world, "due_at")[0][0]
    sweep(world, clock())
    again = drawn(world)
    assert (again.status, again.terms.code, again.error) == ("created", first.terms.code, None)
    assert list(link.vouchers) == [first.terms.code]


def test_a_shop_that_refuses_is_asked_less_and_less(world: World, link: PlainLink, clock: Clock) -> None:
    link.fail["create_voucher"] = refusing(ShopRefused, "scope")
    drawn(world)
    waits = []
    for _ in range(10):
        [(due,)] = rows(world, "due_at")
        waits.append(due - clock.now)
        clock.now = due
        sweep(world, clock())
    assert waits == sorted(waits)
    assert waits[0] == timedelta(minutes=1)
    assert waits[-1] == timedelta(hours=6)
    assert rows(world, "error")[0][0]["de"] == "Der Shop antwortet nicht."


def test_a_busy_shop_says_how_long(world: World, link: PlainLink) -> None:
    link.fail["create_voucher"] = refusing(ShopBusy, "limited", wait=900)
    assert drawn(world).due_at == NOON + timedelta(seconds=900)


def test_a_failing_shop_is_asked_once_a_sweep(world: World, link: PlainLink, clock: Clock) -> None:
    for n in range(5):
        drawn(world, str(n))
    clock.now += CHECKED_EVERY
    link.calls.clear()
    link.fail["voucher_state"] = refusing(ShopUnreachable)
    assert sweep(world, clock()) == 5
    assert len(link.calls) == 1


def test_a_shop_without_keys_is_said(database: Database, keys: Database) -> None:
    world = make_world(database, keys)
    assert (drawn(world).error or {})["code"] == "no_keys"


def test_a_redeemed_one_is_known(world: World, link: PlainLink, clock: Clock) -> None:
    link.redeemed.add(drawn(world).terms.code)
    clock.now += CHECKED_EVERY
    sweep(world, clock())
    assert rows(world, "status", "ended_at", "due_at") == [("redeemed", clock(), None)]
    assert link.vouchers, "a used one stays in the shop's books"


def test_one_that_the_owner_deleted_is_gone(world: World, link: PlainLink, clock: Clock) -> None:
    drawn(world)
    link.vouchers.clear()
    clock.now += CHECKED_EVERY
    sweep(world, clock())
    assert rows(world, "status", "due_at") == [("gone", None)]


def test_an_unused_one_is_removed_when_its_time_is_over(world: World, link: PlainLink, clock: Clock) -> None:
    drawn(world)
    while rows(world, "status") == [("created",)]:
        clock.now = rows(world, "due_at")[0][0]
        sweep(world, clock())
        assert clock.now <= TERMS.expires_at + GRACE
    assert clock.now == TERMS.expires_at + GRACE
    assert (rows(world, "status"), link.vouchers) == ([("removed",)], {})
    assert sweep(world, clock()) == 0


def test_one_redeemed_at_the_last_moment_is_not_removed(world: World, link: PlainLink, clock: Clock) -> None:
    code = drawn(world).terms.code
    clock.now = TERMS.expires_at + 2 * GRACE
    link.redeemed.add(code)
    sweep(world, clock())
    assert rows(world, "status") == [("redeemed",)]
    assert code in link.vouchers


def test_one_that_was_never_made_ends(world: World, link: PlainLink, clock: Clock) -> None:
    link.fail["created"] = refusing(ShopUnreachable)
    drawn(world)
    clock.now = TERMS.expires_at + GRACE
    link.fail.clear()
    sweep(world, clock())
    assert (rows(world, "status"), link.vouchers) == ([("removed",)], {})


def test_killed_in_the_middle(world: World, link: PlainLink, clock: Clock, tmp_path: Path) -> None:
    """The process dies right after the shop made the voucher: the next one finds the same code."""
    made = tmp_path / "made"
    process = child(
        "voucher_dier.py", str(world.database.engine.url.render_as_string(False)), world.keys.url, str(made)
    )
    ended(process)
    assert process.returncode == -signal.SIGKILL
    [code] = made.read_text().split()
    assert rows(world, "code", "status") == [(code, "drawn")]
    link.vouchers[code] = TERMS
    assert drawn(world).terms.code == code
    assert list(link.vouchers) == [code]
    assert rows(world, "status") == [("created",)]


def test_the_sweep_is_scheduled() -> None:
    assert "vouchers" in {one.name for one in schedule.JOBS}
