"""What holds for the reminders of each shop: on, off and delay stand with the rules of all kinds, the rest beside."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from integration.domain.carts.reminders import KIND, CartRule
from integration.domain.notifications.settings import rule_for
from integration.store.carts import settings as cart_settings
from integration.store.notifications import settings


def of(connection: Connection, shops: Iterable[str]) -> Mapping[str, CartRule]:
    """The rule of each of these shops."""
    decided, more = settings.current(connection), cart_settings.current(connection)
    found = {}
    for shop in set(shops):
        rule = rule_for(decided, shop, KIND)
        found[shop] = replace(more.get(shop, CartRule()), on=rule.on, delay=rule.delay)
    return found
