"""A promised day, however a plugin writes it."""

import pytest

from connectors.reading import day


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2026-12-01", "2026-12-01"),
        ("2026-12-01T18:00:00Z", "2026-12-01"),
        ("20261201", "2026-12-01"),
        ("1.12.2026", "2026-12-01"),
        ("01.12.2026 ", "2026-12-01"),
        ("1796083200", "2026-12-01"),
        (1796083200, "2026-12-01"),
        ("31.11.2026", ""),
        ("morgen", ""),
        ("", ""),
        (None, ""),
        (True, ""),
        (-5, ""),
        (10**18, ""),
        ("9" * 40, ""),
        ({"date": "2026-12-01"}, ""),
    ],
    ids=str,
)
def test_a_day_is_read_or_none(value: object, found: str) -> None:
    assert day(value) == found
