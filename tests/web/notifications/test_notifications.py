"""The page of notifications: which message goes when, who would get it, and the owner's switches."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from worlds import Clock, order, parcel, post

from integration.domain.notifications import NOTIFICATIONS
from integration.flow import react
from integration.flow.world import World
from integration.store import tables
from integration.store.conversations import order_replies
from integration.store.notifications import settings


@pytest.fixture
def shop(shop: World) -> World:
    """Anna ordered with the box ticked, and somebody else without; there is a branch, too."""
    other = replace(shop.shops["laden"], slug="filiale", name="Filiale", address="sie")
    both = replace(shop, shops=dict(shop.shops) | {"filiale": other})
    here(both, order(), parcel(), order("1002", phone="0171 3920077", consent=None, first_name="Bert"))
    return both


def here(made: World, *snapshots: dict[str, Any]) -> None:
    post(made, *snapshots)
    react.run(made)


def card(page: str, kind: str) -> str:
    found = re.search(
        rf'<li class="kind" id="{kind}">.*?</form>|<li class="kind" id="{kind}">.*?</details>', page, re.S
    )
    assert found, kind
    return found[0]


def submit(owner: Any, **fields: str) -> Any:
    page = owner.get("/notifications").text
    csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
    return owner.post("/notifications", data={"csrf": csrf, "shop": "laden"} | fields)


def kept(shop: World) -> list[tuple[Any, ...]]:
    with shop.database.read() as connection:
        rows = connection.execute(select(tables.rule).order_by(tables.rule.c.version)).all()
    return [(row.version, row.shop, row.kind, row.is_on, row.delay_seconds, row.by) for row in rows]


def test_every_kind_has_a_row_that_says_when_and_shows_its_text(owner: Any) -> None:
    page = owner.get("/notifications").text
    for notification in NOTIFICATIONS:
        row = card(page, notification.kind)
        assert notification.title.de in row
        assert notification.when.de in row
        assert "STOP" in row


def test_the_preview_is_a_real_order_in_the_shops_form_of_address(owner: Any) -> None:
    row = card(owner.get("/notifications").text, "shipping_notice")
    assert "zu deiner Bestellung 1001 bei Laden" in row or "zu deiner Bestellung 1002 bei Laden" in row
    row = card(owner.get("/notifications?shop=filiale").text, "order_confirmation")
    assert "Ihre Bestellung" in row


def test_numbers_lead_to_their_messages(owner: Any) -> None:
    row = card(owner.get("/notifications").text, "order_confirmation")
    assert '<a href="/messages?shop=laden&kind=order_confirmation">2 Nachrichten</a>' in row
    assert '<a href="/messages?shop=laden&kind=order_confirmation&status=suppressed">1 davon zurückgehalten</a>' in row


def test_a_kind_that_is_off_says_how_often_it_would_have_been_due(owner: Any, shop: World, clock: Clock) -> None:
    here(shop, order(version=clock() + timedelta(seconds=1), paid_at=clock().isoformat()))
    row = card(owner.get("/notifications").text, "payment_received")
    assert "Sie wäre einmal fällig gewesen" in row
    assert "Dafür gab es keinen Anlass" in card(owner.get("/notifications").text, "refund_notice")


def test_a_kind_for_few_orders_counts_those(owner: Any, shop: World) -> None:
    assert "Dafür gab es keinen Anlass" in card(owner.get("/notifications").text, "cod_confirmation")
    here(shop, order("1003", payment="cod"))
    assert "Sie wäre einmal fällig gewesen" in card(owner.get("/notifications").text, "cod_confirmation")


def test_switching_on_and_off_are_versions(owner: Any, shop: World) -> None:
    answer = submit(owner, kind="payment_reminder", on="yes", delay="4")
    assert (answer.status_code, answer.headers["location"]) == (303, "/notifications?shop=laden#payment_reminder")
    submit(owner, kind="payment_reminder", on="no", delay="4")
    days = 4 * 86_400
    assert kept(shop) == [
        (1, "laden", "payment_reminder", True, days, "dashboard"),
        (2, "laden", "payment_reminder", False, days, "dashboard"),
    ]
    page = owner.get("/notifications").text
    assert "Zahlungserinnerung" in page.rpartition("Änderungen")[2]
    assert "abgeschaltet, wartet 4 Tage" in page


def test_a_decision_may_hold_for_all_shops(owner: Any, shop: World) -> None:
    submit(owner, kind="delivered", on="yes", everywhere="yes")
    assert [(row[1], row[3]) for row in kept(shop)] == [("laden", True), ("filiale", True)]


def test_switching_off_cancels_what_waits(owner: Any, shop: World) -> None:
    submit(owner, kind="order_confirmation", on="no")
    with shop.database.read() as connection:
        message = tables.message
        query = select(message.c.status, message.c.reason).where(message.c.kind == "order_confirmation")
        assert set(connection.execute(query)) == {("cancelled", "switched_off"), ("suppressed", "no_consent")}


@pytest.mark.parametrize("delay", ["1", "22", "-3", "x", "", "99999", "٣", "4.5"])
def test_a_delay_out_of_bounds_changes_nothing_and_says_so(owner: Any, shop: World, delay: str) -> None:
    answer = submit(owner, kind="payment_reminder", on="yes", delay=delay)
    assert answer.status_code == 400
    assert "Nichts wurde geändert" in answer.text
    assert kept(shop) == []


@pytest.mark.parametrize(("minutes", "warned"), [("30", True), ("59", True), ("60", False), ("180", False)])
def test_a_cart_may_be_reminded_of_soon_with_a_warning(owner: Any, shop: World, minutes: str, warned: bool) -> None:
    assert submit(owner, kind="abandoned_cart", on="yes", delay=minutes).status_code == 303
    row = card(owner.get("/notifications").text, "abandoned_cart")
    assert ("aufdringlich" in row) is warned
    assert "Warten, in Minuten (30 bis 1440)" in row and f'value="{minutes}"' in row
    submit(owner, kind="abandoned_cart", on="no", delay=minutes)
    assert "aufdringlich" not in card(owner.get("/notifications").text, "abandoned_cart")


def test_half_an_hour_is_called_so(owner: Any, shop: World) -> None:
    submit(owner, kind="abandoned_cart", on="yes", delay="30")
    assert "30 Minuten" in card(owner.get("/notifications").text, "abandoned_cart")
    assert submit(owner, kind="abandoned_cart", on="yes", delay="29").status_code == 400


@pytest.mark.parametrize(
    "fields",
    [{"kind": "nothing"}, {"kind": "doi_request"}, {"kind": "delivered", "shop": "fremd"}, {}],
    ids=str,
)
def test_what_nobody_may_choose_is_not_there(owner: Any, shop: World, fields: dict[str, str]) -> None:
    assert submit(owner, on="no", **fields).status_code == 404
    assert kept(shop) == []


def test_a_form_without_its_token_is_refused(owner: Any, shop: World) -> None:
    assert owner.post("/notifications", data={"shop": "laden", "kind": "delivered", "on": "yes"}).status_code == 403
    assert kept(shop) == []


def test_answers_of_customers_are_shown_here_and_beside_the_message(owner: Any, shop: World, clock: Clock) -> None:
    message = tables.message
    with shop.database.write() as connection:
        query = select(message.c.id, message.c.contact_id).where(message.c.order_key == "laden/order/1001")
        id_, contact_id = connection.execute(query.order_by(message.c.id)).first() or ("", "")
        order_replies.note(connection, "laden/order/1001", "cod", "no", contact_id, clock())
        order_replies.note(connection, "laden/order/1001", "mute", "yes", contact_id, clock())
    page = owner.get("/notifications").text
    assert "hat die Nachnahme nicht bestätigt" in page
    assert "hat die Nachnahme nicht bestätigt" not in owner.get("/notifications?shop=filiale").text
    assert "möchte zu dieser Bestellung keine Nachrichten mehr" in owner.get(f"/messages/{id_}").text


def test_the_message_names_the_owners_version(owner: Any, shop: World, clock: Clock) -> None:
    submit(owner, kind="order_confirmation", on="yes")
    here(shop, order("1003"))
    with shop.database.read() as connection:
        query = select(tables.message.c.id).where(tables.message.c.object_id == "1003")
        id_ = connection.execute(query).scalar_one()
        assert settings.current(connection)["laden", "order_confirmation"].version == 1
    page = owner.get(f"/messages/{id_}").text
    assert '<a href="/notifications?shop=laden#order_confirmation">Fassung 1</a>' in page


def test_a_text_that_meta_has_not_approved_is_named(owner: Any, shop: World) -> None:
    assert "Meta hat den Text noch nicht genehmigt" not in owner.get("/notifications").text
    with shop.database.write() as connection:
        wanted = tables.template.c.name == "lb_shipping_notice_du_v1"
        connection.execute(tables.template.update().where(wanted).values(status="PENDING"))
    assert "Meta hat den Text noch nicht genehmigt" in card(owner.get("/notifications").text, "shipping_notice")


def test_a_page_says_who_would_get_it_and_why_not_the_others(owner: Any, shop: World) -> None:
    row = card(owner.get("/notifications").text, "shipping_notice")
    assert '<a href="/notifications/shipping_notice?shop=laden">Wer würde sie bekommen?</a>' in row
    page = owner.get("/notifications/order_confirmation?shop=laden").text
    assert "Eine Nachricht wäre gesendet worden." in page
    assert "Für diese Art von Nachricht liegt keine WhatsApp-Einwilligung vor" in page
    assert re.search(r'<a href="/contacts/[^"]+">Bert Beispiel</a>', page)
    assert "Niemand" in owner.get("/notifications/price_drop?shop=laden").text
    assert "Niemand" in owner.get("/notifications/refund_notice?shop=filiale").text


@pytest.mark.parametrize("path", ["nothing?shop=laden", "delivered?shop=fremd", "doi_request?shop=laden"])
def test_nobody_knows_who_gets_what_is_not_there(owner: Any, path: str) -> None:
    assert owner.get(f"/notifications/{path}").status_code == 404


def test_a_voucher_is_chosen_with_its_kind(owner: Any, shop: World) -> None:
    submit(owner, kind="birthday_voucher", on="yes", percent="15", days="7")
    with shop.database.read() as connection:
        offer = settings.current(connection)["laden", "birthday_voucher"].offer
    assert offer and (offer.percent, offer.days) == (15, 7)
    page = owner.get("/notifications").text
    assert "Gutschein über 15 % für 7 Tage" in page
    assert '<option value="15" selected>15 %</option>' in card(page, "birthday_voucher")
    assert submit(owner, kind="birthday_voucher", on="yes", percent="0", days="7").status_code == 400
    assert submit(owner, kind="win_back", on="yes", delay="90", percent="99", days="7").status_code == 400
    submit(owner, kind="win_back", on="yes", delay="90", percent="0", days="7")
    with shop.database.read() as connection:
        assert settings.current(connection)["laden", "win_back"].offer is None


def test_it_is_english_too(owner: Any) -> None:
    csrf = re.findall(r'name="csrf" value="([^"]+)"', owner.get("/notifications").text)[0]
    owner.post("/language", data={"csrf": csrf, "language": "en", "next": "/notifications"})
    page = owner.get("/notifications").text
    assert "It goes out when a parcel has been delivered." in page
