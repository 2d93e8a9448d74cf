"""Messages that wait for their text: which ones, and another text for them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from integration.domain.messages.status import MessageStatus
from integration.store.bulk_write import Many
from integration.store.messages.messages import COLUMNS, Message
from integration.store.tables import message
from integration.store.types import Json, UtcDateTime

_IS_QUEUED = message.c.status == MessageStatus.QUEUED
_RETEXT = Many(
    update(message)
    .where(message.c.id == bindparam("id_"), _IS_QUEUED)
    .values(
        template=bindparam("template_"),
        components=bindparam("components_", type_=Json),
        prepared_at=None,
        reason=None,
        send_after=bindparam("now_", type_=UtcDateTime()),
    )
)


@dataclass(frozen=True, slots=True)
class Retexted:
    """A message and the text that it gets, with what it carries besides its words."""

    message_id: str
    template: str
    components: Mapping[str, Any] | None


def waiting_for(connection: Connection, reasons: Collection[str]) -> list[Message]:
    """What waits for a text."""
    query = select(*COLUMNS).where(_IS_QUEUED, message.c.reason.in_(sorted(reasons)), message.c.template.is_not(None))
    return [Message(*row) for row in connection.execute(query)]


def retext(connection: Connection, items: Sequence[Retexted], now: datetime) -> None:
    """Give messages that still wait another text; they are decided on anew at once."""
    rows = [{"id_": i.message_id, "template_": i.template, "components_": i.components, "now_": now} for i in items]
    _RETEXT.run(connection, rows)
