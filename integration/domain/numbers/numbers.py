"""What Meta says of a WhatsApp number, in our words (docs/reference/whatsapp.md sections 2 and 10)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

#: unique people per 24 hours by the tier that Meta names
TIERS: Final = {
    "TIER_50": 50,
    "TIER_250": 250,
    "TIER_1K": 1_000,
    "TIER_2K": 2_000,
    "TIER_10K": 10_000,
    "TIER_100K": 100_000,
}
UNLIMITED: Final = "TIER_UNLIMITED"
#: when Meta ends a version of its API (its changelog, read in November 2026)
VERSION_ENDS: Final = {
    "v20.0": date(2026, 9, 24),
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}
PERMISSIONS: Final = ("whatsapp_business_messaging", "whatsapp_business_management")
#: webhook fields without which something of ours does not work, the indispensable ones first
NEEDED_FIELDS: Final = ("messages", "user_preferences")
USEFUL_FIELDS: Final = (
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "account_update",
    "account_alerts",
    "account_review_update",
    "business_capability_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "security",
    "user_id_update",
)
COEXISTENCE_FIELDS: Final = ("history", "smb_app_state_sync", "smb_message_echoes")
#: messages per second (docs/reference/whatsapp.md section 2)
STANDARD_RATE: Final = 80.0
HIGH_RATE: Final = 1_000.0
COEXISTENCE_RATE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Something that stands in the way of sending, in Meta's words and with its advice; `code` is 0 for a limit."""

    code: int
    said: str
    remedy: str = ""
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """One number, its token and its account as the API showed them; what is empty or None was not told.

    `errors` maps a part that could not be read (token, number, account, apps, app) to Graph's code, -1 when nobody
    answered. `partner` means that the API is not Meta's own: then only `reachable` is known.
    `token_expires_at` is None for a token without end. `callback` is where Meta delivers this number's messages,
    `version` the API's, like v26.0.
    """

    partner: bool = False
    reachable: bool = True
    token_valid: bool | None = None
    token_type: str = ""
    token_expires_at: datetime | None = None
    permissions: tuple[str, ...] = ()
    app_id: str = ""
    app_secret_fits: bool | None = None
    display_number: str = ""
    verified_name: str = ""
    name_status: str = ""
    quality: str = ""
    status: str = ""
    platform: str = ""
    mode: str = ""
    throughput: str = ""
    messaging_limit: str = ""
    on_business_app: bool = False
    account_id: str = ""
    account_review: str = ""
    in_account: bool | None = None
    subscribed: bool | None = None
    callback: str = ""
    fields: tuple[str, ...] | None = None
    websites: tuple[str, ...] | None = None
    obstacles: tuple[Obstacle, ...] = ()
    errors: Mapping[str, int] = field(default_factory=dict)
    version: str = ""

    def with_limits_of(self, before: "NumberFacts") -> "NumberFacts":
        """The same, with the limits that Meta told before where it tells none now: they have not ended thereby."""
        unread = not self.reachable or "number" in self.errors
        return replace(
            self,
            throughput=self.throughput or before.throughput,
            messaging_limit=self.messaging_limit or before.messaging_limit,
            on_business_app=self.on_business_app or (unread and before.on_business_app),
        )

    @property
    def people_per_day(self) -> int | None:
        """How many different people outside the service window may get something within 24 hours, over all numbers.

        None when the number has no limit, or when it is not known (`messaging_limit` tells which).
        """
        return TIERS.get(self.messaging_limit)

    @property
    def unlimited(self) -> bool:
        """Whether Meta said that there is no limit."""
        return self.messaging_limit == UNLIMITED

    @property
    def rate(self) -> float | None:
        """Messages per second that this number may send, None when Meta did not say."""
        if self.on_business_app:
            return COEXISTENCE_RATE
        return {"STANDARD": STANDARD_RATE, "HIGH": HIGH_RATE}.get(self.throughput)


@dataclass(frozen=True, slots=True)
class NumberChoice:
    """A number that a token may write from. `account_id` is its WhatsApp Business account."""

    phone_number_id: str
    display_number: str
    name: str
    account_id: str
    account_name: str


@dataclass(frozen=True, slots=True)
class BusinessProfile:
    """What customers see when they tap on the shop's name in the chat. At most two `websites`.

    `vertical` is Meta's word for the trade (`VERTICALS`), `pictured` whether there is a picture.
    """

    about: str = ""
    address: str = ""
    description: str = ""
    email: str = ""
    websites: tuple[str, ...] = ()
    vertical: str = ""
    pictured: bool = False


#: trades, in Meta's words
VERTICALS: Final = (
    "RETAIL", "GROCERY", "APPAREL", "BEAUTY", "HEALTH", "AUTO", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE", "HOTEL",
    "RESTAURANT", "TRAVEL", "PROF_SERVICES", "GOVT", "NONPROFIT", "OTHER",
)  # fmt: skip
#: how long each part of a profile may be (Meta's reference of the business profile)
PROFILE_LIMITS: Final = {"about": 139, "address": 256, "description": 512, "email": 128}
MOST_WEBSITES: Final = 2
LONGEST_WEBSITE: Final = 256
#: parts of an address that say that it is the imprint
IMPRINT: Final = ("impressum", "imprint", "legal-notice", "legal_notice", "anbieterkennzeichnung")


def names_imprint(websites: Iterable[str]) -> bool:
    """Whether one of a profile's websites is the imprint (docs/reference/law.md section 9)."""
    return any(word in address.lower() for address in websites for word in IMPRINT)
