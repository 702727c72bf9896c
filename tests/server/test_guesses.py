"""How many passwords may be tried, by a clock that the test turns."""

from typing import Any

import pytest
from attrs import define, evolve

from wassop.config import Config
from wassop.core.limits import Rate
from wassop.server.guesses import Attempt, Buckets, Guesses

HOME, ELSEWHERE = "192.0.2.1", "198.51.100.7"
DAY_S = 86_400.0


@define
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def guesses(clock: Clock, **settings: Any) -> Guesses:
    fast: dict[str, Any] = {"logins_per_account_per_s": 0.1, "logins_per_account_burst": 2}
    return Guesses(evolve(Config(), **{**fast, "logins_per_address_per_s": 0.0, **settings}), clock)


def succeed(made: Guesses, name: str, address: str) -> None:
    attempt = made.begin(name, address)
    assert isinstance(attempt, Attempt)
    made.succeed(attempt)


def wrong(made: Guesses, name: str, address: str) -> float:
    """How long a guesser must wait; 0: the try was made, and was wrong."""
    attempt = made.begin(name, address)
    return attempt if isinstance(attempt, float) else 0.0


def test_after_so_many_wrong_tries_one_is_told_how_long_to_wait_and_may_try_then(clock: Clock) -> None:
    made = guesses(clock)
    assert [wrong(made, "ana", HOME) for _ in range(3)] == [0, 0, 10]
    clock.now += 9
    assert wrong(made, "ana", ELSEWHERE) == pytest.approx(1), "the name counts, not the address"
    assert wrong(made, "bob", ELSEWHERE) == 0
    clock.now += 1
    assert [wrong(made, "ana", HOME) for _ in range(2)] == [0, 10]


def test_where_the_owner_came_from_before_others_elsewhere_count_for_nothing(clock: Clock) -> None:
    made = guesses(clock)
    succeed(made, "ana", HOME)
    assert [wrong(made, "ana", ELSEWHERE) for _ in range(3)] == [0, 0, 10]
    assert [wrong(made, "ana", HOME) for _ in range(3)] == [0, 0, 10]
    assert wrong(made, "ana", "192.0.2.2") == 10
    clock.now += DAY_S
    for _ in range(5):
        succeed(made, "ana", HOME)


def test_where_a_name_was_registered_the_owner_is_known_and_nobody_from_before(clock: Clock) -> None:
    made = guesses(clock)
    succeed(made, "ana", ELSEWHERE)
    made.own("ana", HOME)
    assert (made.is_known("ana", HOME), made.is_known("ana", ELSEWHERE)) == (True, False)
    assert not made.is_known("bob", HOME)
    assert [wrong(made, "ana", ELSEWHERE) for _ in range(3)] == [0, 0, 10]
    assert wrong(made, "ana", HOME) == 0


def test_addresses_of_an_owner_are_remembered_up_to_a_bound(clock: Clock) -> None:
    made = guesses(clock)
    for number in range(9):
        succeed(made, "ana", f"10.0.0.{number}")
        clock.now += DAY_S
    for _ in range(2):
        wrong(made, "ana", ELSEWHERE)
    assert wrong(made, "ana", "10.0.0.0") == 10, "the oldest was forgotten"
    assert wrong(made, "ana", "10.0.0.1") == 0


def test_whoever_has_the_name_next_has_no_known_address(clock: Clock) -> None:
    made = guesses(clock)
    succeed(made, "ana", HOME)
    made.forget("ana")
    for _ in range(2):
        wrong(made, "ana", ELSEWHERE)
    assert wrong(made, "ana", HOME) == 10


def test_an_ipv6_network_counts_as_one_address_and_a_mapped_one_as_ipv4(clock: Clock) -> None:
    made = guesses(clock, logins_per_address_per_s=0.1, logins_per_address_burst=2)
    assert [wrong(made, str(number), f"2001:db8::{number}") for number in range(3)] == [0, 0, 10]
    assert wrong(made, "uno", "2001:db8:0:1::1") == 0
    assert [wrong(made, str(number), HOME) for number in range(3, 5)] == [0, 0]
    assert wrong(made, "uno", f"::ffff:{HOME}") == 10


def test_a_try_that_must_wait_takes_nothing_from_the_others(clock: Clock) -> None:
    made = guesses(clock, logins_per_address_per_s=0.1, logins_per_address_burst=3)
    assert [wrong(made, "ana", HOME) for _ in range(5)] == [0, 0, 10, 10, 10]
    assert wrong(made, "bob", HOME) == 0


def test_without_rates_nobody_waits(clock: Clock) -> None:
    made = guesses(clock, logins_per_account_per_s=0.0, registrations_per_address_per_h=0.0)
    assert {wrong(made, "ana", HOME) for _ in range(100)} == {0}
    assert {made.register(HOME) for _ in range(100)} == {0}


def test_registrations_count_by_the_hour(clock: Clock) -> None:
    made = guesses(clock, registrations_per_address_per_h=2.0)
    assert [made.register(HOME) for _ in range(3)] == [0, 0, 1_800]
    assert made.register(ELSEWHERE) == 0
    assert made.register("127.0.0.1") == made.register("") == 0
    clock.now += 1_800
    assert [made.register(HOME) for _ in range(2)] == [0, 1_800]


def test_those_whose_bucket_is_full_again_are_forgotten() -> None:
    buckets = Buckets(Rate(1.0, 5))
    for second in range(10_000):
        buckets.take(second, float(second))
    assert len(buckets) <= 1_024
