"""Money: Decimal plus ISO currency, written as people of a language write it."""

from decimal import Decimal, InvalidOperation
from functools import lru_cache

from babel.numbers import format_currency


@lru_cache(maxsize=4096)
def amount(value: str, currency: str, language: str) -> str:
    """An amount as text, for example "64,63 €"; shown as it came when the platform sent no number.

    The space before the sign is a plain one: Meta counts and shows no-break spaces oddly.
    """
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        return f"{value} {currency}".strip()
    return format_currency(number, currency or "EUR", locale=language).replace("\N{NO-BREAK SPACE}", " ")


def unit_price(value: Decimal, currency: str, language: str) -> str:
    """A price of one message with the places that it has, two to six, for example "0,0456 €"."""
    pattern = "#,##0.00#### ¤" if language.startswith("de") else "¤#,##0.00####"
    said = format_currency(value, currency, pattern, locale=language, currency_digits=False)
    return said.replace("\N{NO-BREAK SPACE}", " ")
