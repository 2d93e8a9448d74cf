"""Consent: what the ledger's plain header says, and the questions that a decision answers from it.

The ledger's payload is encrypted; a decision reads only `ConsentEvent`, never the payload
(docs/reference/law.md section 3). The rules themselves stand in `decision.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from integration.domain.hot_dataclass import lean
from integration.domain.messages.holds import Block


class ConsentType(StrEnum):
    """What happened to a consent."""

    GRANTED = "granted"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"
    PLATFORM_STOP = "platform_stop"
    PLATFORM_RESUME = "platform_resume"
    IMPORTED = "imported"
    EXPIRED = "expired"
    IDENTITY_LINKED = "identity_linked"
    CORRECTED = "corrected"
    RESTRICTED = "restricted"
    UNRESTRICTED = "unrestricted"
    ERASED = "erased"
    PROOF_EXPORTED = "proof_exported"


class Source(StrEnum):
    """The source class of a ledger event. `IMPORT` and `API` cannot lift a no."""

    CHECKOUT = "checkout"
    FORM = "form"
    KEYWORD = "keyword"
    QR = "qr"
    CHAT_BUTTON = "chat_button"
    IN_STORE = "in_store"
    API = "api"
    IMPORT = "import"
    CHANNEL = "channel"
    STAFF = "staff"
    SYSTEM = "system"


class Flag(StrEnum):
    """What is wrong with, or noteworthy about, a grant. Stored in the plain header."""

    PRE_CHECKED = "pre_checked"
    BUNDLED_IN_TERMS = "bundled_in_terms"
    WHATSAPP_NOT_NAMED = "whatsapp_not_named"
    WORDING_MISSING = "wording_missing"
    WORDING_NOT_SHOWN = "wording_not_shown"
    IMPORT_UNPROVEN = "import_unproven"
    IMPORT_WITHOUT_CONFIRMATION = "import_without_confirmation"


class Purpose(StrEnum):
    """Why a message is sent. Its class is fixed here, never in settings (docs/reference/law.md section 2)."""

    ORDER_CONFIRMATION = "order_confirmation"
    PAYMENT_REMINDER = "payment_reminder"
    SHIPPING_NOTICE = "shipping_notice"
    DELIVERY_NOTICE = "delivery_notice"
    PICKUP_READY = "pickup_ready"
    REFUND_NOTICE = "refund_notice"
    APPOINTMENT_REMINDER = "appointment_reminder"
    ORDER_UPDATE = "order_update"
    SUPPORT_REPLY = "support_reply"
    REVIEW_REQUEST = "review_request"
    ABANDONED_CART = "abandoned_cart"
    BACK_IN_STOCK = "back_in_stock"
    PRICE_DROP = "price_drop"
    NEWSLETTER = "newsletter"
    EVENT_INVITATION = "event_invitation"
    OFFER = "offer"
    VOUCHER = "voucher"
    BIRTHDAY_VOUCHER = "birthday_voucher"
    DOI_REQUEST = "doi_request"
    OPTOUT_CONFIRMATION = "optout_confirmation"
    OWNER_ALARM = "owner_alarm"


SERVICE_SCOPE = "service_updates"
#: the owner's own agreement to be told on the own phone; no customer's
OWNER_SCOPE = "owner_alarms"
#: what is no advertising and needs no confirmation from the phone
PLAIN = frozenset({SERVICE_SCOPE, OWNER_SCOPE})
MARKETING_NEWS = "marketing_news"
MARKETING_OFFERS = "marketing_offers"

#: purpose → consent scope; None needs no consent of its own. `{item}` is the article that was asked for.
SCOPES: Mapping[Purpose, str | None] = {
    Purpose.ORDER_CONFIRMATION: SERVICE_SCOPE,
    Purpose.PAYMENT_REMINDER: SERVICE_SCOPE,
    Purpose.SHIPPING_NOTICE: SERVICE_SCOPE,
    Purpose.DELIVERY_NOTICE: SERVICE_SCOPE,
    Purpose.PICKUP_READY: SERVICE_SCOPE,
    Purpose.REFUND_NOTICE: SERVICE_SCOPE,
    Purpose.APPOINTMENT_REMINDER: SERVICE_SCOPE,
    Purpose.ORDER_UPDATE: SERVICE_SCOPE,
    Purpose.SUPPORT_REPLY: None,
    Purpose.REVIEW_REQUEST: "review_request",
    Purpose.ABANDONED_CART: "cart_reminder",
    Purpose.BACK_IN_STOCK: "back_in_stock:{item}",
    Purpose.PRICE_DROP: "price_drop:{item}",
    Purpose.NEWSLETTER: MARKETING_NEWS,
    Purpose.EVENT_INVITATION: MARKETING_NEWS,
    Purpose.OFFER: MARKETING_OFFERS,
    Purpose.VOUCHER: MARKETING_OFFERS,
    Purpose.BIRTHDAY_VOUCHER: MARKETING_OFFERS,
    Purpose.DOI_REQUEST: None,
    Purpose.OPTOUT_CONFIRMATION: None,
    Purpose.OWNER_ALARM: OWNER_SCOPE,
}

MARKETING = frozenset(
    {
        Purpose.REVIEW_REQUEST,
        Purpose.ABANDONED_CART,
        Purpose.BACK_IN_STOCK,
        Purpose.PRICE_DROP,
        Purpose.NEWSLETTER,
        Purpose.EVENT_INVITATION,
        Purpose.OFFER,
        Purpose.VOUCHER,
        Purpose.BIRTHDAY_VOUCHER,
    }
)

ALL_MARKETING = "*marketing"
EVERYTHING = "*"


@lean
class ConsentEvent:
    """One row of the ledger as a decision sees it: the plain header, nothing decrypted.

    `account` and `bsuid` are keyed hashes of the WhatsApp account and user id concerned (of the confirming
    account for `confirmed`). `via` is the channel a confirmation came by. `promised_per_month` is the number
    of marketing messages that the wording promised not to exceed.
    """

    event_id: str
    company: str
    type: ConsentType
    purposes: tuple[str, ...]
    occurred_at: datetime
    source: Source
    channel: str = "whatsapp"
    via: str = "whatsapp"
    flags: frozenset[Flag] = frozenset()
    account: str | None = None
    bsuid: str | None = None
    promised_per_month: int | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """The owner's choices, inside what law allows (data/README.md, "Policy"). Hours are half-open."""

    doi: bool = True
    doi_days: int = 7
    max_doi: int = 1
    doi_max_delay: timedelta = timedelta(minutes=60)
    min_age: int = 16
    dormancy_days: int = 730
    cap_24h: int = 1
    cap_7d: int = 2
    quiet_marketing: tuple[time, time] | None = (time(20), time(8))
    quiet_service: tuple[time, time] | None = (time(21), time(7))
    quiet_sunday: bool = True
    resume_restores_consent: bool = False


@lean
class TemplateFacts:
    """Meta's view of the template that a message uses: its status and category at this moment.

    `flipped`: to Meta it is MARKETING now, whatever we wrote it for; a service text then goes only to people whose
    consent covers marketing, too. `braked`: and nobody has accepted that.
    """

    status: str
    category: str
    braked: bool = False
    flipped: bool = False


@lean
class Situation:
    """Everything but the ledger that a decision depends on, gathered by flow, aware UTC times.

    `zones` are the time zones the recipient may be in (all must lie inside the hours). `country` None means
    unknown: the strictest rules. `template` None means free-form text. `trigger_age` is the time since the
    fact that the message answers. `ledger` is ok, unavailable or chain_broken. `account` and `bsuid` are keyed
    hashes of the recipient as known now; `consented_bsuid` the one known when consent was given. `unreachable`:
    WhatsApp could not deliver to them lately. `resting` is what Meta makes this message wait for.
    `cost_cap` and `cost_stop`: until when the owner's limit of what marketing, or everything, may cost is used up.
    """

    now: datetime
    company: str
    zones: tuple[str, ...]
    country: str | None
    template: TemplateFacts | None
    account: str | None = None
    bsuid: str | None = None
    consented_bsuid: str | None = None
    identity_linked: bool = False
    window_open: bool = False
    trigger_age: timedelta = timedelta(0)
    contains_promotion: bool = False
    precondition: bool = True
    expires_at: datetime | None = None
    item: str | None = None
    unprocessed_inbound: bool = False
    suppressed: bool = False
    age: int | None = None
    sent_last_24h: int = 0
    sent_last_7d: int = 0
    sent_last_30d: int = 0
    last_marketing_at: datetime | None = None
    optout_confirmations_sent: int = 0
    doi_requests_sent: int = 0
    ledger: str = "ok"
    holidays: frozenset[date] = field(default_factory=frozenset)
    unreachable: bool = False
    resting: Block | None = None
    cost_cap: datetime | None = None
    cost_stop: datetime | None = None
