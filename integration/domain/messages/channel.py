"""What goes to WhatsApp and what comes back, in our words. The foreign fields stand in connectors/whatsapp."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from integration.domain.actions import Action
from integration.domain.hot_dataclass import lean
from integration.domain.messages.components import Components, Row


@lean
class Envelope:
    """One message ready to leave. `to` is E.164, `recipient` a BSUID; `to` wins when both are known.

    Either `template` with `variables` (named, or by position "1", "2", …) and `components`, or free `text`. `buttons`
    are quick replies: (payload, title), three at most under a text; a template's titles stand in the template, its
    first buttons; `body` is its text, where we know it, to measure it filled in. `attempt_id` comes back with every
    status.
    """

    attempt_id: str
    to: str | None
    recipient: str | None
    language: str
    template: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    buttons: tuple[tuple[str, str], ...] = ()
    components: Components | None = None
    body: str = ""


@lean
class Accepted:
    """The channel took the message: not delivered, not even sent yet. `held` waits for Meta's quality check."""

    wa_message_id: str
    held: bool = False


@dataclass(frozen=True, slots=True)
class StatusUpdate:
    """One status of one message, from a webhook. `attempt_id` is our id, echoed by Meta; it may be missing.

    `action`, `wait` and `tries` are what the table of errors says about `error_code`, as in `errors.Refused`.
    """

    wa_message_id: str
    status: str
    at: datetime
    attempt_id: str | None = None
    phone: str | None = None
    wa_user_id: str | None = None
    error_code: int | None = None
    error_title: str = ""
    action: Action | None = None
    wait: float = 0
    tries: int = 0
    price_category: str | None = None
    price_type: str | None = None
    billable: bool | None = None


@dataclass(frozen=True, slots=True)
class Inbound:
    """Something a customer wrote or tapped. Phone or BSUID may be missing, never both.

    `type` is Meta's (text, button, interactive, image, …); `text` what can be read of it; `payload` a button's.
    `media_id` names a picture, voice or file that can be fetched for seven days.
    """

    wa_message_id: str
    phone: str | None
    wa_user_id: str | None
    name: str
    at: datetime
    type: str
    text: str
    payload: str = ""
    reply_to: str | None = None
    media_id: str = ""
    file_name: str = ""


@dataclass(frozen=True, slots=True)
class Preference:
    """Meta's own opt-out signal: the customer stopped (or resumed) marketing in WhatsApp's settings."""

    phone: str | None
    wa_user_id: str | None
    at: datetime
    stop: bool


@dataclass(frozen=True, slots=True)
class IdentityChange:
    """WhatsApp says that a person has a new phone or BSUID: `was` (phone, BSUID) became `phone` and `wa_user_id`."""

    was: tuple[str | None, str | None]
    phone: str | None
    wa_user_id: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class TemplateNews:
    """What one webhook says of a template; None is what it does not speak of, and so is an empty `body`."""

    name: str
    language: str
    status: str | None = None
    category: str | None = None
    quality: str | None = None
    reason: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class AccountNews:
    """Something about the account or the number: Meta's field, its event, one more word, and what is restricted."""

    field: str
    event: str
    detail: str = ""
    restrictions: tuple[str, ...] = ()
    severity: str = ""


@dataclass(frozen=True, slots=True)
class Echo:
    """What the shop wrote to somebody on its own phone (coexistence)."""

    wa_message_id: str
    phone: str | None
    wa_user_id: str | None
    at: datetime
    type: str
    text: str


@dataclass(frozen=True, slots=True)
class MetaUpdate:
    """What one webhook body of Meta's holds about one number, or about its account. `notes` names what is only noted.

    `number` and `account` are Meta's ids, empty where a body names none. The history and address book of a phone that
    joins (coexistence) are noted: nobody needs them for what is sent.
    """

    statuses: tuple[StatusUpdate, ...] = ()
    messages: tuple[Inbound, ...] = ()
    preferences: tuple[Preference, ...] = ()
    notes: tuple[str, ...] = ()
    identities: tuple[IdentityChange, ...] = ()
    templates: tuple[TemplateNews, ...] = ()
    news: tuple[AccountNews, ...] = ()
    echoes: tuple[Echo, ...] = ()
    account: str = ""
    number: str = ""


@dataclass(frozen=True, slots=True)
class RemoteTemplate:
    """A template as Meta has it now. `quality` is GREEN, YELLOW, RED or empty; `body` and `footer` are its texts.

    `outline` is what people see of it besides (`template_parts.outline`), None where Meta did not say.
    """

    name: str
    language: str
    status: str
    category: str
    reason: str = ""
    quality: str = ""
    body: str = ""
    footer: str = ""
    outline: tuple[Row, ...] | None = None
