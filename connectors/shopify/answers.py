"""Reading Shopify's answers: HTTP states, GraphQL errors that come as 200, costs, versions (shopify.md 2, 11)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson

from connectors.reading import Json, mapping, rows, text
from connectors.shopify import failures
from integration.domain.errors import ShopError

#: how long to wait when a limit names no time of its own, in seconds
PATIENCE = 2.0


class TokenRejected(Exception):
    """HTTP 401: the token has expired or was withdrawn."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost extension, in points; `actual` is None when the query did not run."""

    requested: float = 0
    actual: float | None = None
    available: float = 0
    restore_rate: float = 0

    @property
    def wait(self) -> float:
        """Seconds until the shop's bucket holds enough for the same query."""
        if self.restore_rate <= 0:
            return PATIENCE
        return max((self.requested - self.available) / self.restore_rate, 0.1)


@dataclass(frozen=True, slots=True)
class Answer:
    """One GraphQL answer. `denied` names the fields that came as null because a permission is missing."""

    data: Json
    errors: list[Json] = field(default_factory=list)
    cost: Cost = Cost()
    version: str = ""
    at: datetime | None = None

    @property
    def codes(self) -> set[str]:
        """The error codes, such as THROTTLED."""
        return {text(mapping(error.get("extensions")).get("code")) for error in self.errors}

    @property
    def denied(self) -> str:
        """What Shopify says that a permission is missing for, "" when none is."""
        found = [error for error in self.errors if mapping(error.get("extensions")).get("code") == "ACCESS_DENIED"]
        return " ".join(
            text(mapping(error.get("extensions")).get("requiredAccess"), 500) + " " + text(error.get("message"), 500)
            for error in found
        )


def answer(response: httpx.Response) -> Answer:
    """A response as an answer. Raises TokenRejected or ShopError when there is none."""
    if response.status_code == 401:
        raise TokenRejected
    if response.status_code != 200:
        raise http_error(response)
    try:
        body = orjson.loads(response.content)
    except ValueError:
        raise failures.broken(response.status_code) from None
    if not isinstance(body, dict):
        raise failures.broken(response.status_code)
    return Answer(
        data=mapping(body.get("data")),
        errors=_errors(body.get("errors")),
        cost=_cost(mapping(mapping(body.get("extensions")).get("cost"))),
        version=response.headers.get("x-shopify-api-version", "")[:20],
        at=_date(response.headers.get("date", "")),
    )


def http_error(response: httpx.Response) -> ShopError:
    """What an HTTP state other than 200 and 401 means."""
    status = response.status_code
    if 300 <= status < 400:
        return failures.redirected(_host(response.headers.get("location", "")))
    if status in (429, 430):
        return failures.busy(_seconds(response.headers.get("retry-after", "")))
    if status in (402, 423):
        return failures.closed()
    if status == 403:
        return failures.missing_scope("")
    return failures.no_such_shop() if status == 404 else failures.broken(status)


def graphql_error(found: Answer) -> ShopError:
    """What the errors of an answer without usable data mean; throttling is the client's to deal with."""
    codes = found.codes
    if "ACCESS_DENIED" in codes:
        return failures.missing_scope(found.denied)
    if "SHOP_INACTIVE" in codes:
        return failures.closed()
    if codes & {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
        return failures.broken(200)
    return failures.query_refused(", ".join(sorted(code for code in codes if code)) or "?")


def _errors(found: Any) -> list[Json]:
    # Some refusals write a sentence where a list belongs.
    return rows(found) if isinstance(found, list) else [{"message": found}] if found else []


def _cost(found: Json) -> Cost:
    bucket = mapping(found.get("throttleStatus"))
    actual = found.get("actualQueryCost")
    return Cost(
        requested=_number(found.get("requestedQueryCost")),
        actual=_number(actual) if actual is not None else None,
        available=_number(bucket.get("currentlyAvailable")),
        restore_rate=_number(bucket.get("restoreRate")),
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def _seconds(value: str) -> float:
    try:
        return min(max(float(value), 0.1), 300.0)
    except ValueError:
        return PATIENCE


def _date(value: str) -> datetime | None:
    try:
        return parsedate_to_datetime(value).astimezone(UTC)
    except ValueError:
        return None


def _host(location: str) -> str:
    try:
        host = urlsplit(location).hostname or ""
    except ValueError:
        host = ""
    return host[:200] if host.isprintable() and host else "?"
