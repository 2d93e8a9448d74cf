"""The page of appointments: entered, pasted, moved, cancelled; nothing while anything is wrong."""

import re
from typing import Any

import pytest
from shoplife import here, switch
from storekit import rows
from worlds import Clock, order

from integration.flow.appointments import appointments
from integration.flow.world import World
from integration.store import tables


@pytest.fixture
def shop(shop: World) -> World:
    here(shop, order())
    switch(shop, "appointment_reminder")
    return shop


ONE = {"phone": "0171 3920012", "name": "Anna", "what": "Beratung", "day": "2026-12-01", "time": "14:30"}


def submit(owner: Any, path: str = "/appointments", **fields: str) -> Any:
    csrf = re.findall(r'name="csrf" value="([^"]+)"', owner.get("/appointments").text)[0]
    return owner.post(path, data={"csrf": csrf, "shop": "laden"} | fields)


def kept(shop: World) -> list[Any]:
    return [tuple(row) for row in rows(shop, tables.appointment, "what", "state")]


def test_the_empty_page_says_what_to_do(owner: Any) -> None:
    page = owner.get("/appointments").text
    assert "Kein Termin steht an" in page and "Tragen Sie unten einen ein" in page


def test_one_is_entered_and_shown_with_its_reminder(owner: Any, shop: World) -> None:
    answer = submit(owner, **ONE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/appointments?shop=laden&made=1")
    page = owner.get("/appointments?shop=laden&made=1").text
    assert "Ein Termin ist eingetragen" in page and "Beratung" in page and "+49…12" in page
    assert "0171" not in page.replace("0171 2345678", "") and kept(shop) == [("Beratung", "planned")]


def test_a_pasted_list_with_a_fault_enters_nothing_and_names_the_row(owner: Any, shop: World) -> None:
    rows = "0171 3920012;Anna;Beratung;1.12.2026;14:30\n0171 3920013;Bert;Probe;31.11.2026;9:00"
    answer = submit(owner, rows=rows)
    assert answer.status_code == 422
    assert "Zeile 2: Tag oder Uhrzeit sind nicht zu lesen" in answer.text and "Bert;Probe" in answer.text
    assert kept(shop) == []
    assert submit(owner, rows=rows.replace("31.11", "30.11")).headers["location"].endswith("made=2")
    assert submit(owner, rows=rows.replace("31.11", "30.11")).headers["location"].endswith("made=0")
    assert submit(owner, rows="0171 3920012;A;B;1.12.2026;14:30\n" * 501).status_code == 422


@pytest.mark.parametrize(
    "changes", [{"phone": "x"}, {"what": ""}, {"day": ""}, {"time": "99:99"}, {"day": "2020-01-01"}]
)
def test_what_is_wrong_is_said_and_kept_in_the_form(owner: Any, shop: World, changes: dict[str, str]) -> None:
    answer = submit(owner, **(ONE | changes))
    assert answer.status_code == 422 and "Noch ist nichts eingetragen" in answer.text and kept(shop) == []
    assert 'value="Anna"' in answer.text


def test_it_is_moved_and_cancelled(owner: Any, shop: World) -> None:
    submit(owner, **ONE)
    [(id_,)] = rows(shop, tables.appointment, "id")
    assert submit(owner, f"/appointments/{id_}", act="move", day="2026-12-02", time="09:00").status_code == 303
    assert "02.12.2026" in owner.get("/appointments").text or "2. Dez" in owner.get("/appointments").text
    assert submit(owner, f"/appointments/{id_}", act="move", day="2020-12-02", time="09:00").status_code == 422
    assert submit(owner, f"/appointments/{id_}", act="cancel").status_code == 303
    assert submit(owner, f"/appointments/{id_}", act="cancel").status_code == 404
    assert kept(shop) == [("Beratung", "cancelled")] and "Abgesagt" in owner.get("/appointments").text


def test_who_was_told_another_time_is_named(owner: Any, shop: World, clock: Clock) -> None:
    submit(owner, **ONE)
    [(id_,)] = rows(shop, tables.appointment, "id")
    clock.now = clock.now.replace(day=30, hour=14)
    appointments.sweep(shop, clock())
    from sending import deliver

    deliver(shop)
    submit(owner, f"/appointments/{id_}", act="move", day="2026-12-05", time="09:00")
    assert "Andere Zeit gemeldet" in owner.get("/appointments").text


@pytest.mark.parametrize("fields", [{"shop": "fremd"}, {"shop": ""}])
def test_nothing_is_entered_for_a_foreign_shop(owner: Any, shop: World, fields: dict[str, str]) -> None:
    assert submit(owner, **(ONE | fields)).status_code == 404 and kept(shop) == []


def test_a_form_without_its_token_is_refused(owner: Any, shop: World) -> None:
    assert owner.post("/appointments", data={"shop": "laden"} | ONE).status_code == 403 and kept(shop) == []


def test_it_is_english_too(owner: Any) -> None:
    csrf = re.findall(r'name="csrf" value="([^"]+)"', owner.get("/appointments").text)[0]
    owner.post("/language", data={"csrf": csrf, "language": "en", "next": "/appointments"})
    assert "No appointment ahead" in owner.get("/appointments").text
