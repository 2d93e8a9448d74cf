"""What we know of each shop: when it was connected, and what its last examination found."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from integration.domain.shops import findings
from integration.domain.shops.ports import Finding
from integration.store.bulk_write import insert_or_ignore
from integration.store.fast_select import Query
from integration.store.tables import shop_state

_CONNECTED = Query(select(shop_state.c.shop, shop_state.c.connected_at))


@dataclass(frozen=True, slots=True)
class Examination:
    """When a shop was examined last, and what was found."""

    at: datetime
    findings: tuple[Finding, ...]


def connect(connection: Connection, slugs: Iterable[str], now: datetime) -> None:
    """Note the first time that a shop is seen in the settings.

    In whole seconds, as platforms stamp their orders: one placed in the second of the connection counts.
    """
    rows = [{"shop": slug, "connected_at": now.replace(microsecond=0)} for slug in slugs]
    if rows:
        connection.execute(insert_or_ignore(connection, shop_state), rows)


def connected_at(connection: Connection) -> dict[str, datetime]:
    """When each shop was connected."""
    return dict(_CONNECTED.rows(connection))


def examined(connection: Connection, slug: str, found: Sequence[Finding], now: datetime) -> None:
    """Keep what an examination found."""
    values = {"examined_at": now, "findings": [findings.stored(finding) for finding in found]}
    connection.execute(update(shop_state).where(shop_state.c.shop == slug).values(**values))


def examined_at(connection: Connection) -> dict[str, datetime | None]:
    """When each shop was examined last."""
    rows = connection.execute(select(shop_state.c.shop, shop_state.c.examined_at))
    return {row.shop: row.examined_at for row in rows}


def examine_soon(connection: Connection, slug: str) -> None:
    """Let the next sweep examine a shop again."""
    connection.execute(update(shop_state).where(shop_state.c.shop == slug).values(examined_at=None))


def examination(connection: Connection, slug: str) -> Examination | None:
    """The last examination of a shop; None before the first."""
    query = select(shop_state.c.examined_at, shop_state.c.findings).where(shop_state.c.shop == slug)
    row = connection.execute(query).one_or_none()
    if row is None or row.findings is None:
        return None
    return Examination(row.examined_at, tuple(findings.read(one) for one in row.findings))


def shadow(connection: Connection, slug: str, until: datetime | None) -> None:
    """Let a shop's messages be made and decided on without leaving until then; None ends that."""
    connection.execute(update(shop_state).where(shop_state.c.shop == slug).values(shadow_until=until))


def shadows(connection: Connection, now: datetime) -> dict[str, datetime]:
    """The shops in shadow mode, and until when."""
    rows = connection.execute(
        select(shop_state.c.shop, shop_state.c.shadow_until).where(shop_state.c.shadow_until > now)
    )
    return {row.shop: row.shadow_until for row in rows}
