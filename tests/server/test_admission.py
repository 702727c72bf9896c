"""Who is let in, and who is not: by numbers, without a socket."""

from typing import Any

import pytest
from attrs import evolve

from wassop.config import Config
from wassop.core.events import Farewell
from wassop.server.admission import RESERVED_FILES, Admission, Origin, max_open_files

NOW = 1_000.0


def admission(max_open_files: float = float("inf"), **settings: Any) -> Admission:
    return Admission(evolve(Config(), **{"trust_network": (), **settings}), max_open_files)


def let_in(admission: Admission, host: str, now: float = NOW) -> Origin:
    origin = admission.admit(host, now)
    assert isinstance(origin, Origin)
    return origin


def test_an_address_has_so_many_connections_at_once_and_another_as_many() -> None:
    gate = admission(max_connections_per_address=2)
    first, _ = let_in(gate, "192.0.2.1"), let_in(gate, "192.0.2.1")
    assert gate.admit("192.0.2.1", NOW) is Farewell.ADDRESS_FULL
    let_in(gate, "192.0.2.2")
    gate.release(first)
    let_in(gate, "192.0.2.1")


def test_the_server_has_so_many_connections_in_all() -> None:
    gate = admission(max_connections=2)
    first, _ = let_in(gate, "192.0.2.1"), let_in(gate, "192.0.2.2")
    assert gate.admit("192.0.2.3", NOW) is Farewell.SERVER_FULL
    gate.release(first)
    let_in(gate, "192.0.2.3")


def test_some_of_the_files_that_the_process_may_open_are_not_for_visitors() -> None:
    gate = admission(RESERVED_FILES + 2)
    let_in(gate, "192.0.2.1")
    let_in(gate, "192.0.2.1")
    assert gate.admit("192.0.2.1", NOW) is Farewell.SERVER_FULL
    assert let_in(admission(10), "192.0.2.1"), "never none at all"


def test_an_address_comes_so_often_and_a_refusal_costs_nothing() -> None:
    gate = admission(connections_per_address_per_s=10.0, connections_per_address_burst=2)
    for _ in range(2):
        gate.release(let_in(gate, "192.0.2.1"))
    for _ in range(50):
        assert gate.admit("192.0.2.1", NOW) is Farewell.CONNECTING_TOO_FAST
    let_in(gate, "192.0.2.2")
    let_in(gate, "192.0.2.1", NOW + 0.1)
    assert gate.admit("192.0.2.1", NOW + 0.1) is Farewell.CONNECTING_TOO_FAST


def test_a_rate_of_nothing_is_no_bound() -> None:
    gate = admission(connections_per_address_per_s=0.0, max_connections_per_address=1_000)
    for _ in range(1_000):
        let_in(gate, "192.0.2.1")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("0.0.0.1", "::1", False),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    gate = admission(max_connections_per_address=1)
    let_in(gate, one)
    assert (gate.admit(other, NOW) is Farewell.ADDRESS_FULL) is same


def test_trusted_networks_come_in_whatever_the_numbers_and_are_counted() -> None:
    gate = Admission(
        evolve(
            Config(),
            trust_network=("192.0.2.0/24", "2001:db8::/32"),
            max_connections=1,
            max_connections_per_address=1,
            connections_per_address_burst=1,
        )
    )
    for host in ("192.0.2.1", "::ffff:192.0.2.1", "2001:db8::7") * 5:
        assert let_in(gate, host).is_trusted
    assert gate.connections == 15
    assert gate.admit("198.51.100.1", NOW) is Farewell.SERVER_FULL


def test_this_machine_is_trusted_unless_told_otherwise() -> None:
    gate = Admission(Config())
    for host in ("127.0.0.1", "127.0.0.2", "::1"):
        assert let_in(gate, host).is_trusted
    assert not let_in(gate, "192.0.2.1").is_trusted


def test_addresses_that_went_long_ago_are_forgotten() -> None:
    gate = admission(connections_per_address_per_s=10.0, connections_per_address_burst=10)
    stays = let_in(gate, "192.0.2.1")
    for number in range(100_000):
        host = f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"
        gate.release(let_in(gate, host, NOW + number / 1_000))
    assert gate.known_addresses <= 2_048
    gate.release(stays)
    assert gate.connections == 0


def test_the_system_tells_how_many_files_may_be_open() -> None:
    assert max_open_files() > 0
