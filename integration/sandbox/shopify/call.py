"""What every resolver is given, and how values are written."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from integration.sandbox.shopify.records import CENT, Money
from integration.sandbox.shopify.shop import AdminShop


@dataclass(slots=True)
class Call:
    """One execution. `everything` is true inside a bulk operation, where connections have no pages.

    `read` runs another query with all its pages, for bulk operations: data, or what is wrong with it.
    """

    shop: AdminShop
    version: str
    read: Callable[[str], tuple[dict[str, Any] | None, list[str]]]
    base_url: str = ""
    everything: bool = False
    warnings: list[dict[str, Any]] = field(default_factory=list)


Args = Mapping[str, Any]
Resolver = Callable[[Any, Call, Args], Any]
Fields = dict[str, Resolver]


def attribute(name: str) -> Resolver:
    """The record's own attribute."""

    def resolve(record: Any, _: Call, __: Args) -> Any:
        return getattr(record, name)

    return resolve


def always(value: Any) -> Resolver:
    """The same for every record."""
    return lambda _, __, ___: value


def moment(name: str) -> Resolver:
    """A time, by the second."""

    def resolve(record: Any, _: Call, __: Args) -> str | None:
        return shown(getattr(record, name))

    return resolve


def gid(kind: str) -> Resolver:
    """The record's global id."""
    return lambda record, _, __: f"gid://shopify/{kind}/{record.id}"


def legacy(record: Any, _: Call, __: Args) -> str:
    """The number alone, as text: it is beyond what JavaScript counts."""
    return str(record.id)


def shown(at: datetime | None) -> str | None:
    """Shopify shows whole seconds, though it keeps more."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def amount(value: Decimal) -> str:
    """GraphQL writes 388.0 where webhooks write 388.00."""
    text = str(value.quantize(CENT)).rstrip("0")
    return text + "0" if text.endswith(".") else text


def coin(value: Decimal, currency: str) -> dict[str, str]:
    """A MoneyV2."""
    return {"amount": amount(value), "currencyCode": currency}


def bag(value: Decimal, money: Money) -> dict[str, Any]:
    """A MoneyBag: both currencies."""
    return {"shopMoney": coin(value, money.shop), "presentmentMoney": coin(value * money.rate, money.shown)}


def pairs(values: Mapping[str, str]) -> list[dict[str, str]]:
    """Attributes."""
    return [{"key": key, "value": value} for key, value in values.items()]
