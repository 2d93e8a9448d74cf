"""What the owner does for a person who uses a right: proof, and everything else on the person's page."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from storekit import a_message, an_entry
from worlds import NOON, Clock, order, post

from integration.domain.consent.consent import Source
from integration.flow import react, send
from integration.flow.consent import proof
from integration.flow.world import World
from integration.store import tables
from integration.store.contacts import identity_resolution
from integration.store.messages import messages
from integration.web.app import create_app

ANNA = "+491713920012"


@pytest.fixture
def shop(shop: World) -> World:
    """Anna ordered with the box ticked and got her confirmation."""
    post(shop, order(number="1001"))
    react.run(shop)
    send.claim(shop, "nummer", 10)
    return shop


@pytest.fixture
def anna(shop: World) -> str:
    with shop.database.read() as connection:
        return connection.execute(select(tables.contact.c.id).where(tables.contact.c.phone == ANNA)).scalar_one()


def types(shop: World) -> list[str]:
    with shop.database.read() as connection:
        return list(connection.execute(select(tables.consent.c.type).order_by(tables.consent.c.seq)).scalars())


def test_the_proof_sheet_is_one_press_away(press: Callable[..., Any], shop: World, anna: str, owner: Any) -> None:
    assert f"/contacts/{anna}/proof" in owner.get(f"/contacts/{anna}").text
    answer = press(f"/contacts/{anna}/proof")
    assert answer.headers["content-type"] == "application/zip" and answer.headers["cache-control"] == "no-store"
    files = zipfile.ZipFile(io.BytesIO(answer.content))
    pdf, sheet = sorted(files.namelist(), key=lambda name: name.endswith("json"))
    assert files.read(pdf).startswith(b"%PDF") and proof.verify(files.read(sheet)).faults == ()
    assert json.loads(files.read(sheet))["proof"]["person"]["phone"] == ANNA
    assert types(shop) == ["granted", "proof_exported"]
    assert press("/contacts/nobody/proof").status_code == 404


def test_nothing_happens_without_the_forms_token(owner: Any, shop: World, anna: str) -> None:
    assert owner.post(f"/contacts/{anna}/proof").status_code == 403
    assert types(shop) == ["granted"]


def test_the_sheet_is_dated_by_the_clock(press: Callable[..., Any], anna: str) -> None:
    files = zipfile.ZipFile(io.BytesIO(press(f"/contacts/{anna}/proof").content))
    [sheet] = [name for name in files.namelist() if name.endswith("json")]
    assert json.loads(files.read(sheet))["proof"]["made_at"] == NOON.isoformat()


def page(owner: Any, path: str) -> str:
    answer = owner.get(path)
    assert answer.status_code == 200, path
    return str(answer.text)


@pytest.mark.parametrize("form", ["withdraw", "correct", "restrict", "erase", "export"])
def test_every_form_of_a_person_in_a_page(owner: Any, anna: str, form: str) -> None:
    assert f"/contacts/{anna}/{form}" in page(owner, f"/contacts/{anna}")
    assert "Anna Beispiel" in page(owner, f"/contacts/{anna}/{form}")
    assert owner.get(f"/contacts/nobody/{form}").status_code == 404


def test_a_letter_ends_everything_and_says_so(press: Callable[..., Any], shop: World, anna: str, owner: Any) -> None:
    answer = press(f"/contacts/{anna}/withdraw", what="everything", way="letter", day="2026-11-24", note="Brief")
    assert answer.status_code == 303 and "Eingetragen" in page(owner, answer.headers["location"])
    assert types(shop) == ["granted", "withdrawn"]
    assert "Widerrufen: Alles" in page(owner, f"/contacts/{anna}")


def test_single_purposes_need_a_choice(press: Callable[..., Any], shop: World, anna: str) -> None:
    assert press(f"/contacts/{anna}/withdraw", what="some").status_code == 400
    assert press(f"/contacts/{anna}/withdraw", what="hug").status_code == 400
    done = press(f"/contacts/{anna}/withdraw", what="some", **{"scope:service_updates": "1"})
    assert done.status_code == 303
    with shop.database.read() as connection:
        purposes = connection.execute(select(tables.consent.c.purposes).order_by(tables.consent.c.seq.desc())).scalars()
        assert next(iter(purposes)) == ["service_updates"]


def test_the_day_of_the_letter_is_its_last_moment(press: Callable[..., Any], shop: World, anna: str) -> None:
    press(f"/contacts/{anna}/withdraw", what="marketing", day="2026-11-23")
    with shop.database.read() as connection:
        at = connection.execute(
            select(tables.consent.c.occurred_at).where(tables.consent.c.type == "withdrawn")
        ).scalar_one()
    assert at.isoformat() == "2026-11-23T22:59:59.999999+00:00", "midnight in Berlin"


def test_correcting_names_what_was_wrong(press: Callable[..., Any], owner: Any, anna: str, shop: World) -> None:
    wrong = press(f"/contacts/{anna}/correct", name="Anna Muster", phone="nichts", locale="de", born_on="")
    assert wrong.status_code == 400 and "Es wurde nichts geändert" in wrong.text
    right = press(f"/contacts/{anna}/correct", name="Anna Muster", phone=ANNA, locale="de", born_on="1990-02-29")
    assert right.status_code == 400
    right = press(f"/contacts/{anna}/correct", name="Anna Muster", phone=ANNA, locale="de", born_on="1990-02-28")
    assert right.status_code == 303 and "Anna Muster" in page(owner, right.headers["location"])
    assert types(shop) == ["granted", "corrected"]


def test_resting_and_lifting_it(press: Callable[..., Any], owner: Any, anna: str, shop: World, clock: Clock) -> None:
    press(f"/contacts/{anna}/restrict", on="1")
    assert "Die Daten dieser Person ruhen" in page(owner, f"/contacts/{anna}")
    clock.advance(minutes=1)
    press(f"/contacts/{anna}/restrict", on="0")
    assert "Die Daten dieser Person ruhen" not in page(owner, f"/contacts/{anna}")
    assert types(shop) == ["granted", "restricted", "unrestricted"]


def test_erasing_takes_a_tick_and_leaves_a_certificate(press: Callable[..., Any], owner: Any, anna: str) -> None:
    assert "1001" in page(owner, f"/contacts/{anna}/erase"), "the unfinished order is named"
    assert press(f"/contacts/{anna}/erase").status_code == 400
    done = press(f"/contacts/{anna}/erase", sure="1")
    text = page(owner, done.headers["location"])
    assert "Löschbescheinigung" not in text and "Laden Beispiel hat Ihre Daten am 24. November 2026 gelöscht." in text
    assert "Ihre Person in einer Bestellung" in text and "unlesbarer Code" in text and "Anna" not in text
    paper = owner.get(done.headers["location"] + "/certificate")
    assert paper.content.startswith(b"%PDF") and "LB-2026-" in paper.headers["content-disposition"]
    assert "gelöscht" in page(owner, f"/contacts/{anna}")
    assert press(f"/contacts/{anna}/erase", sure="1").status_code == 404


def test_a_ground_to_wait_blocks_and_asks_again(press: Callable[..., Any], owner: Any, anna: str, shop: World) -> None:
    for ground, until in (("open_order", "2026-11-01"), ("hug", "2027-01-01"), ("claim", "someday")):
        assert press(f"/contacts/{anna}/erase", ground=ground, until=until).status_code == 400
    press("/requests", kind="erasure", way="letter", phone="0171 3920012")
    assert press(f"/contacts/{anna}/erase", ground="claim", until="2027-01-31").status_code == 303
    assert types(shop) == ["granted", "withdrawn", "restricted"]
    assert send.claim(shop, "nummer", 10) == []
    text = page(owner, "/requests")
    assert "31. Januar 2027" in text and "Abgelehnt: Es gibt offene Ansprüche" in text


def test_a_request_is_entered_found_and_answered(press: Callable[..., Any], owner: Any, anna: str) -> None:
    assert "Niemand wartet" in page(owner, "/requests")
    assert press("/requests", kind="access", way="email").status_code == 400
    answer = press("/requests", kind="access", way="email", email="ANNA@example.com", note="Mail vom 20.")
    here = answer.headers["location"]
    text = page(owner, here)
    assert "24. Dezember 2026" in text and f"/contacts/{anna}/export" in text and "Mail vom 20." in text
    packed = press(f"/contacts/{anna}/export")
    files = zipfile.ZipFile(io.BytesIO(packed.content))
    assert sorted(files.namelist()) == ["auskunft.pdf", "daten.json"]
    data = json.loads(files.read("daten.json"))
    assert data["person"]["phone"] == ANNA and data["shop"][0]["facts"]["email"] == "anna@example.com"
    assert data["consents"][0]["evidence"]["shop"] == "laden" and len(data["messages"]) == 1
    assert "Beantwortet" in page(owner, here)


def test_a_stranger_gets_an_answer_too(press: Callable[..., Any], owner: Any) -> None:
    here = press("/requests", kind="erasure", way="letter", email="x@example.com").headers["location"]
    assert "führt hier zu jemandem" in page(owner, here)
    assert press(here, outcome="refused").status_code == 400
    assert press(here, outcome="nobody").status_code == 303
    assert "Es sind keine Daten gespeichert" in page(owner, here)
    assert press(here, outcome="nobody").status_code == 404, "it is no longer open"


def test_addresses_name_nobody(press: Callable[..., Any]) -> None:
    here = press("/requests", kind="access", way="email", email="x@example.com", phone=ANNA).headers["location"]
    assert "example" not in here and "3920012" not in here


def _edit(connection: Any) -> None:
    connection.execute(tables.consent.update().where(tables.consent.c.seq == 2).values(actor="owner"))


def _remove(connection: Any) -> None:
    connection.execute(tables.consent.delete().where(tables.consent.c.seq == 2))


def _cut(connection: Any) -> None:
    connection.execute(tables.consent.delete().where(tables.consent.c.seq == 3))


@pytest.mark.parametrize(
    ("harm", "said"),
    [(_edit, "Zeile 2 wurde verändert"), (_remove, "Zeile 2 fehlt"), (_cut, "Ab Zeile 3 wurde das Ende abgeschnitten")],
)
def test_a_row_touched_by_hand_stops_advertising_not_service(
    press: Callable[..., Any], owner: Any, shop: World, clock: Clock, harm: Callable[[Any], None], said: str
) -> None:
    """From the database to the page, the alarm and the decision (docs/reference/law.md section 3)."""
    from storekit import a_message, an_entry

    from integration.domain.consent.consent import Source
    from integration.flow.alarms import monitor
    from integration.flow.messages.decide import Question, decide_all
    from integration.store.contacts.identity_resolution import Person

    scopes = ("marketing_news", "service_updates")
    with shop.database.write() as connection:
        [berta] = identity_resolution.resolve(connection, [Person("firma", "+491713920099")], NOON)
        shop.ledger.append(connection, [an_entry(), an_entry(berta.subject, purposes=scopes, source=Source.QR)], NOON)
    press("/ledger")
    assert "vollständig" in page(owner, "/ledger")
    with shop.database.write() as connection:
        harm(connection)
    assert press("/ledger").status_code == 303
    text = page(owner, "/ledger")
    assert said in text and "Das Protokoll ist unterbrochen." in text and "Was zu tun ist" in text
    assert monitor.look(shop, clock())[0] >= 1
    with shop.database.write() as connection:
        assert "ledger_broken" in connection.execute(select(tables.alarm.c.cause)).scalars().all()
        kinds = ("newsletter", "order_update")
        asked = [Question(a_message(berta.id, kind=k, purpose=k, template=None, text="…"), berta) for k in kinds]
        reasons = [found.decision.reason for found in decide_all(shop, connection, asked, "queue")]
    assert reasons[0] == "ledger_integrity" and reasons[1] != "ledger_integrity"


def test_signed_ends_can_be_kept_elsewhere(press: Callable[..., Any], owner: Any, shop: World, anna: str) -> None:
    from integration.domain.consent.checkpoint import read_lines

    press(f"/contacts/{anna}/proof")
    [kept] = read_lines(owner.get("/ledger/checkpoints").text)
    assert kept.key == shop.vault.public_key and kept.key in page(owner, "/ledger")


def test_the_page_of_deletion_names_every_rule(owner: Any, shop: World, world: Any, intake: Any, clock: Clock) -> None:
    from dataclasses import replace

    from integration.web.labels import KEPT
    from jobs.sweeps import retention

    names = [name for name, _, _ in retention.preview(shop, clock())]
    assert set(names) <= set(KEPT), "a new rule wants words in integration/web/labels.py"
    deps = replace(
        world.deps(shop.database, intake, clock), world=shop, deletions=lambda: retention.preview(shop, clock())
    )
    browser = world.Browser(create_app(deps))
    browser.cookies.update(owner.cookies)
    text = browser.get("/retention").text
    assert "words_days" in text and "Was Kunden schrieben" in text and "365 Tage" in text


def test_a_number_that_nobody_has_is_blocked(press: Callable[..., Any], owner: Any, shop: World, anna: str) -> None:
    assert press("/contacts", q="0171 3920012").headers["location"] == f"/contacts/{anna}"
    text = press("/contacts", q="0171/39 200-99").text
    assert "Niemand hat diese Nummer" in text
    assert press("/contacts/block", number="nichts", what="objection").status_code == 400
    done = press("/contacts/block", number="0171/39 200-99", what="objection", way="phone")
    assert "Die Nummer ist gesperrt" in page(owner, done.headers["location"])
    with shop.database.read() as connection:
        assert connection.execute(select(tables.suppression.c.reason)).scalars().all() == ["objected"]


@pytest.mark.parametrize(
    ("days", "used", "said"),
    [(539, None, ""), (540, None, "verfällt am 2. Juni 2027"), (731, None, "Verfallen"), (731, 100, "")],
)
def test_a_consent_that_nobody_uses_is_warned_of_before_it_lapses(
    owner: Any, shop: World, anna: str, days: int, used: int | None, said: str
) -> None:
    with shop.database.write() as connection:
        subject = connection.execute(select(tables.contact.c.subject).where(tables.contact.c.id == anna)).scalar_one()
        at = NOON - timedelta(days=days)
        grant = an_entry(subject, purposes=("marketing_news",), source=Source.QR, occurred_at=at)
        shop.ledger.append(connection, [grant], NOON)
        if used:
            news = a_message(anna, kind="newsletter", purpose="newsletter")
            messages.add(connection, [news], NOON - timedelta(days=used))
            messages.start(connection, [news], NOON - timedelta(days=used))
    page = owner.get(f"/contacts/{anna}").text
    assert said in page and (said != "") is ("verfällt am" in page or "Verfallen" in page)
