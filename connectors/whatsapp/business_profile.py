"""What customers see of the business in WhatsApp: read and changed."""

from collections.abc import Mapping
from typing import Final

from connectors.reading import mapping, paragraph, rows, text
from connectors.whatsapp import media
from connectors.whatsapp.graph import Graph
from connectors.whatsapp.settings import SenderSettings
from integration.domain.numbers.numbers import LONGEST_WEBSITE, MOST_WEBSITES, PROFILE_LIMITS, BusinessProfile

FIELDS: Final = "about,address,description,email,websites,vertical,profile_picture_url"


async def read(settings: SenderSettings) -> BusinessProfile:
    """The profile as it is now. Raises ChannelError."""
    graph = Graph(settings)
    try:
        found = await graph.get(_path(settings), fields=FIELDS)
    finally:
        await graph.close()
    row = next(iter(rows(found.get("data"))), {})
    websites = row.get("websites")
    shown = [text(one, LONGEST_WEBSITE) for one in websites] if isinstance(websites, list) else []
    words = {name: paragraph(mapping(row).get(name), limit) for name, limit in PROFILE_LIMITS.items()}
    return BusinessProfile(
        **words,
        websites=tuple(filter(None, shown))[:MOST_WEBSITES],
        vertical=text(row.get("vertical"), 40).upper(),
        pictured=bool(row.get("profile_picture_url")),
    )


async def write(settings: SenderSettings, profile: BusinessProfile) -> None:
    """Show this from now on. Meta takes no empty `about`: it is left as it was then. Raises ChannelError."""
    body: dict[str, object] = {"websites": list(profile.websites)}
    body |= {name: getattr(profile, name) for name in PROFILE_LIMITS if name != "about" or profile.about}
    await _change(settings, body | ({"vertical": profile.vertical} if profile.vertical else {}))


async def picture(settings: SenderSettings, content: bytes, mime: str) -> None:
    """Show this picture from now on. Raises ChannelError."""
    await _change(settings, {"profile_picture_handle": await media.sample(settings, content, mime)})


async def _change(settings: SenderSettings, body: Mapping[str, object]) -> None:
    graph = Graph(settings)
    try:
        await graph.post(_path(settings), {"messaging_product": "whatsapp", **body})
    finally:
        await graph.close()


def _path(settings: SenderSettings) -> str:
    return f"/{settings.phone_number_id}/whatsapp_business_profile"
