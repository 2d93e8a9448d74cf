"""poll: read a shop through its API. Polling is the truth; webhooks only say where to look.

A page's snapshots and the moved cursor are stored in one transaction: after a crash a page comes again, which changes
nothing, and none is skipped.
"""

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta

from integration import log, metrics
from integration.domain.errors import ShopError, ShopRefused
from integration.domain.shops.events import ObjectType, Origin, Snapshot, object_key
from integration.domain.shops.ports import Cursor, Page, ShopLink, Stream
from integration.domain.text import Text
from integration.flow.shops import absorb
from integration.flow.world import World
from integration.store.shops import refetches, shops, streams
from integration.store.shops.refetches import Wanted
from integration.store.shops.streams import State

REREADS = 50
#: how much longer each quiet turn waits than the one before
CALMER = 1.5
FAULT = Text(
    "Ladenbote kam mit einer Antwort des Shops nicht zurecht. Das ist ein Fehler bei uns, das Protokoll nennt ihn; "
    "bitte melden Sie ihn. Wir versuchen es weiter.",
    "Ladenbote could not cope with an answer of the shop. That is a fault of ours, which the log names; please report "
    "it. We keep trying.",
)
logger = log.get("poll")


def begin(world: World) -> None:
    """Note the streams that shops have and were never read: their first reading starts before the connection."""
    links = {slug: link for slug in world.shops if (link := world.links.link(slug))}
    with world.database.read() as connection:
        connected = shops.connected_at(connection)
        known = {slug: streams.of(connection, slug) for slug in links}
    for slug, link in links.items():
        since = connected.get(slug, world.clock())
        fresh = [one for one in link.streams() if one.name not in known[slug]]
        first = [(one, link.first_cursor(one.name, since - one.backfill)) for one in fresh]
        if first:
            with world.database.write() as connection:
                streams.begin(connection, slug, first, world.clock())


def due(world: World) -> list[str]:
    """The shops that are to be read now."""
    now = world.clock()
    with world.database.read() as connection:
        wanted = [*refetches.shops_due(connection, now), *streams.due(connection, now)]
    return [slug for slug in dict.fromkeys(wanted) if slug in world.shops and world.links.link(slug)]


def shop(world: World, slug: str, stopping: Callable[[], bool] = lambda: False) -> int:
    """One turn: every stream that is due, then what is to be read singly. Returns how many objects were news."""
    link = world.links.link(slug)
    if link is None:
        return 0
    with world.database.read() as connection:
        known = streams.of(connection, slug)
    now = world.clock()
    waiting = [(one, known[one.name]) for one in link.streams() if one.name in known and known[one.name].due_at <= now]
    try:
        done = sum(_stream(world, slug, link, one, state, stopping) for one, state in waiting)
    except ShopError as error:
        _failed(world, slug, known.values(), error)
        return 0
    return done if _is_away(known.values(), now) else done + _singly(world, slug, link)


def _is_away(states: Collection[State], now: datetime) -> bool:
    """Whether a shop is left alone for now: then single objects wait, too, and lose no try."""
    return bool(states) and all(state.error and state.due_at > now for state in states)


def _singly(world: World, slug: str, link: ShopLink) -> int:
    """Read what hints spoke of. One object that the shop cannot show keeps its error; the others come next turn."""
    with world.database.read() as connection:
        wanted = refetches.due(connection, slug, world.clock(), REREADS)
    for item in wanted:
        try:
            _read(world, slug, link, item)
        except Exception as error:
            _unreadable(world, slug, item, error)
            if isinstance(error, ShopError):
                break
    return len(wanted)


def _read(world: World, slug: str, link: ShopLink, item: Wanted) -> None:
    now = world.clock()
    found = link.read(item.object_type, item.object_id, now)
    gone = [object_key(slug, ObjectType.ORDER, found.gone)] if found.gone else []
    with world.database.write() as connection:
        absorb.take(world, connection, found.snapshots, gone, Origin.POLL, now)
        refetches.done(connection, item)


def _unreadable(world: World, slug: str, item: Wanted, error: Exception) -> None:
    logger.warning("object_failed", shop=slug, object_type=item.object_type, error=log.brief(error))
    with world.database.write() as connection:
        refetches.fail(connection, item, log.brief(error), world.clock())


def _stream(world: World, slug: str, link: ShopLink, one: Stream, state: State, stopping: Callable[[], bool]) -> int:
    """Read a stream to its end. A stream that the shop refuses fails alone; its neighbours go on."""
    done, cursor = 0, state.cursor
    try:
        while not stopping():
            page = _page(world, slug, link, one, cursor)
            done += _store(world, slug, state, page)
            cursor = page.cursor
            if not page.more:
                _rest(world, slug, one, state, done)
                break
    except ShopRefused as error:
        _failed(world, slug, [state], error)
    return done


def _page(world: World, slug: str, link: ShopLink, one: Stream, cursor: Cursor) -> Page:
    """The next page. A fault of ours is treated like the shop's refusal: else the stream would be due all the time."""
    try:
        return link.page(one.name, cursor, world.clock())
    except ShopError:
        raise
    except Exception as error:
        logger.error("stream_failed", shop=slug, stream=one.name, error=log.brief(error))
        raise ShopRefused("fault", FAULT) from error


def _store(world: World, slug: str, state: State, page: Page) -> int:
    """Store a page with its cursor; returns how many objects were news to us. A poison object holds nobody up."""
    now = world.clock()
    gone = [object_key(slug, ObjectType.ORDER, id_) for id_ in page.gone]
    wanted = page.reread
    try:
        with world.database.write() as connection:
            fresh = absorb.take(world, connection, page.snapshots, gone, Origin.POLL, now)
            refetches.want(connection, slug, wanted, now)
            streams.advance(connection, slug, state, page, now)
        return fresh + len(wanted)
    except Exception as error:
        logger.warning("page_failed", shop=slug, stream=state.name, error=log.brief(error))
    poison = [snapshot for snapshot in page.snapshots if not _stored_alone(world, snapshot, now)]
    with world.database.write() as connection:
        absorb.take(world, connection, (), gone, Origin.POLL, now)
        refetches.want(connection, slug, [*wanted, *((s.object_type, s.object_id) for s in poison)], now)
        streams.advance(connection, slug, state, page, now)
    return len(page.snapshots)


def _stored_alone(world: World, snapshot: Snapshot, now: datetime) -> bool:
    try:
        with world.database.write() as connection:
            absorb.take(world, connection, [snapshot], (), Origin.POLL, now)
    except Exception as error:
        logger.error("object_failed", shop=snapshot.shop, object_type=snapshot.object_type, error=log.brief(error))
        return False
    return True


def _rest(world: World, slug: str, one: Stream, state: State, done: int) -> None:
    calmer = timedelta(seconds=state.interval_s * CALMER)
    interval = one.quickest if done else min(one.slowest, max(one.quickest, calmer))
    with world.database.write() as connection:
        streams.rest(connection, slug, one.name, interval, world.clock())


def _failed(world: World, slug: str, states: Iterable[State], error: ShopError) -> None:
    metrics.SHOP_FAILURES.labels(slug).inc()
    logger.warning("shop_failed", shop=slug, code=error.code)
    with world.database.write() as connection:
        streams.fail(connection, slug, states, error, world.clock())
