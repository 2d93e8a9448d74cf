"""What waits is priced before it leaves."""

from typing import Any

from sqlalchemy import update
from storekit import a_message
from worlds import NOON, order, post

from integration.flow import react
from integration.flow.world import World
from integration.store import tables
from integration.store.messages import messages


def test_what_waits_has_a_price_before_it_leaves(shop: World, owner: Any) -> None:
    assert "Was noch hinausgeht" not in owner.get("/costs").text
    post(shop, *(order(number=str(n), phone=f"+4917139{20000 + n}") for n in range(3)), order(phone="+393331234567"))
    react.run(shop)
    page = owner.get("/costs").text
    assert "kostet es 0,18 €" in page, "four times 0.0456"
    assert "Bei 1 davon fehlt das Land in der Preistabelle" in page
    with shop.database.write() as connection:
        connection.execute(update(tables.template).values(category="MARKETING"))
    assert "kostet es 0,45 €" in owner.get("/costs").text, "as Meta lists the templates now"
    with shop.database.write() as connection:
        connection.execute(update(tables.message).values(status="cancelled"))
        messages.add(connection, [a_message(text="Gern", template=None)], NOON)
    free = owner.get("/costs").text
    assert "Antwort (freier Text)" in free and "kostet es 0,00 €" in free, "one of the thousand"
