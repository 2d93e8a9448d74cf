"""What a refusal means for its message: for how long it waits, and when it has failed."""

from datetime import timedelta

from worlds import NOON

from connectors.whatsapp.errors import reaction
from integration.domain.messages.refusals import Case, Refusal, consequence
from integration.domain.messages.status import MessageStatus


def test_the_ecosystem_limit_waits_a_day_and_then_two_and_gives_up() -> None:
    refusal, expires = Refusal(131049, *reaction(131049), NOON), NOON + timedelta(days=9)
    again = [consequence(refusal, Case(n, n - 1, True, expires)) for n in (1, 2, 3)]
    assert [(end.status, end.send_after and end.send_after - NOON) for end in again] == [
        (MessageStatus.QUEUED, timedelta(days=1)),
        (MessageStatus.QUEUED, timedelta(days=2)),
        (MessageStatus.FAILED, None),
    ]


def test_the_ecosystem_limit_never_goes_past_the_end_of_a_message() -> None:
    case = Case(1, 0, True, NOON + timedelta(hours=23))
    end = consequence(Refusal(131049, *reaction(131049), NOON), case)
    assert end.status is MessageStatus.FAILED


def test_the_ecosystem_limit_ends_a_service_message_however_long_it_makes_sense() -> None:
    case = Case(1, 0, False, NOON + timedelta(days=9))
    end = consequence(Refusal(131049, *reaction(131049), NOON), case)
    assert end.status is MessageStatus.FAILED


def test_the_pair_limit_is_waited_for_four_times_as_long_each_time() -> None:
    """And at most a quarter of an hour; other codes that came before do not count."""
    waits = []
    for before in range(6):
        case = Case(n=before + 3, before=before, marketing=False, expires_at=NOON + timedelta(days=1))
        end = consequence(Refusal(131056, *reaction(131056), NOON), case)
        assert end.send_after
        waits.append((end.send_after - NOON).total_seconds())
    assert waits == [4, 16, 64, 256, 900, 900]
