"""The proof sheet (Beweisblatt) of one person: its signed bytes, and what can be verified with the file alone.

A file holds `proof` (the document), `key` and `signature`; docs/proof.md describes both so that nobody needs our code.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integration.domain.consent.checkpoint import Checkpoint
from integration.domain.consent.ledger import FIELDS, chained, wording_hash
from integration.domain.text import Text

FORMAT = "ladenbote proof 1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SEQ, _PAYLOAD_HASH = FIELDS.index("seq"), FIELDS.index("payload_hash")
_TIMES = ("occurred_at", "recorded_at")
#: verifies an Ed25519 signature: public key (hex), content, signature (hex)
Fits = Callable[[str, bytes, str], bool]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What verifying a file found. `linked` events are tied to a signed end of the chain; no `faults`: genuine."""

    company: str
    made_at: str
    key: str
    events: int
    linked: int
    faults: tuple[Text, ...]


def signed_bytes(document: Mapping[str, Any]) -> bytes:
    """The bytes under the signature: JSON in UTF-8, keys sorted, no spaces, nothing escaped that need not be."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def verify(file: Any, fits: Fits, key: str = "", elsewhere: Sequence[Checkpoint] = ()) -> Verdict:
    """Verify a proof file. `key` is the installation's public key as known from elsewhere, "" to take the file's word.

    `elsewhere` are checkpoints that were kept outside the installation. Anything may come in; it never raises.
    """
    try:
        document = file["proof"]
        faults = [*_signature(file, fits, key), *_content(document, fits, file["key"], elsewhere)]
        linked = {row[_SEQ] for part in document["chain"] if part["checkpoint"] for row in part["rows"]}
        events = [event["seq"] for event in document["events"]]
        said = str(document["company"]["name"]), str(document["made_at"]), str(file["key"])
        return Verdict(*said, len(events), sum(seq in linked for seq in events), tuple(faults))
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
        return Verdict("", "", "", 0, 0, (_NO_PROOF,))


_NO_PROOF = Text("Das ist kein Beweisblatt, oder es ist beschädigt.", "This is no proof sheet, or it is damaged.")


def _signature(file: Mapping[str, Any], fits: Fits, key: str) -> Iterator[Text]:
    if file["proof"]["format"] != FORMAT:
        yield _NO_PROOF
    if not fits(file["key"], signed_bytes(file["proof"]), file["signature"]):
        yield Text(
            "Die Unterschrift passt nicht: Der Inhalt wurde nach dem Ausstellen verändert.",
            "The signature does not fit: the content was changed after it was made.",
        )
    if key and file["key"] != key.strip().lower():
        yield Text(
            "Unterschrieben wurde mit einem anderen Schlüssel als dem angegebenen.",
            "It was signed with another key than the one given.",
        )


def _content(document: Mapping[str, Any], fits: Fits, key: str, elsewhere: Sequence[Checkpoint]) -> Iterator[Text]:
    company, rows, hashes = document["company"]["slug"], {}, {}
    for part in document["chain"]:
        previous = part["prev_hash"]
        for row in part["rows"]:
            previous = chained(row, previous)
            rows[row[_SEQ]], hashes[row[_SEQ]] = row, previous
        if part["checkpoint"] and not _reaches(part, company, previous, fits, key):
            yield Text(
                f"Die Kette bis zum Prüfpunkt bei Zeile {part['checkpoint']['seq']} ist unterbrochen.",
                f"The chain up to the checkpoint at row {part['checkpoint']['seq']} is broken.",
            )
    wordings = {wording["hash"] for wording in document["wordings"] if wording_hash(wording["text"]) == wording["hash"]}
    for event in document["events"]:
        yield from _event(event, rows, hashes, wordings)
    yield from _kept(elsewhere, company, key, hashes, fits)


def _reaches(part: Mapping[str, Any], company: str, end: str, fits: Fits, key: str) -> bool:
    """Whether a part of the chain, row after row, ends at what its checkpoint signs."""
    numbers = [row[_SEQ] for row in part["rows"]]
    row = part["checkpoint"]
    at = _EPOCH + timedelta(microseconds=row["at"])
    signed = Checkpoint(company, row["seq"], end, at, key, row["signature"])
    follows = numbers == list(range(numbers[0], row["seq"] + 1))
    return follows and end == row["hash"] and fits(key, signed.signed, signed.signature)


def _event(
    event: Mapping[str, Any], rows: Mapping[int, Any], hashes: Mapping[int, str], wordings: set[str]
) -> Iterator[Text]:
    seq = event["seq"]
    said = [_micros(event[name]) if name in _TIMES else event[name] for name in FIELDS]
    if rows.get(seq) != said or hashes[seq] != event["hash"]:
        yield Text(
            f"Das Ereignis {seq} sagt etwas anderes als seine Zeile in der Kette.",
            f"Event {seq} says something else than its row of the chain.",
        )
    if event["wording_hash"] and event["wording_hash"] not in wordings:
        yield Text(
            f"Der Wortlaut zu Ereignis {seq} fehlt oder ist nicht der gezeigte.",
            f"The wording of event {seq} is missing or is not the one that was shown.",
        )


def _kept(
    elsewhere: Sequence[Checkpoint], company: str, key: str, hashes: Mapping[int, str], fits: Fits
) -> Iterator[Text]:
    """Checkpoints that lay elsewhere know the rows that they sign."""
    for kept in elsewhere:
        mine = kept.company == company and kept.seq in hashes
        genuine = kept.key == key and fits(kept.key, kept.signed, kept.signature)
        if mine and (not genuine or kept.hash != hashes[kept.seq]):
            yield Text(
                f"Der aufbewahrte Prüfpunkt bei Zeile {kept.seq} kennt eine andere Kette.",
                f"The checkpoint kept elsewhere knows another chain at row {kept.seq}.",
            )


def _micros(text: str) -> int:
    return (datetime.fromisoformat(text) - _EPOCH) // timedelta(microseconds=1)
