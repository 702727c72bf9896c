"""The clients of a load run: raw non-blocking sockets, which one trio task reads for all."""

import selectors
import socket
from typing import Final

import trio

from _load_check import Checker
from _load_swarm import Line, Message, Room, Swarm, ticks

_received: Final = memoryview(bytearray(262_144))
"""One buffer for all: a fresh one of this size would cost as much as the receiving itself."""
_MAX_UNSENT_BYTES: Final = 262_144


class Client:
    """A connection, as far as listeners and talkers have it in common. A subclass reads."""

    def __init__(self, swarm: Swarm, room: Room, name: str) -> None:
        self.name: Final = name
        self._swarm: Final = swarm
        self._room: Final = room
        self._socket: socket.socket | None = None
        self._rest = b""
        self._unsent = bytearray()

    async def connect(self, family: int, address: tuple[object, ...]) -> None:
        """Connect and say hello; the rest happens as the server answers. OSError when nobody listens."""
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                sock.connect(address)
            except BlockingIOError:
                await trio.lowlevel.wait_writable(sock)
            if error := sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                raise OSError(error, "cannot connect")
        except BaseException:
            sock.close()
            raise
        self._socket = sock
        self._swarm.connected += 1
        self._swarm.watch(sock, self._ready, writing=False)
        self._send(b'{"t":"hello","v":1,"name":"%b","client":"load","lobby":false}\n' % self.name.encode())

    def close(self) -> None:
        """Hang up; calling it again does nothing."""
        if self._socket is not None:
            self._swarm.forget(self._socket)
            self._socket.close()
            self._socket = None

    def verdict(self) -> tuple[Checker, int]:
        """What it heard, and how many messages that others heard it did not hear after that."""
        raise NotImplementedError

    def _read(self, data: bytes, now: int) -> None:
        raise NotImplementedError

    def _ready(self, mask: int) -> None:
        if self._socket is None:  # closed by something in the same round
            return
        if mask & selectors.EVENT_WRITE:
            self._send(b"")
        if not mask & selectors.EVENT_READ:
            return
        try:
            size = self._socket.recv_into(_received)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(str(error))
            return
        if size:
            self._read(_received[:size].tobytes(), ticks())
        else:
            self._end("the server closed the connection")

    def _end(self, why: str) -> None:
        self._swarm.faults.disconnected += 1
        self._swarm.complain(f"{self.name}: {why}")
        self.close()

    def _send(self, data: bytes) -> None:
        assert self._socket is not None
        was_waiting = bool(self._unsent)
        self._unsent += data
        if was_waiting and data:
            return
        try:
            del self._unsent[: self._socket.send(self._unsent)]
        except BlockingIOError:
            pass
        except OSError:
            return  # reading tells
        if bool(self._unsent) is not was_waiting:
            self._swarm.watch(self._socket, self._ready, writing=bool(self._unsent))

    def _lines(self, data: bytes) -> list[bytes]:
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines

    def _take(self, line: Line | None, raw: bytes) -> None:
        match line and line.t:
            case "presence":
                self._swarm.notices += 1
            case "welcome":
                self._send(b'{"t":"join","room":"%b","id":"in"}\n' % self._room.name.encode())
            case "joined":
                self._swarm.note_joined()
            case "ping":
                self._send(b'{"t":"pong"}\n')
            case "error" | "bye":
                assert line is not None
                self._swarm.faults.refused += line.t == "error"
                self._swarm.complain(f"{self.name}: {line.t} {line.code or line.reason}: {line.text}")
            case _:
                self._swarm.faults.malformed += 1
                self._swarm.complain(f"{self.name}: not understood: {raw[:200]!r}")


class Listener(Client):
    """Somebody who only listens; compared with the room's stream while that is the same."""

    def __init__(self, swarm: Swarm, room: Room, name: str) -> None:
        super().__init__(swarm, room, name)
        self._offset = self._position = 0
        self._own_checker: Checker | None = None

    def verdict(self) -> tuple[Checker, int]:
        """See `Client`."""
        if self._own_checker is not None:
            return self._own_checker, 0
        stream = self._room.stream
        return stream.checker, len(stream.ends) - self._position

    def _read(self, data: bytes, now: int) -> None:
        if self._own_checker is not None:
            self._check(self._lines(data), now)
        elif not self._rest and self._room.stream.data.startswith(data, self._offset):
            self._offset += len(data)
            self._advance(now)
        else:
            self._follow(data, now)

    def _follow(self, data: bytes, now: int) -> None:
        """Read lines that are not, or not all, in the room's stream yet."""
        stream = self._room.stream
        start = stream.ends[self._position - 1] if self._position else 0
        # The part of a line that was matched already is read once more, with the rest of that line.
        self._rest = bytes(stream.data[start : self._offset]) + self._rest
        self._offset = start
        lines = self._lines(data)
        for number, line in enumerate(lines):
            whole = line + b"\n"
            if stream.data.startswith(whole, self._offset):
                self._offset += len(whole)
                continue
            heard = self._room.understand(line)
            if not isinstance(heard, Message):
                self._take(heard, line)
            elif self._offset == len(stream.data):
                stream.append(whole, heard.seq, heard.talker, heard.number, heard.sent)
                self._offset += len(whole)
            else:
                self._advance(now)
                self._own_checker = stream.checker_at(self._position)
                self._check(lines[number:], now)
                return
        self._advance(now)

    def _advance(self, now: int) -> None:
        position = self._room.stream.position_of(self._offset, self._position)
        if position != self._position:
            self._swarm.record(now, self._room.stream.sent[self._position : position])
            self._position = position

    def _check(self, lines: list[bytes], now: int) -> None:
        assert self._own_checker is not None
        for line in lines:
            heard = self._room.understand(line)
            if isinstance(heard, Message):
                self._own_checker.heard(heard.seq, heard.talker, heard.number)
                self._swarm.record(now, [heard.sent])
            else:
                self._take(heard, line)


class Talker(Client):
    """Somebody who also talks. What it reads lacks its own messages, so it is checked line by line."""

    def __init__(self, swarm: Swarm, room: Room, name: str, text_bytes: int) -> None:
        super().__init__(swarm, room, name)
        self.sent: Final[list[int]] = []
        """When each message was sent, in ticks."""
        self.said = 0
        self._answered = 0
        self._checker: Final = Checker()
        self._number: Final = len(room.talkers)
        self._text_bytes: Final = text_bytes

    def say(self, count: int) -> None:
        """Say so much at once. What a blocked socket has no room for is withheld, and counted as that."""
        if self._socket is None or count <= 0:
            return
        if len(self._unsent) > _MAX_UNSENT_BYTES:
            self._swarm.withheld += count
            return
        lines = [self._line(number) for number in range(self.said, self.said + count)]
        self.sent.extend([ticks()] * count)
        self.said += count
        self._swarm.note_said(self._room, count)
        self._send(b"".join(lines))

    def keep_talking(self) -> None:
        """Say as much as may be unanswered."""
        if self._swarm.is_talking and self._swarm.in_flight:
            self.say(self._swarm.in_flight - (self.said - self._answered))

    def verdict(self) -> tuple[Checker, int]:
        """See `Client`."""
        return self._checker, 0

    def _line(self, number: int) -> bytes:
        text = f"{self._number} {number} ".ljust(self._text_bytes, "x")
        say = f'{{"t":"say","room":"{self._room.name}","text":"{text}","id":{number},"nonce":"{number}"}}\n'
        return say.encode()

    def _read(self, data: bytes, now: int) -> None:
        sent = []
        for line in self._lines(data):
            heard = self._room.understand(line)
            if isinstance(heard, Message):
                self._checker.heard(heard.seq, heard.talker, heard.number)
                sent.append(heard.sent)
            elif heard is not None and heard.t == "ok" and heard.re == self._answered:
                self._answered += 1
                self._checker.told_own(heard.seq)
                self._swarm.note_answered()
            else:
                self._take(heard, line)
        if sent:
            self._swarm.record(now, sent)
        self.keep_talking()
