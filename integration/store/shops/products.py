"""Products as the shop showed them last, found by their own id or by a variant's."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, select

from integration.domain.shops.events import ObjectType, Snapshot, object_key
from integration.domain.shops.facts import ProductFacts, VariantFacts
from integration.store.bulk_write import Many
from integration.store.tables import snapshot, variant

#: so many articles are looked at for one with a picture
LOOKED_AT = 25
_ADD = Many.insert(variant, ignore=True)


@dataclass(frozen=True, slots=True)
class Item:
    """What can be bought. `price` is money as text with its currency; `stock` is None where the shop does not count."""

    product_id: str
    variant_id: str
    name: str
    price: str
    currency: str
    in_stock: bool
    stock: int | None
    picture: str
    url: str


def find(connection: Connection, shop: str, id_: str) -> Item | None:
    """The item of a variant's or a product's id: a product stands for its first variant that is in stock."""
    product_id = connection.execute(
        select(variant.c.product_id).where(variant.c.shop == shop, variant.c.id == id_)
    ).scalar()
    key = object_key(shop, ObjectType.PRODUCT, product_id or id_)
    facts: ProductFacts | None = connection.execute(select(snapshot.c.facts).where(snapshot.c.key == key)).scalar()
    if not facts or not facts["variants"]:
        return None
    wanted = [one for one in facts["variants"] if one["id"] == id_]
    if product_id and not wanted:
        return None  # the shop gave this variant up
    return _item(product_id or id_, facts, wanted[0] if wanted else _first(facts))


def newest_picture(connection: Connection, shop: str) -> str:
    """The address of the picture of an article that came lately, "" when none of those has one."""
    query = select(snapshot.c.facts).where(snapshot.c.shop == shop, snapshot.c.object_type == ObjectType.PRODUCT)
    newest = connection.execute(query.order_by(snapshot.c.first_seen_at.desc()).limit(LOOKED_AT)).scalars()
    return next((str(facts["picture"]) for facts in newest if facts["picture"]), "")


def note_variants(connection: Connection, products: Iterable[Snapshot]) -> None:
    """Remember which products these variants belong to; a variant never moves to another one."""
    rows = [
        {"shop": product.shop, "id": one["id"], "product_id": product.object_id}
        for product in products
        for one in product.facts["variants"]
        if one["id"] != product.object_id
    ]
    _ADD.run(connection, rows)


def _first(facts: ProductFacts) -> VariantFacts:
    return next((one for one in facts["variants"] if one["in_stock"]), facts["variants"][0])


def _item(product_id: str, facts: ProductFacts, one: VariantFacts) -> Item:
    name = facts["name"] if one["name"] in ("", facts["name"]) else f"{facts['name']} – {one['name']}"
    return Item(
        product_id=product_id,
        variant_id=one["id"],
        name=name,
        price=one["price"],
        currency=facts["currency"],
        in_stock=one["in_stock"] and facts["published"],
        stock=one["stock"],
        picture=facts["picture"],
        url=facts["url"],
    )
