"""Everything that is stored about a person, to be handed out (GDPR Art. 15 and 20): a zip of JSON and files.

Written piece by piece into the file that is given, so a long life needs no more memory than a short one.
"""

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import Connection

from integration import log
from integration.domain.contacts.contacts import Contact
from integration.domain.privacy import access_report
from integration.domain.templates.media import ending
from integration.flow.consent import proof
from integration.flow.privacy import requests as subject_requests
from integration.flow.templates import media
from integration.flow.templates.rendered import Words
from integration.flow.world import World
from integration.store.consent import proof as store
from integration.store.contacts import contacts, listing
from integration.store.conversations import echoes
from integration.store.messages import attachments
from integration.store.privacy import requests, subject_data
from integration.store.templates import uploads

DATA = "daten.json"
#: messages of each side that the readable part shows; the JSON has them all
READABLE = 200
#: bytes of pictures and files in one zip; what is beyond is in the chat on the person's own phone
MOST_MEDIA = 500_000_000
#: the part whose words are made from templates
MESSAGES = "messages"
logger = log.get("export")


@dataclass(frozen=True, slots=True)
class Exported:
    """What was handed out, as far as the readable part needs it. `lately` are the last messages, both ways."""

    person: Mapping[str, Any]
    about: Mapping[str, Any]
    events: list[dict[str, Any]]
    wordings: list[dict[str, Any]]
    orders: list[dict[str, Any]]
    lately: list[tuple[datetime, bool, str, str]]
    zone: ZoneInfo


def write(world: World, contact_id: str, out: IO[bytes], source: str) -> Exported | None:
    """Write the zip; None when nobody is known. It is noted as an answered request: a person's open one, or a new one.

    The caller adds the readable part with `zipfile` in append mode.
    """
    with world.database.read() as connection:
        row = listing.contact_of(connection, contact_id)
        if row is None or row.erased_at:
            return None
        person = contacts.by_id(connection, [row.id])[row.id]
        found = _exported(world, connection, person)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive, archive.open(DATA, "w") as entry:
            for piece in _json(_parts(world, connection, person, found)):
                entry.write(piece)
        with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as archive:
            for name, content in _media(world, connection, person):
                archive.writestr(name, content)
    note(world, person, source)
    return found


def told(world: World, connection: Connection, person: Contact) -> Iterator[tuple[str, Any]]:
    """The same, part by part, for whoever writes it in another form; parts that may be long are iterators."""
    return _parts(world, connection, person, _exported(world, connection, person))


def _media(world: World, connection: Connection, person: Contact) -> Iterator[tuple[str, bytes]]:
    """Files that the person sent, and documents of their orders, as far as they lie here, up to `MOST_MEDIA` bytes."""
    left = MOST_MEDIA
    for name, paper in uploads.of(connection, person.id):
        left -= len(paper)
        yield f"documents/{name}", paper
    for row in subject_data.of(connection, "written", person.id):
        for file in attachments.of(connection, [row.wa_message_id]).values():
            content = media.opened(world, file) if file.size <= left else None
            if content is not None:
                left -= len(content)
                yield f"media/{row.at:%Y%m%d-%H%M%S}-{file.id[-8:]}{ending(file.mime)}", content


def note(world: World, person: Contact, source: str) -> None:
    """Everything was handed out: a person's open request is answered, or an answered one is noted."""
    now = world.clock()
    with world.database.write() as connection:
        wish = requests.open_of(connection, person.id, "access")
        if wish is None:
            id_ = subject_requests.opened(world, connection, person.company, person.id, "access", source, {}, now)
            requests.end(connection, id_, "done", subject_requests.ANSWERED, now)
        else:
            subject_requests.end_kind(world, connection, person.id, "access", now)
    logger.info("person_exported", company=person.company, contact=person.id)


def _exported(world: World, connection: Connection, person: Contact) -> Exported:
    zone = ZoneInfo(world.companies[person.company].time_zone)
    subjects = list(contacts.subjects(connection, [person]))
    rows = store.consents(connection, person.company, subjects)
    payloads = world.ledger.evidence(connection, person.company, subjects)
    profile = subject_data.profile(connection, person.id)
    return Exported(
        person=_plain(subject_data.shown("person", profile)) if profile else {},
        about=_about(world, person),
        events=[proof.event(row, payloads.get(row.event_id), zone) for row in rows],
        wordings=proof.wordings(rows),
        orders=listing.orders_of(connection, person.id),
        lately=_lately(connection, person),
        zone=zone,
    )


def _lately(connection: Connection, person: Contact) -> list[tuple[datetime, bool, str, str]]:
    """When, whether we wrote it, what kind, in which words; the newest `READABLE` of each side, the oldest first."""
    words, ours = Words(connection), subject_data.last_messages(connection, person.id, READABLE)
    found = [(row.created_at, True, row.kind, words.of(row) or "") for row in ours]
    found += [(row.at, False, row.type, row.text) for row in listing.inbound_of(connection, person.id, READABLE)]
    found += [(row.at, True, row.type, row.text) for row in echoes.of_contact(connection, person.id, READABLE)]
    return sorted(found, key=lambda item: item[0])


def _about(world: World, person: Contact) -> dict[str, Any]:
    company, kept = world.companies[person.company], world.retention
    shops = ", ".join(shop.name for shop in world.shops.values() if shop.company == person.company) or "–"
    numbers = {"bodies": kept.bodies_days, "words": kept.words_days, "refusals": kept.refusals_days}
    words = {**numbers, "years": kept.proof_years, "shops": shops}

    def said(texts: Iterable[Any]) -> list[dict[str, str]]:
        return [{"de": text.de.format(**words), "en": text.en.format(**words)} for text in texts]

    return {
        "controller": {"name": company.named, "privacy": company.privacy_url},
        "made_at": world.clock().astimezone(UTC).isoformat(),
        "purposes": said(access_report.PURPOSES),
        "recipients": said(access_report.RECIPIENTS),
        "sources": said(access_report.SOURCES),
        "retention": said(access_report.RETENTION),
        "notes": said(access_report.NOTES),
    }


def _parts(world: World, connection: Connection, person: Contact, found: Exported) -> Iterator[tuple[str, Any]]:
    """The parts of the JSON file; those that may be long are iterators."""
    words = Words(connection)
    yield "about", found.about
    yield "person", found.person
    yield "consents", found.events
    yield "wordings", found.wordings
    for part in subject_data.parts():
        yield part, _told(connection, part, person, words)


def _told(connection: Connection, part: str, person: Contact, words: Words) -> Iterator[dict[str, Any]]:
    for row in subject_data.of(connection, part, person.id):
        said = {"text": words.of(row), "buttons": [title for _, title in row.buttons or ()]} if part == MESSAGES else {}
        yield _plain(subject_data.shown(part, row)) | said


def _json(parts: Iterable[tuple[str, Any]]) -> Iterator[bytes]:
    for place, (name, value) in enumerate(parts):
        yield (b"," if place else b"{") + b"\n" + orjson.dumps(name) + b": "
        if isinstance(value, Iterator):
            yield b"["
            for n, item in enumerate(value):
                yield (b",\n  " if n else b"\n  ") + orjson.dumps(item)
            yield b"]"
        else:
            yield orjson.dumps(value, option=orjson.OPT_INDENT_2)
    yield b"\n}\n"


#: columns whose names mean something only among ours
_NAMES = {
    "payload": "button", "wa_message_id": "id", "object_type": "type", "object_id": "id",
    "first_seen_at": "known_since",
}  # fmt: skip


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        _NAMES.get(name, name): _utc(value) if isinstance(value, datetime) else value for name, value in told.items()
    }


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
