"""What the benchmark's clients say to each kind of server, and how they understand it. Pure: bytes only.

Rule 1: all servers are asked for the same: to be connected, to have a name, to sit in one room, to say texts
of the same size there, and to quit.
Rule 2: nothing is believed. A message counts only if its text is, to the last byte, what its author sent.
"""

import re
from typing import Final, Protocol

import msgspec

TEXT_BYTES: Final = 64


class Refused(Exception):
    """The server refused, ended the connection, or said what cannot be understood; the message tells."""


def text_of(room: int, talker: int, number: int) -> bytes:
    """The text of one message; room and talker are numbers of ours, talkers count from 0 in each room."""
    return (b"%d %d %d " % (room, talker, number)).ljust(TEXT_BYTES, b"x")


def read_text(text: bytes) -> tuple[int, int, int] | None:
    """Room, talker and number of a text, or None if nobody of ours can have said it."""
    try:
        room, talker, number = map(int, text.split(b" ", 3)[:3])
    except ValueError:
        return None
    return (room, talker, number) if text == text_of(room, talker, number) else None


class Dialect(Protocol):
    """One way of speaking. Lines are complete, with their ends."""

    said: bytes
    """Occurs in the lines that tell of a message, and in no others."""
    answer: bytes | None
    """Begins the answer to a message of one's own; None where there are no answers."""
    text_after: bytes
    """What a message's text follows in those lines, where that occurs first."""
    question: bytes
    """Occurs in whatever the server wants a client to answer."""

    def room(self, index: int) -> bytes:
        """The name of a room."""

    def greeting(self, name: bytes, room: bytes) -> bytes:
        """A client's first words."""

    def arrive(self, line: bytes, room: bytes) -> bytes | None:
        """What to say to the server's line on the way into the room; None once one is in it. Refused."""

    def say(self, room: bytes, text: bytes, number: int) -> bytes:
        """A message."""

    def heard(self, line: bytes) -> tuple[int, int, int, int] | None:
        """`seq` (0 where there is none), room, talker and number of a message; None for anything else."""

    def reply(self, line: bytes) -> bytes:
        """What to say to a line that tells of no message; often nothing. Refused when it is a complaint."""

    def quit(self) -> bytes:
        """The last words; empty where one just stops sending."""


class _Line(msgspec.Struct):
    """As much of a native line as matters here."""

    t: str
    seq: int = 0
    text: str = ""
    room: str = ""
    code: str = ""
    reason: str = ""


class Native:
    """wassop's own, see src/wassop/wire/PROTOCOL.md."""

    said = b'{"t":"said"'
    answer: bytes | None = b'{"t":"ok"'
    text_after = b'"text":"'
    question = b'"ping"'

    def __init__(self) -> None:
        self._decode: Final = msgspec.json.Decoder(_Line).decode

    def room(self, index: int) -> bytes:
        return b"r%d" % index

    def greeting(self, name: bytes, room: bytes) -> bytes:  # noqa: ARG002
        # Not in the lobby: what goes on there would come to everybody, which the others do not offer.
        return b'{"t":"hello","v":1,"name":"%b","lobby":false}\n' % name

    def arrive(self, line: bytes, room: bytes) -> bytes | None:
        match self._line(line).t:
            case "welcome":
                return b'{"t":"join","room":"%b","id":0}\n' % room
            case "joined":
                return None
        return self.reply(line)

    def say(self, room: bytes, text: bytes, number: int) -> bytes:
        return b'{"t":"say","room":"%b","text":"%b","id":%d}\n' % (room, text, number)

    def heard(self, line: bytes) -> tuple[int, int, int, int] | None:
        told = self._line(line)
        found = read_text(told.text.encode()) if told.t == "said" else None
        return (told.seq, *found) if found and told.room.encode() == self.room(found[0]) else None

    def reply(self, line: bytes) -> bytes:
        told = self._line(line)
        match told.t:
            case "presence":
                return b""
            case "ping":
                return b'{"t":"pong"}\n'
        raise Refused(f"{told.t} {told.code or told.reason}: {told.text}")

    def quit(self) -> bytes:
        return b'{"t":"quit"}\n'

    def _line(self, line: bytes) -> _Line:
        try:
            return self._decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Refused(f"not understood: {line[:200]!r}") from error


class Web(Native):
    """The same in frames of a WebSocket, each a line, for those who only listen. What a frame begins with
    is passed over; should it hold a line end, a part of it is a line without an object."""

    answer: bytes | None = None
    _BEGIN: Final = b'{"'
    _UPGRADE: Final = (
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
    )

    def greeting(self, name: bytes, room: bytes) -> bytes:
        return self._UPGRADE + _framed(super().greeting(name, room))

    def arrive(self, line: bytes, room: bytes) -> bytes | None:
        if line.startswith(b"HTTP/") and b" 101 " not in line:
            raise Refused(line.decode(errors="replace"))
        answer = super().arrive(line, room) if self._BEGIN in line else b""
        return answer and _framed(answer)

    def reply(self, line: bytes) -> bytes:
        answer = super().reply(line) if self._BEGIN in line else b""
        return answer and _framed(answer)

    def quit(self) -> bytes:
        return _framed(super().quit())

    def _line(self, line: bytes) -> _Line:
        return super()._line(line[max(0, line.find(self._BEGIN)) :])


def _framed(line: bytes) -> bytes:
    """A short frame under a mask of zeros."""
    return bytes([0x81, 0x80 | len(line), 0, 0, 0, 0]) + line


class Irc:
    """RFC 2812, as much as is needed."""

    said = b" PRIVMSG "
    answer: bytes | None = None
    text_after = b" :"
    question = b"PING"
    _PRIVMSG: Final = re.compile(rb":[^ ]+ PRIVMSG #r(\d+) :([^\r\n]*)\r\n")
    _NO_MOTD: Final = b"422"

    def room(self, index: int) -> bytes:
        return b"#r%d" % index

    def greeting(self, name: bytes, room: bytes) -> bytes:  # noqa: ARG002
        return b"NICK %b\r\nUSER %b 0 * :%b\r\n" % (name, name, name)

    def arrive(self, line: bytes, room: bytes) -> bytes | None:
        match line.split(b" ", 2)[1:2]:
            case [b"001"]:
                return b"JOIN %b\r\n" % room
            case [b"366"]:  # the end of the list of members, the last of the answers to JOIN
                return None
        return self.reply(line)

    def say(self, room: bytes, text: bytes, number: int) -> bytes:  # noqa: ARG002
        return b"PRIVMSG %b :%b\r\n" % (room, text)

    def heard(self, line: bytes) -> tuple[int, int, int, int] | None:
        told = self._PRIVMSG.fullmatch(line)
        found = read_text(told[2]) if told else None
        return (0, *found) if found and told and found[0] == int(told[1]) else None

    def reply(self, line: bytes) -> bytes:
        if line.startswith(b"PING"):
            return b"PONG" + line[4:]
        code = line.split(b" ", 2)[1:2]
        is_error = code and code[0].isdigit() and code[0][:1] in b"45" and code[0] != self._NO_MOTD
        if is_error or line.startswith(b"ERROR") or self.said in line:
            raise Refused(line.decode(errors="replace").strip())
        return b""

    def quit(self) -> bytes:
        return b"QUIT :bye\r\n"


class Relay:
    """Our own relay.c: the first line names the room and comes back, all others go to the other members."""

    said = b""
    answer: bytes | None = None
    text_after = b""
    question = b"\0"  # it never asks

    def room(self, index: int) -> bytes:
        return b"r%d" % index

    def greeting(self, name: bytes, room: bytes) -> bytes:  # noqa: ARG002
        return room + b"\n"

    def arrive(self, line: bytes, room: bytes) -> bytes | None:
        return None if line == room + b"\n" else self.reply(line)

    def say(self, room: bytes, text: bytes, number: int) -> bytes:  # noqa: ARG002
        return text + b"\n"

    def heard(self, line: bytes) -> tuple[int, int, int, int] | None:
        found = read_text(line[:-1])
        return (0, *found) if found else None

    def reply(self, line: bytes) -> bytes:
        raise Refused(f"not understood: {line[:200]!r}")

    def quit(self) -> bytes:
        return b""


DIALECTS: Final[dict[str, type[Dialect]]] = {"native": Native, "web": Web, "irc": Irc, "relay": Relay}
