"""One shop's page: progress, faults with their remedies, and asking again."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from integration.domain.shops.ports import Finding, Level
from integration.domain.text import Text
from integration.store.shops import shops, streams
from integration.store.tables import shop_state, stream
from integration.web.formats import Formats

PAGE = "/connections/kaffeeladen"


def test_progress_and_faults_in_plain_words(inside: Any, seeded: Any) -> None:
    text = inside.get(PAGE).text
    assert '<progress value="0" max="1240"' in text
    assert "0 von 1.240" in text
    assert "Der Shop antwortet nicht rechtzeitig." in text
    assert "Legen Sie in WooCommerce einen mit Lesen/Schreiben an." in text


@pytest.mark.parametrize(
    ("seconds", "said"), [(49, "alle 49 Sekunden"), (90, "alle 90 Sekunden"), (900, "alle 15 Minuten")]
)
def test_how_often_it_is_asked_reads_like_speech(seconds: int, said: str) -> None:
    assert Formats("de", ZoneInfo("UTC")).every(seconds) == said


def test_findings_are_text_and_no_html(inside: Any, seeded: Any, database: Any, world: Any) -> None:
    bad = Finding("name", Level.FAULT, Text("Der Laden „<b>Frei</b>“", "The shop"))
    with database.write() as connection:
        shops.examined(connection, "kaffeeladen", [bad], world.NOW)
    text = inside.get(PAGE).text
    assert "finding-fault" in text
    assert "&lt;b&gt;Frei&lt;/b&gt;" in text


def test_asking_again(inside: Any, seeded: Any, database: Any, world: Any) -> None:
    csrf = inside.get(PAGE).text.split('name="csrf" value="')[1].split('"')[0]
    assert inside.post(PAGE, data={"csrf": "falsch"}).status_code == 403
    assert inside.post(PAGE, data={"csrf": csrf}).status_code == 303
    with database.read() as connection:
        assert connection.execute(select(shop_state.c.examined_at)).scalars().all() == [None]
        assert max(connection.execute(select(stream.c.due_at)).scalars()) == world.NOW
        assert streams.due(connection, world.NOW) == ["kaffeeladen"]
    assert "wird geprüft" in inside.get(PAGE).text


def test_a_shop_without_keys_and_one_that_does_not_exist(inside: Any, seeded: Any) -> None:
    assert "noch nicht gefragt" in inside.get("/connections/teehaus").text
    assert inside.get("/connections/anderer").status_code == 404
