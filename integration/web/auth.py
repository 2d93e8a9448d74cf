"""Signing in: one password (argon2), sessions of 14 days, and a brake on guessing."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import BoundedSemaphore, Lock

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from starlette.requests import HTTPConnection
from starlette.responses import Response

from integration.store import secrets as stored
from integration.store import sessions
from integration.store.crypto import Vault
from integration.store.db import Database
from integration.web.deps import WebConfig, WebDeps
from integration.web.visitor import group_of

PASSWORD = "dashboard_password"  # noqa: S105 - the name of the secret, not a secret
LIFETIME = timedelta(days=14)
FREE_TRIES = 5
LONGEST_WAIT = timedelta(minutes=15)
REMEMBERED_ADDRESSES = 10_000

_hasher = PasswordHasher()
_at_once = BoundedSemaphore(2)  # every check needs 64 MB


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser."""

    token_hash: str
    csrf: str
    language: str


def set_password(database: Database, vault: Vault, password: str, now: datetime) -> None:
    """Set the dashboard's password; everybody has to sign in again."""
    hashed = _hasher.hash(password)
    with database.write() as connection:
        stored.put(connection, vault, PASSWORD, hashed, now)
        sessions.remove_all(connection)


def has_password(database: Database, vault: Vault) -> bool:
    """Whether a password was ever set."""
    with database.read() as connection:
        return stored.get(connection, vault, PASSWORD) is not None


def check_password(database: Database, vault: Vault, password: str) -> bool:
    """Whether this is the password."""
    with database.read() as connection:
        hashed = stored.get(connection, vault, PASSWORD)
    if hashed is None:
        return False
    try:
        with _at_once:
            return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def sign_in(deps: WebDeps, language: str, response: Response) -> None:
    """Start a session and give its token to the browser."""
    token, now = secrets.token_urlsafe(32), deps.world.clock()
    with deps.world.database.write() as connection:
        sessions.add(connection, _hash(token), secrets.token_urlsafe(32), language, now, now + LIFETIME)
    response.set_cookie(
        cookie_name(deps.config),
        token,
        max_age=int(LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=deps.config.secure_cookies,
    )


def sign_out(deps: WebDeps, session: Session, response: Response) -> None:
    """Revoke the session."""
    with deps.world.database.write() as connection:
        sessions.remove(connection, session.token_hash)
    response.delete_cookie(cookie_name(deps.config), httponly=True, samesite="lax", secure=deps.config.secure_cookies)


def session_of(deps: WebDeps, request: HTTPConnection) -> Session | None:
    """The session that the request's cookie belongs to."""
    token = request.cookies.get(cookie_name(deps.config))
    if not token:
        return None
    with deps.world.database.read() as connection:
        row = sessions.find(connection, _hash(token), deps.world.clock())
    return Session(*row) if row else None


def cookie_name(config: WebConfig) -> str:
    """`__Host-` makes browsers refuse the cookie from a neighbouring subdomain; it needs https."""
    return "__Host-ladenbote" if config.secure_cookies else "ladenbote"


class Brake:
    """Slows guessing down: five tries are free, then each failure doubles the wait. Per address and for all."""

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, datetime]] = {}
        self._lock = Lock()

    def wait(self, address: str, now: datetime) -> timedelta:
        """How long this address has to wait before its next try."""
        with self._lock:
            return max(self._wait(group_of(address), 1, now), self._wait("", 10, now), timedelta(0))

    def failed(self, address: str, now: datetime) -> None:
        """Count a failure."""
        with self._lock:
            for key in (group_of(address), ""):
                count, last = self._failures.pop(key, (0, now))
                fresh = now - last > 2 * LONGEST_WAIT
                self._failures[key] = (1 if fresh else count + 1, now)
            if len(self._failures) > REMEMBERED_ADDRESSES:
                del self._failures[next(iter(self._failures))]

    def succeeded(self, address: str) -> None:
        """Forget the failures of an address, and take back the one that was counted for all before the check."""
        with self._lock:
            self._failures.pop(group_of(address), None)
            count, last = self._failures.get("", (1, datetime.min.replace(tzinfo=UTC)))
            self._failures[""] = (count - 1, last)

    def _wait(self, key: str, allowance: int, now: datetime) -> timedelta:
        count, last = self._failures.get(key, (0, now))
        over = count - FREE_TRIES * allowance
        if over < 0:
            return timedelta(0)
        return last + min(timedelta(seconds=2 ** min(over, 10)), LONGEST_WAIT) - now


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
