"""What a person gets after an erasure: what was deleted, what is kept, on which ground and until when."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from integration.flow.privacy.requests import reference
from integration.flow.world import Company
from integration.i18n import translator
from integration.store.privacy.requests import Request
from integration.web.formats import Formats


def certificate(company: Company, wish: Request, told: Mapping[str, Any], language: str) -> bytes:
    """The PDF. It names nobody: who gets it knows."""
    _ = translator(language).gettext
    ended = wish.ended_at or wish.received_at
    from integration.web.papers.paper import Paper  # fpdf takes 20 MB: only who prints pays for it

    paper = Paper(language, ZoneInfo(company.time_zone), _("Certificate of erasure"), reference(wish), ended)
    head, *parts = _parts(company, wish, told, language)
    paper.lead(head[0])
    for heading, *lines in parts:
        paper.section(heading)
        for line in lines:
            paper.say(f"– {line}")
    return paper.finished()


def certificate_text(company: Company, wish: Request, told: Mapping[str, Any], language: str) -> str:
    """The same to be pasted into a letter or an e-mail."""
    head, *parts = _parts(company, wish, told, language)
    blocks = [head[0], *("\n".join([heading, *(f"– {line}" for line in lines)]) for heading, *lines in parts)]
    return "\n\n".join([*blocks, reference(wish)])


def _parts(company: Company, wish: Request, told: Mapping[str, Any], language: str) -> Iterator[list[str]]:
    """The first sentence, then headings with their lines."""
    _ = translator(language).gettext
    day = Formats(language, ZoneInfo(company.time_zone)).full_day(wish.ended_at)
    yield [_("%(company)s deleted your data on %(day)s.") % {"company": company.named, "day": day}]
    yield [_("What was deleted"), *_deleted(told.get("counts", {}), language)]
    yield [_("What is kept, and why"), *kept_lines(told, language)]
    yield [
        _("What follows"),
        _("You get no further message from us on WhatsApp, not even about an open order."),
        _("If you write to us, we answer. If you sign up again yourself, you get messages again."),
        _(
            "WhatsApp (Meta) keeps what it needs to carry messages for a while of its own; it is its own controller "
            "there."
        ),
        _("You may complain to a data protection authority."),
    ]


def _deleted(counts: Mapping[str, int], language: str) -> Iterator[str]:
    t = translator(language)
    _ = t.gettext
    yield _("name, phone number, WhatsApp id, language, date of birth")
    for name, count in counts.items():
        said = {
            "inbound": t.ngettext("one message from you", "%(count)s messages from you", count),
            "messages": t.ngettext("the words of one message to you", "the words of %(count)s messages to you", count),
            "orders": t.ngettext("your person in one order", "your person in %(count)s orders", count),
            "carts": t.ngettext("your person in one cart", "your person in %(count)s carts", count),
            "appointments": t.ngettext("one appointment", "%(count)s appointments", count),
            "bodies": t.ngettext(
                "one raw report of the shop or of WhatsApp", "%(count)s raw reports of the shop or of WhatsApp", count
            ),
        }.get(name)
        if said and count:
            yield said % {"count": count} if "%" in said else said


def kept_lines(told: Mapping[str, Any], language: str) -> Iterator[str]:
    """What is kept of an erased person, and on which ground, a line each."""
    _ = translator(language).gettext
    yield _(
        "that consents were given and withdrawn, and when, without name and number: the ledger must stay whole "
        "(Art. 5(2))"
    )
    until = told.get("proof_until")
    if until:
        day = Formats(language, ZoneInfo("UTC")).full_day(datetime.fromisoformat(until))
        yield _("the evidence of your consents, locked, until %(day)s, to defend against claims (Art. 17(3)(e))") % {
            "day": day
        }
    if told.get("suppressed"):
        yield _(
            "an unreadable code made of your number, so that nobody writes to it by mistake (Art. 6(1)(f)); it is "
            "removed if you ask for that"
        )
    yield _("orders without your person, for the accounts; the shop itself keeps what the law demands")
