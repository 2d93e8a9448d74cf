"""attachments: what customers sent is fetched from WhatsApp, whose links live five minutes."""

from datetime import datetime
from typing import Final

from integration.flow.templates import media
from integration.flow.world import World
from integration.store.messages import attachments

#: at most so many files in one run: each may have 100 MB
MOST: Final = 20


def sweep(world: World, now: datetime) -> str:
    """Fetch what is due."""
    with world.database.read() as connection:
        due = attachments.due(connection, now, MOST)
    return f"due={len(due)} fetched={sum(media.fetch(world, item) for item in due)}"
