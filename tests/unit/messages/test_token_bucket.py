"""The rate of a number: however long it rested, a fifth of a second's worth may leave at once."""

import pytest

from jobs.loops import token_bucket


@pytest.mark.parametrize(("per_second", "at_once"), [(80, 16), (1000, 200), (20, 4), (1, 1)])
def test_a_rest_saves_up_no_more_than_a_fifth_of_a_second(
    monkeypatch: pytest.MonkeyPatch, per_second: float, at_once: int
) -> None:
    now = [100.0]
    monkeypatch.setattr(token_bucket, "monotonic", lambda: now[0])
    bucket = token_bucket.Bucket(per_second, at=now[0])
    now[0] += 60
    assert bucket.available() == at_once
