"""The interval against known values, and that it is silent while there is not enough data."""

from decimal import Decimal
from random import Random

import pytest

from integration.domain.carts.holdout import LEAST_BOUGHT, LEAST_CARTS, Group, Uplift, quantile, uplift


def group(carts: int, *amounts: str) -> Group:
    return Group(carts, tuple(map(Decimal, amounts)))


@pytest.mark.parametrize(
    ("freedom", "expected"),
    [(10, 2.2281), (20, 2.0860), (25, 2.0595), (29, 2.0452), (40, 2.0211), (60, 2.0003), (120, 1.9799), (1e9, 1.9600)],
)
def test_students_t_as_the_tables_print_it(freedom: float, expected: float) -> None:
    assert quantile(freedom) == pytest.approx(expected, abs=0.00005)


def test_mean_and_variance_know_those_who_bought_nothing() -> None:
    found = group(8, "2", "4", "4", "4", "5", "5", "7", "9")
    assert (found.mean, found.variance) == (Decimal(5), Decimal(32) / 7)
    with_zeros = group(4, "10", "20")
    assert with_zeros.mean == Decimal("7.5")
    assert with_zeros.variance == Decimal(275) / 3


def test_the_interval_by_hand() -> None:
    """Reckoned apart from this code: variances 227.528 and 191.739, 153.66 degrees of freedom, t = 1.97552."""
    found = uplift(Group(90, (Decimal(30),) * 45), Group(70, (Decimal(30),) * 21))
    assert found
    assert found.total == 90 * (Decimal(15) - Decimal(9))
    assert float(found.low) == pytest.approx(131.95, abs=0.05)
    assert float(found.high) == pytest.approx(948.05, abs=0.05)
    assert found.is_sure


@pytest.mark.parametrize("short", ["carts", "bought"])
@pytest.mark.parametrize("side", [0, 1])
def test_not_enough_data_yet(short: str, side: int) -> None:
    enough = Group(LEAST_CARTS, (Decimal(1),) * LEAST_BOUGHT)
    few = {
        "carts": Group(LEAST_CARTS - 1, enough.amounts),
        "bought": Group(LEAST_CARTS, enough.amounts[1:]),
    }[short]
    groups = [enough, enough]
    assert uplift(*groups)
    groups[side] = few
    assert uplift(*groups) is None


def test_equal_groups_without_spread_differ_by_nothing() -> None:
    alike = Group(LEAST_CARTS, (Decimal(5),) * LEAST_CARTS)
    assert uplift(alike, alike) == Uplift(Decimal(0), Decimal(0), Decimal(0))
    assert Group().mean == 0


def test_of_a_hundred_intervals_about_95_hold_the_truth() -> None:
    """Shops whose reminders bring nothing: carts mostly bring nothing, some bring much."""
    chance = Random(1)  # noqa: S311 - reproducible

    def drawn(carts: int) -> Group:
        bought = [chance.lognormvariate(3.7, 0.7) for _ in range(carts) if chance.random() < 0.25]
        return Group(carts, tuple(Decimal(round(100 * one)) / 100 for one in bought))

    pairs = [(drawn(450), drawn(100)) for _ in range(300)]
    found = [one for one in (uplift(*pair) for pair in pairs) if one]
    assert len(found) > 200
    assert 0.92 < sum(one.low <= 0 <= one.high for one in found) / len(found) <= 1
    assert sum(one.is_sure for one in found) / len(found) < 0.04
