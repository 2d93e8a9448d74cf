"""Vouchers: drawn and stored before the shop is asked, so that a purpose never gets two."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select, update

from integration.domain.automations.vouchers import VoucherStatus, backoff
from integration.domain.errors import ShopError
from integration.domain.shops.ports import VoucherTerms
from integration.store.bulk_write import insert_or_ignore
from integration.store.ids import new_id
from integration.store.tables import IS_DUE, voucher


@dataclass(frozen=True, slots=True)
class Voucher:
    """One voucher. `error` is {code, de, en} while the shop does not do what it is asked."""

    id: str
    shop: str
    purpose_key: str
    contact_id: str | None
    terms: VoucherTerms
    status: VoucherStatus
    due_at: datetime | None
    failures: int
    error: Mapping[str, str] | None


def draw(
    connection: Connection, shop: str, purpose_key: str, contact_id: str | None, terms: VoucherTerms, now: datetime
) -> bool:
    """Store a new voucher; False when its purpose has one already, or its code is taken."""
    row = {
        "id": new_id(),
        "shop": shop,
        "purpose_key": purpose_key,
        "contact_id": contact_id,
        "customer_id": terms.customer_id,
        "code": terms.code,
        "percent": _text(terms.percent),
        "amount": _text(terms.amount),
        "currency": terms.currency,
        "minimum": _text(terms.minimum),
        "expires_at": terms.expires_at,
        "status": VoucherStatus.DRAWN,
        "drawn_at": now,
        "due_at": now,
        "failures": 0,
    }
    query = insert_or_ignore(connection, voucher).values(**row)
    return connection.execute(query, execution_options={"preserve_rowcount": True}).rowcount > 0


def find(connection: Connection, shop: str, purpose_key: str) -> Voucher | None:
    """The voucher of a purpose."""
    query = select(voucher).where(voucher.c.shop == shop, voucher.c.purpose_key == purpose_key)
    row = connection.execute(query).one_or_none()
    return _voucher(row) if row else None


def due(connection: Connection, now: datetime, most: int) -> list[Voucher]:
    """Vouchers to do something about, the longest due first."""
    query = select(voucher).where(IS_DUE, voucher.c.due_at <= now).order_by(voucher.c.due_at).limit(most)
    return [_voucher(row) for row in connection.execute(query)]


def open_until(connection: Connection, item: Voucher, due_at: datetime, now: datetime) -> None:
    """The shop has it, and nobody has used it yet: ask again at `due_at`."""
    made = {} if item.status is VoucherStatus.CREATED else {"created_at": now}
    _change(connection, item, status=VoucherStatus.CREATED, due_at=due_at, **made)


def ended(connection: Connection, item: Voucher, status: VoucherStatus, now: datetime) -> None:
    """It was redeemed, removed, or is gone from the shop."""
    _change(connection, item, status=status, ended_at=now, due_at=None)


def fail(connection: Connection, item: Voucher, error: ShopError, now: datetime) -> None:
    """Keep why the shop did not do it, and try again later, less and less often."""
    said = {"code": error.code, "de": error.explanation.de, "en": error.explanation.en}
    values = {"failures": item.failures + 1, "error": said, "due_at": now + backoff(item.failures, error.wait)}
    connection.execute(update(voucher).where(voucher.c.id == item.id, voucher.c.status == item.status).values(**values))


def _change(connection: Connection, item: Voucher, **values: Any) -> None:
    """Only from the state that was seen: somebody else may have been quicker."""
    guarded = update(voucher).where(voucher.c.id == item.id, voucher.c.status == item.status)
    connection.execute(guarded.values(failures=0, error=None, **values))


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else str(amount)


def _amount(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _voucher(row: Row[Any]) -> Voucher:
    terms = VoucherTerms(
        code=row.code,
        expires_at=row.expires_at,
        percent=_amount(row.percent),
        amount=_amount(row.amount),
        currency=row.currency,
        minimum=_amount(row.minimum),
        customer_id=row.customer_id,
    )
    status = VoucherStatus(row.status)
    return Voucher(
        row.id, row.shop, row.purpose_key, row.contact_id, terms, status, row.due_at, row.failures, row.error
    )
