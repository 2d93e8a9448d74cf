"""What a shop's own privacy tool is told: pages of somebody's data as names and values, and what an erasure left."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from integration.domain.contacts.contacts import Contact
from integration.domain.text import Language
from integration.flow.privacy import export, shop_requests
from integration.flow.privacy.shop_requests import Asked, Copied, Erased
from integration.flow.world import World
from integration.i18n import N_, translator
from integration.web import labels
from integration.web.formats import Formats
from integration.web.papers.certificate import kept_lines
from integration.web.papers.export import PARTS, PROFILE

#: items on one page
PAGE = 100
Row = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Item:
    """One thing with its names and values; `group` collects things of a kind under `label`."""

    group: str
    label: str
    id: str
    rows: tuple[Row, ...]


def page(world: World, asked: Asked, number: int, language: Language) -> dict[str, Any]:
    """One page of the copy, from 1; `done` with the last."""
    found = shop_requests.copy(world, asked, first=number == 1)
    if found.person is None:
        return {"items": [_plain(_instead(found, language))], "done": True}
    with world.database.read() as connection:
        whole = _items(export.told(world, connection, found.person), found, language, _zone(world, found.person))
        here = list(islice(whole, (number - 1) * PAGE, number * PAGE + 1))
    if 0 < len(here) <= PAGE:  # the shop may have pages of its own after our last
        shop_requests.copied(world, found)
    return {"items": [_plain(item) for item in here[:PAGE]], "done": len(here) <= PAGE}


def erased(world: World, asked: Asked, found: Erased, language: Language) -> dict[str, Any]:
    """Whether anything was removed and retained, and the sentences that say what and why."""
    return {
        "removed": found.outcome == "done",
        "retained": found.outcome != "nobody",
        "messages": [f"Ladenbote: {said}" for said in _said(world, asked, found, language)],
    }


def _said(world: World, asked: Asked, found: Erased, language: Language) -> Iterator[str]:
    _ = translator(language).gettext
    if found.outcome == "done":
        yield _("Name, phone number, WhatsApp id, messages and orders' person were erased.")
        yield from (_("Kept: %(what)s.") % {"what": line} for line in kept_lines(found.told, language))
        return
    if found.outcome == "nobody":
        yield _("Nothing is stored under this e-mail address.")
        return
    if found.outcome == "open_order":
        yield _("Nothing was erased yet: an order of this person is still being carried out.")
    else:
        yield _("Nothing was erased yet: this address is not one person's alone, so somebody has to look first.")
    due = {"day": Formats(language, _company_zone(world, asked)).full_day(found.due_at)}
    yield _("The request stands on the page Requests and must be answered by %(day)s.") % due


def _items(parts: Iterable[tuple[str, Any]], found: Copied, language: Language, zone: ZoneInfo) -> Iterator[Item]:
    """The parts of an export that the shop does not hold itself; it adds orders of its own."""
    _, shown = translator(language).gettext, Formats(language, zone)
    if found.files:
        told = _("Pictures and files (%(count)s) come from the shop separately.") % {"count": found.files}
        yield Item("ladenbote", _("WhatsApp messages"), "files", ((_("Files"), told),))
    consents: list[dict[str, Any]] = []
    for name, value in parts:
        if name == "about":
            yield Item("ladenbote", _("WhatsApp messages"), "about", tuple(_about(value, language)))
        elif name == "person":
            rows = tuple((_(title), str(value[key])) for key, title in PROFILE.items() if value.get(key))
            yield Item("ladenbote-person", _("Your data"), "person", rows)
        elif name == "wordings":
            yield from _consents(consents, {wording["hash"]: wording["text"] for wording in value}, shown)
        elif name == "consents":
            consents = value
        elif name in _LISTS:
            group, label, told_of = _LISTS[name]
            for n, row in enumerate(value):
                yield Item(f"ladenbote-{group}", _(label), f"{group}-{n + 1}", tuple(told_of(row, shown)))


def _about(value: Mapping[str, Any], language: Language) -> Iterator[Row]:
    _ = translator(language).gettext
    yield _("Company"), str(value["controller"]["name"])
    for part, title in PARTS:
        yield _(title), "\n".join(text[language] for text in value[part])


def _consents(events: Iterable[Mapping[str, Any]], texts: Mapping[str, str], shown: Formats) -> Iterator[Item]:
    _ = translator(shown.language).gettext
    for event in events:
        scopes = ", ".join(labels.scope(scope, shown.language) for scope in event["purposes"])
        rows = (
            (_("When"), _at(event["occurred_at"], shown)),
            (_("What"), labels.word(labels.CONSENT, event["type"], shown.language)),
            (_("Purpose"), scopes),
            (_("Source"), labels.word(labels.SOURCE, event["source"], shown.language)),
            (_("The text that was shown"), texts.get(event["wording_hash"], "")),
        )
        label = _("What you agreed to and took back")
        yield Item("ladenbote-consents", label, f"consent-{event['seq']}", tuple(row for row in rows if row[1]))


def _message(row: Mapping[str, Any], shown: Formats) -> Iterator[Row]:
    _ = translator(shown.language).gettext
    yield _("When"), _at(row["created_at"], shown)
    yield _("What"), labels.kind(row["kind"], shown.language)
    yield _("State"), labels.word(labels.STATUS, row["status"], shown.language)
    if row["text"]:
        yield _("The text"), row["text"]


def _written(row: Mapping[str, Any], shown: Formats) -> Iterator[Row]:
    _ = translator(shown.language).gettext
    yield _("When"), _at(row["at"], shown)
    yield _("The text"), row.get("text") or row.get("button") or row["type"]


def _cart(row: Mapping[str, Any], shown: Formats) -> Iterator[Row]:
    _ = translator(shown.language).gettext
    yield _("When"), _at(row["began_at"], shown)
    yield _("Total"), f"{row.get('total', '')} {row.get('currency', '')}".strip()


def _voucher(row: Mapping[str, Any], shown: Formats) -> Iterator[Row]:
    _ = translator(shown.language).gettext
    yield _("Code"), str(row.get("code", ""))


_LISTS = {
    "messages": ("messages", N_("Messages to you"), _message),
    "written": ("written", N_("Messages from you"), _written),
    "carts": ("carts", N_("Your carts"), _cart),
    "vouchers": ("vouchers", N_("Your vouchers"), _voucher),
}


def _instead(found: Copied, language: Language) -> Item:
    """What stands there when nothing may be handed out at once."""
    _ = translator(language).gettext
    if found.outcome == "nobody":
        told = _("Nothing is stored under this e-mail address.")
    else:
        told = _("The shop has to look first whose data these are, and sends them to you separately.")
    return Item("ladenbote", _("WhatsApp messages"), "request", ((_("WhatsApp messages"), told),))


def _plain(item: Item) -> dict[str, Any]:
    return {"group": item.group, "label": item.label, "id": item.id, "rows": [list(row) for row in item.rows]}


def _at(iso: str, shown: Formats) -> str:
    return shown.exact(datetime.fromisoformat(iso))


def _zone(world: World, person: Contact) -> ZoneInfo:
    return ZoneInfo(world.companies[person.company].time_zone)


def _company_zone(world: World, asked: Asked) -> ZoneInfo:
    return ZoneInfo(world.companies[world.shops[asked.shop].company].time_zone)
