"""A customer wants to hear no more about one order: by the button under its messages, or in these words."""

import re

from integration.domain.consent.optout import fold
from integration.domain.conversations.replies import Reply

_ABOUT = r"(?:(?:zu|ueber|uber|fur|fuer) (?:diese[rmn]?|der|die|meine[rmn]?)|zur) (?:bestellung|sendung|lieferung)"
_NEWS = r"(?:infos?|informationen|nachrichten|updates?|meldungen|whatsapps?)"
_NUMBER = r"(?: (?:nr |nummer |no |number )?(\w*\d[\w-]*))?"
_WORDS = re.compile(
    rf"^(?:bitte )?keine {_NEWS} mehr {_ABOUT}{_NUMBER}(?: bitte)?$"
    rf"|^(?:bitte )?keine {_NEWS} {_ABOUT}{_NUMBER} mehr(?: bitte)?$"
    r"|^(?:please )?no more (?:updates?|messages?|infos?|news) (?:about|for|on) (?:(?:this|my|the) )?(?:order|parcel)"
    rf"{_NUMBER}(?: please)?$"
    rf"|^(?:bitte )?(?:diese |die )?(?:bestellung{_NUMBER} )?stumm(?:schalten)?$"
    rf"|^mute(?: this| the| my)?(?: order{_NUMBER})?$"
)


def asks_to_mute(text: str) -> bool:
    """Whether a text says that nothing more is to be told about the order at hand. STOP is something else."""
    return _WORDS.search(fold(text)) is not None


def named_order(text: str) -> str:
    """The number of the order that such a text names, "" when it means the one at hand."""
    found = _WORDS.search(fold(text))
    return next((number for number in found.groups() if number), "") if found else ""


def muted(order: str) -> Reply:
    """The one confirmation: what ended and what goes on."""
    return Reply(
        f"Erledigt: Zu Bestellung {order} schreiben wir dir nichts mehr. Andere Bestellungen gehen weiter; alles "
        "beendest du mit STOP ALLES.",
        f"Erledigt: Zu Bestellung {order} schreiben wir Ihnen nichts mehr. Andere Bestellungen gehen weiter; alles "
        "beenden Sie mit STOP ALLES.",
        f"Done: we write nothing more about order {order}. Other orders go on; reply STOP ALL to end everything.",
    )


def noted(order: str, *, yes: bool) -> Reply:
    """The answer to who confirmed, or did not, that an order is paid on delivery."""
    if yes:
        return Reply(
            f"Danke, dann bleibt es dabei: Bestellung {order} bezahlst du bei der Lieferung.",
            f"Danke, dann bleibt es dabei: Bestellung {order} bezahlen Sie bei der Lieferung.",
            f"Thank you, it stays like this: you pay for order {order} on delivery.",
        )
    return Reply(
        f"Danke, wir haben es notiert und sehen uns Bestellung {order} an. Schreib uns hier, was wir ändern sollen.",
        f"Danke, wir haben es notiert und sehen uns Bestellung {order} an. Schreiben Sie uns hier, was wir ändern "
        "sollen.",
        f"Thank you, we have noted it and will look at order {order}. Write to us here what we should change.",
    )
