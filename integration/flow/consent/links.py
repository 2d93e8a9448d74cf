"""Links, QR codes and forms to opt in by: made with the wording of the moment, ended, counted.

See docs/reference/law.md section 5.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from sqlalchemy import Connection

from integration.domain.consent.consent import SERVICE_SCOPE
from integration.domain.consent.ledger import wording_hash
from integration.domain.consent.wording_lint import is_sound, lint
from integration.domain.consent.wordings import BACK_IN_STOCK, EDITION, OFFERED, alert_wording, wording_for
from integration.domain.errors import LadenboteError
from integration.flow.world import Company, World
from integration.store.consent import optin_links
from integration.store.consent.ledger import Wording, save_wordings
from integration.store.consent.optin_links import Box, OptinLink
from integration.store.shops import products

#: no I, L, O, 0, 1: people read codes from posters
_LETTERS, _DIGITS = "ABCDEFGHJKMNPQRSTUVWXYZ", "23456789"
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Wish:
    """What a new link is for. `text` is the owner's own wording, "" for the house's; `per_month` None: the setting's.

    `source` is qr for paper and keyword for links; both have the form, too.
    """

    company: str
    sender: str
    purposes: tuple[str, ...]
    language: str
    source: str = "qr"
    label: str = ""
    by: str = ""
    per_month: int | None = None
    text: str = ""


def standard_wording(company: Company, purposes: Sequence[str], language: str, per_month: int | None = None) -> Wording:
    """The house's text for these purposes, as it is shown and stored."""
    text = wording_for(company.named, purposes, per_month or company.per_month, company.privacy_url, language)
    return Wording(f"ladenbote-{EDITION}", language, text, tuple(purposes))


def own_wording(company: Company, purposes: Sequence[str], language: str, text: str, per_month: int) -> Wording:
    """The owner's own text. Raises LadenboteError when a consent to it could not count; the page says why in full."""
    found = lint(text, company.name, purposes, per_month)
    if not is_sound(found):
        raise LadenboteError(found[0].text.en)
    plain = " ".join(text.split())
    return Wording(f"own-{wording_hash(plain)[:8]}", language, plain, tuple(purposes))


def make(world: World, wish: Wish) -> OptinLink:
    """A new code, tied to its wording. Raises LadenboteError when nothing is asked for or the number is foreign."""
    company = world.companies[wish.company]
    purposes = tuple(scope for scope in OFFERED if scope in wish.purposes)
    if not purposes or set(wish.purposes) - set(purposes):
        raise LadenboteError("Say what people agree to: tick at least one purpose.")
    if wish.sender not in world.senders or world.senders[wish.sender].company != wish.company:
        raise LadenboteError("This number is not one of the company's.")
    shown, beside = _texts(company, wish, purposes)
    advertises = any(scope != SERVICE_SCOPE for scope in purposes)
    with world.database.write() as connection:
        link = OptinLink(
            code=_fresh_code(connection),
            company=wish.company,
            sender=wish.sender,
            wording_hash=shown.hash,
            language=wish.language,
            purposes=purposes,
            promised_per_month=(wish.per_month or company.per_month) if advertises else None,
            source=wish.source,
            label=wish.label.strip()[:100],
            created_at=world.clock(),
            created_by=wish.by,
            boxes=tuple(Box(text.purposes, text.hash) for text in beside),
        )
        optin_links.add(connection, link, shown, beside)
    return link


def _texts(company: Company, wish: Wish, purposes: tuple[str, ...]) -> tuple[Wording, list[Wording]]:
    """The text as a whole, and those beside the boxes of a form: one per purpose, or the owner's own as one."""
    if wish.text.strip():
        own = own_wording(company, purposes, wish.language, wish.text, wish.per_month or company.per_month)
        return own, [own]
    each = [standard_wording(company, (scope,), wish.language, wish.per_month) for scope in purposes]
    return standard_wording(company, purposes, wish.language, wish.per_month), each


def for_item(world: World, shop_slug: str, item_id: str, alert: str = BACK_IN_STOCK) -> OptinLink | None:
    """The link for an alert about an article of a shop, made when it is asked for first; None for an unknown article.

    `alert` is one of `ALERT_SCOPES`.
    """
    shop = world.shops.get(shop_slug)
    if shop is None:
        return None
    with world.database.read() as connection:
        found = products.find(connection, shop_slug, item_id)
        known = optin_links.of_item(connection, shop.company, f"{shop_slug}/{item_id}", alert) if found else None
    if found is None:
        return None
    company = world.companies[shop.company]
    name = found.name[:LONGEST_NAME]
    text = alert_wording(alert, company.named, name, company.privacy_url, shop.language)
    shown = Wording(f"ladenbote-{EDITION}", shop.language, text, (f"{alert}{shop_slug}/{item_id}",))
    if known and known.wording_hash == shown.hash:
        return known
    return _add_alert(world, shop_slug, item_id, name, shown)


def _add_alert(world: World, shop_slug: str, item_id: str, name: str, shown: Wording) -> OptinLink:
    shop = world.shops[shop_slug]
    with world.database.write() as connection:
        link = OptinLink(
            code=_fresh_code(connection),
            company=shop.company,
            sender=shop.sender,
            wording_hash=shown.hash,
            language=shop.language,
            purposes=shown.purposes,
            promised_per_month=None,
            source="keyword",
            label=name,
            created_at=world.clock(),
            created_by="",
            boxes=(Box(shown.purposes, shown.hash),),
            item=f"{shop_slug}/{item_id}",
        )
        optin_links.add(connection, link, shown, [shown])
    return link


def address(world: World, link: OptinLink) -> str:
    """The wa.me address that opens the chat with "START <code>" typed in. Raises LadenboteError without a number."""
    number = world.senders[link.sender].number if link.sender in world.senders else ""
    if not number:
        raise LadenboteError(
            f"The phone number of [senders.{link.sender}] is not known: set display_number, like +491711234567."
        )
    return f"https://wa.me/{number.removeprefix('+')}?text={quote(f'START {link.code}')}"


def keep(world: World, company: str, purposes: Sequence[str], language: str, text: str) -> bool:
    """Keep the owner's own text as one that can be agreed to; False when it has a fault."""
    owner = world.companies[company]
    try:
        shown = own_wording(owner, purposes, language, text, owner.per_month)
    except LadenboteError:
        return False
    with world.database.write() as connection:
        save_wordings(connection, [(company, shown)], world.clock())
    return True


def end(world: World, company: str, code: str) -> bool:
    """Let a link of a company count no more; False when there is none."""
    with world.database.write() as connection:
        found = optin_links.by_code(connection, code)
        if found is None or found.company != company:
            return False
        optin_links.end(connection, code, world.clock())
    return True


def _fresh_code(connection: Connection) -> str:
    while True:
        drawn = [secrets.choice(_LETTERS), secrets.choice(_DIGITS)]
        drawn += [secrets.choice(_LETTERS + _DIGITS) for _ in range(4)]
        code = "".join(drawn)
        if not optin_links.taken(connection, code):
            return code
