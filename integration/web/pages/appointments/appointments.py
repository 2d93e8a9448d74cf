"""Appointments: who comes when, and who was reminded?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import Row
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.appointments.appointments import MOST_ROWS, Fault, Typed, Wanted, listed, read
from integration.domain.notifications.settings import rule_for
from integration.flow.appointments import appointments
from integration.flow.appointments.appointments import KIND
from integration.flow.world import Shop
from integration.store.appointments import appointments as store
from integration.store.notifications import settings
from integration.web.forms import Form
from integration.web.render import Pages

LISTED = 200
BY = "dashboard"
FIELDS = ("phone", "name", "what", "day", "time")


@dataclass(frozen=True, slots=True)
class Line:
    """One appointment as the page shows it, with its newest reminder, if there is one."""

    row: Row[Any]
    message: Row[Any] | None

    @property
    def told_another_time(self) -> bool:
        """Whether a reminder of an earlier time is out in the world."""
        left = self.message is not None and self.message.status not in ("suppressed", "cancelled", "expired", "queued")
        return left and self.message is not None and self.message.expires_at != self.row.starts_at


def show(pages: Pages, request: Request) -> Response:
    """The page of one shop."""
    return _page(pages, request, request.query_params.get("shop", ""), {})


def take(pages: Pages, request: Request, form: Form) -> Response:
    """Enter one appointment, or a list that was pasted; nothing is entered while anything is wrong."""
    slug = form.get("shop", "")
    if slug not in pages.world.shops:
        return pages.missing(request)
    shop, pasted = pages.world.shops[slug], form.get("rows", "")
    try:
        typed = listed(pasted) if pasted.strip() else [_typed(form)]
    except ValueError:
        return _page(pages, request, slug, form, too_many=True)
    wanted, faults = _read(pages, shop, typed)
    if faults:
        return _page(pages, request, slug, form, faults=faults)
    made = appointments.enter(pages.world, shop, wanted, BY)
    return RedirectResponse(f"/appointments?{urlencode({'shop': slug, 'made': made})}", 303)


def change(pages: Pages, request: Request, form: Form) -> Response:
    """Move or cancel one."""
    id_, slug = request.path_params["id"], form.get("shop", "")
    if slug not in pages.world.shops:
        return pages.missing(request)
    if form.get("act") == "cancel":
        done = appointments.cancel(pages.world, id_)
    else:
        given = Typed("+491711234567", "", "…", form.get("day", ""), form.get("time", ""))
        found = read(given, "", pages.zone, pages.world.clock())
        if isinstance(found, Fault):
            return _page(pages, request, slug, {}, faults=[(given, found)])
        done = appointments.move(pages.world, id_, found.starts_at)
    return RedirectResponse(f"/appointments?{urlencode({'shop': slug})}", 303) if done else pages.missing(request)


def _typed(form: Form) -> Typed:
    phone, name, what, day, time = (form.get(field, "") for field in FIELDS)
    return Typed(phone, name, what, day, time)


def _read(pages: Pages, shop: Shop, typed: Sequence[Typed]) -> tuple[list[Wanted], list[tuple[Typed, Fault]]]:
    """What was typed, and what is wrong with which row."""
    wanted, faults = [], []
    for item in typed:
        found = read(item, shop.context.country, pages.zone, pages.world.clock())
        if isinstance(found, Fault):
            faults.append((item, found))
        else:
            wanted.append(found)
    return wanted, faults


def _page(
    pages: Pages,
    request: Request,
    asked: str,
    form: Mapping[str, str],
    *,
    faults: Sequence[tuple[Typed, Fault]] = (),
    too_many: bool = False,
) -> Response:
    ours = pages.world.shops
    shop = asked if asked in ours else next(iter(ours), "")
    if not shop:
        return pages.render(request, "notifications/empty.html")
    now = pages.world.clock()
    with pages.world.database.read() as connection:
        rule = rule_for(settings.current(connection), shop, KIND)
        rows = store.of_shop(connection, shop, now, LISTED)
        sent = store.messages_of(connection, [row.contact_id for row in rows])
    return pages.render(
        request,
        "appointments/appointments.html",
        422 if faults or too_many else 200,
        shop=shop,
        ours=ours,
        rule=rule,
        lines=[Line(row, sent.get(row.id)) for row in rows],
        form=form,
        faults=faults,
        too_many=too_many,
        most=MOST_ROWS,
        made=request.query_params.get("made", ""),
        today=pages.today().isoformat(),
        zone=pages.zone,
    )
