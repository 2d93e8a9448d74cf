"""Access tokens: one that never ends, or one for 24 hours against client id and secret.

See docs/reference/shopify.md section 1.
"""

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

import httpx
import orjson

from connectors.reading import Json, mapping, text
from connectors.shopify import failures
from connectors.shopify.answers import http_error
from integration.domain.errors import ShopError

#: a token is renewed so many seconds before it ends
MARGIN: Final = 600.0
SHORTEST: Final = 60.0
PATH: Final = "/admin/oauth/access_token"


class Tokens(Protocol):
    """Where a client gets its access token."""

    def get(self) -> str:
        """The token in force. Raises ShopError."""

    def renewed(self, rejected: str) -> str:
        """Another token than the one that Shopify rejected. Raises ShopError."""

    def forget(self) -> None:
        """Let the next one who asks get a new token."""


class PermanentToken:
    """A token of an app made in the shop's admin before 2026; it does not end, so a rejected one stays rejected."""

    def __init__(self, token: str) -> None:
        self._token = token

    def get(self) -> str:
        """The token."""
        return self._token

    def renewed(self, rejected: str) -> str:
        """There is no other: raises ShopRefused."""
        raise failures.wrong_key()

    def forget(self) -> None:
        """There is no other."""


class ClientCredentials:
    """Tokens of the merchant's own app. Many threads that find the token ended ask for one new token together."""

    def __init__(
        self,
        base: str,
        client: tuple[str, str],
        http: httpx.Client,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address = base + PATH
        self._client = client
        self._http = http
        self._clock = clock
        self._lock = threading.Lock()
        self._token = ""
        self._ends = 0.0

    def get(self) -> str:
        """The token in force, renewed ten minutes before its end."""
        with self._lock:
            if not self._token or self._clock() >= self._ends:
                self._renew()
            return self._token

    def renewed(self, rejected: str) -> str:
        """A new token, unless another thread has fetched one meanwhile."""
        with self._lock:
            if self._token == rejected:
                self._renew()
            return self._token

    def forget(self) -> None:
        """Let the next one who asks get a new token."""
        with self._lock:
            self._token = ""

    def _renew(self) -> None:
        self._token = ""
        client_id, client_secret = self._client
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        try:
            response = self._http.post(self._address, data=form, headers={"Accept": "application/json"})
        except httpx.TimeoutException:
            raise failures.timed_out() from None
        except httpx.HTTPError as error:
            raise failures.no_answer(type(error).__name__) from None
        found = _document(response)
        token = text(found.get("access_token"), 500)
        if response.status_code != 200 or not token:
            raise _refusal(response, found)
        lifetime = found.get("expires_in")
        seconds = float(lifetime) if isinstance(lifetime, int | float) else 86_399.0
        self._token, self._ends = token, self._clock() + max(seconds - MARGIN, SHORTEST)


def _document(response: httpx.Response) -> Json:
    try:
        return mapping(orjson.loads(response.content))
    except ValueError:
        return {}


def _refusal(response: httpx.Response, found: Json) -> ShopError:
    code = text(found.get("error"))
    if code == "app_not_installed":
        return failures.not_installed()
    if code == "shop_not_permitted":
        return failures.other_organisation()
    if response.status_code in (400, 401, 403):
        return failures.wrong_key()
    return http_error(response) if response.status_code != 200 else failures.broken(200)
