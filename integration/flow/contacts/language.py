"""In which language a number writes to a person."""

from integration.domain.contacts.contacts import Contact
from integration.domain.text import Language, language_of
from integration.flow.world import Sender, Shop, World

#: what people speak where a shop of the region writes to them
_HERE = {"DE": "de", "AT": "de", "CH": "de", "LI": "de"}


def language_for(world: World, sender: Sender, person: Contact) -> Language:
    """The person's language, else the country's, else the shop's."""
    shop = shop_of(world, sender)
    return language_of(person.locale, _HERE.get(person.country or "", ""), shop.language if shop else "de")


def shop_of(world: World, sender: Sender) -> Shop | None:
    """The first shop that writes from this number."""
    return next((shop for shop in world.shops.values() if shop.sender == sender.slug), None)
