"""Money as people of a language write it."""

import pytest

from integration.domain.money import amount


@pytest.mark.parametrize(
    ("value", "currency", "language", "expected"),
    [
        ("64.63", "EUR", "de", "64,63 €"),
        ("64.63", "EUR", "en", "€64.63"),
        ("1234.5", "EUR", "de", "1.234,50 €"),
        ("1234.5", "EUR", "en", "€1,234.50"),
        ("0", "EUR", "de", "0,00 €"),
        ("0.10", "EUR", "de", "0,10 €"),
        ("-10.00", "EUR", "de", "-10,00 €"),
        ("24.90", "CHF", "de", "24,90 CHF"),
        ("24.90", "USD", "de", "24,90 $"),
        ("1000", "JPY", "en", "¥1,000"),
        ("5", "", "de", "5,00 €"),
        ("0.1", "XYZ", "de", "0,10 XYZ"),
        ("99999999999999999999.99", "EUR", "de", "99.999.999.999.999.999.999,99 €"),
    ],
)
def test_amounts(value: str, currency: str, language: str, expected: str) -> None:
    assert amount(value, currency, language) == expected


def test_no_float_on_the_way() -> None:
    assert amount("1.005", "EUR", "de") == "1,00 €", "half to even, exactly"
    assert amount("12345678901234567.89", "EUR", "de").endswith("567,89 €")


def test_the_space_is_a_plain_one() -> None:
    for language in ("de", "en", "de_AT"):
        told = amount("1234.56", "EUR", language)
        assert not {c for c in told if c.isspace()} - {" "}, repr(told)


@pytest.mark.parametrize(("value", "expected"), [("viel", "viel EUR"), ("", "EUR"), ("12,50", "12,50 EUR")])
def test_what_is_no_number_is_shown_as_it_came(value: str, expected: str) -> None:
    assert amount(value, "EUR", "de") == expected


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "sNaN"])
def test_a_number_that_is_none_is_shown_as_it_came_too(value: str) -> None:
    assert amount(value, "EUR", "de") == f"{value} EUR"
