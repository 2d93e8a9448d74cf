"""Contacts: who a message goes to, and phone numbers as E.164."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import phonenumbers


@dataclass(frozen=True, slots=True)
class Contact:
    """A person as one company knows them. Phone (E.164) or WhatsApp user id (BSUID) may be missing.

    `subject` is the random reference under which the consent ledger knows the person.
    """

    id: str
    company: str
    subject: str
    phone: str | None
    wa_user_id: str | None
    name: str
    locale: str
    country: str | None
    last_inbound_at: datetime | None = None
    erased_at: datetime | None = None


@lru_cache(maxsize=4096)
def e164(typed: str, country: str) -> str | None:
    """The E.164 form ("+49…") of a number as typed at a checkout in `country`, or None when it is none.

    Shops pass on what people type: "0171 / 392 00-12", "0049171…", "+49 (0) 221 …", "kein anruf bitte".
    """
    parsed = _parsed(typed, country)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if parsed else None


@lru_cache(maxsize=1024)
def country_of(phone: str) -> str | None:
    """The ISO country of an E.164 number, or None when it cannot be told (then the strictest rules hold)."""
    parsed = _parsed(phone, "")
    return phonenumbers.region_code_for_number(parsed) if parsed else None


def masked(phone: str | None) -> str:
    """A phone number for logs and lists: country code and last two digits only."""
    if not phone:
        return "–"
    return f"{phone[:3]}…{phone[-2:]}"


def _parsed(typed: str, country: str) -> phonenumbers.PhoneNumber | None:
    if sum(character.isdigit() for character in typed) < 6:
        return None
    try:
        number = phonenumbers.parse(typed, country.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_valid_number(number):
        return number
    # Who typed the country code meant a number; new ranges are missing from the tables for a while.
    international = typed.strip().startswith(("+", "00"))
    return number if international and phonenumbers.is_possible_number(number) else None
