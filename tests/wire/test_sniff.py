"""Which dialect the first bytes speak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wassop.wire.sniff import MAX_SNIFF_BYTES, Dialect, sniff

BEGINNINGS = [
    (b'{"t":"hello","name":"ana"}\n', Dialect.NATIVE),
    (b'\r\n{"t":"hello"}', Dialect.NATIVE),
    (b"GET / HTTP/1.1\r\n", Dialect.HTTP),
    (b"\x16\x03\x01\x02\x00", Dialect.TLS),
    (b"NICK ana\r\n", Dialect.IRC),
    (b"user ana 0 * :ana\r\n", Dialect.IRC),
    (b"CAP LS 302\r\n", Dialect.IRC),
    (b"PASS secreto\r\n", Dialect.IRC),
    (b"juanmi\n", Dialect.PLAIN),
    (b"Pascual\n", Dialect.PLAIN),
    (b"Nicky\n", Dialect.PLAIN),
    (b"\xff\xfb\x01", Dialect.PLAIN),
]


@pytest.mark.parametrize(("data", "dialect"), BEGINNINGS)
def test_each_beginning_is_told(data: bytes, dialect: Dialect) -> None:
    assert sniff(data) is dialect


@pytest.mark.parametrize(("data", "dialect"), BEGINNINGS)
def test_the_same_is_told_byte_by_byte(data: bytes, dialect: Dialect) -> None:
    verdicts = (sniff(data[:end]) for end in range(len(data) + 1))
    assert next(verdict for verdict in verdicts if verdict is not None) is dialect


def test_nothing_is_undecided_and_silence_is_a_person() -> None:
    assert sniff(b"") is None
    assert sniff(b"", final=True) is Dialect.PLAIN
    assert sniff(b"PAS", final=True) is Dialect.PLAIN


@given(st.binary(max_size=2 * MAX_SNIFF_BYTES))
def test_any_bytes_are_told_in_the_end_and_never_otherwise_afterwards(data: bytes) -> None:
    assert sniff(data, final=True) is not None
    verdicts = [sniff(data[:end]) for end in range(len(data) + 1)]
    decided = [verdict for verdict in verdicts if verdict is not None]
    assert len(set(decided)) <= 1
    if len(data) >= MAX_SNIFF_BYTES:
        assert decided
