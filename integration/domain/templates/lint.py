"""Reads a text before Meta does: what Meta would refuse, what the law forbids, and what to write instead.

A fault must be mended before the text can be submitted; a hint is only worth a thought. Rules of Meta:
docs/reference/whatsapp.md section 7. What stands around the text is read by `template_parts_lint`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from integration.domain.consent.consent import MARKETING, Purpose
from integration.domain.messages.components import MAX_BODY
from integration.domain.notifications import BY_KIND
from integration.domain.shops.ports import Finding, Level
from integration.domain.templates.advertising import advertising
from integration.domain.templates.parts import CODE, NO_PARTS, PLACEHOLDER, Parts
from integration.domain.templates.parts_lint import EDGE, lint_parts
from integration.domain.templates.templates import template_for
from integration.domain.text import Text
from integration.domain.values import length

_STOP: Final = re.compile(r"\bSTOPP?\b|abmelde\w*|abbestell\w*|unsubscribe", re.IGNORECASE)
_SHORTENED: Final = re.compile(r"\b(?:bit\.ly|tinyurl\.com|goo\.gl|t\.co|ow\.ly|is\.gd|wa\.me)/", re.IGNORECASE)
_GAPS: Final = re.compile(r"\t| {5,}|\n\s*\n\s*\n")
#: what does not count as a word between variables
_BESIDE: Final = re.compile(r"\}\}[\s*_~`\u200b-\u200f\u2060\ufeff]*\{\{")
_WORD: Final = re.compile(r"\w+")

Rule = Callable[[str, Purpose, Sequence[str], Sequence[str]], Finding | None]


def lint(kind: str, language: str, address: str, body: str, parts: Parts = NO_PARTS) -> list[Finding]:
    """What is wrong with this text of a kind, faults first; nothing when it can be submitted."""
    ours = _names(template_for(kind, language, address).body)
    links = [*parts.buttons, *(button for card in parts.cards for button in card.buttons)]
    used = [*_names(body), *(button.variable for button in links)]
    found = list(_findings(body.strip(), BY_KIND[kind].purpose, used, ours, parts.footer))
    found += lint_parts(BY_KIND[kind], body, parts, ours) if parts else []
    return sorted(found, key=lambda finding: finding.level is not Level.FAULT)


def may_be_submitted(findings: Sequence[Finding]) -> bool:
    """Whether nothing but hints was found."""
    return all(finding.level is not Level.FAULT for finding in findings)


def plainer(body: str) -> str:
    """Only what concerns the order: the sentences with variables, and how to stop."""
    sentences = re.split(r"(?<=[.!?])\s+", body)
    kept = [
        sentence
        for n, sentence in enumerate(sentences)
        if "{{" in sentence or _STOP.search(sentence) or (sentence.endswith("?") and _STOP.search(_after(sentences, n)))
    ]
    return " ".join(kept)


def _after(sentences: Sequence[str], n: int) -> str:
    return sentences[n + 1] if n + 1 < len(sentences) else ""


def _names(body: str) -> list[str]:
    return list(dict.fromkeys(PLACEHOLDER.findall(body)))


def _findings(body: str, purpose: Purpose, used: Sequence[str], ours: Sequence[str], footer: str) -> Iterator[Finding]:
    if not body:
        yield _fault(
            "empty",
            Text("Der Text ist leer.", "The text is empty."),
            Text("Schreiben Sie, was Ihre Kunden lesen sollen.", "Write what your customers should read."),
        )
        return
    for rule in _RULES:
        finding = rule(f"{body} {footer}" if rule is _way_out else body, purpose, used, ours)
        if finding:
            yield finding


def _length(body: str, _purpose: Purpose, _used: Sequence[str], _ours: Sequence[str]) -> Finding | None:
    over = length(body) - MAX_BODY
    if over <= 0:
        return None
    return _fault(
        "too_long",
        Text(f"Der Text ist um {over} Zeichen zu lang.", f"The text is {over} characters too long."),
        Text(
            f"WhatsApp erlaubt {MAX_BODY} Zeichen; ein Emoji zählt als zwei. Kürzen Sie.",
            f"WhatsApp allows {MAX_BODY} characters; an emoji counts as two. Shorten it.",
        ),
    )


def _braces(body: str, _purpose: Purpose, _used: Sequence[str], _ours: Sequence[str]) -> Finding | None:
    rest = PLACEHOLDER.sub("", body)
    if "{" not in rest and "}" not in rest:
        return None
    return _fault(
        "broken_variable",
        Text("Ein Platzhalter ist nicht richtig geschrieben.", "A variable is not written correctly."),
        Text(
            "Zwei geschweifte Klammern, der Name ohne Leerzeichen, zwei Klammern: {{name}}.",
            "Two curly braces, the name without spaces, two braces: {{name}}.",
        ),
    )


def _unknown(_body: str, _purpose: Purpose, used: Sequence[str], ours: Sequence[str]) -> Finding | None:
    strange = [name for name in used if name and name not in (*ours, CODE)]
    if not strange:
        return None
    named, known = _listed(strange), _listed(ours)
    return _fault(
        "unknown_variable",
        Text(f"Diesen Platzhalter gibt es hier nicht: {named}.", f"There is no such variable here: {named}."),
        Text(f"Diese können Sie verwenden: {known}.", f"You can use these: {known}."),
    )


def _missing(_body: str, purpose: Purpose, used: Sequence[str], ours: Sequence[str]) -> Finding | None:
    needed = ("shop", "date", "place") if purpose is Purpose.DOI_REQUEST else ("shop",)
    lacking = [name for name in needed if name in ours and name not in used]
    if not lacking:
        return None
    named = _listed(lacking)
    return _fault(
        "missing_variable",
        Text(f"Es fehlt: {named}.", f"This is missing: {named}."),
        Text(
            "Ihre Kunden müssen sofort sehen, wer schreibt und worum es geht. Setzen Sie den Platzhalter ein.",
            "Your customers must see at once who writes, and about what. Put the variable into the text.",
        ),
    )


def _left_out(_body: str, purpose: Purpose, used: Sequence[str], ours: Sequence[str]) -> Finding | None:
    needed = {"shop", "date", "place"} if purpose is Purpose.DOI_REQUEST else {"shop"}
    lacking = [name for name in ours if name not in used and name not in needed]
    if not lacking:
        return None
    named = _listed(lacking)
    return _hint(
        "left_out",
        Text(f"Ihr Text sagt nichts von {named}.", f"Your text does not tell {named}."),
        Text("Ist das Absicht, brauchen Sie nichts zu tun.", "If that is on purpose, there is nothing to do."),
    )


def _edges(body: str, _purpose: Purpose, _used: Sequence[str], _ours: Sequence[str]) -> Finding | None:
    if not EDGE.search(body):
        return None
    return _fault(
        "variable_at_edge",
        Text("Ein Platzhalter steht ganz am Anfang oder ganz am Ende.", "A variable stands at the very start or end."),
        Text(
            "Meta lehnt das ab, auch wenn noch ein Satzzeichen oder ein Emoji folgt. Setzen Sie ein Wort davor oder "
            "einen Satz dahinter.",
            "Meta refuses that, even with a sign or an emoji after it. Put a word before it, or a sentence after it.",
        ),
    )


def _neighbours(body: str, _purpose: Purpose, _used: Sequence[str], _ours: Sequence[str]) -> Finding | None:
    if not _BESIDE.search(body):
        return None
    return _fault(
        "variables_adjacent",
        Text("Zwei Platzhalter stehen direkt nebeneinander.", "Two variables stand side by side."),
        Text("Schreiben Sie ein Wort dazwischen.", "Put a word between them."),
    )


def _ratio(body: str, _purpose: Purpose, _used: Sequence[str], _ours: Sequence[str]) -> Finding | None:
    count = len(PLACEHOLDER.findall(body))
    needed = 2 * count + 1
    if not count or len(_WORD.findall(PLACEHOLDER.sub(" ", body))) >= needed:
        return None
    return _fault(
        "too_many_variables",
        Text(f"Für {count} Platzhalter ist der Text zu kurz.", f"The text is too short for {count} variables."),
        Text(
            f"Schreiben Sie mindestens {needed} eigene Wörter, oder nehmen Sie Platzhalter heraus.",
            f"Write at least {needed} words of your own, or take variables out.",
        ),
    )


def _promotion(body: str, purpose: Purpose, _used: Sequence[str], _ours: Sequence[str]) -> Finding | None:
    return advertising(body, purpose)


def _way_out(body: str, purpose: Purpose, _used: Sequence[str], _ours: Sequence[str]) -> Finding | None:
    if _STOP.search(body):
        return None
    text = Text("Der Text sagt nicht, wie man sich abmeldet.", "The text does not say how to unsubscribe.")
    if purpose in MARKETING:
        remedy = Text(
            "Das ist bei Werbung Pflicht, zum Beispiel: „Keine Werbung mehr? Antworte mit STOP.“",
            "Advertising must say so, for example: “No more offers? Reply STOP.”",
        )
        return _fault("no_way_out", text, remedy)
    remedy = Text("Üblich ist am Ende: „Antworte mit STOP.“", "It is usual to end with: “Reply STOP.”")
    return _hint("no_way_out", text, remedy)


def _gaps(body: str, _purpose: Purpose, _used: Sequence[str], _ours: Sequence[str]) -> Finding | None:
    if not _GAPS.search(body):
        return None
    return _fault(
        "gaps",
        Text("Der Text hat große Lücken oder Tabulatoren.", "The text has wide gaps or tabs."),
        Text(
            "Höchstens eine leere Zeile und vier Leerzeichen hintereinander.",
            "One empty line and four spaces in a row at most.",
        ),
    )


def _short_links(body: str, _purpose: Purpose, _used: Sequence[str], _ours: Sequence[str]) -> Finding | None:
    found = _SHORTENED.search(body)
    if found is None:
        return None
    return _fault(
        "short_link",
        Text(f"„{found[0]}“ versteckt, wohin der Link führt.", f"“{found[0]}” hides where the link leads."),
        Text(
            "Meta lehnt gekürzte Links ab. Nehmen Sie die Adresse Ihres Shops.",
            "Meta refuses shortened links. Use your shop's own address.",
        ),
    )


_RULES: Final[tuple[Rule, ...]] = (
    _length,
    _braces,
    _unknown,
    _missing,
    _edges,
    _neighbours,
    _ratio,
    _promotion,
    _way_out,
    _gaps,
    _short_links,
    _left_out,
)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"{{{{{name}}}}}" for name in names)


def _fault(code: str, text: Text, remedy: Text) -> Finding:
    return Finding(code, Level.FAULT, text, remedy)


def _hint(code: str, text: Text, remedy: Text) -> Finding:
    return Finding(code, Level.HINT, text, remedy)
