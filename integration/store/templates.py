"""Meta's templates as last read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select

from integration.domain.blocks import template_key
from integration.domain.channel import RemoteTemplate
from integration.domain.consent import TemplateFacts
from integration.store.query import Query
from integration.store.tables import template

_OF_ACCOUNT = Query(
    select(template.c.name, template.c.language, template.c.status, template.c.category).where(
        template.c.account == bindparam("account")
    )
)


def replace_all(connection: Connection, account: str, found: Sequence[RemoteTemplate], now: datetime) -> None:
    """Store an account's templates in place of those read before."""
    connection.execute(delete(template).where(template.c.account == account))
    rows = [
        {
            "account": account,
            "name": t.name,
            "language": t.language,
            "status": t.status,
            "category": t.category,
            "reason": t.reason,
            "read_at": now,
        }
        for t in found
    ]
    if rows:
        connection.execute(insert(template), rows)


def facts(connection: Connection, account: str) -> dict[tuple[str, str], TemplateFacts]:
    """Status and category by (name, language)."""
    rows = _OF_ACCOUNT.rows(connection, {"account": account})
    return {(name, language): TemplateFacts(status, category) for name, language, status, category in rows}


def approved_at(connection: Connection) -> dict[str, datetime]:
    """When templates were last read as approved, by the key of their block."""
    query = select(template.c.account, template.c.name, template.c.language, template.c.read_at)
    rows = connection.execute(query.where(template.c.status == "APPROVED"))
    return {template_key(account, name, language): at for account, name, language, at in rows}
