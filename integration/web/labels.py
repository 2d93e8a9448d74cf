"""The plain words for what the code calls by its short names. Sentences for reason codes: domain.messages.reasons."""

from collections.abc import Mapping

from integration.domain.messages.reasons import reason
from integration.domain.notifications import BY_KIND
from integration.flow.privacy.requests import GROUNDS
from integration.i18n import N_, translator

STATUS: Mapping[str, str] = {
    "queued": N_("Waiting"),
    "claimed": N_("Being prepared"),
    "sending": N_("Being sent"),
    "accepted": N_("Accepted by WhatsApp"),
    "sent": N_("Sent"),
    "delivered": N_("Delivered"),
    "read": N_("Read"),
    "failed": N_("Failed"),
    "suppressed": N_("Held back"),
    "cancelled": N_("No longer needed"),
    "expired": N_("Too late"),
    "unknown": N_("Uncertain"),
    "lapsed": N_("Probably never arrived"),
}

STATUS_SENTENCE: Mapping[str, str] = {
    "queued": N_("The message waits for its moment. It is checked once more right before it leaves."),
    "claimed": N_("The message is being prepared. It is checked once more right before it leaves."),
    "sending": N_("The message is on its way to WhatsApp at this moment."),
    "accepted": N_("WhatsApp has accepted the message, but has not reported it as sent yet."),
    "sent": N_("WhatsApp has sent the message. It has not reached the phone yet."),
    "delivered": N_("The message has reached the phone."),
    "read": N_("The message has been read."),
    "failed": N_("WhatsApp could not deliver the message."),
    "suppressed": N_("The message was not sent because a rule forbade it."),
    "cancelled": N_("The message was not sent because it had become pointless."),
    "expired": N_("The message was not sent because it would have come too late."),
    "unknown": N_(
        "Nobody knows whether WhatsApp has accepted this message: the connection broke after it may have "
        "left. It is not sent again by itself, so that nobody gets it twice. As soon as WhatsApp reports a "
        "status, it appears here."
    ),
    "lapsed": N_("WhatsApp took the message, but has never reported that it reached the phone, and no longer tries."),
}

PRICE_CATEGORY: Mapping[str, str] = {
    "marketing": N_("Marketing"),
    "utility": N_("Utility (service)"),
    "authentication": N_("Authentication"),
    "service": N_("Answer (free text)"),
}

PRICE_NOTE: Mapping[str, str] = {
    "charged": N_("charged by Meta on delivery"),
    "expected": N_("expected; charged only when delivered"),
    "free": N_("not charged: it was not delivered"),
    "free_customer_service": N_("free as an answer"),
    "free_entry_point": N_("free after an ad"),
}

OUTCOME: Mapping[str, str] = {
    "allow": N_("Allowed"),
    "defer": N_("Put off"),
    "deny": N_("Forbidden"),
}

STAGE: Mapping[str, str] = {
    "queue": N_("Checked when it was queued"),
    "queued": N_("Checked when it was queued"),
    "send": N_("Checked again right before sending"),
    "sending": N_("Checked again right before sending"),
}

ATTEMPT: Mapping[str, str] = {
    "pending": N_("The request to WhatsApp is under way."),
    "accepted": N_("WhatsApp has accepted the message."),
    "refused": N_("WhatsApp has refused the message."),
    "not_sent": N_("WhatsApp could not be reached; nothing was sent."),
    "unknown": N_("The connection broke. Nobody knows whether WhatsApp has accepted the message."),
}

MILESTONE: Mapping[tuple[str, str], str] = {
    ("order", "placed"): N_("The order was placed"),
    ("order", "awaiting_payment"): N_("The order waits for payment"),
    ("order", "paid"): N_("The order was paid"),
    ("order", "completed"): N_("The order was completed"),
    ("order", "cancelled"): N_("The order was cancelled"),
    ("order", "failed"): N_("The payment failed"),
    ("order", "refunded"): N_("A refund was made"),
    ("order", "gone"): N_("The order was deleted in the shop"),
    ("shipment", "shipped"): N_("The parcel was shipped"),
    ("shipment", "tracking_corrected"): N_("The tracking number was corrected"),
    ("shipment", "delivered"): N_("The parcel was delivered"),
    ("shipment", "cancelled"): N_("The shipment was cancelled"),
    ("shipment", "gone"): N_("The shipment was deleted in the shop"),
}

STREAM = {
    "orders": N_("Orders"),
    "history": N_("Earlier orders"),
    "carts": N_("Carts"),
    "shipments": N_("Shipments"),
    "products": N_("Products"),
    "customers": N_("Customers"),
}
#: a text's language and form of address
PLACE: Mapping[str, str] = {"de-du": N_("German (du)"), "de-sie": N_("German (Sie)"), "en": N_("English")}
CATEGORY: Mapping[str, str] = {"UTILITY": N_("Service"), "MARKETING": N_("Advertising")}
QUALITY: Mapping[str, str] = {"GREEN": N_("high"), "YELLOW": N_("medium"), "RED": N_("low")}
ORIGIN: Mapping[str, str] = {
    "webhook": N_("reported by the shop (webhook)"),
    "poll": N_("found when the shop was asked (poll)"),
    "plugin": N_("reported by the plugin in the shop"),
}

SCOPE: Mapping[str, str] = {
    "service_updates": N_("Order and shipping updates"),
    "review_request": N_("Requests for a review"),
    "cart_reminder": N_("Reminders of an abandoned cart"),
    "back_in_stock": N_("Back in stock"),
    "price_drop": N_("Price drop"),
    "marketing_news": N_("News and invitations"),
    "marketing_offers": N_("Offers and vouchers"),
    "owner_alarms": N_("Alarms to the owner"),
    "*marketing": N_("All advertising"),
    "*": N_("Everything"),
}

#: what customers said about an order, by (about, answer)
ORDER_ANSWER: Mapping[str, str] = {
    "mute:yes": N_("wants no more messages about this order"),
    "cod:yes": N_("confirmed cash on delivery"),
    "cod:no": N_("did not confirm cash on delivery"),
}

APPOINTMENT_FAULT: Mapping[str, str] = {
    "phone": N_("This is no phone number. Write it like 0171 2345678 or +49 171 2345678."),
    "what": N_("Say what the appointment is, in at most 100 characters."),
    "when": N_("Day or time cannot be read. Write them like 1.12.2026 and 14:30."),
    "past": N_("This time is over already."),
    "far": N_("This is more than two years ahead. Is the year right?"),
}

PURPOSE: Mapping[str, str] = {
    "order_confirmation": N_("Order confirmation"),
    "payment_reminder": N_("Payment reminder"),
    "shipping_notice": N_("Shipping notice"),
    "delivery_notice": N_("Delivery notice"),
    "pickup_ready": N_("Ready for pick-up"),
    "refund_notice": N_("Refund notice"),
    "appointment_reminder": N_("Appointment reminder"),
    "order_update": N_("Order update"),
    "support_reply": N_("Answer to the customer"),
    "review_request": N_("Requests for a review"),
    "abandoned_cart": N_("Reminders of an abandoned cart"),
    "back_in_stock": N_("Back in stock"),
    "price_drop": N_("Price drop"),
    "newsletter": N_("Newsletter"),
    "event_invitation": N_("Invitation"),
    "offer": N_("Offer"),
    "voucher": N_("Voucher"),
    "birthday_voucher": N_("Birthday voucher"),
    "doi_request": N_("Request for confirmation"),
    "optout_confirmation": N_("Confirmation of STOP"),
    "owner_alarm": N_("Alarm to the owner"),
    "optin_offer": N_("The wording, after START"),
    "optin_confirmation": N_("Welcome after the opt-in"),
    "question": N_("Question to the customer"),
    "why": N_("Answer to WARUM"),
    "about_order": N_("Answer about an order"),
    "data_code": N_("Digits for the privacy page"),
}

CONSENT: Mapping[str, str] = {
    "granted": N_("Agreed"),
    "confirmed": N_("Confirmed on WhatsApp"),
    "declined": N_("Declined"),
    "withdrawn": N_("Withdrawn"),
    "objected": N_("Objected to advertising"),
    "platform_stop": N_("Stopped advertising in WhatsApp's settings"),
    "platform_resume": N_("Allowed advertising again in WhatsApp's settings"),
    "imported": N_("Taken over from another system"),
    "expired": N_("Used up"),
    "identity_linked": N_("Number changed"),
    "corrected": N_("Data corrected"),
    "restricted": N_("Processing restricted"),
    "unrestricted": N_("Restriction lifted"),
    "erased": N_("Erased"),
    "proof_exported": N_("Proof handed out"),
}

SOURCE: Mapping[str, str] = {
    "checkout": N_("at the checkout"),
    "form": N_("in a form"),
    "keyword": N_("by a word sent on WhatsApp"),
    "qr": N_("by a QR code"),
    "chat_button": N_("by a button in the chat"),
    "in_store": N_("in the store"),
    "api": N_("by another program"),
    "import": N_("by an import"),
    "channel": N_("on WhatsApp"),
    "staff": N_("entered by you or your staff"),
    "system": N_("by Ladenbote"),
}

WAY: Mapping[str, str] = {
    "letter": N_("by letter"),
    "email": N_("by e-mail"),
    "phone": N_("by phone"),
    "in_store": N_("in the store"),
    "chat": N_("by WhatsApp"),
    "shop": N_("through the shop"),
    "self": N_("on the privacy page"),
    "staff": N_("by you or your staff"),
    "hold": N_("after the ground to wait has ended"),
    "restore": N_("after a backup was restored"),
    "retention": N_("by itself, when the time was over"),
}

REQUEST: Mapping[str, str] = {
    "access": N_("Wants to know what is stored (Art. 15)"),
    "erasure": N_("Wants to be deleted (Art. 17)"),
    "rectification": N_("Wants data corrected (Art. 16)"),
    "restriction": N_("Wants data to rest (Art. 18)"),
    "objection": N_("Objects to advertising (Art. 21)"),
}

DETAIL: Mapping[str, str] = {
    "email": N_("E-mail address"),
    "phone": N_("Phone number"),
    "text": N_("In the person's words"),
    "note": N_("Note"),
    "shop": N_("Shop"),
}

DONE: Mapping[str, str] = {
    "withdrawn": N_("It is entered. What waited is cancelled; nothing of that kind leaves any more."),
    "corrected": N_("The data are corrected."),
    "restricted": N_("The data rest now. No message leaves."),
    "unrestricted": N_("The restriction is lifted."),
    "held": N_("Nothing is deleted yet, and nothing is used. You are asked again on the day you named."),
    "blocked": N_("The number is blocked. If it belongs to somebody we know, their consents have ended."),
}

#: what is deleted when: title, ground, key under [retention]
KEPT: Mapping[str, tuple[str, str, str]] = {
    "bodies": (
        N_("Raw reports of shops and of WhatsApp"),
        N_("to look into faults; WhatsApp repeats for seven days"),
        "bodies_days",
    ),
    "carts": (N_("What lay in carts"), N_("a reminder makes sense for three days, its success for a month"), ""),
    "appointments": (N_("Appointments"), N_("a month after they were"), ""),
    "messages": (
        N_("Words of messages to customers"),
        N_("to explain what was sent; longer only as trade letters"),
        "words_days",
    ),
    "inbound": (N_("What customers wrote"), N_("the same"), "words_days"),
    "refusals": (N_("Why a message was not sent"), N_("to explain it; the counts stay"), "refusals_days"),
    "runs": (N_("Runs of the background jobs"), N_("no personal data"), ""),
    "heartbeats": (N_("Signs of life of processes that ended"), N_("no personal data"), ""),
    "prices": (N_("Prices of articles"), N_("no personal data"), ""),
    "reconciliations": (N_("Comparisons with the shops"), N_("no personal data"), ""),
    "attachments": (N_("Pictures and files that customers sent"), N_("they are in the chat on the phone"), ""),
    "documents": (N_("Invoices and documents for orders"), N_("the customer has them on the phone"), ""),
    "imports": (N_("Imports that were never finished"), N_("nobody agreed to anything by them"), ""),
    "visits": (N_("Visits of the privacy page"), N_("they last half an hour"), ""),
    "requests": (N_("Answered privacy requests"), N_("to show that they were answered in time"), ""),
    "unconfirmed": (N_("Sign-ups that nobody confirmed"), N_("the number may be somebody else's"), ""),
    "declined": (N_("People who said no"), N_("a code of the number stays for a year, so that nobody asks again"), ""),
    "declined_codes": (N_("Codes of numbers that said no"), N_("after a year they may be asked once more"), ""),
    "dormant": (
        N_("People of whom nothing was heard for long"),
        N_("consent fades after two years without use; 90 days later the profile goes"),
        "",
    ),
}

OUTCOME_OF: Mapping[str, str] = {
    "answered": N_("Answered"),
    "taken_back": N_("Taken back by the person"),
    "nobody": N_("Answered: no data are stored"),
    "refused": N_("Refused"),
    "erased": N_("Erased"),
    "erasing": N_("Being erased"),
}

FLAG: Mapping[str, str] = {
    "pre_checked": N_("The box was ticked beforehand; that is no consent."),
    "bundled_in_terms": N_("The consent was hidden in the terms; that is no consent."),
    "whatsapp_not_named": N_("The text shown did not name WhatsApp."),
    "wording_missing": N_("The shop did not store the text that was shown."),
    "wording_not_shown": N_("The text was not shown before the answer."),
    "import_unproven": N_("Imported without time, text or source."),
    "import_without_confirmation": N_("Imported without a confirmation on WhatsApp."),
}

CHOICE: Mapping[str, str] = {
    "resend": N_("Sent again"),
    "sent": N_("Taken as sent"),
    "drop": N_("Not to be sent"),
}

RESTING: Mapping[str, str] = {
    "account": N_("All numbers of an account rest for some minutes"),
    "marketing": N_("A number's advertising is paused"),
    "country": N_("A number may not write to a country"),
    "template": N_("A template is not accepted"),
}

PLATFORM: Mapping[str, str] = {"shopify": "Shopify", "woocommerce": "WooCommerce"}


def word(table: Mapping[str, str], code: str | None, language: str) -> str:
    """The word for a code; a code that is new to this table stands for itself."""
    known = table.get(code or "")
    return translator(language).gettext(known) if known else (code or "")


def kind(code: str, language: str) -> str:
    """What a kind of message is called."""
    known = BY_KIND.get(code)
    return known.title.in_(language) if known else word(PURPOSE, code, language)


ROLE: Mapping[str, str] = {
    "phone": N_("Phone number"),
    "status": N_("Agreed or left"),
    "at": N_("When"),
    "wording": N_("The text that was shown"),
    "source": N_("Where it was shown"),
    "confirmation": N_("Id of the confirmation on WhatsApp"),
    "country": N_("Country (two letters)"),
}

VERDICT: Mapping[str, str] = {
    "A": N_("A: counts"),
    "B": N_("B: advertising waits for an own yes"),
    "C": N_("C: no consent, contact only"),
    "out": N_("Opted out"),
    "kept_out": N_("Stays out"),
    "known": N_("Known already"),
    "refused": N_("Left out"),
}

IMPORT_STATE: Mapping[str, str] = {
    "new": N_("Tell the columns apart"),
    "checking": N_("Being looked through"),
    "ready": N_("Looked through, nothing written yet"),
    "running": N_("Being imported"),
    "done": N_("Imported"),
    "failed": N_("Not imported"),
}


def miss(code: str, language: str) -> str:
    """Why a consent does not count: a flaw of the ledger's, or a reason code."""
    return word(FLAG, code, language) if code in FLAG else reason(code).in_(language)


def scope(code: str, language: str) -> str:
    """What a consent is for; alerts for one article carry it after a colon."""
    name, _, item = code.partition(":")
    return f"{word(SCOPE, name, language)}: {item}" if item else word(SCOPE, name, language)


def ended(outcome: str | None, language: str) -> str:
    """How a privacy request ended; the ground of a refusal follows."""
    code, _, ground = (outcome or "").partition(": ")
    said = GROUNDS[ground].in_(language) if ground in GROUNDS else ground
    return f"{word(OUTCOME_OF, code, language)}{f': {said}' if said else ''}"


def milestone(object_type: str, name: str, language: str) -> str:
    """What happened in the shop, as a sentence."""
    known = MILESTONE.get((object_type, name))
    return translator(language).gettext(known) if known else name


def appointment_fault(fault: str, language: str) -> str:
    """What is wrong with an appointment as typed."""
    return translator(language).gettext(APPOINTMENT_FAULT[fault])


def order_answer(about: str, answer: str, language: str) -> str:
    """What a customer said about an order."""
    return word(ORDER_ANSWER, f"{about}:{answer}", language)
