"""Messages without ends: what is glued is cut apart, however the bytes arrive, and never too much is held."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wassop.core.commands import Announce, Identify
from wassop.core.events import Accepted, Welcome
from wassop.core.names import UserName, room_name, user_name
from wassop.wire.codec import Request, WireSettings
from wassop.wire.framing import Overlong
from wassop.wire.mychat import MychatCodec
from wassop.wire.segments import JsonSegments, TextSegments

MAX = 40
GLUE = re.compile(rb"(?<=[^|])(?:SAY\||BYE$)")


def pieces_of(data, cuts):
    edges = [0, *sorted(place % (len(data) + 1) for place in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def cut(segments, chunks):
    """The messages in these chunks, with a pause behind the last."""
    found = [message for chunk in chunks for message in segments.receive_data(chunk)]
    return [*found, *segments.receive_pause()]


def test_many_messages_glued_without_ends_are_all_understood_though_together_they_are_too_long():
    messages = [b"SAY|message number %02d" % number for number in range(30)]
    assert cut(TextSegments(MAX, GLUE), [b"".join(messages)]) == messages


def test_only_the_piece_that_is_too_long_by_itself_is_dropped():
    before, after = [b"SAY|uno", b"SAY|dos"], b"SAY|" + b"x" * 50
    assert cut(TextSegments(MAX, GLUE), [b"".join(before) + after]) == [*before, Overlong.LINE]


def test_a_word_that_ends_messages_is_no_end_while_more_may_come():
    assert cut(TextSegments(8, GLUE), [b"SAY|xBYE", b"tes"]) == [Overlong.LINE]
    assert cut(TextSegments(8, GLUE), [b"SAY|xBYE"]) == [b"SAY|x", b"BYE"]


glued = st.lists(
    st.one_of(
        st.sampled_from([b"SAY|", b"SAY|hola", b"BYE", b"\n", b"\r\n", b"\r", b"|", b"x" * 39]),
        st.binary(max_size=30),
        st.integers(36, 44).map(lambda size: b"x" * size),
    ),
    max_size=12,
).map(b"".join)


@given(glued, st.lists(st.integers(0, 500), max_size=8))
def test_messages_glued_without_ends_do_not_depend_on_how_the_bytes_are_cut_up(data, cuts):
    whole = TextSegments(MAX, GLUE)
    found = cut(whole, [data])
    for chunks in (pieces_of(data, cuts), pieces_of(data, range(len(data)))):
        other = TextSegments(MAX, GLUE)
        assert cut(other, chunks) == found
        assert other.terminator == whole.terminator


@pytest.mark.parametrize("chunk", [b"x", b"SAY|", b"xSAY|", b"BYE", b"\r"])
def test_no_more_than_a_message_is_held(chunk):
    segments = TextSegments(MAX, GLUE)
    for _ in range(200):
        list(segments.receive_data(chunk * 10))
        assert len(segments._rest) <= MAX + 1


def test_many_small_objects_in_one_segment_are_all_found():
    segments = JsonSegments(16_384)
    assert cut(segments, [b"{}" * 32_768]) == [b"{}"] * 32_768
    assert cut(segments, [b'{} {"a":"}{"}x\r\n\n {}\ny{}']) == [
        b"{}",
        b'{"a":"}{"}',
        b"x",
        b"{}",
        b"y",
        b"{}",
    ]


objects = st.lists(
    st.one_of(
        st.sampled_from([b"{", b"}", b"{}", b'{"a":{}}', b'"', b"\\", b"\n", b"\r\n", b" ", b"x", b"x{}"]),
        st.integers(36, 44).map(lambda size: b'{"' + b"x" * size + b'"}'),
        st.integers(36, 44).map(lambda size: b" " * size),
    ),
    max_size=15,
).map(b"".join)


@given(objects, st.lists(st.integers(0, 500), max_size=8))
def test_objects_do_not_depend_on_how_the_bytes_are_cut_up(data, cuts):
    whole = JsonSegments(MAX)
    found = cut(whole, [data])
    for chunks in (pieces_of(data, cuts), pieces_of(data, range(len(data)))):
        other = JsonSegments(MAX)
        assert cut(other, chunks) == found
        assert other.terminator == whole.terminator


# In mychat


def alice():
    """Alice, connected, and nothing of what she sends ends with a line end."""
    codec = MychatCodec(WireSettings())
    items = [*codec.receive_data(b"CONNECT|Alice"), *codec.receive_pause()]
    assert items == [Request(Identify("Alice", roster=True))]
    name = user_name("Alice")
    assert isinstance(name, UserName)
    codec.answer(items[0], Welcome(name, room_name("General")))
    return codec


def said(codec, data):
    found = []
    for item in (*codec.receive_data(data), *codec.receive_pause()):
        assert isinstance(item, Request), item
        found.append(item.command)
        codec.answer(item, Accepted(None, None, 0.0, ""))
    return found


def test_a_line_end_in_what_a_client_of_segments_sends_makes_nobody_wait_for_another():
    codec = alice()
    assert said(codec, b"BROADCAST|from a text field\n") == [Announce("from a text field")]
    assert said(codec, b"BROADCAST|hola") == [Announce("hola")]
    assert codec.encoder.message("BROADCAST", "Bob", "hola") == b"BROADCAST|Bob|hola"


def test_the_line_end_of_what_was_too_long_is_none_that_comes_alone():
    codec = alice()
    assert len([*codec.receive_data(b"BROADCAST|" + b"x" * 2_000 + b"\r\n")]) == 1
    assert said(codec, b"BROADCAST|hola") == [Announce("hola")]


def test_a_line_end_that_comes_late_is_still_a_line_end():
    codec = alice()
    assert said(codec, b"\r\n") == []
    assert list(codec.receive_data(b"BROADCAST|ho")) == []
    assert not codec.has_rest
    assert said(codec, b"la\r\n") == [Announce("hola")]
    assert codec.encoder.message("BROADCAST", "Bob", "hola") == b"BROADCAST|Bob|hola\r\n"


def test_a_fast_sender_loses_nothing():
    texts = [f"mensaje número {number:02} ".ljust(62, "x") for number in range(30)]
    sent = "".join(f"BROADCAST|{text}" for text in texts).encode()
    assert len(sent) > 2_000
    assert said(alice(), sent) == [Announce(text) for text in texts]


@pytest.mark.parametrize("before", ":\"'([< |")
def test_a_text_about_the_protocol_is_not_cut_up(before):
    text = f"lee esto{before}MESSAGE|Bob|x"
    assert said(alice(), f"BROADCAST|{text}".encode()) == [Announce(text)]
