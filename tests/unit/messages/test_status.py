"""The states of a message: ranks, and what a status of Meta's may overwrite."""

import pytest

from integration.domain.messages.status import CHARGEABLE, COUNTED, RANKED, WAITING, MessageStatus, below, rank


def test_ranks_rise_as_design_says() -> None:
    order = ["accepted", "sent", "failed", "delivered", "read"]
    assert [rank(status) for status in order] == [1, 2, 3, 4, 5]
    assert rank("played") == rank("read")


@pytest.mark.parametrize("word", ["queued", "sending", "unknown", "lapsed", "deleted", "", "SENT", "held"])
def test_every_other_word_has_no_rank(word: str) -> None:
    assert rank(word) == 0


@pytest.mark.parametrize("status", RANKED, ids=str)
def test_a_status_overwrites_what_is_lower_and_on_the_way(status: MessageStatus) -> None:
    lower = {s for s in RANKED if rank(s) < rank(status)}
    presumed = set() if status in ("accepted", "sent") else {MessageStatus.LAPSED}
    on_the_way = {MessageStatus.QUEUED, MessageStatus.SENDING, MessageStatus.UNKNOWN}
    assert set(below(status)) == lower | on_the_way | presumed


@pytest.mark.parametrize("status", RANKED, ids=str)
def test_nothing_that_never_left_is_overwritten(status: MessageStatus) -> None:
    final = {MessageStatus.SUPPRESSED, MessageStatus.CANCELLED, MessageStatus.EXPIRED}
    assert not final & set(below(status))
    assert status not in below(status), "a copy changes nothing"


def test_failed_yields_only_to_delivered_and_read() -> None:
    assert [s for s in RANKED if MessageStatus.FAILED in below(s)] == [MessageStatus.DELIVERED, MessageStatus.READ]


def test_caps_count_what_left_or_may_have_left() -> None:
    assert {str(s) for s in COUNTED} == {"sending", "unknown", "accepted", "sent", "lapsed", "delivered", "read"}
    assert {str(s) for s in COUNTED - CHARGEABLE} == {"lapsed"}, "Meta charges what it delivers"
    assert {str(s) for s in WAITING} == {"queued", "claimed"}
    assert not COUNTED & WAITING
