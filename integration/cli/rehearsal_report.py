"""The rehearsal on the command line: progress while it runs, then what would have left and what not."""

from collections.abc import Iterator
from datetime import timedelta

import click

from integration.domain.messages.reasons import reason
from integration.domain.notifications import BY_KIND
from integration.flow.notifications.rehearsal import Rehearsal, rehearse
from integration.flow.world import World


def rehearse_and_say(world: World, days: int, language: str) -> Iterator[str]:
    """Rehearse, and yield the report line by line. Progress goes to stderr."""
    now = world.clock()
    found = rehearse(world, now - timedelta(days=days), now, _told)
    yield from _lines(found, language)


def _told(done: int, total: int) -> None:
    """How far it is, in one line that is written over."""
    click.echo(f"\r{done} / {total}", nl=done >= total, err=True)


def _lines(found: Rehearsal, language: str) -> Iterator[str]:
    yield f"orders {found.orders}  would have left {found.written.total()}  held back {found.refused.total()}"
    for currency, amount in found.cost.items():
        yield f"Meta would have charged {amount:.2f} {currency}"
    for kind, notification in BY_KIND.items():
        refused = [(code, count) for (of, code), count in found.refused.most_common() if of == kind]
        if not (found.written[kind] or refused or found.off[kind]):
            continue
        off = f"  switched off, {found.off[kind]} occasions" if found.off[kind] else ""
        yield f"{notification.title.in_(language):32} {found.written[kind]:7}{off}"
        for code, count in refused:
            yield f"{'':32} {count:7}  {code}: {reason(code).in_(language)}"
