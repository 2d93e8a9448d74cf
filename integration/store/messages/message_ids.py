"""What stands instead of an erased person's message ids: keyed hashes, by which a late status still finds its message.

Meta's ids hold the phone number (`integration.domain.messages.message_ids`).
"""

from collections.abc import Iterable, Sequence
from functools import partial

from sqlalchemy import Connection, or_, select

from integration.domain.messages.message_ids import IDS, holds, pieces
from integration.store import personal_data
from integration.store.crypto import Vault
from integration.store.tables import attempt, contact, message, status

_HIDDEN = "erased."


def hidden(vault: Vault, company: str, id_: str) -> str:
    """A keyed hash of a message id: the same id leads to it again, nothing leads back."""
    return id_ if id_.startswith(_HIDDEN) else _HIDDEN + vault.keyed_hash(company, id_)


def hide(connection: Connection, vault: Vault, company: str, ids: Sequence[str], phone: str | None) -> None:
    """Replace the message ids of these contacts wherever they stand, and those of nobody that hold the phone."""
    whole = partial(hidden, vault, company)
    personal_data.rename(
        connection, ids, {"hash": whole, "hash_within": lambda text: IDS.sub(lambda found: whole(found[0]), text)}
    )
    if phone:
        strays = [id_ for id_ in _strays(connection, phone) if holds(id_, phone)]
        personal_data.replace(connection, status.c.wa_message_id, strays, whole)


def hide_late(connection: Connection, vault: Vault, attempts: Iterable[str]) -> None:
    """Replace the ids that Meta gave these attempts just now, if their person was erased meanwhile."""
    given = list(attempts)
    query = (
        select(attempt.c.wa_message_id, message.c.company)
        .join(message, message.c.id == attempt.c.message_id)
        .join(contact, contact.c.id == message.c.contact_id)
        .where(attempt.c.id.in_(given), contact.c.erased_at.is_not(None))
    )
    for id_, company in connection.execute(query).all() if given else ():
        personal_data.replace(connection, attempt.c.wa_message_id, [id_], partial(hidden, vault, company))


def _strays(connection: Connection, phone: str) -> Iterable[str]:
    """Ids of statuses that fit no message of ours."""
    alike = or_(*(status.c.wa_message_id.contains(piece, autoescape=True) for piece in pieces(phone)))
    query = select(status.c.wa_message_id).where(status.c.message_id.is_(None), alike)
    return connection.execute(query.distinct()).scalars().all()
