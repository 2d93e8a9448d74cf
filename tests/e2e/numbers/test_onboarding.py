"""A number is connected in the browser of a running worker, against the pretend Meta, until its word has come back."""

import base64
import hashlib
import hmac
import io
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from PIL import Image
from pretend_meta import Meta, pretend_meta
from workers import RunningWorker

from integration.cli.demo import free_port
from integration.cli.shop_report import report
from integration.flow.numbers.send_test import queue_test
from integration.run.wiring import ensure_usable, first_key, now, opened, upgrade
from integration.settings.settings import load
from integration.store.numbers import numbers
from integration.store.tables import inbound_message, secret
from integration.web import auth

NEW = "/connections/numbers/new"
PAGE = "/connections/numbers/nummer"


class Owner:
    """The owner's browser: forms with their token, nothing else."""

    def __init__(self, url: str) -> None:
        self.http = httpx.Client(base_url=url, headers={"origin": url, "accept-language": "de"}, trust_env=False)
        answer = self.http.post("/login", data={"password": "geheim geheim", "next": "/"})
        assert answer.status_code == 303

    def get(self, path: str) -> httpx.Response:
        return self.http.get(path)

    def post(self, path: str, page: str, **form: str) -> httpx.Response:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        assert found
        return self.http.post(path, data={"csrf": found[1], **form})

    def upload(self, path: str, page: str, content: bytes) -> httpx.Response:
        found = re.search(r'name="csrf" value="([^"]+)"', self.get(page).text)
        assert found
        return self.http.post(path, data={"csrf": found[1]}, files={"file": ("zeichen.png", content)})


def picture() -> bytes:
    """A wide shop sign."""
    out = io.BytesIO()
    Image.new("RGBA", (900, 200), (0, 90, 80, 128)).save(out, "PNG")
    return out.getvalue()


class House:
    """A worker without any number, its folder, and the pretend Meta."""

    def __init__(self, home: Path, meta: Meta) -> None:
        self.meta, self.home = meta, home
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.file = home / "settings.toml"
        self.file.write_text(
            f'public_url = "{self.url}"\ndemo = true\n[server]\nport = {port}\n'
            '[companies.laden]\nname = "Laden Beispiel"\n[companies.laden.policy]\nquiet_service = false\n'
            '[shops.kaffee]\nplatform = "woocommerce"\nname = "Kaffee"\nurl = "http://127.0.0.1:1"\n'
            'webhook_secret = "geheim"\n'
        )
        settings = load(self.file)
        first_key(settings, home)
        with opened(settings, home) as world:
            upgrade(world)
            auth.set_password(world.database, world.vault, "geheim geheim", now())
        self.worker = RunningWorker(self.file, self.url)
        self.owners: list[Owner] = []

    def owner(self) -> Owner:
        """The owner, signed in."""
        self.owners.append(Owner(self.url))
        return self.owners[-1]

    def right(self, **changes: str) -> dict[str, str]:
        """The first form, filled in."""
        config = self.meta.config
        given = {
            "token": config.whatsapp_token,
            "app_secret": config.app_secret,
            "base_url": f"{config.origin}/graph/v26.0",
            "auth_prefix": "Bearer ",
            "do": "look",
        }
        return given | changes

    def choice(self) -> str:
        return f"{self.meta.config.business_account_id}/{self.meta.config.phone_number_id}"

    def other(self) -> str:
        """Another number of the account."""
        management = self.meta.management
        management.numbers["106500000000002"] = {**management.number, "id": "106500000000002"}
        return f"{self.meta.config.business_account_id}/106500000000002"


@pytest.fixture(scope="module")
def meta() -> Iterator[Meta]:
    with pretend_meta() as running:
        yield running


@pytest.fixture
def house(meta: Meta, tmp_path: Path) -> Iterator[House]:
    meta.stage.graph.management.__init__(meta.config, meta.stage.clock, meta.stage.webhooks)
    made = House(tmp_path, meta)
    made.worker.start()
    yield made
    for owner in made.owners:
        owner.http.close()
    made.worker.stop()


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_from_nothing_to_a_proved_number(house: House) -> None:
    owner, meta = house.owner(), house.meta
    assert "warten, bis eine WhatsApp-Nummer verbunden ist: kaffee" in owner.get("/connections").text
    looked = owner.post(NEW, NEW, **house.right())
    assert looked.status_code == 200
    assert "+49 221 4710 0900" in looked.text
    assert meta.config.whatsapp_token not in looked.text
    assert meta.config.app_secret not in looked.text
    entered = owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    assert (entered.status_code, entered.headers.get("location")) == (303, PAGE)

    # at once, without a restart: the number, its webhook address, and the shop that waited for it
    assert "warten, bis" not in owner.get("/connections").text
    assert httpx.post(f"{house.url}/hooks/kaffee", content=b"{}", trust_env=False, timeout=60).status_code == 401
    assert "hört dem WhatsApp-Konto noch nicht zu" in owner.get(PAGE).text
    until(lambda: len(list(meta.stage.graph.templates)) > 0)

    connected = owner.post(f"{PAGE}/webhook", PAGE)
    assert "Meta hat die Adresse" in connected.text
    assert meta.management.subscribed
    assert meta.management.app.callback == f"{house.url}/meta/nummer"
    assert {"messages", "user_preferences"} <= set(meta.management.app.fields)
    page = owner.get(PAGE).text
    assert "und die richtige Antwort bekommen" in page
    assert "Der Rückweg funktioniert" not in page
    found = re.search(r"<strong>(TEST \d{6})</strong>", page)
    assert found

    say(meta, "TEST 000000")
    say(meta, found[1])
    until(lambda: "Der Rückweg funktioniert" in owner.get(PAGE).text)
    with opened(load(house.file), house.home) as world:
        ensure_usable(world)
        queue_test(world, "+491713920012", None, "DE", "de")
    until(lambda: any(a["to"] == "+491713920012" for a in meta.stage.graph.accepted))
    for path in sorted(house.home.glob("*.log")):
        assert meta.config.whatsapp_token not in path.read_text()
    with opened(load(house.file), house.home) as world, world.database.read() as connection:
        names = set(connection.execute(secret.select()).scalars())
        assert {"senders.nummer.token", "senders.nummer.app_secret", "senders.nummer.verify_token"} <= names
        assert not any(name.startswith("number_draft.") for name in names)
        stored = b"".join(row.ciphertext for row in connection.execute(secret.select()))
        assert meta.config.whatsapp_token.encode() not in stored


def say(meta: Meta, text: str) -> None:
    """A word from the owner's phone."""
    answer = httpx.post(
        f"{meta.config.origin}/stage/reply", json={"customer": "anna", "text": text}, trust_env=False, timeout=60
    )
    assert answer.status_code == 200


def test_a_picture_from_a_phone_is_for_saving_only(house: House) -> None:
    owner, meta = house.owner(), house.meta
    owner.post(NEW, NEW, **house.right())
    owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    owner.post(f"{PAGE}/webhook", PAGE)
    content = b"<html><script>alert(1)</script></html>"
    given = {"customer": "anna", "kind": "image", "mime": "image/jpeg", "content": base64.b64encode(content).decode()}
    assert httpx.post(f"{meta.config.origin}/stage/file", json=given, trust_env=False, timeout=60).status_code == 200
    person = re.compile(r'href="(/contacts/[0-9a-f-]{36})"')
    until(lambda: person.search(owner.get("/contacts").text) is not None)
    found = person.search(owner.get("/contacts").text)
    assert found
    contact = found[1]
    until(lambda: "Datei speichern" in owner.get(contact).text)
    link = re.search(r'href="(/attachments/[^"]+)"', owner.get(contact).text)
    assert link
    file = owner.get(link[1])
    assert file.content == content
    assert file.headers["content-type"] == "application/octet-stream"
    assert re.fullmatch(r'attachment; filename="whatsapp-[0-9a-f]{8}\.bin"', file.headers["content-disposition"])
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in file.headers["content-security-policy"]
    assert owner.get("/attachments/anderes").status_code == 404
    assert httpx.get(house.url + link[1], trust_env=False, timeout=60).status_code == 303
    assert not [p for p in house.home.rglob("*") if p.is_file() and b"alert(1)" in p.read_bytes()]


def test_a_wrong_app_secret_shows_in_the_round_trip(house: House) -> None:
    """Meta's app was exchanged after the number was entered: only the signature tells."""
    owner, meta = house.owner(), house.meta
    owner.post(NEW, NEW, **house.right())
    owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    owner.post(f"{PAGE}/webhook", PAGE)
    body = b'{"object": "whatsapp_business_account", "entry": []}'
    forged = {"x-hub-signature-256": "sha256=" + "0" * 64}
    assert (
        httpx.post(meta.management.app.callback, content=body, headers=forged, trust_env=False, timeout=60).status_code
        == 401
    )
    page = owner.get(PAGE).text
    assert "passt" in page
    assert "deren Unterschrift nicht zum App-Geheimnis" in page
    assert "Der Rückweg funktioniert" not in page


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"token": "EAAfalsch"}, "nimmt dieses Token nicht an"),
        ({"token": "zwei Worte"}, "ein langes Wort ohne Leerzeichen"),
        ({"app_secret": "fremd"}, "gehört nicht zur App dieses Tokens"),
        ({"base_url": "http://127.0.0.1:9/graph"}, "WhatsApp hat nicht geantwortet"),
        ({"base_url": "http://example.com"}, "Die Adressen des Partners"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_entered(house: House, wrong: dict[str, str], says: str) -> None:
    owner = house.owner()
    looked = owner.post(NEW, NEW, **house.right(**wrong))
    assert says in looked.text
    assert "2. Die Nummer" not in looked.text
    answer = owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    assert answer.status_code != 303
    assert owner.get(PAGE).status_code == 404


def test_an_expired_token_and_a_missing_permission(house: House) -> None:
    owner, token = house.owner(), house.meta.management.token
    token.valid = False
    assert "nimmt dieses Token nicht an" in owner.post(NEW, NEW, **house.right()).text
    token.valid = True
    token.scopes = ["whatsapp_business_messaging"]
    looked = owner.post(NEW, NEW, **house.right()).text
    assert "fehlt die Berechtigung whatsapp_business_management" in looked
    assert "2. Die Nummer" not in looked


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (
            {"choice": "", "phone_number_id": "999", "business_account_id": "200000000000001"},
            "sieht keine solche Nummer",
        ),
        ({"choice": "", "phone_number_id": "abc", "business_account_id": "1"}, "sie bestehen nur aus Ziffern"),
        ({"slug": "Große Nummer"}, "Der Kurzname hat nur Kleinbuchstaben"),
        ({"slug": "new"}, "Der Kurzname hat nur Kleinbuchstaben"),
    ],
)
def test_a_number_that_does_not_fit(house: House, form: dict[str, str], says: str) -> None:
    owner = house.owner()
    owner.post(NEW, NEW, **house.right())
    given = {"do": "enter", "choice": house.choice(), "slug": "nummer"} | form
    assert says in owner.post(NEW, NEW, **given).text
    assert owner.get("/connections/numbers/nummer").status_code == 404


def test_a_second_number_is_refused_until_shops_say_which_is_theirs(house: House) -> None:
    owner = house.owner()
    owner.post(NEW, NEW, **house.right())
    owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    owner.post(NEW, NEW, **house.right())
    assert "schon" in owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer").text
    second = owner.post(NEW, NEW, do="enter", choice=house.other(), slug="zweite")
    assert "welcher Shop von welcher schreibt" in second.text


def test_another_token_or_app_secret_is_used_only_if_meta_accepts_it(house: House) -> None:
    owner, config = house.owner(), house.meta.config
    owner.post(NEW, NEW, **house.right())
    owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    renew = f"{PAGE}/token"
    for form in ({}, {"token": "zwei worte"}, {"app_secret": "zwei worte"}):
        assert "jeweils ein Wort ohne Leerzeichen" in owner.post(renew, PAGE, **form).text
    for form, says in (
        ({"token": "EAAfalsch"}, "nimmt dieses Token nicht an"),
        ({"app_secret": "fremd"}, "gehört nicht zur App dieses Tokens"),
    ):
        refused = owner.post(renew, PAGE, **form).text
        assert "darum bleibt das alte" in refused and says in refused
    assert "nimmt dieses Token nicht an" not in owner.get(PAGE).text
    owner.post(PAGE, PAGE)
    assert "Das App-Geheimnis stimmt" in owner.get(PAGE).text, "the old ones are still in use"

    body = b'{"object": "whatsapp_business_account", "entry": []}'

    def reported(secret: str) -> int:
        proof = {"x-hub-signature-256": "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}
        return httpx.post(
            f"{house.url}/meta/nummer", content=body, headers=proof, trust_env=False, timeout=60
        ).status_code

    old = config.app_secret
    assert (reported(old), reported("neues-geheimnis")) == (200, 401)
    object.__setattr__(config, "app_secret", "neues-geheimnis")  # drawn anew at Meta
    try:
        done = owner.post(renew, PAGE, app_secret="neues-geheimnis")
        assert "Ab jetzt gilt das neue" in owner.get(done.headers["location"]).text
        assert (reported(old), reported("neues-geheimnis")) == (401, 200)
    finally:
        object.__setattr__(config, "app_secret", old)


def test_a_number_is_not_connected_twice(house: House) -> None:
    owner = house.owner()
    owner.post(NEW, NEW, **house.right())
    owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    looked = owner.post(NEW, NEW, **house.right()).text
    assert "schon verbunden" in looked
    assert 'value="nummer-2"' in looked
    assert "schon verbunden" in owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="zweite").text
    assert owner.get("/connections/numbers/zweite").status_code == 404


def test_a_number_that_needs_the_owner_says_so_among_the_connections(house: House) -> None:
    owner = house.owner()
    owner.post(NEW, NEW, **house.right())
    owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    page = owner.get("/connections").text
    assert "braucht Sie" in page and "hört dem WhatsApp-Konto noch nicht zu" in page
    owner.post(f"{PAGE}/webhook", PAGE)
    page = owner.get("/connections").text
    assert "braucht Sie" not in page and "sendebereit" in page
    error = {"error_code": 141006, "error_description": "payment", "possible_solution": "pay"}
    stopped = {"entity_type": "WABA", "errors": [error], "additional_info": ["Your display name waits."]}
    house.meta.management.number["health_status"] = {"can_send_message": "BLOCKED", "entities": [stopped]}
    owner.post(PAGE, PAGE)
    page = owner.get(PAGE).text
    assert "keine gültige Zahlungsmethode" in page and "Your display name waits." in page
    assert "braucht Sie" in owner.get("/connections").text


def test_goods_profile_token_and_removal(house: House) -> None:
    owner, meta = house.owner(), house.meta
    owner.post(NEW, NEW, **house.right())
    owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    owner.post(f"{PAGE}/goods", PAGE, none="yes")
    assert "dass Sie nichts davon verkaufen" in owner.get(PAGE).text
    profile = f"{PAGE}/profile"
    assert "Noch kein Impressum" in owner.get(profile).text
    given = {"about": "Kaffee & Tee", "email": "hallo@example.com", "website1": "https://laden.example"}
    given |= {"vertical": "GROCERY", "address": "Hauptstr. 1\n50667 Köln", "description": "Rösterei"}
    saved = owner.post(profile, profile, **given, website2="https://laden.example/impressum")
    assert saved.status_code == 303
    assert meta.management.profile["websites"] == ["https://laden.example", "https://laden.example/impressum"]
    assert meta.management.profile["vertical"] == "GROCERY"
    assert meta.management.profile["address"] == "Hauptstr. 1\n50667 Köln"
    shown = owner.get(profile).text
    assert "Kaffee &amp; Tee" in shown
    assert "Noch kein Impressum" not in shown
    assert "https://" in owner.post(profile, profile, **given | {"website1": "laden"}).text
    assert owner.post(profile, profile, about="x" * 140).status_code == 400
    assert owner.upload(f"{PAGE}/picture", profile, picture()).status_code == 303
    assert meta.management.profile["profile_picture_url"]
    assert "Es gibt schon eines" in owner.get(profile).text
    refused = owner.upload(f"{PAGE}/picture", profile, b"%PDF-1.7 kein Bild")
    assert refused.status_code == 400 and "Rösterei" in refused.text

    assert owner.post(f"{PAGE}/remove", PAGE, sure="yes").headers["location"] == "/connections"
    assert owner.get(PAGE).status_code == 404
    with opened(load(house.file), house.home) as world, world.database.read() as connection:
        assert not [n for n in connection.execute(secret.select()).scalars() if n.startswith("senders.")]
        assert numbers.facts_of(connection) == {}
        assert connection.execute(inbound_message.select()).first() is None


def test_the_doctor_says_the_same(house: House) -> None:
    owner = house.owner()
    owner.post(NEW, NEW, **house.right())
    owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    house.meta.management.number["quality_rating"] = "RED"
    with opened(load(house.file), house.home) as world:
        ensure_usable(world)
        lines = list(report(world, None, "de"))
    assert ("nummer (+4922147100900)", True) in lines
    assert ("  FAULT  Die Qualität der Nummer ist niedrig.", False) in lines


def test_the_number_is_there_after_a_restart(house: House) -> None:
    owner = house.owner()
    owner.post(NEW, NEW, **house.right())
    owner.post(NEW, NEW, do="enter", choice=house.choice(), slug="nummer")
    house.worker.stop()
    house.worker.start()
    assert house.owner().get(PAGE).status_code == 200
