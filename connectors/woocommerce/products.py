"""Products with their variations (docs/reference/woocommerce.md sections 4 and 8)."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, cast

from connectors.reading import Json, identifier, link, mapping, moment, plain, rows, text
from connectors.woocommerce.client import Params, WooCommerceClient
from integration.domain.errors import Malformed
from integration.domain.shops.events import ObjectType, Snapshot
from integration.domain.shops.facts import Facts, ProductFacts, VariantFacts

FIELDS: Final = (
    "id,name,permalink,status,type,sku,price,manage_stock,stock_quantity,stock_status,images,categories,variations,"
    "date_modified_gmt,date_created_gmt"
)
VARIATION_FIELDS: Final = "id,name,sku,price,status,manage_stock,stock_quantity,stock_status,attributes"
PER_PAGE: Final = 100
#: pages of variations that are read of one product
PAGES: Final = 3


class Catalogue:
    """The products of one shop. Currency is the shop's own, asked once."""

    def __init__(self, client: WooCommerceClient, shop: str) -> None:
        self._client = client
        self._shop = shop
        self._currency = ""

    def snapshot(self, product: Json) -> Snapshot:
        """A product, with its variations asked for. Malformed without id or time of modification."""
        product_id = identifier(product.get("id"))
        version = moment(product.get("date_modified_gmt")) or moment(product.get("date_created_gmt"))
        if not product_id or version is None:
            raise Malformed("the product has no id or no time of modification")
        varied = isinstance(product.get("variations"), list) and product["variations"]
        variants = self._variations(product_id) if varied else [product]
        facts = cast(Facts, _facts(product, variants, self._shops_currency()))
        return Snapshot(self._shop, ObjectType.PRODUCT, product_id, version, facts)

    def read(self, product_id: str, now: datetime) -> Snapshot:
        """One product as it is now; one that was deleted is not published any more."""
        answer = self._client.find(f"products/{product_id}", {"_fields": FIELDS})
        if answer is None:
            gone = cast(Facts, _facts({"status": "trash"}, (), self._shops_currency()))
            return Snapshot(self._shop, ObjectType.PRODUCT, product_id, now, gone)
        return self.snapshot(mapping(answer.body))

    def _variations(self, product_id: str) -> list[Json]:
        found: list[Json] = []
        for page in range(1, PAGES + 1):
            params: Params = {"per_page": PER_PAGE, "page": page, "_fields": VARIATION_FIELDS}
            answer = self._client.find(f"products/{product_id}/variations", params)
            read = rows(answer.body) if answer else []
            found += read
            if len(read) < PER_PAGE:
                break
        return found

    def _shops_currency(self) -> str:
        if not self._currency:
            self._currency = text(mapping(self._client.get("data/currencies/current").body).get("code"), 3)
        return self._currency


def _facts(product: Json, variants: Iterable[Json], currency: str) -> ProductFacts:
    pictures = rows(product.get("images"))
    return {
        "name": plain(product.get("name")),
        "url": link(product.get("permalink")),
        "picture": link(pictures[0].get("src")) if pictures else "",
        "categories": [name for row in rows(product.get("categories")) if (name := plain(row.get("name")))],
        "currency": currency,
        "published": product.get("status") == "publish",
        "variants": [_variant(row, product) for row in variants if identifier(row.get("id"))],
    }


def _variant(row: Json, product: Json) -> VariantFacts:
    # A variation's `manage_stock` may be "parent": then the product's own number counts.
    counted = product if row.get("manage_stock") == "parent" else row
    stock = counted.get("stock_quantity") if counted.get("manage_stock") is True else None
    return {
        "id": identifier(row.get("id")),
        "name": ", ".join(_options(row)) or plain(row.get("name")) or plain(product.get("name")),
        "sku": text(row.get("sku")) or text(product.get("sku")),
        "price": text(row.get("price"), 40),
        "in_stock": row.get("stock_status") != "outofstock" and row.get("status") in ("publish", None),
        "stock": stock if isinstance(stock, int) and not isinstance(stock, bool) else None,
    }


def _options(row: Json) -> Iterator[str]:
    if "variations" not in row:
        yield from (option for one in rows(row.get("attributes")) if (option := plain(one.get("option"))))
