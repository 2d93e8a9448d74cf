"""What a shop is polled for, and each stream's next step (docs/reference/woocommerce.md sections 2, 5, 7)."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import orjson

from connectors.reading import Json, identifier, mapping, rows
from connectors.woocommerce import keyset
from connectors.woocommerce.carts import DRAFT
from connectors.woocommerce.client import Answer, Params, WooCommerceClient
from connectors.woocommerce.orders import order_snapshots
from connectors.woocommerce.products import FIELDS, Catalogue
from connectors.woocommerce.shipments import has_fulfillments
from connectors.woocommerce.statuses import CORE, asked_for, refreshed
from integration import log
from integration.domain.errors import Malformed, ShopError
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.ports import Page, ShopContext, Stream

logger = log.get("woocommerce")
MINUTE: Final = timedelta(minutes=1)
STREAMS: Final = (
    Stream("orders", timedelta(seconds=5), MINUTE, timedelta(days=30)),
    Stream("carts", timedelta(seconds=10), MINUTE, timedelta(days=2)),
    Stream("shipments", timedelta(seconds=30), 5 * MINUTE, timedelta(0)),
    Stream("products", MINUTE, 10 * MINUTE, timedelta(days=36_500)),
)
LARGEST: Final = 100
SMALLEST: Final = 5
FEW: Final = 25
#: core deletes drafts that were left for a day
DRAFTS_LIVE: Final = timedelta(days=2)
#: a variation's stock may change without moving its product's date
WHOLE_EVERY: Final = timedelta(hours=12)
ALL: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: how often a shop without Shiptastic is asked again whether it has it now
LOOK_AGAIN: Final = timedelta(hours=6)


class PageSize:
    """How many rows to ask for: fewer when a shop cannot answer in time, slowly more when it can."""

    def __init__(self) -> None:
        self.rows = LARGEST

    def fits(self) -> None:
        """The last page came."""
        self.rows = min(LARGEST, self.rows * 2)

    def failed(self, error: ShopError) -> None:
        """The last page did not come."""
        if error.code in ("timeout", "too_large", "cut_off"):
            self.rows = max(SMALLEST, self.rows // 4)


class Poll:
    """The streams of one shop."""

    def __init__(self, client: WooCommerceClient, shop: ShopContext, catalogue: Catalogue) -> None:
        self._client = client
        self._shop = shop
        self._catalogue = catalogue
        self._sizes = {stream.name: PageSize() for stream in STREAMS}

    def page(self, stream: str, cursor: Mapping[str, Any], now: datetime) -> Page:
        """The next step of a stream. Raises ShopError."""
        step = {
            "orders": self._orders, "carts": self._carts, "shipments": self._shipments, "products": self._products,
        }[stream]  # fmt: skip
        size = self._sizes[stream]
        try:
            page = step(cursor, now)
        except ShopError as error:
            size.failed(error)
            raise
        size.fits()
        return page

    def _orders(self, cursor: Mapping[str, Any], now: datetime) -> Page:
        known = refreshed(self._client, cursor, now)
        statuses = [*CORE, *known["own"]]

        def ask(params: Params) -> Answer:
            return asked_for(self._client, params, statuses)

        step = keyset.walk(ask, known, self._sizes["orders"].rows)
        reread = tuple((ObjectType.ORDER, identifier(row.get("id"))) for row in step.rows if has_fulfillments(row))
        kept = {"own": known["own"], "asked": known["asked"]}
        found = tuple(one for one in self._snapshots(step.rows) if not _is_old_cart(one, now))
        return Page({**step.cursor, **kept}, found, step.more, step.left, reread=reread)

    def _carts(self, cursor: Mapping[str, Any], now: datetime) -> Page:
        def ask(params: Params) -> Answer:
            return self._client.get("orders", {**params, "status": DRAFT})

        step = keyset.walk(ask, cursor, self._sizes["carts"].rows)
        return Page(step.cursor, self._snapshots(step.rows), step.more, step.left)

    def _products(self, cursor: Mapping[str, Any], now: datetime) -> Page:
        def ask(params: Params) -> Answer:
            return self._client.get("products", {**params, "_fields": FIELDS})

        begun = datetime.fromisoformat(cursor.get("begun", now.isoformat()))
        again = now - begun >= WHOLE_EVERY
        known, begun = (keyset.start(ALL), now) if again else (cursor, begun)
        # Each product with variations costs a request more, so a page holds fewer of them.
        step = keyset.walk(ask, known, min(self._sizes["products"].rows, FEW))
        found = self._readable(step.rows, lambda row: (self._catalogue.snapshot(row),))
        return Page({**step.cursor, "begun": begun.isoformat()}, found, step.more, step.left)

    def _snapshots(self, found: Iterable[Json]) -> tuple[Snapshot, ...]:
        return self._readable(found, lambda row: order_snapshots(row, self._shop))

    def _readable(self, found: Iterable[Json], read: Callable[[Json], tuple[Snapshot, ...]]) -> tuple[Snapshot, ...]:
        """What can be read: a row that cannot must not hold up the others for ever."""
        snapshots: list[Snapshot] = []
        for row in found:
            try:
                snapshots += read(row)
            except Malformed as error:
                logger.error("row_unreadable", shop=self._shop.slug, id=identifier(row.get("id")), error=str(error))
        return tuple(snapshots)

    def _shipments(self, cursor: Mapping[str, Any], now: datetime) -> Page:
        """Shiptastic's newest parcels: a changed tracking number does not move the order, so the order is re-read.

        A parcel that is new here came with its order; the first page is only the beginning to compare with.
        """
        if "absent" in cursor and now - datetime.fromisoformat(cursor["absent"]) < LOOK_AGAIN:
            return Page(cursor)
        answer = self._client.find("shipments", {"per_page": self._sizes["shipments"].rows, "order": "desc"})
        if answer is None:
            return Page({"absent": now.isoformat()})
        before, found = cursor.get("parcels", {}), dict(_parcels(answer.body))
        changed = {order for id_, (order, print_) in found.items() if before.get(id_, print_) != print_}
        reread = tuple((ObjectType.ORDER, order) for order in sorted(changed) if order)
        return Page({"parcels": {id_: print_ for id_, (_, print_) in found.items()}}, reread=reread)


def _is_old_cart(snapshot: Snapshot, now: datetime) -> bool:
    """That an order was a cart once matters to nobody when its draft would be long gone."""
    return snapshot.object_type is ObjectType.CART and snapshot.version < now - DRAFTS_LIVE


def first_cursor(stream: str, since: datetime) -> dict[str, Any]:
    """Where a stream begins."""
    return {} if stream == "shipments" else keyset.start(since)


def _parcels(body: object) -> Iterator[tuple[str, tuple[str, str]]]:
    """Id, order and a print of what a customer is told. In a list each row is wrapped in {data, headers, status}."""
    for row in rows(body):
        parcel = mapping(row.get("data")) or row
        told = [parcel.get(name) for name in ("status", "tracking_id", "tracking_url", "shipping_provider")]
        print_ = hashlib.sha256(orjson.dumps(told, default=str)).hexdigest()[:12]
        yield identifier(parcel.get("id")), (identifier(parcel.get("order_id")), print_)
