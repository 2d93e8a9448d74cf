"""Meta's errors in Meta's envelope."""

import secrets
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Kind:
    """What Meta says for one code."""

    http: int
    title: str
    type: str = "OAuthException"


KINDS: Final[dict[int, Kind]] = {
    1: Kind(400, "An unknown error occurred"),
    2: Kind(503, "Service temporarily unavailable"),
    33: Kind(400, "Unsupported request", "GraphMethodException"),
    100: Kind(400, "Invalid parameter"),
    101: Kind(400, "Error validating application. Cannot get application info"),
    190: Kind(401, "Access token is invalid or has expired"),
    200: Kind(403, "Permissions error"),
    368: Kind(403, "Temporarily blocked for policies violations"),
    2200: Kind(400, "Callback verification failed"),
    80007: Kind(400, "Rate limit issues"),
    130429: Kind(429, "Rate limit hit"),
    130472: Kind(400, "User's number is part of an experiment"),
    131000: Kind(500, "Something went wrong"),
    131008: Kind(400, "Required parameter is missing"),
    131009: Kind(400, "Parameter value is not valid"),
    131016: Kind(500, "Service unavailable"),
    131021: Kind(400, "Recipient cannot be sender"),
    131026: Kind(400, "Message undeliverable"),
    131031: Kind(403, "Business account has been locked"),
    131042: Kind(400, "Business eligibility payment issue"),
    131047: Kind(400, "Re-engagement message"),
    131048: Kind(400, "Spam rate limit hit"),
    131049: Kind(400, "Message not delivered to maintain a healthy ecosystem"),
    131050: Kind(400, "User has stopped receiving marketing messages"),
    131051: Kind(400, "Unsupported message type"),
    131056: Kind(400, "Pair rate limit hit"),
    131057: Kind(503, "Account in maintenance mode"),
    132000: Kind(400, "Number of parameters does not match the expected number of params"),
    132001: Kind(404, "Template name does not exist in the translation"),
    132005: Kind(400, "Translated text too long"),
    132012: Kind(400, "Parameter format does not match format in the created template"),
    132015: Kind(400, "Template is paused"),
    132016: Kind(400, "Template is disabled"),
}


class GraphError(Exception):
    """A refusal that the Cloud API answers instead of doing something."""

    def __init__(self, code: int, details: str, *, subcode: int | None = None) -> None:
        super().__init__(details)
        self.code = code
        self.details = details
        self.subcode = subcode

    @property
    def http(self) -> int:
        """The HTTP status that comes with this code."""
        return KINDS[self.code].http

    def envelope(self) -> dict[str, Any]:
        """The JSON body."""
        kind = KINDS[self.code]
        error: dict[str, Any] = {
            "message": f"(#{self.code}) {kind.title}",
            "type": kind.type,
            "code": self.code,
            "error_data": {"messaging_product": "whatsapp", "details": self.details},
            "fbtrace_id": "A" + secrets.token_urlsafe(16),
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        return {"error": error}


def status_error(code: int, details: str) -> dict[str, Any]:
    """The error inside a failed status webhook."""
    title = KINDS[code].title
    return {
        "code": code,
        "title": title,
        "message": title,
        "error_data": {"details": details},
        "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
    }
