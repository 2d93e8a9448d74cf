"""prepare: what some messages need outside any transaction right before they leave, the state *claimed*.

`ready` stands between the decision and *sending*: a message of a kind that needs it, or one whose text has a medium
that no id is known of, passes only when it was prepared a moment ago and a last look at what is stored agrees; else it
is set aside. `shop` takes what was set aside under a lease, asks the shop, makes the voucher, uploads the picture, and
gives it back to the queue, where it is decided on anew. A crash lets the lease run out. Others pass and cost nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from integration import log
from integration.domain.errors import ShopError
from integration.domain.messages.components import lacks_media
from integration.flow.messages.compose import Dresser
from integration.flow.messages.decide import Answer
from integration.flow.messages.preparers import ASK_AGAIN, Later, Never, Preparer, Ready
from integration.flow.world import World
from integration.store.db import announce
from integration.store.messages import preparing
from integration.store.messages.messages import Message
from integration.store.messages.preparing import Leased

#: far more than a preparation takes; so long a crash delays it
LEASE = timedelta(minutes=3)
#: how each kind is prepared: `flow.preparers`
Preparers = Mapping[str, Preparer]
logger = log.get("prepare")


#: how others are, whose text has a picture, a video or a file that no id is known of
DRESSER: Preparer = Dresser()


def ready(connection: Connection, answers: Sequence[Answer], preparers: Preparers, now: datetime) -> list[Answer]:
    """Of the allowed messages those that may leave now; the others are set aside to be prepared."""
    concerned = [a.question.message for a in answers if _is_concerned(a.question.message, preparers)]
    if not concerned:
        return list(answers)
    held_back = {item.id: item for item in concerned}
    for kind in {item.kind for item in concerned}:
        preparer = preparers.get(kind, DRESSER)
        fresh = [item for item in concerned if item.kind == kind and _is_fresh(item, preparer, now)]
        for id_ in preparer.last_look(connection, fresh, now) if fresh else ():
            del held_back[id_]
    preparing.set_aside(connection, list(held_back.values()), now)
    return [answer for answer in answers if answer.question.message.id not in held_back]


def due(world: World) -> list[str]:
    """The shops for which messages wait to be prepared; "" stands for no shop."""
    with world.database.read() as connection:
        return preparing.shops(connection, world.clock())


def shop(
    world: World,
    slug: str,
    preparers: Preparers,
    stopping: Callable[[], bool] = lambda: False,
    told: Callable[[], None] = lambda: None,
) -> None:
    """Prepare what waits for one shop, one after the other; `told` after each. A shop that fails is left alone."""
    while not stopping() and (item := _lease(world, slug)):
        try:
            outcome = _prepared(world, item, preparers.get(item.message.kind, DRESSER))
        except ShopError as error:
            logger.warning("shop_away", shop=slug, code=error.code)
            _put_off(world, slug, item, error.wait)
            break
        _end(world, item, outcome)
        told()


def _is_concerned(item: Message, preparers: Preparers) -> bool:
    return item.kind in preparers or (item.components is not None and lacks_media(item.components))


def _is_fresh(item: Message, preparer: Preparer, now: datetime) -> bool:
    ready = item.prepared_at is not None and now - item.prepared_at <= preparer.keeps
    return ready and not lacks_media(item.components)


def _lease(world: World, slug: str) -> Leased | None:
    now = world.clock()
    with world.database.write() as connection:
        return preparing.lease(connection, slug, now, now + LEASE)


def _prepared(world: World, item: Leased, preparer: Preparer) -> Ready | Later | Never:
    try:
        return preparer.prepare(world, item.message)
    except ShopError:
        raise
    except Exception as error:  # a fault of ours must not stop the others
        logger.error("preparation_failed", message=item.message.id, error=log.brief(error))
        return Later("not_prepared", world.clock() + ASK_AGAIN)


def _end(world: World, item: Leased, outcome: Ready | Later | Never) -> None:
    now = world.clock()
    with world.database.write() as connection:
        if isinstance(outcome, Ready):
            preparing.prepared(connection, item, outcome.variables, now, outcome.template, outcome.components)
            announce(connection, "due")
        elif isinstance(outcome, Later):
            preparing.postponed(connection, item, outcome.reason, outcome.until, now)
        else:
            preparing.cancelled(connection, item, outcome.reason, now)


def _put_off(world: World, slug: str, item: Leased, wait: float) -> None:
    now = world.clock()
    until = now + max(ASK_AGAIN, timedelta(seconds=wait))
    with world.database.write() as connection:
        preparing.postponed(connection, item, "shop_away", until, now)
        preparing.postpone_shop(connection, slug, "shop_away", until, now)
