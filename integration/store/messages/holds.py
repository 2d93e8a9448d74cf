"""What does not leave now: what Meta stopped (domain.messages.holds), paused numbers, shops in shadow mode."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, literal_column, null, or_, select, union_all

from integration.domain.messages.holds import Block, Scope
from integration.store.bulk_write import insert_or_ignore
from integration.store.fast_select import Query
from integration.store.tables import block, sender_state, shop_state

_SENDER, _SHADOW = "sender", "shadow"
_LASTS = or_(block.c.until.is_(None), block.c.until > bindparam("now"))
#: one statement for all, because every claim asks
_IN_FORCE = Query(
    union_all(
        select(block.c.scope, block.c.key, block.c.code, block.c.since, block.c.until).where(_LASTS),
        select(
            literal_column(f"'{_SENDER}'"), sender_state.c.sender, sender_state.c.code, sender_state.c.paused_at, null()
        ),
        select(
            literal_column(f"'{_SHADOW}'"), shop_state.c.shop, literal_column("0"), shop_state.c.connected_at, null()
        ).where(shop_state.c.shadow_until > bindparam("now")),
    )
)


@dataclass(frozen=True, slots=True)
class InForce:
    """What rests now: numbers as a whole, and parts by (scope, key). `shadow` are the shops in shadow mode."""

    paused: frozenset[str] = frozenset()
    shadow: frozenset[str] = frozenset()
    parts: Mapping[tuple[str, str], Block] = field(default_factory=dict)

    def of(self, scope: Scope, key: str) -> Block | None:
        """The block on this, if there is one."""
        return self.parts.get((scope, key)) if self.parts else None


def in_force(connection: Connection, now: datetime) -> InForce:
    """Everything that rests now."""
    found = _IN_FORCE.rows(connection, {"now": now})
    if not found:
        return InForce()
    whole = {kind: frozenset(key for scope, key, *_ in found if scope == kind) for kind in (_SENDER, _SHADOW)}
    parts = {(scope, key): Block(Scope(scope), key, *rest) for scope, key, *rest in found if scope not in whole}
    return InForce(whole[_SENDER], whole[_SHADOW], parts)


def put(connection: Connection, new: Block) -> None:
    """Let something rest. A block that is there keeps its beginning, and gets the newer code and end."""
    row = {"scope": new.scope, "key": new.key, "code": new.code, "since": new.since, "until": new.until}
    connection.execute(insert_or_ignore(connection, block), [row])
    same = block.update().where(block.c.scope == new.scope, block.c.key == new.key)
    connection.execute(same.values(code=new.code, until=new.until))


def lift(connection: Connection, scope: Scope, key: str) -> bool:
    """Let it go on; False when it did not rest."""
    return bool(connection.execute(delete(block).where(block.c.scope == scope, block.c.key == key)).rowcount)


def ended(connection: Connection, now: datetime) -> list[Block]:
    """Blocks whose end has come."""
    query = select(block.c.scope, block.c.key, block.c.code, block.c.since, block.c.until)
    rows = connection.execute(query.where(block.c.until <= now))
    return [Block(Scope(scope), key, *rest) for scope, key, *rest in rows]
