"""media: content goes to WhatsApp once and is sent by its id; what customers send is fetched, sealed, kept a while."""

import hashlib
import os
import secrets as chance
from datetime import timedelta
from pathlib import Path
from typing import Final

from integration import log
from integration.domain.errors import ChannelError, Refused
from integration.domain.templates.media import LIMITS, MB, Unfit, as_picture, checked, sniffed
from integration.domain.text import Text
from integration.flow.world import World
from integration.store.crypto import open_payload, seal_payload
from integration.store.messages import attachments
from integration.store.messages.attachments import Attachment
from integration.store.shops import products
from integration.store.templates import media_ids

#: WhatsApp keeps an upload 30 days; a campaign needs a day to leave
LIVES: Final = timedelta(days=29)
#: what came is fetched at once, and while that fails, again after these: WhatsApp keeps it seven days
AGAIN: Final = tuple(timedelta(minutes=minutes) for minutes in (3, 15, 60, 360, 1440, 2880, 4320))
#: a file that was written and is not in its row yet is left alone so long
FRESH: Final = timedelta(minutes=10)
LARGEST: Final = max(LIMITS.values())
#: what a shop's picture may weigh before it is made to fit
LARGEST_PICTURE: Final = 20 * MB
GONE: Final = Text("Diese Datei gibt es nicht mehr.", "This file is gone.")
KEY: Final = 32
logger = log.get("media")


def ready(world: World, sender: str, content: bytes) -> str:
    """The id under which this content can be sent from a number now. Raises Unfit or ChannelError."""
    medium = checked(content)
    hash_, now = hashlib.sha256(content).hexdigest(), world.clock()
    with world.database.read() as connection:
        known = media_ids.find(connection, sender, hash_, now - LIVES)
    if known:
        return known
    found = world.senders[sender].management.upload(content, medium.mime)
    with world.database.write() as connection:
        media_ids.keep(connection, sender, hash_, found, now)
    return found


def picture(world: World, sender: str, shop: str, article: str) -> str:
    """The id of an article's picture, fetched from the shop and uploaded once while its address stays the same.

    Raises Unfit, ShopError or ChannelError.
    """
    now = world.clock()
    with world.database.read() as connection:
        found = products.find(connection, shop, article)
        hash_ = _of_address(found.picture) if found else ""
        known = media_ids.find(connection, sender, hash_, now - LIVES)
    link = world.links.link(shop)
    if found is None or not found.picture or link is None:
        raise Unfit("no_picture", Text("Dieses Produkt hat kein Bild.", "This product has no picture."))
    if known:
        return known
    content = as_picture(_whole(link.picture(found.picture, LARGEST_PICTURE)))
    uploaded = world.senders[sender].management.upload(content, checked(content).mime)
    with world.database.write() as connection:
        media_ids.keep(connection, sender, hash_, uploaded, now)
    return uploaded


def _of_address(url: str) -> str:
    return hashlib.sha256(f"address {url}".encode()).hexdigest()


def _whole(content: bytes) -> bytes:
    if len(content) > LARGEST_PICTURE:
        raise Unfit("size", Text("Das Bild ist zu groß.", "The picture is too large."))
    return content


def fetch(world: World, item: Attachment) -> bool:
    """Fetch what a customer sent; what fails is tried again while there is hope. Whether it lies here."""
    sender, now = world.senders.get(item.sender), world.clock()
    if sender is None or world.media is None:
        return False
    try:
        content = sender.management.download(item.media_id, LARGEST)
    except ChannelError as error:
        code = str(error.code) if isinstance(error, Refused) else "no_answer"
        logger.warning("attachment_failed", attachment=item.id, code=code)
        hopeful = item.tries < len(AGAIN) and not (isinstance(error, Refused) and error.tries == 1)
        with world.database.write() as connection:
            attachments.failed(connection, item, code, now + AGAIN[item.tries] if hopeful else None)
        return False
    _keep(world, world.media, item, content)
    return True


def _keep(world: World, folder: Path, item: Attachment, content: bytes) -> None:
    key, name = os.urandom(KEY), chance.token_hex(16)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(seal_payload(key, content, item.id))
    sealed, size = world.vault.seal(key, item.id), len(content)
    with world.database.write() as connection:
        there = attachments.kept(connection, item.id, mime=sniffed(content)[:128], size=size, file=name, key=sealed)
    if not there:
        path.unlink()


def opened(world: World, item: Attachment) -> bytes | None:
    """What the file holds, None when it does not lie here."""
    if item.state != "kept" or world.media is None:
        return None
    path = world.media / item.file
    return open_payload(world.vault.open(item.key, item.id), path.read_bytes(), item.id) if path.exists() else None


def tidy(world: World) -> int:
    """Remove the files whose keys are gone: expired, or of people who were erased. Returns how many."""
    if world.media is None or not world.media.exists():
        return 0
    before = world.clock().timestamp() - FRESH.total_seconds()
    present = [path for path in world.media.iterdir() if path.stat().st_mtime < before]
    with world.database.read() as connection:
        known = attachments.files(connection)
    gone = [path for path in present if path.name not in known]
    for path in gone:
        path.unlink(missing_ok=True)
    return len(gone)
