"""Contacts: who a message goes to, and phone numbers as E.164."""

import re
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from integration.domain.hot_dataclass import lean

#: typed with a country code: "+49…" or "0049…"
INTERNATIONAL = re.compile(r"\+|00[1-9]")


@lean
class Contact:
    """A person as one company knows them. Phone (E.164) or WhatsApp user id (BSUID) may be missing.

    `subject` is the random reference under which the consent ledger knows the person. `region` is the federal state,
    `asked_at` when an unclear STOP was asked about, `identity_since` when phone and BSUID were last brought together,
    `phone_from` the BSUID of the account that had this phone before, `unreachable_until` the end of a rest after
    WhatsApp could not deliver.
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
    region: str | None = None
    born_on: date | None = None
    asked_at: datetime | None = None
    identity_since: datetime | None = None
    phone_from: str | None = None
    unreachable_until: datetime | None = None

    def age(self, today: date) -> int | None:
        """Whole years on `today`, None when the birthday is unknown. Born on 29 February turns on 1 March."""
        if self.born_on is None:
            return None
        before = (today.month, today.day) < (self.born_on.month, self.born_on.day)
        return today.year - self.born_on.year - before


class Phone(NamedTuple):
    """A number as E.164 ("+49…") and the ISO country that it belongs to, None when that cannot be told."""

    number: str
    country: str | None


@lru_cache(maxsize=4096)
def read_phone(typed: str, country: str) -> Phone | None:
    """A number as typed at a checkout in `country`, or None when it is none.

    Shops pass on what people type: "0171 / 392 00-12", "0049171…", "+49 (0) 221 …", "kein anruf bitte".
    """
    if sum(character.isdigit() for character in typed) < 6:
        return None
    parsed = _parsed(_with_plus(typed.strip(), country.upper()), country.upper())
    if parsed is None:
        return None
    region = phonenumbers.region_code_for_number(parsed)
    # Who typed the country code meant a number; new ranges are missing from the tables for a while.
    if INTERNATIONAL.match(typed.strip()):
        usable = phonenumbers.is_possible_number(parsed)
    else:
        usable = region is not None and phonenumbers.is_valid_number_for_region(parsed, region)
    if not usable:
        return None
    return Phone(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164), region)


def _with_plus(typed: str, country: str) -> str:
    """ "49171…" typed in Germany is a mobile number with its country code, not one in the town with the code 4917."""
    code = phonenumbers.country_code_for_region(country)
    if not code or not typed.startswith(str(code)):
        return typed
    parsed = _parsed(f"+{typed}", country)
    mobile = parsed is not None and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
    return f"+{typed}" if mobile else typed


def _parsed(typed: str, country: str) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(typed, country or None)
    except phonenumbers.NumberParseException:
        return None


def e164(typed: str, country: str) -> str | None:
    """The E.164 form of a number as typed, or None when it is none."""
    found = read_phone(typed, country)
    return found.number if found else None


def country_of(phone: str) -> str | None:
    """The ISO country of an E.164 number, or None when it cannot be told (then the strictest rules hold)."""
    found = read_phone(phone, "")
    return found.country if found else None


def is_mobile(phone: str) -> bool:
    """Whether an E.164 number is one of a mobile range, as far as its country tells."""
    parsed = _parsed(phone, "")
    return parsed is not None and phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE


def spelled(phone: str) -> str:
    """An E.164 number in groups, as people write it abroad: "+49 30 123456"."""
    parsed = _parsed(phone, "")
    form = phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return str(phonenumbers.format_number(parsed, form)) if parsed else phone


def masked(phone: str | None) -> str:
    """A phone number for logs and lists: country code and last two digits only."""
    if not phone:
        return "–"
    return f"{phone[:3]}…{phone[-2:]}"
