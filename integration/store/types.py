"""Column types of the house."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time, stored in UTC. A naive one is refused: it would be off by an hour twice a year."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """SQLite has no time type: microseconds since 1970 as an integer compare and index fast."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Refuse naive times; SQLite gets microseconds."""
        return _micros if dialect.name == "sqlite" else aware

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Always aware and in UTC."""
        return _moment if dialect.name == "sqlite" else _in_utc


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def aware(value: datetime | None) -> datetime | None:
    """The same time. Raises ValueError for a naive one."""
    if value is not None and value.tzinfo is None:
        raise ValueError("naive datetime: attach a time zone before storing it")
    return value


def _micros(value: datetime | None) -> int | None:
    if value is None:
        return None
    if value.tzinfo is None:
        aware(value)
    delta = value - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def _moment(value: int | None) -> datetime | None:
    return None if value is None else _EPOCH + timedelta(0, 0, value)


def _in_utc(value: datetime | None) -> datetime | None:
    return value if value is None or value.tzinfo is UTC else value.astimezone(UTC)


class Money(TypeDecorator[Decimal]):
    """An amount as whole millionths of its currency: exact, and both databases add it up exactly."""

    impl = BigInteger
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[Any], Any]:
        """Millionths. A float is refused: it is never money."""
        return millionths

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """A Decimal, sums too."""
        return _money


_MILLION = 1_000_000


def millionths(value: Decimal | None) -> int | None:
    """The amount as stored. Raises ValueError for what is no Decimal, or finer than a millionth."""
    if value is None:
        return None
    if not isinstance(value, Decimal) or (scaled := value * _MILLION) != int(scaled):
        raise ValueError("not an amount of money: a Decimal with at most six places is")
    return int(scaled)


def _money(value: Any) -> Decimal | None:
    return None if value is None else Decimal(int(value)) / _MILLION


Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")
Id = String(36)
#: SQLite counts rows by itself only for INTEGER primary keys
Serial = BigInteger().with_variant(Integer(), "sqlite")
