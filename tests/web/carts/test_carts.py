"""The page of carts: who left, who came back, what may be done about it."""

import csv
import io
import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

from integration.domain.carts.carts import CartState
from integration.store.ids import new_id


def names(text: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", cell).split()[0] for cell in re.findall(r'<td class="who">(.*?)</td>', text)]


def test_nothing_yet_says_what_to_do(inside: Any, seeded: Any) -> None:
    text = inside.get("/carts").text
    assert "Noch keine Warenkörbe" in text and 'href="/connections"' in text
    assert 'aria-current="page"' in text


def test_every_state_has_its_words(inside: Any, add_cart: Any) -> None:
    for state in CartState:
        add_cart(state)
    text = inside.get("/carts").text
    for words in ("Noch offen", "Verlassen", "Erinnert", "Nach der Erinnerung gekauft", "Aufgegeben", "1.234,50 €"):
        assert words in text
    assert text.count("1 × Kaffee 1") == text.count("und 2 weitere") == text.count("3 × Kaffee 3") == len(names(text))
    assert "4 × Kaffee 4" not in text and "WooCommerce" in text


def test_what_was_never_left_is_not_listed_unless_asked_for(inside: Any, add_cart: Any) -> None:
    add_cart("ordered", "Direkt", abandoned_at=None)
    add_cart("abandoned", "Verlassen")
    add_cart("active", "Fremd", named=False)
    assert names(inside.get("/carts").text) == ["Verlassen"]
    assert names(inside.get("/carts?state=ordered").text) == ["Direkt"]


def test_why_nobody_is_reminded(inside: Any, seeded: Any, add_cart: Any) -> None:
    add_cart("abandoned", contact_id=None)
    assert "Zu dieser Telefonnummer gibt es noch keine Einwilligung" in inside.get("/carts").text
    add_cart("abandoned", contact_id=seeded.contacts[0])
    text = inside.get("/carts").text
    assert "Erinnerungen per WhatsApp nicht zugestimmt" in text
    assert f'href="/contacts/{seeded.contacts[0]}">Anna Petersen</a>' in text
    add_cart("abandoned", hours=24 * 400)
    assert "bevor der Shop verbunden wurde" in inside.get("/carts").text


def test_pages_and_sorting(inside: Any, add_cart: Any) -> None:
    for n in range(60):
        add_cart("abandoned", f"P{n:02}", hours=n)
    first = inside.get("/carts").text
    [link] = re.findall(r'href="(/carts\?[^"]*after=[^"]+)"', first)
    second = inside.get(link.replace("&amp;", "&")).text
    assert names(first) + names(second) == [f"P{n:02}" for n in range(60)]
    assert names(inside.get("/carts?sort=old").text)[0] == "P59"
    assert names(inside.get("/carts?after=nonsense").text) == names(first)


def test_a_filter_without_a_hit_says_so(inside: Any, add_cart: Any) -> None:
    add_cart("abandoned")
    for query in ("state=nope", "shop=teehaus", "day=2020-01-01"):
        assert "Kein Warenkorb passt" in inside.get(f"/carts?{query}").text


def test_names_are_text_and_deleted_ones_are_said(inside: Any, add_cart: Any) -> None:
    add_cart("abandoned", "<script>x</script>")
    add_cart("expired", snapshot_key="", parts=None)
    text = inside.get("/carts").text
    assert "<script>x" not in text and "&lt;script&gt;x" in text
    assert "Nach 30 Tagen gelöscht" in text


def test_csv_has_every_row_and_no_formula(inside: Any, world: Any, add_cart: Any) -> None:
    for n in range(55):
        add_cart("abandoned", "=HYPERLINK", hours=n)
    answer = inside.get("/carts.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="carts-2026-11-23.csv"'
    found = list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff")), delimiter=";"))
    assert found[0][0] == "Letzte Änderung" and len(found) == 56
    add_cart("abandoned", "Stumm", hours=0, reason="no_consent")
    add_cart("reminded", "Erinnert", hours=-1, reminded_at=world.NOW)
    more = list(csv.reader(io.StringIO(inside.get("/carts.csv").text.lstrip("\ufeff")), delimiter=";"))
    assert more[0][-2:] == ["Erinnert", "Warum nicht erinnert"]
    assert more[1][-2] == "2026-11-23 15:20:00" and "nicht zugestimmt" in more[2][-1]
    assert found[1][1].startswith("'=HYPERLINK") and found[1][4:6] == ["1234.50", "EUR"]


def test_in_english(client: Any, sign_in: Any, add_cart: Any) -> None:
    add_cart("abandoned")
    text = sign_in(client, "en").get("/carts").text
    assert "Left" in text and "€1,234.50" in text


def test_strangers_see_nothing(client: Any, add_cart: Any) -> None:
    add_cart("abandoned")
    assert client.get("/carts").status_code == 303
    assert client.get("/carts.csv").status_code in (303, 401)


def steps(text: str) -> dict[str, tuple[int, str]]:
    """The funnel's steps: number and address."""
    text = text.partition('<ol class="funnel">')[2].partition("</ol>")[0]
    found = re.findall(r'<li><a href="(/carts\?step=(\w+)[^"]*)">\s*<b>([\d.]+)</b>', text)
    return {step: (int(number), address.replace("&amp;", "&")) for address, step, number in found}


def test_every_number_of_the_funnel_leads_to_its_rows(inside: Any, world: Any, add_cart: Any, add_order: Any) -> None:
    at = world.NOW - timedelta(hours=1)
    back, undone = (
        add_cart("recovered", n, arm="reminder", asked_at=at, reminded_at=at) for n in ("Zurück", "Storniert")
    )
    add_cart("reminded", "Erinnert", arm="reminder", asked_at=at, reminded_at=at)
    add_cart("abandoned", "Gestoppt", arm="reminder", asked_at=at)
    add_cart("abandoned", "Vergleich", arm="holdout", asked_at=at, reason="holdout")
    add_cart("abandoned", "Stumm", asked_at=at, reason="no_consent")
    add_cart("ordered", "Direkt", abandoned_at=None)
    add_cart("reminded", "Früher", hours=24 * 60, arm="reminder", reminded_at=at)
    add_order(back, "link")
    add_order(undone, "person", undone_at=at)
    found = steps(inside.get("/carts").text)
    assert {step: number for step, (number, _) in found.items()} == {"left": 6, "allowed": 5, "reminded": 3, "back": 1}
    for number, address in found.values():
        assert len(names(inside.get(address).text)) == number
    assert names(inside.get("/carts?step=held_out&days=30").text) == ["Vergleich"]
    assert steps(inside.get("/carts?days=90").text)["left"][0] == 7
    assert "Kein Warenkorb passt" in inside.get("/carts?step=nonsense").text


def test_what_came_back_is_told_by_sign_with_revenue_and_cost(
    inside: Any, world: Any, seeded: Any, add_cart: Any, add_order: Any
) -> None:
    at = world.NOW - timedelta(hours=1)
    for how, amount in (("voucher", "100"), ("voucher", "50.5"), ("link", "20"), ("person", "7.25")):
        add_order(add_cart("recovered", how, arm="reminder", reminded_at=at), how, amount)
    add_order(add_cart("recovered", "Franken", arm="reminder", reminded_at=at), "link", "9", currency="CHF")
    add_order(add_cart("ordered", "selbst", arm="holdout"), "unprompted", "999")
    with seeded.again() as more:
        charged = {"price": Decimal("0.1131"), "price_currency": "EUR", "kind": "abandoned_cart"}
        more.message(0, "read", at, **charged)
        more.message(1, "sent", at, **charged)
    text = inside.get("/carts").text
    for words in ("150,50 €", "20,00 €", "9,00 CHF", "7,25 €", "177,75 €", "0,11 €", "2 Erinnerungen gingen raus"):
        assert words in text, words
    assert "999" not in text
    for how, number in (("voucher", 2), ("link", 2), ("person", 1)):
        assert len(names(inside.get(f"/carts?how={how}&days=30").text)) == number
    assert len(names(inside.get(f"/carts?came={world.NOW.date()}").text)) == 5


def test_why_not_leads_to_the_carts(inside: Any, world: Any, add_cart: Any) -> None:
    add_cart("abandoned", "Eins", reason="no_consent")
    add_cart("abandoned", "Zwei", reason="no_consent")
    add_cart("abandoned", "Drei", reason="before_connection")
    text = inside.get("/carts").text
    [address] = re.findall(r'href="(/carts\?step=not_allowed&amp;reason=no_consent[^"]*)"><b>2</b>', text)
    assert sorted(names(inside.get(address.replace("&amp;", "&")).text)) == ["Eins", "Zwei"]


def test_the_comparison_says_when_there_is_not_enough(inside: Any, world: Any, add_cart: Any, add_order: Any) -> None:
    add_cart("abandoned")
    assert "Noch nichts zu vergleichen" in inside.get("/carts").text
    ago = {"asked_at": world.NOW - timedelta(days=9), "hours": 24 * 9}
    compare(add_cart, add_order, "reminder", 40, 8, ago)
    compare(add_cart, add_order, "holdout", 40, 20, ago)
    text = inside.get("/carts").text
    assert "Noch zu wenige Daten" in text and "20 Käufe" in text
    compare(add_cart, add_order, "reminder", 20, 20, ago)
    text = inside.get("/carts").text
    assert "Noch zu wenige Daten" not in text and "95 Prozent" in text
    for arm, number in (("reminder", 60), ("reminder_bought", 28), ("holdout_bought", 20)):
        listed = inside.get(f"/carts?step={arm}").text
        assert f'href="/carts?step={arm}">{number}</a>' in text
        assert len(names(listed)) == min(number, 50)


def compare(add_cart: Any, add_order: Any, arm: str, carts: int, bought: int, ago: dict[str, Any]) -> None:
    """So many carts of one side, some of them bought a day after the decision."""
    for n in range(carts):
        number = new_id() if n < bought else ""
        id_ = add_cart("ordered" if number else "expired", arm=arm, order_id=number, **ago)
        if number:
            add_order(id_, "person", hours=24 * 8, order_id=number)


def test_figures_are_the_chosen_shops(inside: Any, add_cart: Any) -> None:
    add_cart("abandoned")
    assert steps(inside.get("/carts").text)["left"][0] == 1
    assert steps(inside.get("/carts?shop=teehaus").text) == {}
