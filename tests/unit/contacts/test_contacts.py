"""Phone numbers as people type them (docs/reference/woocommerce.md section 8)."""

import pytest

from integration.domain.contacts.contacts import country_of, e164, masked

ANNA = "+491713920012"
TYPED = {
    "0171 / 392 00-12": ANNA,
    "0049171 392 00 12": ANNA,
    "00491713920012": ANNA,
    "+49 171 3920012": ANNA,
    "+49 (0) 171 3920012": ANNA,
    "+49 (0)171/392-0012": ANNA,
    "+49 0171 3920012": ANNA,
    "(0171) 3920012": ANNA,
    "0171.392.0012": ANNA,
    "  0171 3920012  ": ANNA,
    "0171\u00a03920012": ANNA,
    "Tel.: 0171 3920012": ANNA,
    "\u202a+49 171 3920012\u202c": ANNA,
    "+49 (0) 221 4710 123": "+492214710123",
    "+43 664 1234567": "+436641234567",
    "0043 664 1234567": "+436641234567",
    "+41 79 123 45 67": "+41791234567",
    "+44 7700 900123": "+447700900123",
}
NONE = ["", " ", "-", "kein anruf bitte", "keine", "0", "12345", "110", "000000000", "0171", "n/a", "a@b.de",
        "anna@example.com", "+", "00", "++++", "1" * 40]  # fmt: skip


@pytest.mark.parametrize(("typed", "expected"), TYPED.items())
def test_spellings_of_a_number(typed: str, expected: str) -> None:
    assert e164(typed, "DE") == expected


@pytest.mark.parametrize("typed", NONE)
def test_what_is_no_number(typed: str) -> None:
    assert e164(typed, "DE") is None


@pytest.mark.parametrize(
    ("typed", "country", "expected"),
    [
        ("0664 1234567", "AT", "+436641234567"),
        ("079 123 45 67", "CH", "+41791234567"),
        ("07911 123456", "GB", "+447911123456"),
        ("06 12 34 56 78", "FR", "+33612345678"),
        ("347 123 4567", "IT", "+393471234567"),
        ("0171 3920012", "de", ANNA),
        ("0171 3920012", "", None),
        ("0171 3920012", "XX", None),
        ("+491713920012", "", ANNA),
        ("+491713920012", "AT", ANNA),
    ],
)
def test_the_country_of_the_order_counts_unless_a_prefix_says_otherwise(
    typed: str, country: str, expected: str | None
) -> None:
    assert e164(typed, country) == expected


def test_a_country_code_without_plus_is_a_country_code() -> None:
    """Nobody leaves the leading 0 out at home: 0491 is not meant, and a stranger would be written to."""
    assert e164("491713920012", "DE") == ANNA
    assert e164("436641234567", "AT") == "+436641234567"


def test_the_same_person_is_one_key() -> None:
    assert len({e164(typed, "DE") for typed, phone in TYPED.items() if phone == ANNA}) == 1


def test_an_e164_number_is_its_own_form() -> None:
    for phone in set(TYPED.values()):
        assert e164(phone, "DE") == e164(phone, "US") == phone


@pytest.mark.parametrize(
    ("phone", "country"), [(ANNA, "DE"), ("+436641234567", "AT"), ("+41791234567", "CH"), ("+999123456789", None)]
)
def test_the_country_of_a_number(phone: str, country: str | None) -> None:
    assert country_of(phone) == country


def test_masked_shows_the_ends_only() -> None:
    assert masked(ANNA) == "+49…12"
    assert masked(None) == masked("") == "–"
