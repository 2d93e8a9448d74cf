"""One contact: who agreed to what, when, to which wording, and what happened between us?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from integration.domain.consent.consent import SCOPES, ConsentEvent, ConsentType
from integration.domain.consent.standing import in_order
from integration.store.contacts import listing as contact_listing
from integration.store.conversations import echoes
from integration.store.messages import attachments, listing
from integration.store.messages import sent as sent_messages
from integration.store.messages.listing import Filter
from integration.store.privacy import requests
from integration.web.parts.consent_status import lapses, standing
from integration.web.render import Pages

MESSAGES, SHOWN = 50, 100
GENERAL = tuple(dict.fromkeys(scope for scope in SCOPES.values() if scope and ":" not in scope))
GOOD = ("granted", "confirmed", "imported")
BAD = ("withdrawn", "objected", "declined", "platform_stop", "erased", "restricted")
#: what was just done by a form, said above the page
DONE = ("withdrawn", "corrected", "restricted", "unrestricted", "held")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing in the life of a contact. `kind` names the part of the template that tells it."""

    kind: str
    at: datetime
    row: Any
    mark: str = ""


def show(pages: Pages, request: Request) -> Response:
    """The page. The only one that shows a full phone number."""
    asked = request.path_params["id"]
    with pages.world.database.read() as connection:
        person = contact_listing.contact_of(connection, asked)
        if person is None:
            return pages.missing(request)
        if person.id != asked:
            return RedirectResponse(f"/contacts/{person.id}", 303)
        ledger = contact_listing.headers(connection, [person])[person.id]
        happenings = _happenings(connection, person)
        last_marketing = sent_messages.marketing_sent(connection, [person.id], pages.world.clock())[1].get(person.id)
        files = attachments.of(connection, [h.row.wa_message_id for h in happenings if h.kind == "inbound"])
    now = pages.world.clock()
    states = [(scope, standing(ledger, scope, person, now)) for scope in (*GENERAL, *listed_scopes(ledger))]
    done = request.query_params.get("done", "")
    return pages.render(
        request,
        "contacts/contact.html",
        person=person,
        states=states,
        lapses={scope: at for scope, state in states if (at := lapses(state, scope, last_marketing, now))},
        restricted=_restricted(ledger),
        happenings=happenings[:SHOWN],
        files=files,
        more=len(happenings) > SHOWN,
        agreed=any(event.type in GOOD for event in ledger),
        done=done if done in DONE else "",
    )


def listed_scopes(ledger: Iterable[ConsentEvent]) -> list[str]:
    """The scopes of single articles that somebody asked for."""
    return sorted({scope for event in ledger for scope in event.purposes if ":" in scope})


def _restricted(ledger: Sequence[ConsentEvent]) -> bool:
    pair = [e for e in in_order(ledger) if e.type in (ConsentType.RESTRICTED, ConsentType.UNRESTRICTED)]
    return bool(pair) and pair[-1].type is ConsentType.RESTRICTED


def _happenings(connection: Connection, person: Row[Any]) -> list[Happening]:
    """Everything, the newest first: acts, messages both ways, requests."""
    acts = contact_listing.consents(connection, person.company, contact_listing.subjects_of(connection, person))
    sent = listing.page(connection, Filter(contact_id=person.id), size=MESSAGES).rows
    found = [Happening("consent", row.occurred_at, row, _mark(row.type)) for row in acts]
    found += [Happening("message", row.created_at, row) for row in sent]
    found += [Happening("inbound", row.at, row) for row in contact_listing.inbound_of(connection, person.id, MESSAGES)]
    found += [Happening("echo", row.at, row) for row in echoes.of_contact(connection, person.id, MESSAGES)]
    found += [Happening("request", wish.received_at, wish) for wish in requests.of_contact(connection, person.id)]
    return sorted(found, key=lambda item: item.at, reverse=True)


def _mark(type_: str) -> str:
    return " good" if type_ in GOOD else " bad" if type_ in BAD else ""
