"""master.key and what it protects: stored secrets, the ledger's per-person keys, keyed hashes.

AES-256-GCM from `cryptography`; one 32-byte master key in a file outside the database, from which separate keys
are derived (HKDF), so that no key serves two ends.
"""

import hashlib
import hmac
import os
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from integration.domain.errors import KeysMissing, SecretUnreadable

NONCE = 12


class Vault:
    """Encrypts, decrypts and hashes with keys derived from the master key."""

    def __init__(self, master: bytes) -> None:
        self._secrets = AESGCM(_derive(master, b"secrets"))
        self._subjects = AESGCM(_derive(master, b"subject keys"))
        self._hash_key = _derive(master, b"keyed hashes")
        self._signer = Ed25519PrivateKey.from_private_bytes(_derive(master, b"checkpoints"))
        self._token_key = _derive(master, b"links")
        # a person's phone is hashed six times on the way from order to message
        self._hashed = lru_cache(maxsize=4096)(self._keyed_hash)

    def seal(self, plain: bytes, context: str) -> bytes:
        """Encrypt a secret; `context` (its name) must be the same to open it."""
        return _seal(self._secrets, plain, context)

    def open(self, sealed: bytes, context: str) -> bytes:
        """Decrypt a secret. Raises SecretUnreadable."""
        return _open(self._secrets, sealed, context)

    def wrap(self, key: bytes, subject: str) -> bytes:
        """Encrypt a person's ledger key for the keys database."""
        return _seal(self._subjects, key, subject)

    def unwrap(self, wrapped: bytes, subject: str) -> bytes:
        """Decrypt a person's ledger key. Raises SecretUnreadable."""
        return _open(self._subjects, wrapped, subject)

    def keyed_hash(self, company: str, identifier: str) -> str:
        """HMAC-SHA256 of a phone or BSUID. A plain hash of a phone number is guessed in minutes (law.md 7)."""
        return self._hashed(company, identifier)

    def _keyed_hash(self, company: str, identifier: str) -> str:
        return hmac.digest(self._hash_key, f"{company}\0{identifier}".encode(), hashlib.sha256).hex()

    @property
    def public_key(self) -> str:
        """The key that verifies our signatures, 64 hexadecimal digits; anybody may have it."""
        return self._signer.public_key().public_bytes_raw().hex()

    def sign(self, content: bytes) -> str:
        """An Ed25519 signature in hexadecimal digits."""
        return self._signer.sign(content).hex()

    def mark(self, content: bytes) -> bytes:
        """16 bytes that only this installation can make for this content: what a link's token is known by."""
        return hmac.digest(self._token_key, content, hashlib.sha256)[:16]


def signature_fits(key: str, content: bytes, signature: str) -> bool:
    """Whether a signature of ours, or of whoever has that key, is over exactly this content."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), content)
    except (InvalidSignature, ValueError):
        return False
    return True


def seal_payload(key: bytes, plain: bytes, context: str) -> bytes:
    """Encrypt a ledger payload under a person's key."""
    return _seal(AESGCM(key), plain, context)


def open_payload(key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt a ledger payload. Raises SecretUnreadable."""
    return _open(AESGCM(key), sealed, context)


def create_master(path: Path) -> None:
    """Make a master key, readable by the owner alone. Raises FileExistsError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(os.urandom(32).hex() + "\n")


def load_master(path: Path) -> bytes:
    """The master key. Raises KeysMissing or SecretUnreadable."""
    try:
        master = bytes.fromhex(path.read_text().strip())
    except FileNotFoundError:
        raise KeysMissing(
            f"{path} is missing. For a new installation run `ladenbote init`; otherwise put the file back: "
            "without it no stored secret and no consent can be read."
        ) from None
    except ValueError:
        master = b""
    if len(master) != 32:
        raise SecretUnreadable(f"{path} is not a master key (64 hexadecimal digits). Put the right file back.")
    return master


def _derive(master: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"ladenbote " + purpose).derive(master)


def _seal(cipher: AESGCM, plain: bytes, context: str) -> bytes:
    nonce = os.urandom(NONCE)
    return nonce + cipher.encrypt(nonce, plain, context.encode())


def _open(cipher: AESGCM, sealed: bytes, context: str) -> bytes:
    try:
        return cipher.decrypt(sealed[:NONCE], sealed[NONCE:], context.encode())
    except (InvalidTag, ValueError) as wrong:
        raise SecretUnreadable(
            "A stored secret cannot be decrypted: put back the master.key that belongs to this database."
        ) from wrong
