"""What people send on WhatsApp besides words, in plain words: Meta's types of messages."""

from collections.abc import Mapping
from typing import Final

from integration.i18n import N_, translator

WRITTEN: Final[Mapping[str, str]] = {
    "text": N_("These words are no longer kept."),
    "image": N_("A picture"),
    "video": N_("A video"),
    "audio": N_("A voice message or a sound"),
    "voice": N_("A voice message or a sound"),
    "document": N_("A file"),
    "sticker": N_("A sticker"),
    "location": N_("A place on the map"),
    "contacts": N_("An address card"),
    "order": N_("An order from the catalogue in WhatsApp"),
    "interactive": N_("A choice or a filled-in form"),
    "button": N_("A tapped button"),
    "reaction": N_("A reaction was taken back."),
    "request_welcome": N_("Opened the chat for the first time"),
    "revoke": N_("A message was taken back."),
    "unsupported": N_("Something that WhatsApp does not pass on, a poll for example. Ask for it in words."),
}
UNKNOWN: Final = N_("Something that Ladenbote cannot show. Ask for it in words.")


def written(type_: str, language: str) -> str:
    """What a message without words is."""
    return translator(language).gettext(WRITTEN.get(type_, UNKNOWN))
