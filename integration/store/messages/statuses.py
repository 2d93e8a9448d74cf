"""Statuses from Meta: each stored once, each message moved to the highest rank seen."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, and_, bindparam, or_, select, update

from integration.domain.actions import Action
from integration.domain.costs.pricing import Prices
from integration.domain.messages.channel import StatusUpdate
from integration.domain.messages.manual_actions import MOVES, Choice
from integration.domain.messages.refusals import ENDS
from integration.domain.messages.status import MessageStatus, Outcome, below, rank
from integration.store.bulk_write import Many, insert_or_ignore
from integration.store.crypto import Vault
from integration.store.fast_select import Query, among
from integration.store.messages import message_ids, messages
from integration.store.tables import attempt, contact, message, status

_FIND = (
    select(
        attempt.c.id,
        attempt.c.wa_message_id,
        attempt.c.message_id,
        attempt.c.n >= message.c.tries,
        contact.c.erased_at.is_not(None),
    )
    .join(message, message.c.id == attempt.c.message_id)
    .outerjoin(contact, contact.c.id == message.c.contact_id)
    .where(
        message.c.company == bindparam("company"),
        or_(
            attempt.c.id.in_(bindparam("ids", expanding=True)),
            attempt.c.wa_message_id.in_(bindparam("wamids", expanding=True)),
        ),
    )
)
#: uncertain until the owner decided that it is not sent: what Meta says of it later still counts
_DROPPED = and_(message.c.status == MessageStatus.CANCELLED, message.c.reason == MOVES[Choice.DROP][2])
_SETTLED = (
    update(attempt)
    .where(attempt.c.id == bindparam("id_"))
    .where(or_(attempt.c.wa_message_id.is_(None), attempt.c.outcome == Outcome.UNKNOWN))
    .values(wa_message_id=bindparam("wamid_"), outcome=Outcome.ACCEPTED)
)
_PRICED = Query(
    select(
        message.c.id,
        contact.c.country,
        contact.c.wa_user_id,
        message.c.price,
        message.c.price_category,
        message.c.price_type,
    )
    .outerjoin(contact, contact.c.id == message.c.contact_id)
    .where(among(message.c.id, "ids"))
)
_CHARGE = Many(
    update(message)
    .where(message.c.id == bindparam("id_"))
    .values(
        price=bindparam("price_"),
        price_currency=bindparam("currency_"),
        price_category=bindparam("category_"),
        price_type=bindparam("type_"),
        price_at=bindparam("at_"),
    )
)


class _About(NamedTuple):
    """Which message a status is about, whether its newest attempt, and whether its person was erased."""

    message_id: str
    newest: bool
    erased: bool


class Applied(NamedTuple):
    """What failed and was not known to have, by message id; and the messages that arrived though they had failed."""

    failed: dict[str, StatusUpdate]
    late: list[str]


def apply(
    connection: Connection,
    company: str,
    updates: Sequence[StatusUpdate],
    now: datetime,
    vault: Vault,
    prices: Prices | None = None,
) -> Applied:
    """Store statuses of a company's numbers and move its messages, never another's.

    With `prices` each message keeps what Meta says that it costs.

    A status is found by our attempt id, else by Meta's message id. One that fits no attempt is stored alone, and like
    those of erased people under a keyed hash of that id.
    """
    found = _about(connection, company, updates, vault)
    updates = [_stored(vault, company, u, about) for u, about in zip(updates, found, strict=True)]
    owners = {id(u): about.message_id for u, about in zip(updates, found, strict=True) if about}
    newest = {id(u) for u, about in zip(updates, found, strict=True) if about and about.newest}
    messages.lock(connection, owners.values())
    settled = _failed_before(connection, updates)
    rows = [_row(u, owners.get(id(u)), now) for u in updates]
    connection.execute(insert_or_ignore(connection, status), _distinct(rows))
    _settle_attempts(connection, updates, owners)
    if prices:
        _charge(connection, prices, {owners[id(u)]: u for u in updates if u.price_category and id(u) in owners})
    highest: dict[str, StatusUpdate] = {}
    for u in updates:
        message_id = owners.get(id(u))
        if not message_id or _outdated(u, settled, newest):
            continue
        if rank(u.status) > (rank(highest[message_id].status) if message_id in highest else 0):
            highest[message_id] = u
    for target in dict.fromkeys(_target(u) for u in highest.values()):
        _raise(connection, target, {m: u for m, u in highest.items() if _target(u) is target})
    failed = {m: u for m, u in highest.items() if _target(u) is MessageStatus.FAILED}
    return Applied(failed, [m for m, u in highest.items() if u.wa_message_id in settled])


def _outdated(u: StatusUpdate, settled: set[str], newest: set[int]) -> bool:
    """Whether it tells of a failure that was dealt with already, or of what came before it.

    The message may wait to be tried again by now, or its next attempt may be under way: only `delivered` and `read`
    of the old one still count.
    """
    if rank(u.status) > rank(MessageStatus.FAILED):
        return False
    return u.wa_message_id in settled or (u.status == MessageStatus.FAILED and id(u) not in newest)


def of_the_living(
    connection: Connection, company: str, updates: Sequence[StatusUpdate], vault: Vault
) -> list[StatusUpdate]:
    """Those that are not about a message to somebody who was erased."""
    found = _about(connection, company, updates, vault)
    return [u for u, about in zip(updates, found, strict=True) if not (about and about.erased)]


def people(connection: Connection, company: str, updates: Sequence[StatusUpdate], vault: Vault) -> set[str]:
    """The company's contacts whose messages these statuses are about."""
    owners = {about.message_id for about in _about(connection, company, updates, vault) if about}
    query = select(message.c.contact_id).where(message.c.id.in_(owners), message.c.contact_id.is_not(None))
    return set(connection.execute(query).scalars()) if owners else set()


def addressed(connection: Connection, company: str, updates: Sequence[StatusUpdate]) -> dict[str, str]:
    """The company's attempt id → the phone that its message was addressed to; Meta may spell it in another way."""
    ids = sorted({u.attempt_id for u in updates if u.attempt_id})
    query = (
        select(attempt.c.id, contact.c.phone)
        .join(message, message.c.id == attempt.c.message_id)
        .join(contact, contact.c.id == message.c.contact_id)
        .where(attempt.c.id.in_(ids), message.c.company == company, contact.c.phone.is_not(None))
    )
    return {row[0]: row[1] for row in connection.execute(query)} if ids else {}


def _failed_before(connection: Connection, updates: Sequence[StatusUpdate]) -> set[str]:
    wamids = {u.wa_message_id for u in updates}
    query = select(status.c.wa_message_id).where(
        status.c.wa_message_id.in_(wamids), status.c.status == MessageStatus.FAILED
    )
    return set(connection.execute(query).scalars())


def _target(u: StatusUpdate) -> MessageStatus:
    return MessageStatus.READ if u.status == "played" else MessageStatus(u.status)


def _about(connection: Connection, company: str, updates: Sequence[StatusUpdate], vault: Vault) -> list[_About | None]:
    """What each status is about; None for one that fits no attempt of the company's."""
    hashed = {u.wa_message_id: message_ids.hidden(vault, company, u.wa_message_id) for u in updates}
    ids = sorted({u.attempt_id for u in updates if u.attempt_id})
    by_attempt: dict[str, _About] = {}
    by_wamid: dict[str, _About] = {}
    asked = {"company": company, "ids": ids, "wamids": sorted({*hashed, *hashed.values()})}
    for attempt_id, wamid, *about in connection.execute(_FIND, asked) if updates else ():
        by_attempt[attempt_id] = _About(*about)
        if wamid:
            by_wamid[wamid] = by_attempt[attempt_id]
    return [
        by_attempt.get(u.attempt_id or "") or by_wamid.get(u.wa_message_id) or by_wamid.get(hashed[u.wa_message_id])
        for u in updates
    ]


def _stored(vault: Vault, company: str, u: StatusUpdate, about: _About | None) -> StatusUpdate:
    """The status as it is kept: the id holds a phone number, which nobody would find who is erased later."""
    if about and not about.erased:
        return u
    return replace(u, wa_message_id=message_ids.hidden(vault, company, u.wa_message_id))


def _settle_attempts(connection: Connection, updates: Sequence[StatusUpdate], owners: dict[int, str]) -> None:
    """A status with our attempt id proves that Meta accepted that attempt."""
    proven = {u.attempt_id: u.wa_message_id for u in updates if u.attempt_id and id(u) in owners}
    if proven:
        connection.execute(_SETTLED, [{"id_": a, "wamid_": wamid} for a, wamid in proven.items()])


def _charge(connection: Connection, prices: Prices, found: Mapping[str, StatusUpdate]) -> None:
    """Correct what the forecast had wrong. Meta names the price with one or two of a message's statuses only."""
    rows = []
    for id_, country, user_id, *known in _PRICED.rows(connection, {"ids": list(found)}) if found else ():
        u = found[id_]
        price = prices.billed(country or (user_id or "")[:2], u.price_category or "", u.price_type or "", u.at)
        if known != [price.amount, price.category, price.type]:
            rows.append({"id_": id_, "at_": u.at, **messages.price_row(price)})
    _CHARGE.run(connection, rows)


def _raise(connection: Connection, target: MessageStatus, found: dict[str, StatusUpdate]) -> None:
    move = (
        update(message)
        .where(message.c.id == bindparam("id_"), or_(*[message.c.status == lower for lower in below(target)], _DROPPED))
        .values(
            status=target,
            reason=bindparam("reason_"),
            status_at=bindparam("at_"),
            held=False,
            error_code=bindparam("code_", type_=Integer()),
        )
    )
    rows = [{"id_": m, "at_": u.at, "reason_": _reason(target, u), "code_": _code(target, u)} for m, u in found.items()]
    connection.execute(move, rows)


def _reason(target: MessageStatus, u: StatusUpdate) -> str | None:
    if target is not MessageStatus.FAILED:
        return None
    return ENDS.get(u.action or Action.FAIL, "refused_by_meta")


def _code(target: MessageStatus, u: StatusUpdate) -> int | None:
    return u.error_code if target is MessageStatus.FAILED else None


def _row(u: StatusUpdate, message_id: str | None, now: datetime) -> dict[str, Any]:
    return {
        "wa_message_id": u.wa_message_id,
        "status": u.status[:16],
        "at": u.at,
        "message_id": message_id,
        "received_at": now,
        "error_code": u.error_code,
        "error": u.error_title or None,
    }


def _distinct(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return list({(row["wa_message_id"], row["status"], row["at"]): row for row in rows}.values())
