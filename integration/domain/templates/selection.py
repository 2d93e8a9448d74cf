"""Which version of a text serves: the newest that Meta has approved, the owner's own before Ladenbote's.

An edit makes a new version; the one before serves until the new one is approved (docs/reference/design.md, "Main
types"). Versions of the owner's begin at 101, so that a text of a later release never meets one of theirs.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from integration.domain.consent.consent import MARKETING
from integration.domain.messages.components import Row
from integration.domain.notifications import BY_KIND
from integration.domain.templates.advertising import promotes
from integration.domain.templates.parts import NO_PARTS, PLACEHOLDER, Parts, fits, link_begins
from integration.domain.templates.templates import Template, meta_slug, pictured_for, pictured_stem, template_for

FIRST_OWN: Final = 101
#: what Meta may still come to approve; every other status but APPROVED needs somebody to act
HOPEFUL: Final = frozenset({"PENDING", "IN_APPEAL", "PAUSED"})
_VERSION: Final = re.compile(r"_v([1-9][0-9]{0,3})\Z")


@dataclass(frozen=True, slots=True)
class OwnText:
    """A version that the owner wrote. `shop` is "" for every shop; `body` None goes back to Ladenbote's text."""

    id: str
    company: str
    shop: str
    kind: str
    language: str
    address: str
    version: int
    name: str
    body: str | None
    at: datetime
    by: str
    parts: Parts = NO_PARTS


@dataclass(frozen=True, slots=True)
class Known:
    """What Meta said last of a template. `since` is when that began, `accepted` when the owner took it as marketing.

    `outline` is what Meta shows besides the text, None where that was never read.
    """

    status: str
    category: str
    reason: str = ""
    quality: str = ""
    body: str = ""
    since: datetime | None = None
    accepted: datetime | None = None
    outline: tuple[Row, ...] | None = None


Listed = Mapping[tuple[str, str], Known]
_NOTHING: Final[Listed] = {}


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for a text: what is said, in which language and address, for which company, in which shop ("" all)."""

    company: str
    kind: str
    language: str
    address: str
    shop: str = ""

    @property
    def base(self) -> str:
        """The part of Meta's name that all versions share."""
        shop = meta_slug(self.shop)
        parts = ["lb", self.kind, self.address, f"s_{shop}" if shop else ""]
        return "_".join(part for part in parts if part)


def slot_for(company: str, kind: str, language: str, address: str, shop: str = "") -> Slot:
    """Where a text for somebody of this language stands: German has du and Sie, all others read English."""
    return Slot(company, kind, *(("de", address) if language.startswith("de") else ("en", "")), shop)


def spoiled(template: Template, body: str) -> bool:
    """Whether somebody changed this text at Meta to what messages cannot say (a variable of its own), or may not."""
    if not body or body.split() == template.body.split():
        return False
    unknown = set(PLACEHOLDER.findall(body)) - set(PLACEHOLDER.findall(template.body))
    return bool(unknown) or (template.category != "MARKETING" and not promotes(template.words) and promotes(body))


def flipped(template: Template, known: Known | None) -> bool:
    """Whether Meta made a service text MARKETING, and the owner has not accepted that."""
    return known is not None and known.category == "MARKETING" != template.category and known.accepted is None


def serves(template: Template, known: Known | None) -> bool:
    """Whether messages may use it now."""
    return known is not None and known.status == "APPROVED" and not flipped(template, known)


def next_version(slot: Slot, texts: Iterable[OwnText]) -> int:
    """The number of the next version in a place; texts of all companies count, their names must differ."""
    return 1 + max((t.version for t in texts if _base(t) == slot.base), default=FIRST_OWN - 1)


def newest(texts: Iterable[OwnText]) -> list[OwnText]:
    """The owner's newest version of each place, but where the owner went back to Ladenbote's."""
    found = {_place(text): text for text in texts}
    return [text for text in found.values() if text.body is not None]


def shared_name(text: OwnText, texts: Iterable[OwnText], listed: Listed) -> str:
    """Meta's name of a version: of the same text of another shop or company, where the account has that already."""
    if (text.name, text.language) in listed:
        return text.name
    twins = (t.name for t in texts if _words(t) == _words(text) and _hopeful_at(listed, t.name, t.language))
    return next(twins, text.name)


def _words(text: OwnText) -> tuple[object, ...]:
    return (text.kind, text.language, text.address, text.body, text.parts)


def _hopeful_at(listed: Listed, name: str, language: str) -> bool:
    known = listed.get((name, language))
    return known is not None and (known.status == "APPROVED" or known.status in HOPEFUL)


def own_template(text: OwnText, texts: Iterable[OwnText] = (), listed: Listed = _NOTHING) -> Template:
    """The owner's version as a template."""
    notification = BY_KIND[text.kind]
    return Template(
        kind=text.kind,
        language=text.language,
        address=text.address,
        name=shared_name(text, texts, listed),
        body=text.body or "",
        category="MARKETING" if notification.purpose in MARKETING else "UTILITY",
        buttons=tuple((payload, title.in_(text.language)) for payload, title in notification.buttons),
        own=True,
        parts=text.parts,
    )


def versions(slot: Slot, texts: Sequence[OwnText], listed: Listed) -> list[Template]:
    """Everything that may serve in a place, best first: the shop's own, the company's own, Ladenbote's, older ones.

    Of Ladenbote's, those with a picture and a button come before the plain one.
    """
    own = _own(slot, texts, listed) + (_own(replace(slot, shop=""), texts, listed) if slot.shop else [])
    library = template_for(slot.kind, slot.language, slot.address)
    return [*own, *_pictured(slot, listed), library, *_older(library, listed)]


def candidates(found: Sequence[Template], listed: Listed) -> list[Template]:
    """Those of `versions` that messages may use now, best first; at the end one that needs nothing but its text.

    A kind that encloses a document has no such text: its own may be the only one.
    """
    approved = [t for t in found if _approved(t, listed.get((t.name, t.language)))]
    plain = next((t for t in approved if not t.parts), None)
    wordy = [t for t in found if not t.parts]
    if plain or (approved and not wordy):
        return approved
    return [*approved, serving(wordy or found, listed)]


def best(found: Sequence[Template], variables: Mapping[str, str]) -> Template:
    """The first of `candidates` that a message with these variables can fill in."""
    return next((t for t in found if fits(t.parts, variables)), found[-1])


def serving(found: Sequence[Template], listed: Listed) -> Template:
    """The first that Meta has approved; while there is none, the first that it may still approve."""
    for suits in (_approved, _hopeful):
        first = next((t for t in found if suits(t, listed.get((t.name, t.language)))), None)
        if first:
            return first
    return found[0]


def _approved(template: Template, known: Known | None) -> bool:
    return serves(template, known)


def _hopeful(template: Template, known: Known | None) -> bool:
    return known is None or known.status in HOPEFUL


def _own(slot: Slot, texts: Sequence[OwnText], listed: Listed) -> list[Template]:
    """The owner's versions, newest first, back to where the owner last went back to Ladenbote's text."""
    mine = sorted((t for t in texts if _place(t) == slot), key=lambda t: -t.version)
    ends = next((n for n, text in enumerate(mine) if text.body is None), len(mine))
    return [own_template(text, texts, listed) for text in mine[:ends]]


def _pictured(slot: Slot, listed: Listed) -> list[Template]:
    """Ladenbote's texts with picture and button, for each beginning of links that Meta has one for."""
    stem = pictured_stem(slot.kind, slot.address)
    rows = [(name, known) for (name, language), known in listed.items() if language == slot.language]
    begins = [link_begins(known.outline or ()) for name, known in rows if name.startswith(stem)]
    made = [pictured_for(slot.kind, slot.language, slot.address, one) for one in begins if one]
    return [template for template in made if template and (template.name, template.language) in listed]


def _older(library: Template, listed: Listed) -> list[Template]:
    """Earlier versions of Ladenbote's text that Meta still has: they serve while a new release's waits."""
    stem, now = _split(library.name)
    asked = set(PLACEHOLDER.findall(library.body))
    found = [
        (number, replace(library, name=name, body=known.body))
        for (name, language), known in listed.items()
        if language == library.language
        for base, number in (_split(name),)
        if base == stem and 0 < number < now and known.body and set(PLACEHOLDER.findall(known.body)) <= asked
    ]
    return [template for _, template in sorted(found, key=lambda pair: -pair[0])]


def _split(name: str) -> tuple[str, int]:
    found = _VERSION.search(name)
    return (name[: found.start()], int(found[1])) if found else (name, 0)


def _base(text: OwnText) -> str:
    return _place(text).base


def _place(text: OwnText) -> Slot:
    return Slot(text.company, text.kind, text.language, text.address, text.shop)
