"""Pairings, replays, mailbox states and privacy requests, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from worlds import NOON

from integration.domain.errors import SecretUnreadable
from integration.domain.shops.ports import PrivacyRequest
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.store.privacy import shop_requests
from integration.store.shops import mailboxes, pairing, plugin_signatures
from integration.store.shops.mailboxes import MailboxState
from integration.store.shops.pairing import Pairing

VAULT = Vault(b"\1" * 32)
PAIRING = Pairing("https://www.example.de/wp-json/ladenbote/v1/mailbox", "token", "secret", direct=False)


def test_a_pairing_is_encrypted_and_replaced(database: Database) -> None:
    with database.write() as connection:
        assert pairing.get(connection, VAULT, "laden") is None
        pairing.put(connection, VAULT, "laden", PAIRING, NOON)
        assert pairing.of(connection, VAULT, ["laden", "tee"]) == {"laden": PAIRING}
        later = Pairing("https://www.example.de/?rest_route=/x", "neu", "neu", direct=True)
        pairing.put(connection, VAULT, "laden", later, NOON)
        assert pairing.get(connection, VAULT, "laden") == later
        (stored,) = connection.execute(text("SELECT ciphertext FROM secret")).scalars()
        assert b"example.de" not in bytes(stored)
        with pytest.raises(SecretUnreadable):
            pairing.get(connection, Vault(b"\2" * 32), "laden")


def test_a_signature_is_known_for_eight_days(database: Database) -> None:
    with database.write() as connection:
        assert not plugin_signatures.known(connection, "laden", "v1=a")
        plugin_signatures.note(connection, "laden", "v1=a", NOON)
        plugin_signatures.note(connection, "laden", "v1=a", NOON)
        assert plugin_signatures.known(connection, "laden", "v1=a")
        assert not plugin_signatures.known(connection, "tee", "v1=a")
        plugin_signatures.note(connection, "laden", "v1=b", NOON + timedelta(days=7, hours=23))
        assert plugin_signatures.known(connection, "laden", "v1=a")
        plugin_signatures.note(connection, "laden", "v1=c", NOON + timedelta(days=8, seconds=1))
        assert not plugin_signatures.known(connection, "laden", "v1=a")
        assert plugin_signatures.known(connection, "laden", "v1=b")


def test_a_mailbox_has_one_state(database: Database) -> None:
    with database.write() as connection:
        mailboxes.note(connection, "web", "The mailbox does not answer.", NOON)
        mailboxes.note(connection, "web", "", NOON + timedelta(minutes=1))
        assert mailboxes.states(connection) == {"web": MailboxState(NOON + timedelta(minutes=1), "")}


def test_a_privacy_request_is_recorded_once_and_sealed(database: Database) -> None:
    asked = PrivacyRequest("erase", "anna@example.com", "r-1")
    with database.write() as connection:
        shop_requests.add(connection, VAULT, "laden", [asked], NOON)
        shop_requests.add(connection, VAULT, "laden", [asked], NOON + timedelta(hours=1))
        shop_requests.add(connection, VAULT, "tee", [asked], NOON)
        found = shop_requests.waiting(connection, VAULT)
        assert [(r.shop, r.kind, r.email, r.requested_at) for r in found] == [
            ("laden", "erase", "anna@example.com", NOON),
            ("tee", "erase", "anna@example.com", NOON),
        ]
        for sealed in connection.execute(text("SELECT email FROM privacy_request")).scalars():
            assert b"anna" not in bytes(sealed)
