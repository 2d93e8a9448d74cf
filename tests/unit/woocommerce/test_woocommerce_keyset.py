"""The walk over a moving list: nothing is lost, nothing loops, an idle poll is one request."""

import random
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from replays import calls, replay

from connectors.woocommerce.client import Answer, Param
from connectors.woocommerce.keyset import EXCLUDED, Step, start, walk
from integration.domain.errors import ShopError

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


class Shelf:
    """A list of orders as WooCommerce answers it: strict `modified_after`, whole seconds, its own clock."""

    def __init__(self, modified: Mapping[int, datetime], now: datetime) -> None:
        self.modified = dict(modified)
        self.now = now
        self.asked: list[Mapping[str, Param]] = []

    def ask(self, params: Mapping[str, Param]) -> Answer:
        self.asked.append(params)
        after, before = (self._time(params.get(name)) for name in ("modified_after", "modified_before"))
        excluded = params.get("exclude") or []
        assert isinstance(excluded, list)
        found = sorted(
            (at, id_)
            for id_, at in self.modified.items()
            if (not after or at > after) and (not before or at < before) and str(id_) not in excluded
        )
        size, page = int(str(params["per_page"])), int(str(params["page"]))
        part = found[(page - 1) * size : page * size]
        rows = [{"id": id_, "date_modified_gmt": f"{at:%Y-%m-%dT%H:%M:%S}"} for at, id_ in part]
        return Answer(rows, len(found), -(-len(found) // size), self.now)

    @staticmethod
    def _time(value: Param) -> datetime | None:
        return datetime.fromisoformat(str(value)).replace(tzinfo=UTC) if value else None

    def touch(self, id_: int) -> None:
        self.modified[id_] = self.now


def seen(step: Step) -> set[tuple[int, str]]:
    return {(row["id"], row["date_modified_gmt"]) for row in step.rows}


def stored(cursor: dict[str, Any]) -> dict[str, Any]:
    """A cursor as it comes back from the database."""
    body = orjson.dumps(cursor, option=orjson.OPT_SORT_KEYS)
    assert len(body) < 20_000
    found: dict[str, Any] = orjson.loads(body)
    return found


def catch_up(shelf: Shelf, cursor: dict[str, Any], size: int = 10, most: int = 400) -> tuple[set[Any], dict[str, Any]]:
    found: set[Any] = set()
    for _ in range(most):
        step = walk(shelf.ask, stored(cursor), size)
        found |= seen(step)
        cursor = step.cursor
        if not step.more:
            return found, cursor
    raise AssertionError("it never ends")


def spread(count: int, per_second: int, begin: datetime = NOON) -> dict[int, datetime]:
    return {n: begin + (n // per_second) * SECOND for n in range(1, count + 1)}


def everything(shelf: Shelf) -> set[Any]:
    return {(id_, f"{at:%Y-%m-%dT%H:%M:%S}") for id_, at in shelf.modified.items()}


@pytest.mark.parametrize(
    ("count", "per_second", "most_requests"),
    [(0, 1, 1), (9, 1, 1), (10, 1, 2), (95, 1, 14), (95, 5, 20), (95, 40, 20), (95, 200, 12), (300, 300, 61)],
)
def test_every_row_once_whatever_shares_a_second(count: int, per_second: int, most_requests: int) -> None:
    shelf = Shelf(spread(count, per_second), NOON + timedelta(hours=1))
    found, _ = catch_up(shelf, start(NOON - SECOND))
    assert found == everything(shelf)
    assert len(shelf.asked) <= most_requests


def test_far_more_in_one_second_than_an_address_can_exclude() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 5 * EXCLUDED), NOON), NOON + timedelta(hours=1))
    found, cursor = catch_up(shelf, start(NOON - timedelta(days=1)), size=100)
    assert found == everything(shelf)
    assert len(shelf.asked) <= 2 * len(shelf.modified) // 100
    assert all(len(str(asked.get("exclude") or "")) < 3_000 for asked in shelf.asked)
    shelf.now += timedelta(hours=1)
    shelf.touch(7)
    assert (7, f"{shelf.now:%Y-%m-%dT%H:%M:%S}") in catch_up(shelf, cursor, size=100)[0]


def test_rows_that_leave_a_swept_second_take_nobody_along() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 900), NOON), NOON + timedelta(hours=1))
    found: set[Any] = set()
    cursor, more, n = start(NOON - SECOND), True, 0
    while more:
        step = walk(shelf.ask, stored(cursor), 100)
        found |= seen(step)
        cursor, more = step.cursor, step.more
        n += 1
        for one in (n, 100 + n, 500 + n):
            shelf.touch(one)
        shelf.now += SECOND
    shelf.now += timedelta(hours=1)
    rest, _ = catch_up(shelf, cursor, size=100)
    assert everything(shelf) <= found | rest


def test_a_second_that_is_still_being_written_waits() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 2 * EXCLUDED), NOON), NOON)
    _, cursor = catch_up(shelf, start(NOON - SECOND), size=100)
    shelf.modified[9_999] = NOON
    shelf.now = NOON + timedelta(minutes=1)
    found, _ = catch_up(shelf, cursor, size=100)
    assert (9_999, f"{NOON:%Y-%m-%dT%H:%M:%S}") in found


def test_an_idle_poll_is_one_request_and_no_news() -> None:
    shelf = Shelf(spread(25, 3), NOON + timedelta(minutes=1))
    _, cursor = catch_up(shelf, start(NOON - SECOND))
    shelf.asked.clear()
    step = walk(shelf.ask, stored(cursor), 10)
    assert (step.rows, step.more, len(shelf.asked)) == ([], False, 1)
    assert stored(step.cursor) == stored(cursor)


def test_a_late_commit_into_a_second_already_read_is_found() -> None:
    shelf = Shelf({1: NOON}, NOON)
    _, cursor = catch_up(shelf, start(NOON - timedelta(days=1)))
    shelf.modified |= {2: NOON, 3: NOON - SECOND}
    assert {id_ for id_, _ in catch_up(shelf, cursor)[0]} == {2, 3}


def test_a_change_within_the_same_second_is_news() -> None:
    shelf = Shelf({1: NOON}, NOON)
    plain = walk(shelf.ask, start(NOON - SECOND), 10)
    changed = Answer([{"id": 1, "date_modified_gmt": "2026-11-24T12:00:00", "status": "paid"}], 1, 1, NOON)
    assert walk(lambda params: changed, stored(plain.cursor), 10).rows == changed.body


@pytest.mark.parametrize("seed", range(40))
def test_a_shop_that_never_rests_loses_nothing(seed: int) -> None:
    """Orders change while they are read, bursts fill whole seconds, the clock moves on between any two requests."""
    chance = random.Random(seed)  # noqa: S311
    shelf = Shelf(spread(120, chance.choice((1, 7, 30, 200))), NOON + timedelta(minutes=5))
    found: set[Any] = set()
    cursor: dict[str, Any] = start(NOON - SECOND)
    for _ in range(150):
        step = walk(shelf.ask, stored(cursor), 10)
        found |= seen(step)
        cursor = step.cursor
        for _ in range(chance.choice((0, 0, 1, 2, 15))):
            shelf.touch(chance.randint(1, 140))
        shelf.now += timedelta(seconds=chance.choice((0, 0, 1, 3)))
    for _ in range(2):
        shelf.now += timedelta(minutes=1)
        rest, cursor = catch_up(shelf, cursor)
        found |= rest
    assert everything(shelf) <= found


def test_a_sweep_needs_the_number_of_pages() -> None:
    shelf = Shelf(dict.fromkeys(range(1, 2 * EXCLUDED), NOON), NOON + timedelta(hours=1))

    def behind_a_proxy(params: Mapping[str, Param]) -> Answer:
        answer = shelf.ask(params)
        return Answer(answer.body, None, None, answer.at)

    cursor: dict[str, Any] = start(NOON - SECOND)
    with pytest.raises(ShopError) as caught:
        for _ in range(10):
            cursor = walk(behind_a_proxy, cursor, 100).cursor
    assert caught.value.code == "no_total"


def test_progress_counts_down() -> None:
    shelf = Shelf(spread(25, 1), NOON + timedelta(hours=1))
    first = walk(shelf.ask, start(NOON - SECOND), 10)
    assert (first.more, first.left) == (True, 15)


# ── Recordings, old and new ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["orders_poll_keyset", "wc893_orders_poll_keyset"])
def test_recorded_polls_are_walked_as_they_were_recorded(name: str) -> None:
    wanted = calls(name)
    status = wanted[0]["params"]["status"]
    with replay(name) as shop:
        cursor: dict[str, Any] = {"after": wanted[0]["params"]["modified_after"]}
        ids: list[int] = []
        for call in wanted:
            assert cursor["after"] == call["params"]["modified_after"]
            step = walk(lambda params: shop.get("orders", {**params, "status": status}), cursor, 3)
            ids += [row["id"] for row in step.rows]
            cursor = step.cursor
    assert not step.more
    assert len(ids) == len(set(ids)) == {"orders_poll_keyset": 7, "wc893_orders_poll_keyset": 4}[name]


def test_recorded_second_that_fills_pages() -> None:
    wanted = calls("orders_poll_same_second_exclude")
    extra = {"status": wanted[0]["params"]["status"], "_fields": "id,status,date_modified_gmt"}
    with replay("orders_poll_same_second_exclude") as shop:
        cursor: dict[str, Any] = {"after": wanted[0]["params"]["modified_after"]}
        ids = []
        for _ in wanted[:3]:
            step = walk(lambda params: shop.get("orders", {**params, **extra}), cursor, 2)
            ids += [row["id"] for row in step.rows]
            cursor = step.cursor
    assert ids == [1565, 1566, 1567, 1568, 1558, 1569]
    assert cursor["after"] == "2026-11-23T18:06:49"


def test_recorded_quiet_shop() -> None:
    params = calls("orders_poll_empty")[0]["params"]
    with replay("orders_poll_empty") as shop:
        cursor = {"after": params["modified_after"]}
        step = walk(lambda asked: shop.get("orders", {**asked, "status": params["status"]}), cursor, 100)
    assert (step.rows, step.more, step.cursor, step.left) == ([], False, cursor, 0)
