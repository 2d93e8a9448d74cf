"""Signed-in browsers. Only the hash of a token is stored."""

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from integration.store.tables import session


def add(connection: Connection, token_hash: str, csrf: str, language: str, now: datetime, expires_at: datetime) -> None:
    """Store a new session, and forget those that are over."""
    connection.execute(delete(session).where(session.c.expires_at <= now))
    connection.execute(
        insert(session).values(
            token_hash=token_hash, csrf=csrf, language=language, created_at=now, expires_at=expires_at
        )
    )


def find(connection: Connection, token_hash: str, now: datetime) -> tuple[str, str, str] | None:
    """(token_hash, csrf, language) of a session that is not over."""
    query = select(session.c.token_hash, session.c.csrf, session.c.language)
    query = query.where(session.c.token_hash == token_hash, session.c.expires_at > now)
    row = connection.execute(query).first()
    return (row.token_hash, row.csrf, row.language) if row else None


def remove(connection: Connection, token_hash: str) -> None:
    """Revoke one session."""
    connection.execute(delete(session).where(session.c.token_hash == token_hash))


def remove_all(connection: Connection) -> None:
    """Revoke every session."""
    connection.execute(delete(session))


def set_language(connection: Connection, token_hash: str, language: str) -> None:
    """Remember the language that a browser chose."""
    connection.execute(update(session).where(session.c.token_hash == token_hash).values(language=language))
