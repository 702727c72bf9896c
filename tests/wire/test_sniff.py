"""Which dialect the first bytes speak."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wassop.wire.sniff import MAX_SNIFF_BYTES, Dialect, sniff

BEGINNINGS = [
    (b'{"t":"hello","name":"ana"}\n', Dialect.NATIVE),
    (b'\r\n{"t":"hello"}', Dialect.NATIVE),
    (b"GET / HTTP/1.1\r\n", Dialect.WEB),
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
    assert sniff(b"\r\n", final=True) is Dialect.PLAIN


@pytest.mark.parametrize("data", [b"{", b'{"', b'{"user":"ana","c', b"C", b"CONN", b"CONNECT", b"J", b"JOIN"])
def test_an_open_object_and_half_a_word_of_a_program_stay_undecided_on_silence(data: bytes) -> None:
    assert sniff(data) is None
    assert sniff(data, final=True) is None


@pytest.mark.parametrize(
    ("data", "dialect"),
    [
        (b"{\n", Dialect.NATIVE),
        (b"{" * MAX_SNIFF_BYTES, Dialect.NATIVE),
        (b"JOIN\n", Dialect.PLAIN),
        (b"Jo", Dialect.PLAIN),
        (b"j", Dialect.PLAIN),
        (b"CONNECTAR", Dialect.PLAIN),
    ],
)
def test_what_cannot_become_a_word_any_more_is_told_on_silence(data: bytes, dialect: Dialect) -> None:
    assert sniff(data, final=True) is dialect


@given(st.binary(max_size=2 * MAX_SNIFF_BYTES))
def test_any_bytes_are_told_in_the_end_and_never_otherwise_afterwards(data: bytes) -> None:
    undecided = data.lstrip(b"\r\n")
    words = (b"CONNECT|", b"JOIN ", b"GET ", b"HEAD ", b"POST ")
    may_go_on = undecided.startswith(b"{") or any(word.startswith(undecided) for word in words)
    assert sniff(data, final=True) is not None or may_go_on
    verdicts = [sniff(data[:end]) for end in range(len(data) + 1)]
    decided = [verdict for verdict in verdicts if verdict is not None]
    assert len(set(decided)) <= 1
    if len(data) >= MAX_SNIFF_BYTES:
        assert decided
