"""The page of the rehearsal: it starts one, shows how far it is and what it found, and switches shadow mode."""

import time
from typing import Any

from integration.store.shops import shops


def finished(inside: Any) -> str:
    for _ in range(200):
        text: str = inside.get("/rehearsal").text
        if 'data-live="soon"' not in text:
            return text
        time.sleep(0.02)
    raise AssertionError("the rehearsal did not end")


def test_nothing_is_rehearsed_unasked(inside: Any, seeded: Any) -> None:
    text = inside.get("/rehearsal").text
    assert "Hier wird nichts gesendet" in text
    assert "<table" not in text


def test_a_rehearsal_tells_what_would_have_been(inside: Any, seeded: Any, csrf: Any) -> None:
    answer = inside.post("/rehearsal", data={"csrf": csrf(), "days": "30"})
    assert answer.status_code == 303
    text = finished(inside)
    assert "Bestellungen" in text


def test_another_number_of_days_is_not_taken(inside: Any, seeded: Any, csrf: Any) -> None:
    assert inside.post("/rehearsal", data={"csrf": csrf(), "days": "x"}).status_code == 303
    finished(inside)


def test_shadow_mode_is_switched_on_and_off(inside: Any, seeded: Any, csrf: Any, world: Any, database: Any) -> None:
    form = {"csrf": csrf(), "shop": world.SHOP}
    assert inside.post("/rehearsal/shadow", data=form | {"hours": "48"}).status_code == 303
    with database.read() as connection:
        assert list(shops.shadows(connection, world.NOW)) == [world.SHOP]
    assert "im Stillen bis" in inside.get("/rehearsal").text
    assert inside.post("/rehearsal/shadow", data=form | {"hours": "0"}).status_code == 303
    with database.read() as connection:
        assert shops.shadows(connection, world.NOW) == {}


def test_an_unknown_shop_or_time_is_refused(inside: Any, seeded: Any, csrf: Any, world: Any) -> None:
    for changed in ({"shop": "nobody"}, {"hours": "7"}, {"hours": "-1"}):
        form = {"csrf": csrf(), "shop": world.SHOP, "hours": "48"} | changed
        assert inside.post("/rehearsal/shadow", data=form).status_code == 404
