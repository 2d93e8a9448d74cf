"""The ShopifyAPI package, used safely (docs/reference/shopify.md section 3).

Its sessions are global: activating one makes other threads' requests carry the wrong shop's token. So no session
is ever activated; every shop has its own `ShopGraphQL`, which keeps the package's `execute` and nothing global,
over connections of our own: with a timeout, without redirects (they would carry the token to another host).
"""

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from ssl import SSLContext
from typing import Any, Final

import httpx
import shopify

from connectors.shopify import failures
from connectors.shopify.answers import Answer, TokenRejected, answer, graphql_error
from connectors.shopify.tokens import Tokens
from integration.domain.errors import ShopUnreachable

#: the version that our documents are written for; 2026-07 answers them, too
VERSION: Final = "2026-10"
TIMEOUT: Final = httpx.Timeout(20, connect=5)
LIMITS: Final = httpx.Limits(max_connections=8, max_keepalive_connections=2, keepalive_expiry=75)
#: a query is asked again so often when Shopify fails, after so many seconds
PAUSES: Final = (1.0, 4.0)
#: the longest that one call waits for points, in seconds; afterwards the poll comes back later
LONGEST_WAIT: Final = 60.0

Variables = Mapping[str, Any]


@lru_cache(maxsize=1)
def _tls() -> SSLContext:
    # One for all shops: making it costs as much as twenty requests.
    return httpx.create_ssl_context()


def connections() -> httpx.Client:
    """Connections to one shop: no redirects, and neither proxy nor password taken from the environment."""
    return httpx.Client(
        verify=_tls(),
        timeout=TIMEOUT,
        limits=LIMITS,
        follow_redirects=False,
        trust_env=False,
        headers={"User-Agent": "ladenbote"},
    )


class ShopGraphQL(shopify.GraphQL):  # type: ignore[misc]
    """The package's GraphQL client for one shop; the inherited constructor, which reads global state, never runs."""

    def __init__(self, base: str, http: httpx.Client) -> None:
        self.endpoint = f"{base}/admin/api/{VERSION}/graphql.json"
        self.headers = {"Accept": "application/json", "Content-Type": "application/json"}
        self._http = http

    def execute(
        self, query: str, variables: Variables | None = None, operation_name: str | None = None, token: str = ""
    ) -> Answer:
        """One request. Raises TokenRejected, ShopError."""
        content = {"query": query, "variables": variables or {}, "operationName": operation_name}
        headers = self.merge_headers(self.headers, {"X-Shopify-Access-Token": token})
        try:
            return answer(self._http.post(self.endpoint, json=content, headers=headers))
        except httpx.TimeoutException:
            raise failures.timed_out() from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise failures.no_answer(type(error).__name__) from None


class Client:
    """Questions to one shop: renews the token, waits for points, asks again after faults of Shopify's."""

    def __init__(
        self,
        base: str,
        tokens: Tokens,
        http: httpx.Client,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._graphql = ShopGraphQL(base, http)
        self._tokens = tokens
        self._sleep = sleep
        self.http = http
        #: what the last answer said of itself
        self.version = ""

    def query(self, document: str, variables: Variables | None = None) -> Answer:
        """Ask; again after a fault. Raises ShopError."""
        for pause in PAUSES:
            try:
                return self.usable(document, variables)
            except ShopUnreachable:
                self._sleep(pause)
        return self.usable(document, variables)

    def mutate(self, document: str, variables: Variables) -> Answer:
        """Change something, asked once: after ShopUnreachable nobody knows whether it happened. Raises ShopError."""
        return self.usable(document, variables)

    def usable(self, document: str, variables: Variables | None = None) -> Answer:
        """An answer with data; fields that a permission is missing for may be null in it. Raises as `query`."""
        found = self.ask(document, variables)
        if found.errors and not (found.codes == {"ACCESS_DENIED"} and _has_data(found)):
            raise graphql_error(found)
        return found

    def ask(self, document: str, variables: Variables | None = None) -> Answer:
        """An answer whatever its errors, once the shop has the points for it. Raises ShopError."""
        waited = 0.0
        while True:
            found = self._authorised(document, variables)
            if "MAX_COST_EXCEEDED" in found.codes:
                raise failures.too_large()
            if "THROTTLED" not in found.codes:
                return found
            wait = found.cost.wait
            waited += wait
            if waited > LONGEST_WAIT:
                raise failures.busy(wait)
            self._sleep(wait)

    def _authorised(self, document: str, variables: Variables | None) -> Answer:
        token = self._tokens.get()
        try:
            found = self._graphql.execute(document, variables, token=token)
        except TokenRejected:
            found = self._again(document, variables, self._tokens.renewed(token))
        self.version = found.version
        return found

    def _again(self, document: str, variables: Variables | None, token: str) -> Answer:
        try:
            return self._graphql.execute(document, variables, token=token)
        except TokenRejected:
            raise failures.wrong_key() from None

    def renew_token(self) -> None:
        """Use a new token from now on, where tokens are renewed at all."""
        self._tokens.forget()

    def close(self) -> None:
        """Close the connections."""
        self.http.close()


def _has_data(found: Answer) -> bool:
    return any(value is not None for value in found.data.values())
