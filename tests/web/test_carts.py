"""The page of carts: who left, who came back, what may be done about it."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from integration.domain.carts import CartState
from integration.store.ids import new_id
from integration.store.tables import cart, snapshot


@pytest.fixture
def add(world: Any, seeded: Any, database: Any) -> Callable[..., str]:
    """Puts a cart and its snapshot into the invented shop."""

    def put(state: str, first_name: str = "Lena", hours: float = 2, **more: Any) -> str:
        id_, at = new_id(), world.NOW - timedelta(hours=hours)
        facts = {
            "first_name": first_name, "last_name": "Krüger", "phone": "0171 3920007",
            "items": [{"name": f"Kaffee {n}", "quantity": n} for n in range(1, 6)],
        }  # fmt: skip
        key = f"{world.SHOP}/cart/{id_}"
        row = {
            "id": id_, "shop": world.SHOP, "state": state, "named": True, "snapshot_key": key, "began_at": at,
            "changed_at": at, "abandoned_at": None if state == "active" else at + timedelta(hours=1),
            "ordered_at": at + timedelta(hours=2) if state in ("ordered", "recovered") else None,
            "order_id": "1234" if state in ("ordered", "recovered") else "", "total": "1234.50", "currency": "EUR",
            "parts": [],
        }  # fmt: skip
        with database.write() as connection:
            connection.execute(insert(cart), [row | more])
            stored = {"key": key, "shop": world.SHOP, "object_type": "cart", "object_id": id_, "version": at}
            connection.execute(insert(snapshot), [stored | {"content_hash": "", "facts": facts, "first_seen_at": at}])
        return id_

    return put


def names(text: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell).split()[0] for cell in re.findall(r'<td class="who">(.*?)</td>', text)]


def test_nothing_yet_says_what_to_do(inside: Any, seeded: Any) -> None:
    text = inside.get("/carts").text
    assert "Noch keine Warenkörbe" in text and 'href="/connections"' in text
    assert 'aria-current="page"' in text


def test_every_state_has_its_words(inside: Any, add: Any) -> None:
    for state in CartState:
        add(state)
    text = inside.get("/carts").text
    for words in ("Noch offen", "Verlassen", "Erinnert", "Nach der Erinnerung gekauft", "Aufgegeben", "1.234,50 €"):
        assert words in text
    assert "5 Warenkörbe verlassen" in text or "6 Warenkörbe verlassen" in text
    assert "2 davon" in text
    assert text.count("1 × Kaffee 1") == text.count("und 2 weitere") == text.count("3 × Kaffee 3") == len(names(text))
    assert "4 × Kaffee 4" not in text and "WooCommerce" in text


def test_what_was_never_left_is_not_listed_unless_asked_for(inside: Any, add: Any) -> None:
    add("ordered", "Direkt", abandoned_at=None)
    add("abandoned", "Verlassen")
    add("active", "Fremd", named=False)
    assert names(inside.get("/carts").text) == ["Verlassen"]
    assert names(inside.get("/carts?state=ordered").text) == ["Direkt"]


def test_why_nobody_is_reminded(inside: Any, seeded: Any, add: Any) -> None:
    add("abandoned", contact_id=None)
    assert "Zu dieser Telefonnummer gibt es noch keine Einwilligung" in inside.get("/carts").text
    add("abandoned", contact_id=seeded.contacts[0])
    text = inside.get("/carts").text
    assert "Erinnerungen per WhatsApp nicht zugestimmt" in text
    assert f'href="/contacts/{seeded.contacts[0]}">Anna Petersen</a>' in text
    add("abandoned", hours=24 * 400)
    assert "bevor der Shop verbunden wurde" in inside.get("/carts").text


def test_pages_and_sorting(inside: Any, add: Any) -> None:
    for n in range(60):
        add("abandoned", f"P{n:02}", hours=n)
    first = inside.get("/carts").text
    [link] = re.findall(r'href="(/carts\?[^"]*after=[^"]+)"', first)
    second = inside.get(link.replace("&amp;", "&")).text
    assert names(first) + names(second) == [f"P{n:02}" for n in range(60)]
    assert names(inside.get("/carts?sort=old").text)[0] == "P59"
    assert names(inside.get("/carts?after=nonsense").text) == names(first)


def test_a_filter_without_a_hit_says_so(inside: Any, add: Any) -> None:
    add("abandoned")
    for query in ("state=nope", "shop=teehaus", "day=2020-01-01"):
        assert "Kein Warenkorb passt" in inside.get(f"/carts?{query}").text


def test_names_are_text_and_deleted_ones_are_said(inside: Any, add: Any) -> None:
    add("abandoned", "<script>x</script>")
    add("expired", snapshot_key="", parts=None)
    text = inside.get("/carts").text
    assert "<script>x" not in text and "&lt;script&gt;x" in text
    assert "Nach 30 Tagen gelöscht" in text


def test_csv_has_every_row_and_no_formula(inside: Any, add: Any) -> None:
    for n in range(55):
        add("abandoned", "=HYPERLINK", hours=n)
    answer = inside.get("/carts.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="carts-2026-11-23.csv"'
    found = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert found[0][0] == "Letzte Änderung" and len(found) == 56
    assert found[1][1].startswith("'=HYPERLINK") and found[1][4:6] == ["1234.50", "EUR"]


def test_in_english(client: Any, sign_in: Any, add: Any) -> None:
    add("abandoned")
    text = sign_in(client, "en").get("/carts").text
    assert "Left" in text and "€1,234.50" in text


def test_strangers_see_nothing(client: Any, add: Any) -> None:
    add("abandoned")
    assert client.get("/carts").status_code == 303
    assert client.get("/carts.csv").status_code in (303, 401)
