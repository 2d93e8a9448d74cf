"""Statuses are a running maximum: whatever the order and the number of copies, the end is the same."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from integration.domain.messages.status import RANKED, MessageStatus, below, rank

words = st.sampled_from(["sent", "failed", "delivered", "read", "played", "deleted"])
starts = st.sampled_from([MessageStatus.SENDING, MessageStatus.UNKNOWN, MessageStatus.ACCEPTED, MessageStatus.QUEUED])
#: a busy machine is no fault
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def after(start: MessageStatus, seen: list[str]) -> MessageStatus:
    """As the guarded update does it: one status after the other."""
    state = start
    for word in seen:
        if rank(word):
            target = RANKED[rank(word) - 1]
            state = target if state in below(target) else state
    return state


@unhurried
@given(start=starts, seen=st.lists(words, max_size=10), data=st.data())
def test_order_and_copies_do_not_matter(start: MessageStatus, seen: list[str], data: st.DataObject) -> None:
    again = data.draw(st.permutations(seen + data.draw(st.lists(st.sampled_from(seen), max_size=4)) if seen else seen))
    assert after(start, seen) == after(start, list(again))


@unhurried
@given(start=starts, seen=st.lists(words, max_size=10))
def test_the_end_is_the_highest_seen(start: MessageStatus, seen: list[str]) -> None:
    highest = max([rank(start), *map(rank, seen)])
    assert after(start, seen) == (RANKED[highest - 1] if highest else start)


@unhurried
@given(seen=st.lists(words, max_size=6))
def test_what_is_final_stays(seen: list[str]) -> None:
    for final in (MessageStatus.SUPPRESSED, MessageStatus.CANCELLED, MessageStatus.EXPIRED):
        assert after(final, seen) is final
