"""Whether a cart was reminded of follows what became of its message.

The cart counts as reminded from the transaction that marks its message *sending* (flow.carts.reminders): until the
answer comes nobody else of its person is reminded. What Meta refuses then or hours later, what never left, and what
the owner drops reminded nobody.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from integration.domain.carts import reminders as rules
from integration.domain.carts.carts import CartState
from integration.store import db
from integration.store.carts import carts, conversions


def among(connection: Connection, message_ids: Iterable[str]) -> list[str]:
    """Those of these messages that remind of carts. If there are any, `follow` may be called at the end: whoever
    changes carts after messages waits here for its turn.
    """
    wanted = list(message_ids)
    found = carts.reminders(connection, wanted) if wanted else []
    if found:
        db.lock_people(connection)
    return found


def follow(connection: Connection, reminders: Iterable[str]) -> None:
    """Bring the carts of these messages in line with what became of them."""
    wanted = list(reminders)
    left = carts.left_at(connection, wanted) if wanted else {}
    held = [cart for cart in carts.by_id(connection, left, hold=True) if cart.reminded_at != left[cart.id]]
    changed = [rules.corrected(cart, left[cart.id]) for cart in held]
    carts.save(connection, changed, held)
    conversions.unprompted(connection, [cart.id for cart in changed if cart.state is CartState.ORDERED])
