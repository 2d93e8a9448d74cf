"""Our own signature: what passes, and that nothing else does."""

import hashlib
import hmac
from datetime import UTC, datetime

import pytest

from integration.domain.signing import SIGNATURE, TIMESTAMP, sign, signed_at

AT = datetime(2026, 11, 24, 11, 0, 0, 700_000, tzinfo=UTC)
BODY = '{"name":"Zoë 😀"}'.encode()


def test_the_signature_is_the_documented_one() -> None:
    expected = hmac.new(b"geheim", b"1795518000." + BODY, hashlib.sha256).hexdigest()
    assert sign("geheim", BODY, AT) == {TIMESTAMP: "1795518000", SIGNATURE: f"v1={expected}"}


def test_says_when_it_was_signed() -> None:
    assert signed_at(sign("geheim", BODY, AT), BODY, ["geheim"]) == AT.replace(microsecond=0)
    assert signed_at(sign("geheim", BODY, AT), BODY, ["anders", "geheim"]) == AT.replace(microsecond=0)


@pytest.mark.parametrize(
    ("headers", "body", "secrets"),
    [
        (sign("geheim", BODY, AT), BODY + b" ", ["geheim"]),
        (sign("geheim", BODY, AT) | {TIMESTAMP: "1795518001"}, BODY, ["geheim"]),
        (sign("geheim", BODY, AT), BODY, ["falsch"]),
        (sign("geheim", BODY, AT), BODY, []),
        (sign("", BODY, AT), BODY, [""]),
        ({}, BODY, ["geheim"]),
        (sign("geheim", BODY, AT) | {SIGNATURE: "ä€"}, BODY, ["geheim"]),
        (sign("geheim", BODY, AT) | {SIGNATURE: ""}, BODY, ["geheim"]),
    ],
)
def test_altered_foreign_or_missing_is_nobodys(headers: dict[str, str], body: bytes, secrets: list[str]) -> None:
    assert signed_at(headers, body, secrets) is None


@pytest.mark.parametrize("timestamp", ["", "x", "-5", "1e9", "１７９５５１８０００", "1" * 30, "17.5"])
def test_a_nonsense_time_is_nobodys(timestamp: str) -> None:
    digest = hmac.new(b"geheim", timestamp.encode() + b"." + BODY, hashlib.sha256).hexdigest()
    assert signed_at({TIMESTAMP: timestamp, SIGNATURE: f"v1={digest}"}, BODY, ["geheim"]) is None
