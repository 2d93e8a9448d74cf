"""master.key and what it protects."""

import hashlib
import stat
from pathlib import Path

import pytest
from sqlalchemy import select
from worlds import NOON

from integration.domain.errors import KeysMissing, SecretUnreadable
from integration.store import crypto, secrets, tables
from integration.store.crypto import Vault, create_master, load_master
from integration.store.db import Database

PHONE = "+491713920012"


@pytest.fixture
def vault() -> Vault:
    return Vault(b"\1" * 32)


def test_a_secret_lies_encrypted_and_comes_back(database: Database, vault: Vault) -> None:
    with database.write() as connection:
        secrets.put(connection, vault, "token", "geheim-ü", NOON)
        stored = connection.execute(select(tables.secret.c.ciphertext)).scalar_one()
        assert "geheim-ü".encode() not in stored
        assert secrets.get(connection, vault, "token") == "geheim-ü"
        assert secrets.get(connection, vault, "another") is None


def test_a_second_put_replaces(database: Database, vault: Vault) -> None:
    with database.write() as connection:
        secrets.put(connection, vault, "token", "old", NOON)
        secrets.put(connection, vault, "token", "new", NOON)
        assert secrets.get(connection, vault, "token") == "new"


def test_another_master_key_is_said(database: Database, vault: Vault) -> None:
    with database.write() as connection:
        secrets.put(connection, vault, "token", "geheim", NOON)
        with pytest.raises(SecretUnreadable, match=r"master\.key"):
            secrets.get(connection, Vault(b"\2" * 32), "token")


def test_a_secret_opens_under_its_own_name_only(vault: Vault) -> None:
    sealed = vault.seal(b"geheim", "token of shop A")
    with pytest.raises(SecretUnreadable):
        vault.open(sealed, "token of shop B")


def test_a_changed_or_cut_secret_is_refused(vault: Vault) -> None:
    sealed = vault.seal(b"geheim", "x")
    for broken in (sealed[:-1] + bytes([sealed[-1] ^ 1]), sealed[:-1], sealed[:12]):
        with pytest.raises(SecretUnreadable):
            vault.open(broken, "x")


@pytest.mark.parametrize("length", [0, 5, 11])
def test_a_stump_of_a_secret_is_refused_in_our_words(vault: Vault, length: int) -> None:
    with pytest.raises(SecretUnreadable):
        vault.open(b"x" * length, "x")


def test_the_same_secret_never_looks_the_same(vault: Vault) -> None:
    assert vault.seal(b"geheim", "x") != vault.seal(b"geheim", "x")


def test_no_key_serves_two_ends(vault: Vault) -> None:
    with pytest.raises(SecretUnreadable):
        vault.unwrap(vault.seal(b"k" * 32, "x"), "x")
    with pytest.raises(SecretUnreadable):
        vault.open(vault.wrap(b"k" * 32, "x"), "x")


def test_a_persons_key_opens_for_that_person_only(vault: Vault) -> None:
    wrapped = vault.wrap(b"k" * 32, "anna")
    assert vault.unwrap(wrapped, "anna") == b"k" * 32
    with pytest.raises(SecretUnreadable):
        vault.unwrap(wrapped, "bernd")


def test_a_payload_is_bound_to_its_event() -> None:
    sealed = crypto.seal_payload(b"k" * 32, b"{}", "event 1")
    with pytest.raises(SecretUnreadable):
        crypto.open_payload(b"k" * 32, sealed, "event 2")


def test_a_hash_is_keyed_and_per_company(vault: Vault) -> None:
    mine = vault.keyed_hash("firma", PHONE)
    assert mine == vault.keyed_hash("firma", PHONE)
    assert mine != Vault(b"\2" * 32).keyed_hash("firma", PHONE)
    assert mine != vault.keyed_hash("andere", PHONE)
    assert mine not in (
        hashlib.sha256(PHONE.encode()).hexdigest(),
        hashlib.sha256(f"firma\0{PHONE}".encode()).hexdigest(),
    )


def test_the_master_key_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "data" / "master.key"
    create_master(file)
    made = load_master(file)
    assert len(made) == 32
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        create_master(file)
    assert load_master(file) == made
    create_master(tmp_path / "other.key")
    assert load_master(tmp_path / "other.key") != made


def test_a_missing_master_key_is_never_replaced_silently(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing, match=r"master\.key is missing.*`ladenbote init`"):
        load_master(tmp_path / "master.key")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", ["", "zz" * 32, "ab" * 31, "ab" * 33, "geheim"])
def test_a_file_that_is_no_master_key_is_named(tmp_path: Path, content: str) -> None:
    file = tmp_path / "master.key"
    file.write_text(content)
    with pytest.raises(SecretUnreadable, match=r"master\.key is not a master key"):
        load_master(file)
    assert file.read_text() == content, "a wrong file is not overwritten"


def test_a_binary_file_is_no_master_key_either(tmp_path: Path) -> None:
    file = tmp_path / "master.key"
    file.write_bytes(bytes(range(128, 160)))
    with pytest.raises(SecretUnreadable, match="is not a master key"):
        load_master(file)
