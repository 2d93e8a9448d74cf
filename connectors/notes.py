"""The reason codes of a body that holds no snapshot."""

from typing import Final

from connectors.reading import Json, identifier
from integration.domain.shops.ports import Translation

#: a topic that the platform does not have
UNKNOWN_TOPIC: Final = Translation(note="unknown_topic")
#: a known topic that no notification depends on
NO_NOTIFICATION: Final = Translation(note="no_notification")
#: the sender only tries whether we are there
PING: Final = Translation(note="ping")
#: something changed, but the body does not say what it is now: the object must be read
THIN: Final = Translation(note="thin")
#: the object was deleted before the body was built; the body does not even name it
GONE: Final = Translation(note="gone")


def deleted(found: Json) -> Translation:
    """An order was deleted; the body names no more than its id."""
    return Translation(note="gone", gone=identifier(found.get("id")))
