"""What RFC 6455 asks of a server, byte by byte over a real socket; and that bounds hold there."""

import json
from typing import Any

import pytest

from tests.server.support import Visitor, running_server
from tests.server.web_support import BINARY, CLOSE, PING, PONG, TEXT, frame, frames_in, upgraded

CONTINUATION = 0
PING_T = '{"t":"ping","id":1}'
PONG_T = b'{"t":"pong","re":1}\n'


async def sent_to_the_end(*data: bytes, **settings: Any) -> list[tuple[int, bytes]]:
    """The frames that the server sends to somebody who sends that, until it ends the connection."""
    async with running_server(**settings) as running:
        visitor = await upgraded(running)
        for part in data:
            await visitor.send(part)
        return frames_in(await visitor.to_the_end())


async def next_frame(visitor: Visitor) -> tuple[int, bytes]:
    """A frame with fewer than 126 bytes."""
    while len(visitor._buffer) < 2 or len(visitor._buffer) < 2 + visitor._buffer[1]:
        assert await visitor.more()
    size = 2 + visitor._buffer[1]
    (found,), visitor._buffer = frames_in(visitor._buffer[:size]), visitor._buffer[size:]
    return found


def code_of(closing: tuple[int, bytes]) -> int:
    opcode, payload = closing
    assert opcode == CLOSE
    payload[2:].decode()
    return int.from_bytes(payload[:2])


ANSWERED = {
    "a text": frame(PING_T),
    "without a mask's effect": b"\x81\x93\0\0\0\0" + PING_T.encode(),
    "in two fragments": frame(PING_T[:5], fin=False) + frame(PING_T[5:], CONTINUATION),
    "in fragments of one byte": b"".join(
        [
            frame(PING_T[:1], fin=False),
            *(frame(each, CONTINUATION, fin=False) for each in PING_T[1:]),
            frame("", CONTINUATION),
        ]
    ),
    "with empty fragments": frame("", fin=False)
    + frame("", CONTINUATION, fin=False)
    + frame(PING_T, CONTINUATION),
    "a pong between fragments": frame(PING_T[:5], fin=False)
    + frame("x", PONG)
    + frame(PING_T[5:], CONTINUATION),
    "after an empty message": frame("") + frame(PING_T),
    "after a pong that nobody asked for": frame(b"\xff" * 125, PONG) + frame(PING_T),
    "with a length of two bytes": frame(PING_T + " " * 200),
    "with a line end of its own": frame(PING_T + "\r\n"),
}


@pytest.mark.parametrize("data", ANSWERED.values(), ids=ANSWERED)
@pytest.mark.parametrize("is_cut", [False, True], ids=["at once", "byte by byte"])
async def test_a_message_is_understood_however_it_is_framed(data: bytes, is_cut: bool) -> None:
    async with running_server() as running:
        visitor = await upgraded(running)
        for part in [bytes([byte]) for byte in data] if is_cut else [data]:
            await visitor.send(part)
        assert await next_frame(visitor) == (TEXT, PONG_T)


async def test_a_message_cut_inside_of_a_character_is_whole_again() -> None:
    text = '{"t":"¿…👍","id":1}'.encode()
    async with running_server() as running:
        visitor = await upgraded(running)
        for place in range(1, len(text)):
            await visitor.send(frame(text[:place], fin=False) + frame(text[place:], CONTINUATION))
            _, payload = await next_frame(visitor)
            assert json.loads(payload)["text"] == "Unknown request: ¿…👍."


@pytest.mark.parametrize("payload", [b"", b"x", b"\x00\xff" * 62, b"y" * 125])
async def test_a_ping_is_answered_with_what_it_holds(payload: bytes) -> None:
    async with running_server() as running:
        visitor = await upgraded(running)
        await visitor.send(
            frame(PING_T[:5], fin=False) + frame(payload, PING) + frame(PING_T[5:], CONTINUATION)
        )
        assert await next_frame(visitor) == (PONG, payload)
        assert await next_frame(visitor) == (TEXT, PONG_T)


WRONG = {
    "no mask": (b"\x81\x02{}", 1002),
    "a ping without a mask": (b"\x89\x00", 1002),
    "a reserved bit": (frame("{}", rsv=4), 1002),
    "the second reserved bit": (frame("{}", rsv=2), 1002),
    "the third reserved bit": (frame("{}", rsv=1), 1002),
    "a reserved bit in a ping": (frame("", PING, rsv=1), 1002),
    "a data frame that is not defined": (frame("{}", 3), 1002),
    "a control frame that is not defined": (frame("", 11), 1002),
    "a ping in fragments": (frame("", PING, fin=False), 1002),
    "a goodbye in fragments": (frame("", CLOSE, fin=False), 1002),
    "a ping of 126 bytes": (b"\x89\xfe\x00\x7e\x37\xfa\x21\x3d" + b"x" * 126, 1002),
    "a continuation of nothing": (frame("{}", CONTINUATION), 1002),
    "a message inside of another": (frame("{", fin=False) + frame("}"), 1002),
    "a length in too many bytes": (b"\x81\xfe\x00\x02\0\0\0\0{}", 1002),
    "a length in far too many bytes": (b"\x81\xff" + bytes(7) + b"\x02\0\0\0\0{}", 1002),
    "a negative length": (b"\x81\xff\x80" + bytes(7) + b"\0\0\0\0", 1002),
    "a goodbye of one byte": (frame(b"\x03", CLOSE), 1002),
    "a goodbye with a code of nobody's": (frame(b"\x00\x00", CLOSE), 1002),
    "a goodbye with a code that is never sent": (frame(b"\x03\xed", CLOSE), 1002),
    "a goodbye with the code of a lost connection": (frame(b"\x03\xee", CLOSE), 1002),
    "a goodbye with a reserved code": (frame(b"\x03\xff", CLOSE), 1002),
    "a goodbye with a code beyond all": (frame(b"\xff\xff", CLOSE), 1002),
    "a goodbye whose reason is no UTF-8": (frame(b"\x03\xe8\xff", CLOSE), 1007),
    "no UTF-8": (frame(b'{"t":"\xff"}'), 1007),
    "half a surrogate": (frame(b"\xed\xa0\x80"), 1007),
    "a character too long": (frame(b"\xc0\xaf"), 1007),
    "a character that is cut": (frame(b"\xe2\x82"), 1007),
    "no UTF-8 in a fragment that is not the last": (frame(b"\xff", fin=False), 1007),
    "bytes": (frame(b"{}", BINARY), 1003),
    "bytes in fragments": (frame(b"{", BINARY, fin=False), 1003),
    "a message that is too long": (frame(" " * 1_025), 1009),
    "fragments that are too long together": (
        frame(" " * 600, fin=False) + frame(" " * 600, CONTINUATION),
        1009,
    ),
    "a length that cannot be": (b"\x81\xff\x7f" + b"\xff" * 7 + b"\0\0\0\0" + b" " * 9_000, 1009),
    "HTTP": (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 1002),
}


@pytest.mark.parametrize(("data", "code"), WRONG.values(), ids=WRONG)
async def test_what_breaks_a_rule_ends_the_connection_with_the_fitting_code(data: bytes, code: int) -> None:
    *others, goodbye, closing = await sent_to_the_end(data, frame(PING_T), max_line_bytes=1_024)
    assert code_of(closing) == code
    bye = json.loads(goodbye[1])
    assert (bye["t"], bye["reason"]) == ("bye", "bad-frame")
    assert [json.loads(payload)["code"] for _, payload in others] == ["line-too-long"] * (code == 1009)


@pytest.mark.parametrize(
    "code", [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999]
)
async def test_a_goodbye_is_returned_and_nothing_is_read_after_it(code: int) -> None:
    goodbye = frame(code.to_bytes(2) + "¡adiós!".encode(), CLOSE)
    (closing,) = await sent_to_the_end(goodbye + frame(PING_T) + b"\x00\xff")
    assert code_of(closing) == code


async def test_a_goodbye_without_a_code_is_a_normal_one() -> None:
    (closing,) = await sent_to_the_end(frame("", CLOSE))
    assert code_of(closing) == 1000


async def test_what_was_said_before_the_goodbye_is_answered_before_it(tmp_path: Any) -> None:
    requests = (
        frame({"t": "hello", "name": "ana", "lobby": False})
        + frame({"t": "join", "room": "Sala1"})
        + b"".join(frame({"t": "say", "room": "Sala1", "text": "hola", "id": number}) for number in range(50))
        + frame("", CLOSE)
    )
    *frames, closing = await sent_to_the_end(requests, db=tmp_path / "chat.db")
    answers = [json.loads(payload) for _, payload in frames]
    assert [each["re"] for each in answers if each["t"] == "ok"] == list(range(50))
    assert code_of(closing) == 1000


async def test_a_goodbye_of_the_dialect_is_one_of_the_socket_too() -> None:
    goodbye, closing = await sent_to_the_end(frame({"t": "quit", "id": 7}))
    assert json.loads(goodbye[1]) == {"t": "bye", "re": 7, "reason": "quit", "text": "Goodbye!"}
    assert code_of(closing) == 1000


async def test_when_the_server_stops_it_says_so_in_both_terms() -> None:
    async with running_server() as running:
        visitor = await upgraded(running)
        running.server.stop()
        goodbye, closing = frames_in(await visitor.to_the_end())
    assert json.loads(goodbye[1])["reason"] == "shutdown"
    assert code_of(closing) == 1001


async def test_frames_of_all_lengths_are_whole() -> None:
    async with running_server(
        max_text_bytes=80_000, max_line_bytes=100_000, recent_bytes_per_room=1 << 20
    ) as running:
        visitor = await upgraded(running)
        await visitor.send(frame({"t": "hello", "name": "ana", "lobby": False}))
        await visitor.send(frame({"t": "join", "room": "Sala1"}))
        bob = await running.native("bob", "Sala1")
        sizes = (1, 10, 20, 30, 100, 40_000, 65_300, 65_450, 65_480, 65_600, 70_000)
        for size in sizes:
            await bob.ask({"t": "say", "room": "Sala1", "text": "x" * size, "id": size}, "ok")
        await visitor.send(frame({"t": "quit"}))
        read = [
            json.loads(payload) for opcode, payload in frames_in(await visitor.to_the_end()) if opcode == TEXT
        ]
        assert [len(each["text"]) for each in read if each["t"] == "said"] == list(sizes)
