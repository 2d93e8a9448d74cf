"""Which WhatsApp account a consent is bound to, and whether it changed hands (docs/reference/law.md section 7)."""

from collections.abc import Sequence

from integration.domain.consent.consent import ConsentEvent, ConsentType
from integration.domain.consent.standing import GRANTS, OWN_MESSAGE


def bound_account(ledger: Sequence[ConsentEvent], phone_from: str | None) -> str | None:
    """The keyed hash of the BSUID that consented, None while none is known.

    An own message of the person binds to the account it came from. A number that somebody typed belongs to the
    account that had it then: `phone_from`, if the number has changed hands since. Else the first account seen counts.
    """
    bound = [event for event in ledger if event.bsuid]
    own = [event for event in bound if _own(event)]
    if own:
        return max(own, key=lambda event: event.occurred_at).bsuid
    first = min((e for e in bound if e.type in GRANTS), key=lambda event: event.occurred_at, default=None)
    return phone_from or (first.bsuid if first else None)


def is_linked(ledger: Sequence[ConsentEvent], bsuid: str | None) -> bool:
    """Whether a recorded change of number leads to this account: consents and refusals follow the person."""
    return any(event.type is ConsentType.IDENTITY_LINKED and event.bsuid == bsuid for event in ledger)


def _own(event: ConsentEvent) -> bool:
    granted = event.type is ConsentType.GRANTED and event.source in OWN_MESSAGE
    return granted or event.type is ConsentType.CONFIRMED
