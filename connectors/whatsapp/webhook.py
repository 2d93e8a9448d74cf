"""Meta's webhooks: every entry, every change, every item; a bad item never takes the others with it.

docs/reference/whatsapp.md section 6. Batches hold up to 1,000 updates, `timestamp` is text or a number, and a
failed status has no `contacts`. An app has one address, so a body may speak of several numbers and accounts.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterator
from typing import TypeVar

from connectors.reading import Json, document, identifier, mapping, rows, text
from connectors.whatsapp.identities import id_change_of, number_change_of
from connectors.whatsapp.inbound import inbound_of, sender_of
from connectors.whatsapp.news import (
    ACCOUNT,
    account_news,
    echo_of,
    template_category,
    template_components,
    template_quality,
    template_status,
)
from connectors.whatsapp.people import People
from connectors.whatsapp.statuses import preference_of, status_of
from integration.domain.errors import Malformed
from integration.domain.messages.channel import (
    AccountNews,
    Echo,
    IdentityChange,
    Inbound,
    MetaUpdate,
    Preference,
    StatusUpdate,
    TemplateNews,
)

#: whose it is (the account's id and the number's, "" for news of the account), its field and its value
Change = tuple[tuple[str, str], str, Json]
TEMPLATE_FIELDS: dict[str, Callable[[Json], TemplateNews | None]] = {
    "message_template_status_update": template_status,
    "template_category_update": template_category,
    "message_template_quality_update": template_quality,
    "message_template_components_update": template_components,
}
Item = TypeVar("Item")


class MetaWebhook:
    """Reading Meta's webhooks, as `ports.ChannelWebhook`."""

    def verify(self, signature: str, body: bytes, app_secret: str) -> bool:
        """Check X-Hub-Signature-256 over the raw bytes in constant time."""
        if not app_secret:
            return False
        expected = "sha256=" + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(signature.strip().encode("utf-8", "replace"), expected.encode())

    def parse(self, body: bytes) -> tuple[MetaUpdate, ...]:
        """Every status, message and preference. Raises Malformed when the body is no webhook of Meta's."""
        found = document(body)
        if not isinstance(found.get("entry"), list):
            raise Malformed("the body has no entries")
        parts: dict[tuple[str, str], _Parts] = {}
        for whose, field, value in _changes(found):
            parts.setdefault(whose, _Parts()).add(field, value)
        return tuple(part.update(*whose) for whose, part in parts.items())

    def people(self, body: bytes) -> set[str]:
        """Phones (E.164) and BSUIDs of everybody who wrote or stopped marketing here; never raises."""
        try:
            found = document(body)
        except Malformed:
            return set()
        return {name for *_, value in _changes(found) for name in _writers(value)}


WEBHOOK = MetaWebhook()


class _Parts:
    """What was read so far of one number or account."""

    def __init__(self) -> None:
        self.statuses: list[StatusUpdate] = []
        self.messages: list[Inbound] = []
        self.preferences: list[Preference] = []
        self.notes: list[str] = []
        self.identities: list[IdentityChange] = []
        self.templates: list[TemplateNews] = []
        self.news: list[AccountNews] = []
        self.echoes: list[Echo] = []

    def update(self, account: str, number: str) -> MetaUpdate:
        """All of it."""
        return MetaUpdate(
            tuple(self.statuses),
            tuple(self.messages),
            tuple(self.preferences),
            tuple(self.notes),
            tuple(self.identities),
            tuple(self.templates),
            tuple(self.news),
            tuple(self.echoes),
            account,
            number,
        )

    def add(self, field: str, value: Json) -> None:
        """Read one change."""
        if field == "messages":
            people = People(value)
            self.statuses += self._read(value, "statuses", lambda row: status_of(row, people))
            self.identities += filter(None, map(number_change_of, _system_messages(value)))
            self.messages += self._read(value, "messages", lambda row: inbound_of(row, people))
            self.notes += [f"messages:error:{str(row.get('code'))[:20]}" for row in rows(value.get("errors"))]
        elif field == "user_preferences":
            people = People(value)
            self.preferences += self._read(value, field, lambda row: preference_of(row, people))
        elif field == "user_id_update":
            self.identities += self._read(value, field, id_change_of)
        elif field == "smb_message_echoes":
            people = People(value)
            self.echoes += self._read(value, "message_echoes", lambda row: echo_of(row, people))
        else:
            self._about_the_account(field, value)

    def _about_the_account(self, field: str, value: Json) -> None:
        self.notes.append(_note(field, value))
        if field in ACCOUNT:
            self.news.append(account_news(field, value))
        elif reader := TEMPLATE_FIELDS.get(field):
            self.templates += filter(None, (reader(value),))

    def _read(self, value: Json, key: str, reader: Callable[[Json], Item | str]) -> Iterator[Item]:
        """The items of a list; what a reader cannot use it answers with a word for the notes."""
        items = value.get(key)
        for row in items if isinstance(items, list) else []:
            item = reader(row) if isinstance(row, dict) else "no_object"
            if isinstance(item, str):
                self.notes.append(f"{key}:{item}")
            else:
                yield item


def _changes(found: Json) -> Iterator[Change]:
    for entry in rows(found.get("entry")):
        account = identifier(entry.get("id"))
        for change in rows(entry.get("changes")):
            value = mapping(change.get("value"))
            number = identifier(mapping(value.get("metadata")).get("phone_number_id"))
            yield (account, number), text(change.get("field"), 64), value


def _writers(value: Json) -> Iterator[str]:
    people = People(value)
    for row in (*rows(value.get("messages")), *rows(value.get("user_preferences"))):
        yield from (name for name in sender_of(row, people)[:2] if name)


def _system_messages(value: Json) -> Iterator[Json]:
    return (row for row in rows(value.get("messages")) if row.get("type") == "system")


def _note(field: str, value: Json) -> str:
    event = text(value.get("event"), 64)
    return f"{field}:{event}" if event else field
