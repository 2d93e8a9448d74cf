"""The proof sheet as a person reads and prints it; the signed JSON says the same to a machine."""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from integration.domain.consent.consent import MARKETING
from integration.domain.consent.proof import signed_bytes
from integration.domain.text import Text
from integration.i18n import translator
from integration.web import labels
from integration.web.papers.paper import Paper

STEM = Text("beweisblatt", "proof")
#: what a double opt-in and its end are made of: shown with their words, like advertising
_TOLD = ("doi_request", "optin_offer", "optin_confirmation", "optout_confirmation")


def proof_paper(file: Mapping[str, Any], language: str) -> bytes:
    """The PDF of a proof file (`flow.consent.proof.make`)."""
    document = file["proof"]
    made = datetime.fromisoformat(document["made_at"])
    zone = ZoneInfo(document["time_zone"])
    _ = translator(language).gettext
    paper = Paper(language, zone, _("Proof of consent"), f"{document['company']['name']} · {document['id']}", made)
    _who(paper, document, made)
    _events(paper, document)
    _messages(paper, document)
    _chain(paper, file)
    return paper.finished()


def _who(paper: Paper, document: Mapping[str, Any], made: datetime) -> None:
    _, person, company = paper.words, document["person"], document["company"]
    paper.lead(_("What this person agreed to, when, to which words, and what was sent on it."))
    town = f"{company['name']}, {company['town']}" if company["town"] else company["name"]
    erased = person["erased_at"]
    paper.facts(
        (
            (_("Company"), town),
            (_("Person"), person["name"] or _("no name known")),
            (_("Phone number"), person["phone"] or ""),
            (_("WhatsApp id"), person["wa_user_id"] or ""),
            (_("Erased on"), paper.both_times(datetime.fromisoformat(erased)) if erased else ""),
            (_("Made on"), paper.both_times(made)),
            (_("Number of this sheet"), document["id"]),
        )
    )


def _events(paper: Paper, document: Mapping[str, Any]) -> None:
    _, language = paper.words, paper.formats.language
    texts = {wording["hash"]: wording for wording in document["wordings"]}
    paper.section(_("What happened"))
    for event in document["events"]:
        scopes = ", ".join(labels.scope(scope, language) for scope in event["purposes"])
        what = labels.word(labels.CONSENT, event["type"], language)
        number = _("Event %(number)s") % {"number": event["seq"]}
        paper.step(datetime.fromisoformat(event["occurred_at"]), f"{number}: {what}{f' – {scopes}' if scopes else ''}")
        source = labels.word(labels.SOURCE, event["source"], language)
        paper.say(f"{source[:1].upper()}{source[1:]}.")
        for flag in event["flags"]:
            paper.say(labels.word(labels.FLAG, flag, language))
        shown = texts.get(event["wording_hash"])
        if shown:
            paper.small(_("Shown text, version %(version)s") % {"version": shown["version"]})
            paper.quote(shown["text"])
        paper.small("; ".join(_told(event["evidence"])) if event["evidence"] else _no_evidence(paper, event))
        paper.small(_("Recorded on %(when)s") % {"when": event["recorded_at"][:19].replace("T", " ") + " UTC"})


def _no_evidence(paper: Paper, event: Mapping[str, Any]) -> str:
    _ = paper.words
    if event["type"] in ("erased", "proof_exported", "platform_resume"):
        return _("There are no further details.")
    return _("The details were encrypted; their key has been destroyed.")


def _told(evidence: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in evidence.items():
        if isinstance(value, Mapping):
            yield from _told(value, f"{prefix}{name}.")
        elif value not in (None, "", []):
            yield f"{prefix}{name}: {value}"


def _messages(paper: Paper, document: Mapping[str, Any]) -> None:
    _, language, found = paper.words, paper.formats.language, document["messages"]
    numbers = {event["event_id"]: str(event["seq"]) for event in document["events"]}
    paper.section(_("What was sent, and on which basis"))
    if not found:
        paper.say(_("No message was sent to this person."))
        return
    heads = (_("When"), _("What"), _("Class"), _("State"), _("Basis: events"))
    paper.rows(heads, (_row(paper, message, numbers) for message in found), (34, 52, 28, 32, 24))
    for message in found:
        if message["text"] and (message["kind"] in _TOLD or message["advertising"]):
            paper.step(datetime.fromisoformat(message["sent_at"]), labels.kind(message["kind"], language))
            paper.quote(message["text"])
            paper.small(_("WhatsApp message id: %(id)s") % {"id": message["wa_message_id"] or "–"})


def _row(paper: Paper, message: Mapping[str, Any], numbers: Mapping[str, str]) -> tuple[str, ...]:
    _, language = paper.words, paper.formats.language
    at = datetime.fromisoformat(message["sent_at"]).astimezone(paper.zone)
    basis = ", ".join(numbers.get(id_, "?") for id_ in message["basis"])
    marketing = message["advertising"] or message["purpose"] in MARKETING
    return (
        f"{at:%d.%m.%Y %H:%M}",
        labels.kind(message["kind"], language),
        _("Advertising") if marketing else _("Order or answer"),
        labels.word(labels.STATUS, message["status"], language),
        basis or _("none needed"),
    )


def _chain(paper: Paper, file: Mapping[str, Any]) -> None:
    _, document = paper.words, file["proof"]
    check, ends = document["check"], [part["checkpoint"] for part in document["chain"] if part["checkpoint"]]
    paper.section(_("Why this can be trusted, and how to verify it"))
    paper.say(
        _(
            "Every act is a row in an append-only ledger. Each row carries the hash of the row before it, so nothing "
            "can be changed, removed or put in between later without being noticed. The ends of this chain are signed "
            "every hour and when a sheet is made."
        )
    )
    paper.say(_state(paper, check))
    if ends:
        last = ends[-1]
        said = _("The last signed end is row %(row)s with the hash:") % {"row": last["seq"]}
        paper.say(said)
        paper.code(last["hash"])
    paper.say(
        _("To verify: ladenbote proof verify FILE, with the JSON file of this sheet and this public key (Ed25519):")
    )
    paper.code(file["key"])
    paper.say(_("The signature and the SHA-256 of what is signed:"))
    paper.code(file["signature"])
    paper.code(hashlib.sha256(signed_bytes(document)).hexdigest())
    paper.small(
        _("Without our program: docs/proof.md describes the format and has thirty lines of code that verify it.")
    )


def _state(paper: Paper, check: Mapping[str, Any]) -> str:
    _ = paper.words
    if check["checked_at"] is None:
        return _("The whole chain has not been verified by itself yet; the rows on this sheet are.")
    when = {"when": paper.both_times(datetime.fromisoformat(check["checked_at"])), "rows": check["rows"]}
    if check["whole"]:
        return _("The whole chain was last verified on %(when)s: all %(rows)s rows fit.") % when
    return _("The whole chain was last verified on %(when)s: it is broken. This is being looked into.") % when


def proof_files(file: Mapping[str, Any], language: str) -> dict[str, bytes]:
    """The sheet to print and the signed JSON, by file name."""
    stem = f"{STEM.in_(language)}-{file['proof']['id'][-8:]}"
    return {f"{stem}.pdf": proof_paper(file, language), f"{stem}.json": orjson.dumps(file, option=orjson.OPT_INDENT_2)}
