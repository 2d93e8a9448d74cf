"""What can be found in the databases: every stored value, and what is base64 in it."""

import re
from base64 import b64decode
from collections.abc import Iterator
from itertools import product
from typing import Any

from sqlalchemy import Connection, Table, select

from integration.flow.world import World
from integration.store import tables

#: what every customer sees, with whoever is called Anna in it
PUBLIC = ("optin_link", "wording")
_WORD = re.compile(r"[A-Za-z0-9+/_-]{8,}")


def everything(world: World) -> str:
    """Every stored value of both databases as text, files and sealed values byte by byte."""
    found = [
        text for table in tables.metadata.sorted_tables if table.name not in PUBLIC for text in _rows(world, table)
    ]
    with world.keys.read() as connection:
        return "\n".join(
            [*found, *(t for table in tables.keys_metadata.sorted_tables for t in _texts(connection, table))]
        )


def stored(world: World, table: str) -> str:
    """Every stored value of one table."""
    return "\n".join(_rows(world, tables.metadata.tables[table]))


def decoded(text: str) -> str:
    """What a text holds in base64, wherever in it that begins."""
    words = (word.replace("-", "+").replace("_", "/") for word in _WORD.findall(text))
    return "\n".join(_open(word[start:]) for word, start in product(words, range(4)))


def _open(word: str) -> str:
    even = word[: len(word) // 4 * 4]
    return b64decode(even).decode("latin-1")


def _rows(world: World, table: Table) -> Iterator[str]:
    with world.database.read() as connection:
        yield from _texts(connection, table)


def _texts(connection: Connection, table: Table) -> Iterator[str]:
    for row in connection.execute(select(table)):
        yield " ".join(_text(value) for value in row)


def _text(value: Any) -> str:
    return bytes(value).decode("latin-1") if isinstance(value, bytes | memoryview) else str(value)
