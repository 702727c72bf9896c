"""The token bucket: how much at once, how much a second, and how long somebody waits."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wassop.core.limits import Rate, TokenBucket

START = 1_000_000.0


def test_the_burst_is_free_and_then_each_token_takes_its_time():
    bucket = TokenBucket(Rate(10.0, 3), START)
    for _ in range(3):
        assert bucket.wait_s(START) == 0
        bucket.take(START)
    assert bucket.wait_s(START) == pytest.approx(0.1)
    assert bucket.wait_s(START + 0.04) == pytest.approx(0.06)
    assert bucket.wait_s(START + 0.1) == 0


def test_it_never_holds_more_than_the_burst_however_long_nothing_is_taken():
    bucket = TokenBucket(Rate(10.0, 3), START)
    later = START + 86_400
    for _ in range(3):
        assert bucket.wait_s(later) == 0
        bucket.take(later)
    assert bucket.wait_s(later) == pytest.approx(0.1)
    assert not bucket.is_full(later + 0.2)
    assert bucket.is_full(later + 0.3)


def test_more_than_is_there_can_be_taken_and_is_waited_for_afterwards():
    bucket = TokenBucket(Rate(100.0, 50), START)
    bucket.take(START, 250)
    assert bucket.wait_s(START) == pytest.approx(2.01)


def test_whoever_waits_as_long_as_told_waits_no_second_time():
    bucket, now = TokenBucket(Rate(7.0, 1), START), START
    for _ in range(1_000):
        now += bucket.wait_s(now)
        assert bucket.wait_s(now) == 0
        bucket.take(now)
    assert now == pytest.approx(START + 999 / 7)


@given(
    st.floats(0.1, 1_000),
    st.integers(1, 100),
    st.lists(st.floats(0, 10), min_size=1, max_size=100),
)
def test_in_no_span_of_time_more_passes_than_burst_and_rate_allow(rate, burst, pauses):
    bucket, now, taken = TokenBucket(Rate(rate, burst), START), START, []
    for pause in pauses:
        now += pause
        if bucket.wait_s(now) == 0:
            bucket.take(now)
            taken.append(now)
    assert all(before <= after for before, after in pairwise(taken))
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            allowed = burst + (taken[last] - taken[first]) * rate
            assert last - first + 1 <= allowed + 0.01
