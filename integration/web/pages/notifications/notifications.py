"""Notifications: which message goes when, who would get it, in which words?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.carts.reminders import KIND, PUSHY
from integration.domain.consent.consent import MARKETING, SCOPES, TemplateFacts
from integration.domain.notifications import BY_KIND, NOT_YET, NOTIFICATIONS, Notification, SubjectType, subject_of
from integration.domain.notifications.settings import Rule, UnfitVoucher, UnlawfulDelay, rule_for
from integration.domain.shops.events import Snapshot
from integration.domain.templates.templates import rendered, template_for
from integration.flow.notifications.audience import knows
from integration.flow.notifications.settings import decide, is_choosable
from integration.flow.shops import preview_data
from integration.flow.shops.preview_data import Newest
from integration.store.conversations import order_replies
from integration.store.notifications import demand
from integration.store.notifications import settings as notification_settings
from integration.store.shops import snapshots
from integration.store.templates import templates
from integration.web.forms import Form
from integration.web.parts.voucher_form import DAYS, PERCENTS, read_offer
from integration.web.render import Pages

SPAN = timedelta(days=30)
#: of the list of changes, and of the answers of customers
MOST = 20
#: how many of the last orders say what share of them a kind is for
LATELY = 200
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
BY = "dashboard"


@dataclass(frozen=True, slots=True)
class Row:
    """One kind as the page shows it. `unit` is what the delay is counted in."""

    notification: Notification
    rule: Rule
    scope: str
    calls: int
    made: int
    held_back: int
    text: str
    buttons: list[tuple[str, str]]
    unit: timedelta
    status: str

    @property
    def waits_for_meta(self) -> bool:
        """Whether its text is not approved in the shop's language: then the message waits, and expires."""
        return self.rule.on and self.status != "APPROVED"

    @property
    def is_advertising(self) -> bool:
        """Whether it is advertising by law, whatever it is called."""
        return self.notification.purpose in MARKETING

    @property
    def choosable(self) -> bool:
        """Whether the owner decides on it."""
        return is_choosable(self.notification)

    @property
    def is_pushy(self) -> bool:
        """Whether it reminds of a cart so soon that people find it pushy (docs/reference/features.md section 3)."""
        return self.notification.kind == KIND and self.rule.on and self.rule.delay < PUSHY

    @property
    def audience_known(self) -> bool:
        """Whether a page says who would get it."""
        return knows(self.notification)

    @property
    def bounds(self) -> tuple[int, int] | None:
        """The least and the most that the owner may choose, in units."""
        delays = self.notification.delays
        return (delays[0] // self.unit, delays[1] // self.unit) if delays else None

    @property
    def delay(self) -> int:
        """How long it waits, in units."""
        return self.rule.delay // self.unit


@dataclass(frozen=True, slots=True)
class _Lately:
    """What happened in a shop in the last 30 days, and the orders that were seen last."""

    rules: Mapping[tuple[str, str], Rule]
    milestones: Mapping[str, int]
    made: Mapping[str, tuple[int, int]]
    orders: Sequence[Snapshot]
    templates: Mapping[tuple[str, str], TemplateFacts]

    def calls_for(self, notification: Notification) -> int:
        """How often a kind was called for; one for few orders (cash on delivery) by their share of the last orders."""
        calls = sum(self.milestones.get(milestone, 0) for milestone in notification.on)
        if notification.subject_type is not SubjectType.ORDER or not self.orders:
            return calls
        fitting = [
            o for o in self.orders if notification.unless(subject_of("", "de", {"order": o.facts})) not in NOT_YET
        ]
        return round(calls * len(fitting) / len(self.orders))


def show(pages: Pages, request: Request) -> Response:
    """The page of one shop."""
    return _page(pages, request, request.query_params.get("shop", ""))


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Keep what the owner decided about one kind, in this shop or in all."""
    notification, shop = BY_KIND.get(form.get("kind", "")), form.get("shop", "")
    if notification is None or shop not in pages.world.shops or not is_choosable(notification):
        return pages.missing(request)
    everywhere = form.get("everywhere") == "yes"
    shops = list(pages.world.shops) if everywhere else [shop]
    try:
        offer = read_offer(form) if notification.voucher else None
        wanted = Rule(form.get("on") == "yes", _delay(notification, form.get("delay", "")), offer=offer)
        decide(pages.world, shops, notification.kind, wanted, BY, pages.world.clock())
    except (UnlawfulDelay, UnfitVoucher):
        return _page(pages, request, shop, wrong=notification.kind)
    return RedirectResponse(f"/notifications?{urlencode({'shop': shop})}#{notification.kind}", 303)


def _delay(notification: Notification, typed: str) -> timedelta:
    if notification.delays is None:
        return notification.delay
    if not (typed.isascii() and typed.isdigit() and len(typed) <= 4):
        raise UnlawfulDelay
    return int(typed) * _unit(notification)


def _unit(notification: Notification) -> timedelta:
    """What the delay is counted in: the largest unit in which the shortest one is whole."""
    least = notification.delays[0] if notification.delays else HOUR
    return next((unit for unit in (DAY, HOUR) if least >= unit), MINUTE)


def _page(pages: Pages, request: Request, asked: str, wrong: str = "") -> Response:
    ours = pages.world.shops
    shop = asked if asked in ours else next(iter(ours), "")
    if not shop:
        return pages.render(request, "notifications/empty.html")
    with pages.world.database.read() as connection:
        rows = _rows(pages, connection, shop)
        changes = notification_settings.history(connection, [shop], MOST)
        answers = order_replies.answered(connection, shop, MOST)
    return pages.render(
        request,
        "notifications/notifications.html",
        400 if wrong else 200,
        shop=shop,
        ours=ours,
        services=[row for row in rows if not row.is_advertising],
        offers=[row for row in rows if row.is_advertising],
        changes=changes,
        answers=answers,
        wrong=wrong,
        units={DAY: "days", HOUR: "hours", MINUTE: "minutes"},
        percents=PERCENTS,
        valid_days=DAYS,
    )


def _rows(pages: Pages, connection: Connection, shop: str) -> list[Row]:
    since = pages.world.clock() - SPAN
    lately = _Lately(
        notification_settings.current(connection),
        demand.milestones(connection, shop, since),
        demand.made(connection, shop, since),
        [item for item in snapshots.latest_orders(connection, shop, LATELY) if not item.facts.get("redacted")],
        templates.facts(connection, pages.world.senders[pages.world.shops[shop].sender].account),
    )
    found = preview_data.of_shop(pages.world, connection, pages.world.shops[shop])
    return [_row(pages, shop, notification, lately, found) for notification in NOTIFICATIONS]


def _row(pages: Pages, shop: str, notification: Notification, lately: _Lately, found: Newest) -> Row:
    ours = pages.world.shops[shop]
    template = template_for(notification.kind, ours.language, ours.address)
    made, held_back = lately.made.get(notification.kind, (0, 0))
    known = lately.templates.get((template.name, template.language))
    return Row(
        notification=notification,
        rule=rule_for(lately.rules, shop, notification.kind),
        scope=(SCOPES[notification.purpose] or "").split(":")[0],
        calls=lately.calls_for(notification),
        made=made,
        held_back=held_back,
        text=rendered(template.body, preview_data.words(found, notification, ours.name, template.language)),
        buttons=[("quick_reply", title) for _, title in template.buttons],
        unit=_unit(notification),
        status=known.status if known else "",
    )
