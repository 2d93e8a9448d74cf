"""Meta's errors in Meta's envelope."""

import secrets
from dataclasses import dataclass
from typing import Any, Final

#: the subcode of 100 when there is no such object
NO_OBJECT: Final = 33


@dataclass(frozen=True, slots=True)
class Kind:
    """What Meta says for one code."""

    http: int
    title: str
    type: str = "OAuthException"


#: the codes of docs/reference/whatsapp.md section 5
KINDS: Final[dict[int, Kind]] = {
    0: Kind(401, "We were unable to authenticate the app user"),
    1: Kind(400, "An unknown error occurred"),
    2: Kind(503, "Service temporarily unavailable"),
    3: Kind(500, "Capability or permissions issue"),
    4: Kind(400, "Application request limit reached"),
    10: Kind(403, "Permission is either not granted or has been removed"),
    33: Kind(400, "Unsupported request", "GraphMethodException"),
    100: Kind(400, "Invalid parameter"),
    101: Kind(400, "Error validating application. Cannot get application info"),
    190: Kind(401, "Access token is invalid or has expired"),
    200: Kind(403, "Permissions error"),
    299: Kind(403, "Permissions error"),
    368: Kind(403, "Temporarily blocked for policies violations"),
    2200: Kind(400, "Callback verification failed"),
    2500: Kind(400, "Unknown path components"),
    80007: Kind(400, "Rate limit issues"),
    130429: Kind(429, "Rate limit hit"),
    130472: Kind(400, "User's number is part of an experiment"),
    130497: Kind(403, "Business account is restricted from messaging users in this country"),
    131000: Kind(500, "Something went wrong"),
    131005: Kind(403, "Access denied"),
    131008: Kind(400, "Required parameter is missing"),
    131009: Kind(400, "Parameter value is not valid"),
    131016: Kind(500, "Service unavailable"),
    131021: Kind(400, "Recipient cannot be sender"),
    131026: Kind(400, "Message undeliverable"),
    131030: Kind(400, "Recipient phone number not in allowed list"),
    131031: Kind(403, "Business account has been locked"),
    131036: Kind(400, "Message payload was not found on the device"),
    131037: Kind(400, "Display name approval is needed before the message can be sent"),
    131042: Kind(400, "Business eligibility payment issue"),
    131045: Kind(500, "Incorrect certificate"),
    131047: Kind(400, "Re-engagement message"),
    131048: Kind(400, "Spam rate limit hit"),
    131049: Kind(400, "Message not delivered to maintain a healthy ecosystem"),
    131050: Kind(400, "User has stopped receiving marketing messages"),
    131051: Kind(400, "Unsupported message type"),
    131055: Kind(400, "This message cannot be sent here"),
    131056: Kind(400, "Pair rate limit hit"),
    131052: Kind(400, "Media download error"),
    131053: Kind(400, "Media upload error"),
    131057: Kind(503, "Account in maintenance mode"),
    131062: Kind(400, "This user id cannot be used here"),
    131063: Kind(400, "Marketing templates are disabled here"),
    131064: Kind(400, "The messaging limit of this business was lowered"),
    132000: Kind(400, "Number of parameters does not match the expected number of params"),
    132001: Kind(404, "Template name does not exist in the translation"),
    132005: Kind(400, "Translated text too long"),
    132007: Kind(400, "Template format character policy violated"),
    132008: Kind(400, "Template parameter value is not valid"),
    132012: Kind(400, "Parameter format does not match format in the created template"),
    132015: Kind(400, "Template is paused"),
    132016: Kind(400, "Template is disabled"),
    132018: Kind(400, "There's an issue with the parameters in your template"),
    132068: Kind(400, "Flow is blocked"),
    132069: Kind(400, "Flow is throttled"),
    133004: Kind(503, "Server temporarily unavailable"),
    133005: Kind(400, "Two step verification PIN mismatch"),
    133010: Kind(400, "Phone number not registered"),
    134100: Kind(400, "Only marketing messages are supported here"),
    134101: Kind(400, "Template is being synchronised"),
    134102: Kind(400, "Template is not available here"),
    135000: Kind(400, "Generic user error"),
    137000: Kind(400, "Identity key mismatch"),
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
        return {"error": error | self._more(kind)}

    def _more(self, kind: Kind) -> dict[str, Any]:
        """What stands beside a subcode: what the business' people are shown, or that there is no such object."""
        if self.subcode is None:
            return {}
        if self.subcode == NO_OBJECT:
            return {"error_subcode": NO_OBJECT, "message": self.details, "type": "GraphMethodException"}
        told = {"error_user_title": kind.title, "error_user_msg": self.details} if self.code == 100 else {}
        return {"error_subcode": self.subcode, "is_transient": False} | told


def no_object(ident: str) -> GraphError:
    """What Meta says of an id that the token does not reach, or that there is not."""
    reason = "does not exist, or cannot be loaded due to missing permissions"
    return GraphError(100, f"Unsupported request. Object with ID '{ident}' {reason}.", subcode=NO_OBJECT)


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
