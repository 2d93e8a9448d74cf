"""The import's pages: upload, columns, result, report; and the command that does the same."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from consent_kit import state_of, with_number
from storekit import rows

from integration.cli import import_consents
from integration.domain.errors import LadenboteError
from integration.flow.consent import imports
from integration.flow.world import World
from integration.store import tables

TEXT = "Ja, Laden darf mir per WhatsApp Neuigkeiten schicken; mit STOP ende ich das."
HEAD = "Phone,Opt-in,Opt-in date,Consent text,Source,Message ID\n"


def line(n: int, message: str = "wamid.1", source: str = "Pop-up") -> str:
    return f'+4917139{n:05},yes,2025-03-31 14:05,"{TEXT}",{source},{message}\n'


@pytest.fixture
def shop(shop: World) -> World:
    return with_number(shop)


@pytest.fixture
def upload(owner: Any, csrf: Callable[[], str]) -> Callable[..., Any]:
    def send(body: bytes | str, name: str = "liste.csv", **fields: str) -> Any:
        return owner.post("/consents/import", data={"csrf": csrf(), **fields}, files={"file": (name, body, "text/csv")})

    return send


def columns(*roles: str) -> dict[str, str]:
    return {f"column_{role}": str(place) for place, role in enumerate(roles)}


ALL = columns("phone", "status", "at", "wording", "source", "confirmation")


def test_from_the_file_to_the_ledger(owner: Any, upload: Any, press: Any, shop: World) -> None:
    body = HEAD + line(1) + line(2, message="") + "12,yes,,,,\n"
    at = upload(body).headers["location"]
    page = owner.get(at).text
    assert "Welche Spalte sagt was?" in page and page.count(" selected") >= 6 and "Spalten zuordnen" in page
    assert press(at, marketing_news="1", channel="whatsapp", **ALL).headers["location"] == at
    page = owner.get(at).text
    assert "Was daraus würde" in page and "A: zählt" in page and "Das ist keine Telefonnummer." in page
    assert rows(shop.database, tables.consent, "type") == []
    assert press(f"{at}/start").status_code == 303
    assert "Was daraus wurde" in owner.get(at).text
    assert state_of(shop, "+491713900001", "marketing_news").standing == "on"
    assert "liste.csv" in owner.get("/consents/import").text


def test_the_report_has_a_reason_per_row_and_no_formula(owner: Any, upload: Any, press: Any) -> None:
    at = upload(HEAD + line(1) + line(2, message="", source='"=cmd()"')).headers["location"]
    press(at, marketing_news="1", **ALL)
    report = owner.get(f"{at}/report.csv")
    assert report.headers["content-type"].startswith("text/csv")
    assert report.text.lstrip("\ufeff").splitlines()[0] == "Zeile;Ergebnis;Grund"
    assert len(report.text.splitlines()) == 3 and "=cmd" not in report.text and "2;A: zählt;" in report.text


def test_what_is_left_open_is_asked_for(upload: Any, press: Any) -> None:
    at = upload(HEAD + line(1)).headers["location"]
    answer = press(at, **columns("", "status"))
    assert answer.status_code == 422
    assert "in welcher Spalte die Telefonnummer" in answer.text and "Kreuzen Sie mindestens eines an." in answer.text


def test_a_large_file_goes_on_in_the_background(
    owner: Any, upload: Any, press: Any, shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from integration.web.pages.consent import imports as page
    from jobs.sweeps import imports as job

    monkeypatch.setattr(page, "AT_ONCE", 20)
    monkeypatch.setattr(imports, "CHUNK", 10)
    at = upload(HEAD + "".join(line(n) for n in range(50))).headers["location"]
    press(at, marketing_news="1", **ALL)
    waiting = owner.get(at)
    assert "Bisher 20 Zeilen" in waiting.text and waiting.headers["refresh"] == "3"
    assert job.sweep(shop, shop.clock()) == "files=1 done=1"
    ready = owner.get(at)
    assert "Jetzt importieren" in ready.text and "refresh" not in ready.headers
    assert job.sweep(shop, shop.clock()) == ""


@pytest.mark.parametrize(("body", "said"), [(b"", "Die Datei ist leer."), (b",,\n", "keine Spaltennamen")])
def test_a_bad_file_is_refused_with_a_sentence(upload: Any, shop: World, body: bytes, said: str) -> None:
    answer = upload(body)
    assert answer.status_code == 422 and said in answer.text
    assert rows(shop.database, tables.consent_import, "id") == []


def test_forty_megabytes_are_refused_with_a_sentence(upload: Any, shop: World) -> None:
    answer = upload(b"a,b,c\n" * (imports.LIMIT // 6 + 20_000))
    assert answer.status_code == 413 and "größer als 40 MB" in answer.text
    assert rows(shop.database, tables.import_piece, "n") == []


def test_an_upload_needs_the_forms_token_and_a_file(owner: Any, csrf: Callable[[], str], shop: World) -> None:
    file = {"file": ("x.csv", HEAD + line(1), "text/csv")}
    assert owner.post("/consents/import", data={"csrf": "no"}, files=file).status_code == 403
    assert owner.post("/consents/import", data={"csrf": csrf()}).status_code == 400
    assert owner.post("/consents/import", data={"csrf": csrf()}, files={"other": ("x", b"1")}).status_code == 400
    broken = {"content-type": "multipart/form-data; boundary=x"}
    assert owner.post("/consents/import", content=b"--y\r\nnonsense", headers=broken).status_code in (400, 403)
    assert rows(shop.database, tables.consent_import, "id") == []


def test_hostile_names_are_only_text(owner: Any, upload: Any) -> None:
    at = upload("<script>alert(1)</script>,phone\n<b>,1\n", name="<img src=x>.csv").headers["location"]
    for page in (owner.get(at).text, owner.get("/consents/import").text):
        assert "<script>alert" not in page and "<img" not in page


def test_a_file_is_forgotten_by_a_press(upload: Any, press: Any, shop: World) -> None:
    at = upload(HEAD + line(1)).headers["location"]
    assert press(f"{at}/end").headers["location"] == "/consents/import"
    assert rows(shop.database, tables.import_piece, "n") == []
    assert press("/consents/import/nothing/start").status_code == 404


# ── The command ─────────────────────────────────────────────────────────────────────────────────────────────


def told(*named: str, **changes: Any) -> import_consents.Told:
    return replace(import_consents.Told("", ("marketing_news",), named, "", "", "", "DE", None), **changes)


def test_the_command_does_the_same(shop: World, tmp_path: Path) -> None:
    file, report = tmp_path / "liste.csv", tmp_path / "report.csv"
    file.write_text(HEAD + line(1) + line(2, message=""), "utf-8")
    item = import_consents.look_through(shop, file, told())
    assert sorted(line.split(maxsplit=1)[1][:1] for line in import_consents.summary(shop, item)) == ["A", "B"]
    assert rows(shop.database, tables.consent, "type") == []
    done = import_consents.bring_in(shop, item)
    import_consents.write_report(shop, done, report)
    assert done.state == "done" and len(report.read_text("utf-8").splitlines()) == 3
    assert state_of(shop, "+491713900001", "marketing_news").standing == "on"


def test_the_command_takes_named_columns_and_refuses_unknown_ones(shop: World, tmp_path: Path) -> None:
    file = tmp_path / "liste.csv"
    file.write_text("a,b\n+491713900001,yes\n", "utf-8")
    assert import_consents.look_through(shop, file, told("phone=a", "status=b")).counts == {"C": 1}
    for wrong in (
        told(),
        told("phone=z"),
        told("colour=a"),
        told("phone=a", company="other"),
        told("phone=a", purposes=("x",)),
    ):
        with pytest.raises(LadenboteError):
            import_consents.look_through(shop, file, wrong)
    assert all(state in ("ready", "failed") for (state,) in rows(shop.database, tables.consent_import, "state"))
