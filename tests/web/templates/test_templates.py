"""The pages of texts: their state in words, the editor with its findings, the phone, versions, the brake."""

import html
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from goods import product, read, variant
from sqlalchemy import select
from worlds import NOON, NoAccount, cart, order, parcel, post

from integration.domain.actions import Action
from integration.domain.appointments.appointments import Appointment, AppointmentState
from integration.domain.errors import Refused
from integration.domain.messages.channel import RemoteTemplate, TemplateNews
from integration.domain.templates.templates import template_for
from integration.flow import react
from integration.flow.templates import templates as flow
from integration.flow.world import World
from integration.store import tables
from integration.store.appointments import appointments
from integration.store.ids import new_id
from integration.store.templates import templates

PAGE = "/templates/order_confirmation/de-du"
LIBRARY, OWN = "lb_order_confirmation_du_v1", "lb_order_confirmation_du_v101"
GOOD = "Hallo {{name}}, deine Bestellung {{order}} bei {{shop}} ist angekommen. Antworte mit STOP, wenn du magst."


@pytest.fixture
def press(owner: Any, csrf: Callable[[], str]) -> Callable[..., Any]:
    def send_form(act: str, path: str = PAGE, **fields: str) -> Any:
        return owner.post(path, data={"csrf": csrf(), "company": "firma", "shop": "", "act": act, **fields})

    return send_form


def news(shop: World, **changes: str) -> None:
    with shop.database.write() as connection:
        flow.noted(shop, connection, "konto", [TemplateNews(LIBRARY, "de", **changes)], NOON)


def texts(shop: World) -> list[Any]:
    with shop.database.read() as connection:
        return [(t.name, t.body, t.by) for t in templates.texts(connection)]


def test_the_overview_names_every_kind_and_its_state(owner: Any) -> None:
    text = owner.get("/templates").text
    assert "Bestellbestätigung" in text and "Versandmitteilung" in text and "Genehmigt" in text
    assert f'href="{PAGE}?company=firma"' in text
    assert "de-sie" not in text, "the shop says du"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"status": "PENDING"}, "Meta prüft"),
        ({"status": "PAUSED"}, "Von Meta pausiert"),
        ({"status": "DISABLED"}, "Von Meta abgeschaltet"),
        ({"status": "REJECTED", "reason": "TAG_CONTENT_MISMATCH"}, "Der Text klingt nach Werbung"),
        ({"category": "MARKETING"}, "Pausiert: Meta nennt ihn Werbung"),
        ({"quality": "RED"}, "niedrig"),
        ({"status": "STRANGE_NEW"}, "STRANGE_NEW"),
    ],
)
def test_states_in_plain_words(owner: Any, shop: World, changes: dict[str, str], words: str) -> None:
    news(shop, **changes)
    assert words in owner.get("/templates").text
    assert owner.get(PAGE).status_code == 200


def test_every_text_has_its_page(owner: Any) -> None:
    from integration.domain.notifications import NOTIFICATIONS

    for kind in NOTIFICATIONS:
        for place in ("de-du", "de-sie", "en"):
            assert owner.get(f"/templates/{kind.kind}/{place}").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/templates/nothing/de-du",
        "/templates/order_confirmation/fr",
        f"{PAGE}?company=fremd",
        f"{PAGE}?company=firma&shop=fremd",
    ],
)
def test_what_does_not_exist(owner: Any, path: str) -> None:
    assert owner.get(path).status_code == 404


def test_the_preview_shows_a_real_order(owner: Any, shop: World) -> None:
    assert "Hallo Anna, danke für deine Bestellung 1001" in owner.get(PAGE).text
    post(shop, order(number="4711", first_name="Zoë <b>"))
    react.run(shop)
    text = owner.get(PAGE).text
    assert "Hallo Zoë &lt;b&gt;, danke für deine Bestellung 4711 bei Laden" in text
    assert 'class="bubble got"' in text and "ticks" not in text, "as the customer's phone shows it"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("order_confirmation/de-du", "Hallo Zoë, danke für deine Bestellung 4711"),
        ("order_confirmation/en", "Hello Zoë, thank you for your order 4711"),
        ("shipping_notice/de-du", "Bestellung 4711 bei Laden ist das Paket unterwegs mit DHL"),
        ("abandoned_cart/de-du", "nämlich Kaffee"),
        ("back_in_stock/de-du", "Kaffeemühle ist bei Laden wieder da"),
        ("price_drop/de-du", "Kaffeemühle kostet bei Laden jetzt 9,90"),
        ("appointment_reminder/de-du", "Eingetragen ist: Röstkurs"),
        ("birthday_voucher/de-du", "Hallo Zoë, alles Gute zum Geburtstag"),
    ],
)
def test_the_preview_shows_real_things_of_every_kind(owner: Any, shop: World, path: str, words: str) -> None:
    """There was no message of these kinds yet."""
    post(shop, order(number="4711", first_name="Zoë"), parcel("4711"), cart(first_name="Zoë"))
    react.run(shop)
    read(shop, product("7", variant("71", name="Kaffeemühle"), name="Kaffeemühle"))
    with shop.database.write() as connection:
        connection.execute(tables.message.delete())
        person = connection.execute(select(tables.contact.c.id)).scalars().first()
        item = Appointment(
            new_id(), "firma", "laden", str(person), "Röstkurs", NOON + timedelta(days=2), AppointmentState.PLANNED,
            None, NOON, NOON, "owner",
        )  # fmt: skip
        appointments.add(connection, [item])
    assert words in html.unescape(owner.get(f"/templates/{path}").text)


def test_the_preview_is_a_message_that_would_leave(owner: Any, shop: World) -> None:
    post(shop, order(number="4711", first_name="https://betrug.example", last_name="{{1}}"))
    react.run(shop)
    text = owner.get(PAGE).text
    assert "betrug" not in text and "Hallo und guten Tag, danke" in text


def test_checking_stores_nothing_and_shows_findings_and_preview(shop: World, press: Callable[..., Any]) -> None:
    answer = press("check", body="Jetzt 10 % Rabatt bei {{shop}}, nur diese eine Woche lang. Antworte mit STOP.")
    assert answer.status_code == 200
    assert "ist Werbung" in answer.text and "Jetzt 10 % Rabatt bei Laden" in answer.text
    assert texts(shop) == []


def test_a_text_with_faults_is_not_submitted(shop: World, press: Callable[..., Any]) -> None:
    answer = press("submit", body="{{shop}}")
    assert answer.status_code == 200 and "ganz am Anfang" in answer.text
    assert texts(shop) == []


def test_a_good_text_becomes_a_version_and_waits(owner: Any, shop: World, press: Callable[..., Any]) -> None:
    answer = press("submit", body=GOOD.replace(". ", ".\r\n"))
    assert answer.status_code == 303 and "done=submit" in answer.headers["location"]
    assert texts(shop) == [(OWN, GOOD.replace(". ", ".\n"), "owner")]
    text = owner.get(answer.headers["location"]).text
    assert "wird bei Meta eingereicht" in text and LIBRARY in text and OWN in text
    assert "Genehmigt" in text and "Wird eingereicht" in text


def test_a_text_that_meta_has_already_is_not_submitted_again(shop: World, press: Callable[..., Any]) -> None:
    ours = template_for("order_confirmation", "de", "du").body
    assert "done=same" in press("submit", body=ours).headers["location"]
    assert texts(shop) == []
    press("submit", body=GOOD)
    assert "done=same" in press("submit", body=GOOD).headers["location"]
    assert [name for name, *_ in texts(shop)] == [OWN]


@pytest.mark.parametrize(
    "changes", [{"status": "REJECTED", "reason": "SCAM"}, {"status": "DISABLED"}, {"reason": "BECOMES_MARKETING"}]
)
def test_a_text_that_meta_does_not_want_comes_with_a_suggestion(
    owner: Any, shop: World, press: Callable[..., Any], changes: dict[str, str]
) -> None:
    news(shop, **changes)
    text = owner.get(PAGE).text
    assert "Unser Vorschlag" in text
    found = html.unescape(text.partition("<blockquote>")[2].partition("</blockquote>")[0])
    assert press("submit", body=found).status_code == 303
    assert [body for _, body, _ in texts(shop)] == [found]


def test_a_text_that_was_deleted_at_meta_is_submitted_under_another_name(
    owner: Any, shop: World, press: Callable[..., Any]
) -> None:
    news(shop, status="REFUSED", reason="NAME_BLOCKED")
    ours = template_for("order_confirmation", "de", "du").body
    text = owner.get(PAGE).text
    assert "denn den alten sperrt Meta 30 Tage" in text and "Unser Vorschlag" in text
    press("submit", body=ours)
    assert [(name, body) for name, body, _ in texts(shop)] == [(OWN, ours)]


@dataclass
class Releasing(NoAccount):
    """Releases what it is asked for, or does not."""

    willing: bool = True
    asked: list[tuple[str, str]] = field(default_factory=list)

    def unpause(self, name: str, language: str) -> None:
        self.asked.append((name, language))
        if not self.willing:
            raise Refused(100, 200, "not yet", Action.FAIL)


@pytest.mark.parametrize(("willing", "status"), [(True, "APPROVED"), (False, "PAUSED")])
def test_a_paused_text_is_released_on_request(
    owner: Any, shop: World, press: Callable[..., Any], willing: bool, status: str
) -> None:
    account = Releasing(willing)
    object.__setattr__(shop, "senders", {"nummer": replace(shop.senders["nummer"], management=account)})
    news(shop, status="PAUSED", reason="FIRST_PAUSE")
    assert "nach 3 Stunden" in owner.get(PAGE).text
    answer = press("unpause", name=LIBRARY)
    assert ("done=unpaused" in answer.headers["location"]) is willing
    assert owner.get(answer.headers["location"]).status_code == 200
    assert account.asked == [(LIBRARY, "de")]
    press("unpause", name="lb_shipping_notice_du_v1")
    assert account.asked == [(LIBRARY, "de")]
    with shop.database.read() as connection:
        assert templates.known(connection, "konto")[LIBRARY, "de"].status == status


def test_the_overview_counts_the_accounts_templates(owner: Any, shop: World) -> None:
    with shop.database.read() as connection:
        count = len(templates.known(connection, "konto"))
    assert f"{count} Vorlagen; Meta erlaubt 250" in owner.get("/templates").text


def test_back_to_our_text(owner: Any, shop: World, press: Callable[..., Any]) -> None:
    press("submit", body=GOOD)
    press("back")
    assert [body for _, body, _ in texts(shop)] == [GOOD, None]
    text = owner.get(PAGE).text
    assert "Zurück zum Text von Ladenbote" in text and "danke für deine Bestellung" in text


def test_the_brake_offers_three_ways(owner: Any, shop: World, press: Callable[..., Any]) -> None:
    news(shop, category="MARKETING")
    text = owner.get(PAGE).text
    assert "Meta nennt diesen Text Werbung" in text
    assert "Als Werbung kostet jede 0,07 € mehr" in text
    assert "{{total}}. Keine Infos mehr? Antworte mit STOP." in text, "the plainer text"
    answer = press("accept", name=LIBRARY)
    assert answer.status_code == 303
    assert "wer Werbung zugestimmt hat" in owner.get(answer.headers["location"]).text
    with shop.database.read() as connection:
        assert not templates.facts(connection, "konto")[LIBRARY, "de"].braked
    press("pause", name=LIBRARY)
    with shop.database.read() as connection:
        assert templates.facts(connection, "konto")[LIBRARY, "de"].braked
        assert [row.choice for row in templates.choices(connection, [LIBRARY])] == ["pause", "accept"]


def test_a_text_that_was_changed_at_meta_is_pointed_out(owner: Any, shop: World) -> None:
    assert "lautet dieser Text anders" not in owner.get(PAGE).text
    with shop.database.write() as connection:
        changed = RemoteTemplate(LIBRARY, "de", "APPROVED", "UTILITY", body="Ganz anders {{name}} hier.")
        templates.put(connection, "konto", changed, NOON)
    text = owner.get(PAGE).text
    assert "lautet dieser Text anders" in text and "Ganz anders {{name}} hier." in text


def test_only_a_text_of_this_kind_can_be_decided_on(shop: World, press: Callable[..., Any]) -> None:
    press("accept", name="lb_shipping_notice_du_v1")
    press("accept", name="fremd")
    with shop.database.read() as connection:
        assert templates.choices(connection, ["lb_shipping_notice_du_v1", "fremd"]) == []


def test_without_a_token_nothing_happens(owner: Any, shop: World) -> None:
    assert owner.post(PAGE, data={"act": "submit", "body": GOOD}).status_code == 403
    assert texts(shop) == []


def test_without_a_number_the_page_says_what_to_do(client: Any, sign_in: Callable[..., Any]) -> None:
    text = sign_in(client).get("/templates").text
    assert "Noch keine" in text and 'href="/connections"' in text


def test_a_message_shows_the_owners_words(owner: Any, shop: World) -> None:
    with shop.database.write() as connection:
        slot = flow.Slot("firma", "order_confirmation", "de", "du")
        flow.write(shop, connection, slot, GOOD, "owner", NOON)
        known = templates.known(connection, "konto")
        assert (OWN, "de") not in known
        assert templates.words_of(connection, OWN, "de") == GOOD
