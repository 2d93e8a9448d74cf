"""Enclosures: the owner's pictures, videos and PDFs that go out with texts."""

import hashlib
from collections.abc import Iterable
from typing import Final

from integration.domain.templates.media import MB, Unfit, as_picture, checked, sniffed
from integration.domain.text import Text
from integration.flow.world import World
from integration.store.templates import uploads
from integration.store.templates.uploads import Enclosure

#: what is taken at most: a picture or a PDF needs less, and WhatsApp takes no larger video
LIMIT: Final = 16 * MB
KINDS: Final = ("image", "video", "document")


def keep(world: World, name: str, pieces: Iterable[bytes]) -> str:
    """Keep a file that WhatsApp takes and return its hash; a picture is made to fit. Raises Unfit."""
    content = b"".join(pieces)
    if sniffed(content).startswith("image/"):
        content = as_picture(content)
    medium = checked(content)
    if medium.kind not in KINDS:
        raise Unfit(
            "kind",
            Text(
                "Über einem Text geht ein Bild, ein Video (MP4) oder ein PDF.",
                "Above a text there may be a picture, a video (MP4) or a PDF.",
            ),
        )
    hash_ = hashlib.sha256(content).hexdigest()
    item = Enclosure(hash_, medium.mime, " ".join(name.split())[:255] or hash_[:8], content)
    with world.database.write() as connection:
        uploads.keep(connection, item, world.clock())
    return hash_
