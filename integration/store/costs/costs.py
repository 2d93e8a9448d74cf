"""What messages cost, added up."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, case, func, select

from integration.domain.messages.status import CHARGEABLE
from integration.store.tables import IS_WAITING, contact, message

_BILLED = ("delivered", "read")
_FREE_AD = "free_entry_point"


def sums(connection: Connection, company: str, month: datetime, today: datetime) -> tuple[Decimal, Decimal]:
    """What left, or may have left, since `today` and since `month` costs, at forecast prices where Meta said none."""
    total = func.sum(message.c.price, type_=message.c.price.type)
    lately = func.sum(case((message.c.price_at >= today, message.c.price)), type_=message.c.price.type)
    query = _since(select(lately, total), month).where(message.c.company == company)
    row = connection.execute(query.where(message.c.status.in_(sorted(CHARGEABLE)))).one()
    return row[0] or Decimal(0), row[1] or Decimal(0)


def since(connection: Connection, company: str, moment: datetime) -> Decimal:
    """The same from a moment on: what a sum that was read then does not hold yet."""
    total = _since(select(func.sum(message.c.price, type_=message.c.price.type)), moment)
    query = total.where(message.c.company == company, message.c.status.in_(sorted(CHARGEABLE)))
    return connection.execute(query).scalar_one() or Decimal(0)


def charged(since: datetime, before: datetime) -> list[Any]:
    """What Meta has charged in this time: the conditions of its messages. It charges what was delivered."""
    return [*_priced(since), message.c.price_at < before, message.c.status.in_(_BILLED)]


def billed(connection: Connection, since: datetime, before: datetime) -> list[tuple[str, Decimal]]:
    """(currency, amount) of what Meta has charged in this time."""
    total = func.sum(message.c.price, type_=message.c.price.type)
    query = select(message.c.price_currency, total).where(*charged(since, before))
    return [(row[0], row[1]) for row in connection.execute(query.group_by(message.c.price_currency)) if row[1]]


def by_category(connection: Connection, since: datetime, before: datetime) -> list[Row[Any]]:
    """(category, currency, count, amount) of what Meta has charged in this time, the dearest first."""
    total = func.sum(message.c.price, type_=message.c.price.type)
    query = select(message.c.price_category, message.c.price_currency, func.count(), total)
    query = query.where(*charged(since, before)).group_by(message.c.price_category, message.c.price_currency)
    return list(connection.execute(query.order_by(total.desc(), message.c.price_category)))


def waiting(connection: Connection) -> list[Row[Any]]:
    """(country, sender, template, language, marketing, number) of the messages that wait to leave."""
    country = func.coalesce(contact.c.country, "").label("country")
    parts = (country, message.c.sender, message.c.template, message.c.language, message.c.marketing)
    query = select(*parts, func.count().label("number")).outerjoin(contact, contact.c.id == message.c.contact_id)
    return list(connection.execute(query.where(IS_WAITING).group_by(*parts)))


def answers(connection: Connection, sender: str, month: datetime) -> int:
    """How many free texts a number has sent since `month`; those after an ad do not use up the allowance."""
    query = _since(select(func.count()), month).where(
        message.c.sender == sender,
        message.c.price_category == "service",
        message.c.price_type != _FREE_AD,
        message.c.status.in_(sorted(CHARGEABLE)),
    )
    return int(connection.execute(query).scalar_one())


def _since(query: Any, since: datetime) -> Any:
    return query.where(*_priced(since))


def _priced(since: datetime) -> list[Any]:
    return [message.c.price.is_not(None), message.c.price_at >= since]
