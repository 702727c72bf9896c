"""Frames, whatever bytes they are made of; the rules are held over real sockets in tests/server."""

from hypothesis import given, settings
from hypothesis import strategies as st

from wassop.wire.websocket import Broken, Closed, Frames, close_frame, text_frame

LIMIT = 300


def made(first: int, is_masked: bool, payload: bytes, claimed: int | None) -> bytes:
    size = len(payload) if claimed is None else claimed
    short = size if size < 126 else 126
    length = b"" if size < 126 else size.to_bytes(2)
    return bytes([first, is_masked << 7 | short]) + length + bytes(4 * is_masked) + payload


frames = st.builds(
    made,
    st.one_of(st.integers(0, 255), st.sampled_from([0x80, 0x81, 0x01, 0x00, 0x88, 0x89, 0x8A])),
    st.sampled_from([True, True, True, False]),
    st.one_of(st.binary(max_size=200), st.text(max_size=60).map(str.encode)),
    st.one_of(st.none(), st.none(), st.integers(0, 65_535)),
)


@given(chunks=st.lists(st.one_of(frames, st.binary(max_size=20)), max_size=12))
@settings(deadline=None, max_examples=300)
def test_any_bytes_are_messages_within_the_bound_or_the_end(chunks: list[bytes]) -> None:
    reader, is_over = Frames(LIMIT), False
    for chunk in chunks:
        for item in reader.receive_data(chunk):
            assert not is_over, "nothing comes after the end"
            is_over = isinstance(item, Broken | Closed)
            if isinstance(item, bytes):
                assert len(item) <= LIMIT
                item.decode()
            if isinstance(item, Broken):
                assert item.code in (1002, 1003, 1007, 1009)
            if isinstance(item, Closed):
                assert 1000 <= item.code < 5000


@given(st.integers(1000, 4999), st.text(max_size=200))
def test_a_last_frame_is_a_control_frame_whatever_the_reason(code: int, reason: str) -> None:
    data = close_frame(code, reason)
    assert data[:1] == b"\x88"
    assert data[1] == len(data) - 2 <= 125
    assert data[2:4] == code.to_bytes(2)
    assert reason.startswith(data[4:].decode())


def test_lengths_are_told_in_the_shortest_form() -> None:
    heads = {
        0: b"\x81\x00",
        125: b"\x81\x7d",
        126: b"\x81\x7e\x00\x7e",
        65_535: b"\x81\x7e\xff\xff",
        65_536: b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00",
    }
    for size, head in heads.items():
        assert text_frame(b"x" * size) == head + b"x" * size
