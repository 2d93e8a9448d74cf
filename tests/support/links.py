"""A shop's API as a list of snapshots: pages, faults and all, without a network."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from worlds import NOON, NoLinks, order

from integration.domain.errors import ShopError
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import Cursor, Finding, Page, Stream, Translation, VoucherState, VoucherTerms
from integration.flow.ports import Hook
from integration.flow.world import World

QUICK, SLOW, MONTH = timedelta(seconds=5), timedelta(seconds=60), timedelta(days=30)


def placed(number: int, at: datetime = NOON, **changes: Any) -> Snapshot:
    """An order of a person of its own."""
    facts = order(str(number), phone=f"+4917139{number:05}", placed_at=at.isoformat(), **changes)["facts"]
    return Snapshot("laden", ObjectType.ORDER, str(number), at, facts)


@dataclass
class PlainLink:
    """`orders` is what the shop holds, `fail` what the next calls raise, by stream or object id."""

    orders: list[Snapshot] = field(default_factory=list)
    per_page: int = 2
    fail: dict[str, Exception] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    names: tuple[str, ...] = ("orders",)
    findings: list[Finding] = field(default_factory=list)
    subscribed: list[tuple[str, str]] = field(default_factory=list)
    vouchers: dict[str, VoucherTerms] = field(default_factory=dict)
    redeemed: set[str] = field(default_factory=set)
    bought: dict[str, str] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)
    closed: bool = False

    def streams(self) -> Sequence[Stream]:
        return [Stream(name, QUICK, SLOW, MONTH) for name in self.names]

    def first_cursor(self, stream: str, since: datetime) -> Cursor:
        return {"since": since.isoformat(), "seen": 0}

    def page(self, stream: str, cursor: Cursor, now: datetime) -> Page:
        self.calls.append((stream, dict(cursor)))
        if error := self.fail.get(stream):
            raise error
        found = self.orders if stream == "orders" else []
        at = cursor["seen"]
        part = found[at : at + self.per_page]
        left = len(found) - at - len(part)
        return Page({**cursor, "seen": at + len(part)}, tuple(part), more=left > 0, left=left)

    def read(self, object_type: ObjectType, object_id: str, now: datetime) -> Translation:
        self.calls.append(("read", object_id))
        if error := self.fail.get(object_id):
            raise error
        found = next((s for s in self.orders if s.object_id == object_id), None)
        return Translation((found,)) if found else Translation(gone=object_id)

    def diagnose(self, now: datetime) -> list[Finding]:
        return self.findings

    def subscribe(self, address: str, secret: str) -> list[Finding]:
        if error := self.fail.get("subscribe"):
            raise error
        self.subscribed.append((address, secret))
        return []

    def bought_since(self, cart: Snapshot, now: datetime) -> str:
        self._asked("bought_since", cart.object_id)
        return self.bought.get(cart.object_id, "")

    def create_voucher(self, terms: VoucherTerms) -> None:
        self._asked("create_voucher", terms.code)
        self.vouchers[terms.code] = terms
        if error := self.fail.get("created"):
            raise error

    def voucher_state(self, code: str) -> VoucherState:
        self._asked("voucher_state", code)
        if code in self.redeemed:
            return VoucherState.REDEEMED
        return VoucherState.OPEN if code in self.vouchers else VoucherState.GONE

    def delete_voucher(self, code: str) -> None:
        self._asked("delete_voucher", code)
        self.vouchers.pop(code, None)

    def picture(self, url: str, most: int) -> bytes:
        self._asked("picture", url)
        return self.pictures[url][: most + 1]

    def _asked(self, what: str, code: str) -> None:
        self.calls.append((what, code))
        if error := self.fail.get(what):
            raise error

    def close(self) -> None:
        self.closed = True


class OneLink(NoLinks):
    """The shop "laden" has this link."""

    def __init__(self, link: PlainLink, hook: Hook | None = None) -> None:
        self.plain = link
        self.address = hook

    def link(self, shop: str) -> PlainLink | None:
        return self.plain if shop == "laden" else None

    def hook(self, shop: str) -> Hook | None:
        return self.address


def linked(world: World, link: PlainLink, hook: Hook | None = None) -> World:
    """The same world, with the shop's API."""
    return replace(world, links=OneLink(link, hook))


def refusing(kind: type[ShopError], code: str = "broken", wait: float = 0) -> ShopError:
    """An error as a connector raises it."""
    from integration.domain.text import Text

    return kind(code, Text("Der Shop antwortet nicht.", "The shop does not answer."), wait)
