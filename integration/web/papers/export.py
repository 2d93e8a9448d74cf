"""What is stored about a person, to read: the PDF beside the JSON of an access export."""

import zipfile
from datetime import datetime
from typing import IO

from integration.domain.text import Text
from integration.flow.privacy import export
from integration.flow.privacy.export import Exported
from integration.flow.world import World
from integration.i18n import N_, translator
from integration.web import labels
from integration.web.papers.paper import Paper

NAME = Text("auskunft.pdf", "access.pdf")
PROFILE = {
    "name": N_("Name"),
    "phone": N_("Phone number"),
    "wa_user_id": N_("WhatsApp id"),
    "locale": N_("Language"),
    "country": N_("Country"),
    "region": N_("Region"),
    "born_on": N_("Date of birth"),
    "created_at": N_("Known since"),
    "last_inbound_at": N_("Last wrote"),
}
PARTS = (
    ("purposes", N_("What for, and on which ground")),
    ("recipients", N_("Who gets them")),
    ("sources", N_("Where they come from")),
    ("retention", N_("How long they are kept")),
    ("notes", N_("Good to know")),
)


def hand_out(world: World, contact_id: str, out: IO[bytes], source: str, language: str) -> bool:
    """Write the whole export, readable part included; False when nobody is known."""
    found = export.write(world, contact_id, out, source)
    if found is None:
        return False
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(NAME.in_(language), export_paper(found, language))
    return True


def export_paper(found: Exported, language: str) -> bytes:
    """The PDF."""
    _ = translator(language).gettext
    company = found.about["controller"]["name"]
    made = datetime.fromisoformat(found.about["made_at"])
    paper = Paper(language, found.zone, _("Your data"), company, made)
    paper.lead(
        _("What %(company)s stores about you for messages on WhatsApp. The file daten.json holds all of it.")
        % {"company": company}
    )
    paper.facts((_(title), str(found.person[name])) for name, title in PROFILE.items() if found.person.get(name))
    _consents(paper, found)
    _orders(paper, found)
    _lately(paper, found)
    for part, title in PARTS:
        paper.section(_(title))
        for text in found.about[part]:
            paper.say(f"– {text['de' if language == 'de' else 'en']}")
    return paper.finished()


def _consents(paper: Paper, found: Exported) -> None:
    language, texts = paper.formats.language, {w["hash"]: w["text"] for w in found.wordings}
    paper.section(paper.words(N_("What you agreed to and took back")))
    if not found.events:
        paper.say(paper.words(N_("Nothing so far.")))
    for event in found.events:
        scopes = ", ".join(labels.scope(scope, language) for scope in event["purposes"])
        what = labels.word(labels.CONSENT, event["type"], language)
        paper.step(datetime.fromisoformat(event["occurred_at"]), f"{what}{f': {scopes}' if scopes else ''}")
        paper.say(f"{labels.word(labels.SOURCE, event['source'], language).capitalize()}.")
        if event["wording_hash"] in texts:
            paper.quote(texts[event["wording_hash"]])


def _orders(paper: Paper, found: Exported) -> None:
    if not found.orders:
        return
    paper.section(paper.words(N_("Your orders, as far as messages need them")))
    heads = [paper.words(N_("Order")), paper.words(N_("Placed")), paper.words(N_("Total"))]
    rows = [
        (
            str(order.get("number", "")),
            str(order.get("placed_at") or "")[:10],
            f"{order.get('total', '')} {order.get('currency', '')}",
        )
        for order in found.orders
    ]
    paper.rows(heads, rows, (60, 60, 50))


def _lately(paper: Paper, found: Exported) -> None:
    language = paper.formats.language
    paper.section(paper.words(N_("Messages")))
    if not found.lately:
        paper.say(paper.words(N_("No message so far.")))
    for at, ours, kind, text in found.lately:
        who = labels.kind(kind, language) if ours else paper.words(N_("You wrote"))
        paper.step(at, who)
        if text:
            paper.quote(text)
