"""Reconciliation: every combination has one word, and faults are never explained away."""

from datetime import UTC, datetime, timedelta

import pytest

from integration.domain.shops.reconciliation import EXPLANATIONS, Told, Written, explained, sentence

NOW = datetime(2026, 11, 26, 3, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(outcome: str | None = "message", ago: timedelta = HOUR, answered: bool = True) -> Told:
    return Told(NOW - ago, outcome, answered)


def written(status: str, reason: str | None = None, ends: timedelta = HOUR, since: timedelta = HOUR) -> Written:
    return Written(status, reason, NOW + ends, NOW - since)


@pytest.mark.parametrize(
    ("status", "events", "messages", "expected"),
    [
        ("processing", [told()], [written("read")], "reached"),
        ("processing", [told()], [written("suppressed", "no_consent")], "no_consent"),
        ("processing", [told()], [written("suppressed", "no_consent"), written("delivered")], "reached"),
        ("processing", [told()], [written("failed", "undeliverable")], "undeliverable"),
        ("processing", [told()], [written("cancelled")], "cancelled"),
        ("processing", [told()], [written("queued", "quiet_hours")], "quiet_hours"),
        ("processing", [told()], [written("queued")], "waiting"),
        ("processing", [told("before_connection")], [], "before_connection"),
        ("processing", [told("no_notification"), told("too_old")], [], "too_old"),
        ("cancelled", [told("no_notification")], [], "no_notification"),
        ("processing", [told(None, timedelta(minutes=1), answered=False)], [], "waiting"),
        ("processing", [told("order_unknown", answered=False)], [], "order_unknown"),
        ("draft", [], [], "not_placed"),
        ("cancelled", [], [], "not_placed"),
        # what nothing explains
        ("processing", [], [], "no_event"),
        ("processing", [told("message")], [], "lost"),
        ("processing", [told("poison")], [written("read")], "poison"),
        ("processing", [told(None, answered=False)], [written("read")], "unanswered"),
        ("processing", [told()], [written("queued", "quiet_hours", ends=-HOUR)], "stuck"),
        ("processing", [told()], [written("claimed", ends=-HOUR)], "stuck"),
        ("processing", [told()], [written("sending")], "stuck"),
        ("processing", [told()], [written("sending", since=timedelta(minutes=1))], "reached"),
    ],
)
def test_every_order_has_one_word(status: str, events: list[Told], messages: list[Written], expected: str) -> None:
    assert explained(status, events, messages, NOW) == expected


@pytest.mark.parametrize("code", [*EXPLANATIONS, "reached", "waiting", "not_placed", "cancelled", "no_consent"])
def test_every_word_has_a_sentence(code: str) -> None:
    said = sentence(code)
    assert "Unbekannter" not in said.de
    assert said.de != said.en
