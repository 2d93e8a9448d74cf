"""What a customer's text means for consent (docs/reference/law.md section 13).

A missed withdrawal is a legal fault, a false one loses a customer: what is not clear becomes a question, and
marketing pauses until it is answered. First the whole message is compared with the keywords, then come
erasure, negation, withdrawal phrases, questions and short texts that contain a keyword.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from integration.domain.consent import optout_keywords as keywords
from integration.domain.consent import optout_words as words

Kind = Literal[
    "opt_out",
    "ask",
    "erase",
    "opt_in",
    "confirm",
    "decline",
    "none",
    "keep",
    "erase_now",
    "keep_data",
    "why",
    "order_answer",
    "data",
]
Scope = Literal["marketing", "all"]

#: a text of so few words may be a keyword with something around it
SHORT = 4
SHORT_QUESTION = 8
#: a name under a message has at most so many words
NAME = 2
#: WhatsApp takes no longer text
LONGEST = 4096
_NOTHING = re.compile(r"[^\w\s]+", re.UNICODE)
_APOSTROPHES = re.compile(r"['’‘`´ʼ＇]")
_CLAUSES = re.compile(r"[.,;:!?¡¿؟،…\n\r()–—-]+")
_SENTENCES = re.compile(r"[.!?¡¿؟…\n\r]+")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_SPACED = re.compile(r"(?<!\w)(?:[^\W\d_][\s.\-_*]+){2,}[^\W\d_](?!\w)")
_QUESTION = re.compile(r"[?؟]")
#: the Greek question mark looks like a semicolon, and is one after NFKC
_GREEK_QUESTION = re.compile(r"[Ͱ-Ͽ].*[;\u037e]", re.DOTALL)
_START_CODE = re.compile(r"\s*start[\s:]+(?=\S*\d)([\w-]{2,20})(?:\s+([a-z0-9]{9}))?\s*", re.IGNORECASE)
_LOOKALIKES = str.maketrans(
    "авеікмнорсстухѕјԁԛԝѵһαβεηικμνορτυχζꜱᴛᴏᴘ0513$@ꓢꓔꓳꓑꓮꓐꓬꓡᏚᎢᎾᏢ",
    "abeikmhopcctyxsjdqwvhabenikmvoptuxzstoposlesastopabylstop",
)
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "đ": "d", "æ": "ae", "œ": "oe", "ـ": None})
#: letters in boxes and flags that NFKC leaves alone: 🅐, 🅰, 🇦
_BOXED = {first + n: chr(ord("a") + n) for first in (0x1F150, 0x1F170, 0x1F1E6) for n in range(26)}


@dataclass(frozen=True, slots=True)
class Intent:
    """What a text or a tapped button means. `ask`: pause marketing at once and ask one question with two buttons.

    Only buttons say `keep` (the question is answered: no STOP), `erase_now` and `keep_data`; `why` wants the grounds of
    the last message.
    """

    kind: Kind
    scope: Scope | None = None


NONE = Intent("none")
ASK = Intent("ask")


def classify(
    text: str, *, doi_pending: bool = False, last_outbound: str = "marketing", country: str | None = "DE"
) -> Intent:
    """The intent of one inbound text. "Yes" counts only while a confirmation is pending; STOP beats it."""
    plain = _clean(text[:LONGEST])
    question = bool(_QUESTION.search(plain) or _GREEK_QUESTION.search(text) or words.QUESTION.search(_folded(plain)))
    wide = last_outbound == "service" or country == "US"
    found = _whole(text, plain, question, country == "US") or _sentence(plain, question)
    if found is not None:
        return _scoped(found, wide, country == "US", plain)
    return (None if question else _dialogue(text, plain, doi_pending)) or NONE


def start_code(text: str) -> str | None:
    """The code in "START <code>": it stands for the wording that was shown beside it."""
    found = _START_CODE.fullmatch(_clean(text[:LONGEST]))
    return found[1].upper() if found else None


def order_code(text: str) -> str | None:
    """The order in "START <code> <order>": the random word that the shop gave its buyer."""
    found = _START_CODE.fullmatch(_clean(text[:LONGEST]))
    return found[2].upper() if found and found[2] else None


def fold(text: str) -> str:
    """Lower case, without accents, marks, apostrophes and repetition: what keywords and patterns compare."""
    return _squeezed(_folded(_clean(text)), r"\1")


def _clean(text: str) -> str:
    """NFKC without zero-width, bidi and variation characters; letters that are spaced out are joined."""
    visible = "".join(c for c in unicodedata.normalize("NFKC", text.translate(_BOXED)) if not _invisible(c))
    return _SPACED.sub(lambda match: re.sub(r"[\s.\-_*]+", "", match[0]), visible)


def _invisible(character: str) -> bool:
    if unicodedata.category(character) == "Cf":
        return True
    return character == "\u034f" or "\ufe00" <= character <= "\ufe0f"


def _folded(plain: str) -> str:
    # Turkish-safe: dotted and dotless i become one letter in both cases.
    lower = plain.replace("İ", "i").casefold().translate(_LETTERS)
    bare = "".join(c for c in unicodedata.normalize("NFKD", lower) if not unicodedata.combining(c))
    spaced = _NOTHING.sub(" ", _APOSTROPHES.sub("", bare)).replace("_", " ")
    return " ".join(spaced.split())


def _squeezed(folded: str, by: str) -> str:
    return _REPEATED.sub(by, folded)


def _keywords(listed: str) -> frozenset[str]:
    """Folded keywords; umlauts also as ae, oe, ue, and without spaces (for letters that were spaced out)."""
    typed = [word.strip() for word in re.split(r"[,\n]", listed) if word.strip()]
    spelled = [re.sub("[äöü]", lambda m: {"ä": "ae", "ö": "oe", "ü": "ue"}[m[0]], word) for word in typed]
    folded = {_folded(word) for word in (*typed, *spelled)}
    return frozenset(folded | {word.replace(" ", "") for word in folded if word.isascii()})


_ALL = _keywords(keywords.ALL_KEYWORDS)
_STOP = _keywords(keywords.KEYWORDS)
_AMBIGUOUS = _keywords(keywords.AMBIGUOUS)
_US = _keywords(keywords.US_KEYWORDS)
_OPT_IN = _keywords(keywords.OPT_IN)
_CONFIRM = _keywords(keywords.CONFIRM)
_DECLINE = _keywords(keywords.DECLINE)
_POLITE = _keywords(keywords.POLITE)
_FILLERS = _keywords(keywords.FILLERS)
_STRONG = frozenset(word for word in _STOP | _ALL if " " not in word) - _keywords(keywords.WEAK_KEYWORDS)


def _readings(plain: str) -> Iterator[str]:
    """The ways a keyword may be hidden: repeated letters, politeness, look-alike alphabets."""
    folded = _folded(plain)
    latin = _folded(plain.casefold().translate(_LOOKALIKES))
    for reading in dict.fromkeys((folded, _squeezed(folded, r"\1"), _squeezed(folded, r"\1\1"), latin)):
        yield from _undressed(reading)


def _undressed(reading: str) -> Iterator[str]:
    tokens = list(dict.fromkeys(reading.split()))
    polite = [token for token in tokens if token not in _POLITE]
    yield reading
    yield " ".join(tokens)
    yield _without_politeness(reading)  # "no" may be the wish's own word: "bitte no más"
    yield " ".join(polite)
    yield " ".join(token for token in polite if token not in _FILLERS)


def _matches(readings: Iterable[str], known: frozenset[str]) -> bool:
    return any(reading in known for reading in readings)


def _whole(text: str, plain: str, question: bool, us: bool) -> Intent | None:
    """The message is a keyword and nothing else."""
    if words.NEGATED.search(_folded(plain)):
        return None
    readings = list(dict.fromkeys(_readings(plain)))
    if _matches(readings, _ALL):
        return ASK if question else Intent("opt_out", "all")
    if _matches(readings, _STOP) or (us and _matches(readings, _US)):
        return ASK if question else Intent("opt_out", "marketing")
    if signed := _above_signature(plain):
        return _whole(text, signed, question, us)
    signs = not _folded(plain) and any(sign in text for sign in keywords.AMBIGUOUS_SIGNS)
    doubtful = _matches(readings, _AMBIGUOUS) and not _erasure(_folded(plain))
    return ASK if signs or doubtful else None


def _above_signature(plain: str) -> str:
    """The first line, when what follows is no more than a greeting or a name."""
    first, _, rest = plain.strip().partition("\n")
    below = _folded(rest)
    return first if below and (words.SIGNATURE.match(below) or len(below.split()) <= NAME) else ""


def _sentence(plain: str, question: bool) -> Intent | None:
    folded = _squeezed(_folded(plain), r"\1\1")
    clauses = [clause for part in _CLAUSES.split(plain) if (clause := _squeezed(_folded(part), r"\1\1"))]
    if any(words.NEGATED.search(clause) for clause in clauses):
        return None
    whole = [] if words.INSTEAD.search(folded) else [folded]
    intent = _erasure(folded) or _withdrawal(clauses) or _withdrawal(whole)
    if intent is not None:
        return ASK if question else intent
    sentences = [_folded(part) for part in _SENTENCES.split(plain)]
    return _doubt(folded, clauses, sentences, question)


def _erasure(folded: str) -> Intent | None:
    """GDPR Art. 17: data, number, account. A list or an order to be deleted is something else."""
    if not words.ERASE.search(folded) or words.CORRECTION.search(folded):
        return None
    if words.OBJECTS.search(folded) or words.DEVICES.search(folded) or words.LISTS.search(folded):
        return None
    return Intent("erase", "all")


def _withdrawal(clauses: list[str]) -> Intent | None:
    wishes = [clause for clause in clauses if not _statement(clause)]
    for clause in (*wishes, *(_without_politeness(clause) for clause in wishes)):
        if words.STOP_ADVERTISING.search(clause):
            if (words.CLUBS.search(clause) and not words.ADVERTISING.search(clause)) or words.ELSEWHERE.search(clause):
                return ASK
            return Intent("opt_out", "all" if words.EVERYTHING.search(clause) else "marketing")
        if words.STOP_ALL.search(clause) and _about_messages(clause):
            return Intent("opt_out", "marketing" if words.ADVERTISING.search(clause) else "all")
    return None


def _without_politeness(clause: str) -> str:
    return " ".join(token for token in clause.split() if token not in _POLITE or token in _DECLINE)


def _statement(clause: str) -> bool:
    """ "Ich habe keine Nachricht bekommen" tells, it does not ask."""
    perfect = words.HAVE.search(clause) and words.PERFECT.search(clause)
    return bool(perfect or words.RECEIVING.search(clause))


def _about_messages(clause: str) -> bool:
    return not words.OBJECTS.search(clause) or bool(words.ADVERTISING.search(clause))


def _doubt(folded: str, clauses: list[str], sentences: list[str], question: bool) -> Intent | None:
    """A short text that contains a keyword, or annoyance: pause and ask."""
    if any(words.ANNOYED.search(clause) for clause in clauses) or any(map(_is_keyword, sentences)):
        return ASK
    tokens = [token for token in folded.split() if token not in _POLITE]
    if len(tokens) > (SHORT_QUESTION if question else SHORT) or words.IDIOMS.search(folded):
        return None
    return ASK if _about_messages(folded) and not _STRONG.isdisjoint(tokens) else None


def _is_keyword(clause: str) -> bool:
    """A sentence of its own in a longer text: "STOP. I have written three times already." """
    said = [token for token in clause.split() if token not in _POLITE]
    return len(said) == 1 and said[0] in _STRONG


def _scoped(intent: Intent, wide: bool, us: bool, plain: str) -> Intent:
    """STOP also stops service when it answers a service message or comes from the US.

    See docs/reference/law.md section 6.
    """
    if intent.kind != "opt_out" or not wide:
        return intent
    only_advertising = bool(words.ADVERTISING.search(_folded(plain)))
    return Intent("opt_out", "marketing" if only_advertising and not us else "all")


def _dialogue(text: str, plain: str, doi_pending: bool) -> Intent | None:
    readings = list(dict.fromkeys(_readings(plain)))
    if doi_pending and _matches(readings, _CONFIRM):
        return Intent("confirm")
    if doi_pending and _matches([_folded(plain), *readings], _DECLINE):
        return Intent("decline")
    opens = _matches(readings, _OPT_IN) or _START_CODE.fullmatch(plain) is not None
    return Intent("opt_in") if opens else None
