"""What the messages that wait will cost, before any of them leaves."""

from collections import Counter
from datetime import datetime

from sqlalchemy import Connection, Row

from integration.domain.consent.consent import TemplateFacts
from integration.domain.costs.pricing import Category, Forecast, Group, Window, category_of
from integration.flow.costs.costs import periods
from integration.flow.world import World
from integration.store.costs import costs
from integration.store.templates import templates

Known = dict[str, dict[tuple[str, str], TemplateFacts]]


def of_waiting(world: World, connection: Connection, now: datetime) -> Forecast:
    """Everything that waits now, as if all of it were delivered outside of service windows; by Meta's categories."""
    known = {slug: templates.facts(connection, sender.account) for slug, sender in world.senders.items()}
    counts: Counter[tuple[str, Category]] = Counter()
    for row in costs.waiting(connection):
        counts[row.country, _category(known, row)] += row.number
    groups = [Group(country, category, count, _window(category)) for (country, category), count in counts.items()]
    month = periods(now, world.costs.prices.zone)[2]
    used = max((costs.answers(connection, slug, month) for slug in world.senders), default=0)
    return world.costs.prices.forecast(groups, now, used)


def _category(known: Known, row: Row[tuple[str, str, str | None, str, bool, int]]) -> Category:
    """As Meta lists the template; one that it does not list yet costs what its purpose does."""
    if row.template is None:
        return Category.SERVICE
    listed = known.get(row.sender, {}).get((row.template, row.language))
    if listed is not None:
        return category_of(listed.category)
    return Category.MARKETING if row.marketing else Category.UTILITY


def _window(category: Category) -> Window:
    return Window.OPEN if category is Category.SERVICE else Window.CLOSED
