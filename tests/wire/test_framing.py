from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wassop.wire.framing import LineSplitter, Overlong

MAX = 8
lines = st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"."))
streams = st.lists(lines | st.just(b"x" * 9) | st.just(b"x" * 8 + b"\r")).map(b"\n".join)


def split(data, cuts=(), max_line_bytes=MAX):
    """The lines of `data` when it arrives cut at `cuts`."""
    splitter = LineSplitter(max_line_bytes)
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    found = []
    for start, end in pairwise(edges):
        found += splitter.receive_data(data[start:end])
    return found + list(splitter.receive_eof())


def expected(data):
    *complete, last = data.split(b"\n")
    pieces = [*complete, last] if last else complete
    return [
        Overlong.LINE if len(piece.removesuffix(b"\r")) > MAX else piece.removesuffix(b"\r")
        for piece in pieces
    ]


@given(streams, st.lists(st.integers(0, 60)))
@settings(deadline=None, max_examples=300)
def test_lines_do_not_depend_on_how_the_bytes_are_cut_up(data, cuts):
    assert split(data, cuts) == expected(data)
    assert split(data, range(len(data))) == expected(data)


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"", []),
        (b"a\nb\n", [b"a", b"b"]),
        (b"a\r\nb\r\n", [b"a", b"b"]),
        (b"\n\r\n", [b"", b""]),
        (b"a\rb\n", [b"a\rb"]),
        (b"a\r\r\n", [b"a\r"]),
        (b"a\nb", [b"a", b"b"]),
        (b"12345678\n", [b"12345678"]),
        (b"12345678\r\n", [b"12345678"]),
        (b"123456789\nb\n", [Overlong.LINE, b"b"]),
        (b"12345678\r\r\n", [Overlong.LINE]),
        (b"123456789", [Overlong.LINE]),
    ],
)
def test_what_a_line_is(data, found):
    assert split(data) == split(data, range(len(data))) == found


def test_an_overlong_line_is_reported_once_and_as_soon_as_it_is_known():
    splitter = LineSplitter(MAX)
    assert list(splitter.receive_data(b"x" * 9)) == []  # the ninth may be a carriage return
    assert list(splitter.receive_data(b"x")) == [Overlong.LINE]
    assert list(splitter.receive_data(b"x" * 1000)) == []
    assert list(splitter.receive_data(b"x\nhola\n")) == [b"hola"]


def test_the_end_of_an_overlong_line_is_no_line_at_the_end_of_the_stream():
    splitter = LineSplitter(MAX)
    assert list(splitter.receive_data(b"x" * 20)) == [Overlong.LINE]
    assert list(splitter.receive_eof()) == []


def test_nothing_is_left_after_the_end_of_the_stream():
    splitter = LineSplitter(MAX)
    assert list(splitter.receive_data(b"hola")) == []
    assert list(splitter.receive_eof()) == [b"hola"]
    assert list(splitter.receive_eof()) == []


@pytest.mark.parametrize("chunk", [1, 7, 4096])
def test_an_endless_line_is_not_kept(chunk):
    splitter = LineSplitter(MAX)
    for _ in range(100):
        list(splitter.receive_data(b"x" * chunk))
        assert len(splitter._rest) <= MAX + 1
