"""Products: kept as they were read last, found by their ids, and no messages yet."""

from goods import product, read, variant
from sqlalchemy import event
from storekit import rows
from worlds import Clock, order, post

from integration.flow import react
from integration.flow.world import World
from integration.store import tables
from integration.store.shops import products
from integration.store.shops.products import Item


def find(world: World, id_: str) -> Item | None:
    with world.database.read() as connection:
        return products.find(connection, "laden", id_)


def test_an_item_is_found_by_variant_and_by_product(world: World) -> None:
    read(world, product("7", variant("71", in_stock=False, stock=0), variant("72", "19.90", name="1 kg")))
    found = find(world, "72")
    assert found == Item(
        "7", "72", "Kaffee – 1 kg", "19.90", "EUR", True, 3, "https://laden.example/kaffee.jpg",
        "https://laden.example/kaffee",
    )  # fmt: skip
    assert find(world, "7") == found, "a product stands for what can be bought of it"
    assert (one := find(world, "71")) and not one.in_stock
    assert find(world, "8") is None


def test_a_product_without_variants_is_itself(world: World) -> None:
    read(world, product("7", variant("7", name="Kaffee")))
    assert (one := find(world, "7")) and (one.name, one.variant_id) == ("Kaffee", "7")
    assert rows(world, tables.variant, "id") == []


def test_a_variant_that_is_gone_is_not_found(world: World, clock: Clock) -> None:
    read(world, product("7", variant("71"), variant("72")))
    clock.advance(minutes=1)
    read(world, product("7", variant("71"), variant("73"), version=clock()))
    assert find(world, "72") is None
    assert find(world, "73")


def test_what_is_not_for_sale_is_not_in_stock(world: World) -> None:
    read(world, product("7", published=False))
    assert (one := find(world, "7")) and not one.in_stock


def test_a_first_reading_makes_no_events_and_few_statements(world: World) -> None:
    said: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    read(world, *(product(str(n), variant(f"{n}-1"), variant(f"{n}-2")) for n in range(250)))
    assert len(said) < 15
    assert (len(rows(world, tables.snapshot, "key")), len(rows(world, tables.variant, "id"))) == (250, 500)
    assert rows(world, tables.event, "id") == []


def test_a_new_price_is_known_and_costs_no_message(world: World, clock: Clock) -> None:
    read(world, product("7", variant("71", in_stock=False)))
    clock.advance(minutes=1)
    said: list[str] = []
    event.listen(world.database.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    read(world, product("7", variant("71", "7.90"), version=clock()))
    assert sorted(rows(world, tables.event, "milestone", "outcome")) == [
        ("back_in_stock", "switched_off"),
        ("price_drop", "switched_off"),
    ]
    assert not [one for one in said if "FROM contact" in one or "message" in one]


def test_a_products_number_is_no_orders(world: World, clock: Clock) -> None:
    """Ids are the shop's: product 7 must not show up as order 7."""
    post(world, order("7"))
    react.run(world)
    read(world, product("7", variant("7", in_stock=False)))
    clock.advance(minutes=1)
    read(world, product("7", version=clock()))
    found = dict(rows(world, tables.event, "milestone", "order_key"))
    assert found == {"placed": "laden/order/7", "back_in_stock": "laden/product/7"}
