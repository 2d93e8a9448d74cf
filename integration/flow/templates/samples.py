"""What Meta's reviewers see in the place of a template's media: the owner's file, a real article, an invoice."""

import io
from collections.abc import Iterable, Iterator, Mapping

from integration.domain.errors import ShopError
from integration.domain.numbers.ports import Account
from integration.domain.templates.media import Unfit, as_picture, sniffed
from integration.domain.templates.parts import DOCUMENT, GOODS, ITEM
from integration.domain.templates.templates import Template
from integration.flow.templates.media import LARGEST_PICTURE
from integration.flow.world import World
from integration.store.shops import products
from integration.store.templates import uploads

SIZE = (1200, 630)


def handles(world: World, account: Account, template: Template) -> Mapping[str, str]:
    """The handles of a template's media by source; asks Meta nothing when it has none. Raises ChannelError."""
    found: dict[str, str] = {}
    same: dict[bytes, str] = {}
    for source in template.parts.sources:
        content = _content(world, account, source)
        if content not in same:
            same[content] = account.sample(content, sniffed(content))
        found[source] = same[content]
    return found


def _content(world: World, account: Account, source: str) -> bytes:
    if source == DOCUMENT:
        return _document()
    if source == ITEM or source in GOODS:
        senders = {slug for slug, sender in world.senders.items() if sender.management is account}
        shops = [shop.slug for shop in world.shops.values() if shop.sender in senders]
        return next(_pictures(world, shops), b"") or _drawn()
    with world.database.read() as connection:
        kept = uploads.find(connection, source)
    return kept.content if kept else _drawn()


def _pictures(world: World, shops: Iterable[str]) -> Iterator[bytes]:
    for shop in shops:
        link = world.links.link(shop)
        with world.database.read() as connection:
            url = products.newest_picture(connection, shop)
        if link is None or not url:
            continue
        try:
            yield as_picture(link.picture(url, LARGEST_PICTURE))
        except (ShopError, Unfit):
            continue


def _drawn() -> bytes:
    """A plain picture that says what will stand here, for shops whose articles have none yet."""
    from PIL import Image, ImageDraw, ImageFont

    picture = Image.new("RGB", SIZE, "#e9e4da")
    pen = ImageDraw.Draw(picture)
    pen.rounded_rectangle((60, 60, SIZE[0] - 60, SIZE[1] - 60), 40, fill="#ffffff")
    font = ImageFont.load_default(64)
    pen.text((SIZE[0] / 2, SIZE[1] / 2), "Bild des Artikels", "#5b5346", font, anchor="mm")
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _document() -> bytes:
    from fpdf import FPDF  # takes 20 MB: only who submits a text with a document pays for it

    paper = FPDF(format="A4")
    paper.add_page()
    paper.set_font("Helvetica", "B", 18)
    paper.cell(0, 14, "Rechnung 1001 (Muster)", new_x="LMARGIN", new_y="NEXT")
    paper.set_font("Helvetica", "", 12)
    for line in ("Kaffeeladen", "Espresso 1 kg: 24,90 EUR", "Gesamtbetrag: 24,90 EUR"):
        paper.cell(0, 9, line, new_x="LMARGIN", new_y="NEXT")
    return bytes(paper.output())
