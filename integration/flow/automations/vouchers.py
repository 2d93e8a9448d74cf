"""Vouchers: drawn by us, made in the shop, followed until they are used or over.

The code is stored before the shop is asked. After a crash, a timeout or an unclear answer the same purpose has the same
code, and the shop takes one that exists as made: nobody gets two.
"""

import secrets as chance
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime

from integration import log
from integration.domain.automations.vouchers import VoucherStatus, drawn_code, is_over, next_look
from integration.domain.contacts.contacts import Contact
from integration.domain.errors import ShopError, ShopRefused
from integration.domain.shops.ports import ShopLink, VoucherState, VoucherTerms
from integration.domain.text import Text
from integration.flow.world import World
from integration.store.automations import vouchers
from integration.store.automations.vouchers import Voucher

BATCH = 400
AT_ONCE = 4
logger = log.get("vouchers")


def issue(world: World, shop: str, purpose_key: str, contact: Contact | None, terms: VoucherTerms) -> Voucher:
    """The voucher of a purpose (for example a message's key), drawn and made when it is new; its code is ours.

    Tell it to nobody before it is *created*: the shop may have been away, then `error` says why and the sweep goes on
    trying. Raises ValueError for terms that are none.
    """
    if (terms.percent is None) == (terms.amount is None) or (terms.amount is not None and not terms.currency):
        raise ValueError("a voucher has either a percentage, or an amount with its currency")
    found = _drawn(world, shop, purpose_key, contact, terms)
    if found.status is VoucherStatus.DRAWN and found.due_at and found.due_at <= world.clock():
        _attend(world, found)
        with world.database.read() as connection:
            return vouchers.find(connection, shop, purpose_key) or found
    return found


def sweep(world: World, now: datetime) -> int:
    """Make what could not be made, ask what became of the others, remove unused ones. Returns how many were due."""
    with world.database.read() as connection:
        found = vouchers.due(connection, now, BATCH)
    by_shop: dict[str, list[Voucher]] = defaultdict(list)
    for item in found:
        by_shop[item.shop].append(item)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(lambda items: _attend_all(world, items), by_shop.values()))
    return len(found)


def _drawn(world: World, shop: str, purpose_key: str, contact: Contact | None, terms: VoucherTerms) -> Voucher:
    with world.database.write() as connection:
        while (found := vouchers.find(connection, shop, purpose_key)) is None:
            mine = replace(terms, code=drawn_code(chance.choice))
            vouchers.draw(connection, shop, purpose_key, contact.id if contact else None, mine, world.clock())
    return found


def _attend_all(world: World, items: Iterable[Voucher]) -> None:
    """One shop's vouchers, one after the other; a shop that fails is left alone until the next sweep."""
    for item in items:
        if not _attend(world, item):
            break


def _attend(world: World, item: Voucher) -> bool:
    """Do what is due for one voucher; False when the shop failed. No transaction is open while it is asked."""
    try:
        _turn(world, link_of(world, item.shop), item, world.clock())
    except ShopError as error:
        logger.warning("voucher_failed", shop=item.shop, voucher=item.id, code=error.code)
        with world.database.write() as connection:
            vouchers.fail(connection, item, error, world.clock())
        return False
    return True


def link_of(world: World, shop: str) -> ShopLink:
    """The shop's link. Raises ShopRefused while its keys are missing."""
    link = world.links.link(shop) if shop in world.shops else None
    if link is None:
        raise ShopRefused(
            "no_keys",
            Text(
                "Für diesen Shop fehlen die Zugangsdaten; tragen Sie sie unter „Shops & Nummern“ ein.",
                "The keys of this shop are missing; enter them under “Shops & numbers”.",
            ),
        )
    return link


def _turn(world: World, link: ShopLink, item: Voucher, now: datetime) -> None:
    over = is_over(item.terms.expires_at, now)
    if item.status is VoucherStatus.DRAWN and not over:
        link.create_voucher(item.terms)
        status = VoucherStatus.CREATED
    else:
        status = _became(link, item, over)
    with world.database.write() as connection:
        if status is not VoucherStatus.CREATED:
            vouchers.ended(connection, item, status, now)
        else:
            vouchers.open_until(connection, item, next_look(item.terms.expires_at, now), now)


def _became(link: ShopLink, item: Voucher, over: bool) -> VoucherStatus:
    """What the shop says of a voucher; an unused one whose time is over is removed there."""
    state = link.voucher_state(item.terms.code)
    if state is VoucherState.REDEEMED:
        return VoucherStatus.REDEEMED
    if over:
        link.delete_voucher(item.terms.code)
        return VoucherStatus.REMOVED
    return VoucherStatus.GONE if state is VoucherState.GONE else VoucherStatus.CREATED
