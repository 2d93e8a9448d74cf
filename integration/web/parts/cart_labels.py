"""The plain words for carts, their reminders, and what came of them."""

from collections.abc import Mapping

from integration.domain.messages.reasons import reason
from integration.i18n import N_
from integration.web.labels import word

CART_STATE: Mapping[str, str] = {
    "active": N_("Still open"),
    "abandoned": N_("Left"),
    "reminded": N_("Reminded"),
    "recovered": N_("Came back after the reminder"),
    "ordered": N_("Bought"),
    "expired": N_("Given up"),
    "emptied": N_("Emptied"),
}

CART_WHY: Mapping[str, str] = {
    "ok": N_("Allowed: this person wants to be reminded."),
    "no_phone": N_("Not possible: no phone number was given."),
    "no_contact": N_("Not allowed: nobody with this phone number has agreed to anything yet."),
    "no_consent": N_("Not allowed: this person has not agreed to reminders on WhatsApp."),
}

CART_SENTENCE: Mapping[str, str] = {
    "active": N_("Somebody may still be shopping."),
    "abandoned": N_("It was left alone. Nobody has been reminded of it yet."),
    "reminded": N_("A reminder left. Nothing has come of it yet."),
    "recovered": N_("It was bought after the reminder."),
    "ordered": N_("It was bought without a reminder."),
    "expired": N_("It is too old for a reminder."),
    "emptied": N_("Nothing lies in it any more."),
}

CART_STEP: Mapping[str, str] = {
    "left": N_("were left"),
    "allowed": N_("could be reminded of"),
    "reminded": N_("were reminded of"),
    "back": N_("came back after it"),
    "held_out": N_("held out for comparison"),
    "not_allowed": N_("could not be reminded of"),
    "reminder": N_("compared: reminded"),
    "reminder_bought": N_("compared: reminded, bought"),
    "holdout": N_("compared: held out"),
    "holdout_bought": N_("compared: held out, bought"),
}

SIGN: Mapping[str, str] = {
    "voucher": N_("Voucher of the reminder"),
    "link": N_("Link of the reminder"),
    "person": N_("Same person within five days"),
    "unprompted": N_("without a reminder"),
}

CAME_BY: Mapping[str, str] = {
    "voucher": N_("It used the voucher of the reminder."),
    "link": N_("It came by the link of the reminder."),
    "person": N_("The same person placed it within five days after the reminder."),
    "unprompted": N_("It came without a reminder."),
}

VOUCHER: Mapping[str, str] = {
    "drawn": N_("being made"),
    "created": N_("not used yet"),
    "redeemed": N_("used"),
    "removed": N_("ended unused"),
    "gone": N_("deleted in the shop"),
}


def why(code: str, language: str) -> str:
    """Whether a reminder of a cart would be allowed, and why not."""
    return word(CART_WHY, code, language) if code in CART_WHY else reason(code).in_(language)
