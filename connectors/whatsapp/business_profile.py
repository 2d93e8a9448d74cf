"""What customers see of the business in WhatsApp: read and changed."""

from typing import Final

from connectors.reading import mapping, paragraph, rows, text
from connectors.whatsapp.graph import Graph
from connectors.whatsapp.settings import SenderSettings
from integration.domain.numbers import LONGEST_WEBSITE, MOST_WEBSITES, PROFILE_LIMITS, BusinessProfile

FIELDS: Final = "about,address,description,email,websites"


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
    return BusinessProfile(**words, websites=tuple(filter(None, shown))[:MOST_WEBSITES])


async def write(settings: SenderSettings, profile: BusinessProfile) -> None:
    """Show this from now on. Meta takes no empty `about`: it is left as it was then. Raises ChannelError."""
    body: dict[str, object] = {"messaging_product": "whatsapp", "websites": list(profile.websites)}
    body |= {name: getattr(profile, name) for name in PROFILE_LIMITS if name != "about" or profile.about}
    graph = Graph(settings)
    try:
        await graph.post(_path(settings), body)
    finally:
        await graph.close()


def _path(settings: SenderSettings) -> str:
    return f"/{settings.phone_number_id}/whatsapp_business_profile"
