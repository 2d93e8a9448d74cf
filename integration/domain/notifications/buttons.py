"""What our quick replies send back when they are tapped. Typed words never look like this."""

from integration.domain.consent.optout import Intent

#: a STOP by button; the scope follows
OPT_OUT = "OPTOUT:"
OPT_OUT_MARKETING = "OPTOUT:marketing"
OPT_OUT_ALL = "OPTOUT:all"
#: the answer "something else" to the question whether somebody wants no more advertising
KEEP = "KEEP:marketing"
#: the answers to a confirmation request, and to a wording that was shown in the chat
YES = "CONFIRM:yes"
NO = "CONFIRM:no"
#: the answers to the question whether everything is to be deleted
ERASE = "ERASE:yes"
KEEP_DATA = "ERASE:no"

#: what each answer means
MEANING = {
    OPT_OUT_MARKETING: Intent("opt_out", "marketing"),
    OPT_OUT_ALL: Intent("opt_out", "all"),
    KEEP: Intent("keep"),
    YES: Intent("confirm"),
    NO: Intent("decline"),
    ERASE: Intent("erase_now"),
    KEEP_DATA: Intent("keep_data"),
}

#: no more messages about one order; its key follows
MUTE = "MUTE:"
#: whether an order on delivery stands; its key follows
COD_YES = "COD:yes:"
COD_NO = "COD:no:"
#: what an answer about an order says: (about, answer), as store.conversations.order_replies keeps it
ABOUT_ORDER = {MUTE: ("mute", "yes"), COD_YES: ("cod", "yes"), COD_NO: ("cod", "no")}


def order_answer(payload: str) -> tuple[str, str, str] | None:
    """(about, answer, order key) of a tapped button about an order, None for every other payload."""
    for prefix, (about, answer) in ABOUT_ORDER.items():
        if payload.startswith(prefix) and len(payload) > len(prefix):
            return about, answer, payload[len(prefix) :]
    return None


def filled(payload: str, order_key: str | None) -> str:
    """The payload of a message's button: one about an order names it."""
    return f"{payload}{order_key}" if payload in ABOUT_ORDER else payload
