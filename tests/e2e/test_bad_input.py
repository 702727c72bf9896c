"""What no document allows, sent to the live port: the dialect's own error comes, and the session goes on.

Messages are bytes here, and a `Wire` is a client that only looks at what one answer begins with.
"""

import contextlib
import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from attrs import frozen

from tests.e2e.process import PATIENCE_S, ServerProcess, serving

MEGABYTE = b"x" * 1_000_000
SLOW_PAUSE_S = 1.0
"""For clients that send byte by byte: on a busy machine more than the default may pass between two bytes."""


@frozen
class Dialect:
    """How one enters, the error for bad input, and a question with its answer, which is asked after it."""

    name: str
    hello: bytes
    welcome: bytes
    """The end of what comes after `hello`."""
    error: bytes
    question: bytes
    answer: bytes

    def __str__(self) -> str:
        return self.name


def packet(kind: str, content: object, **more: object) -> bytes:
    """An object of the remitente document."""
    fields = {"remitente": "Ana", "contenido": content, "marca_tiempo": "2026-11-20T10:00:00", "tipo": kind}
    return json.dumps(fields | more, ensure_ascii=False).encode()


SALAS = Dialect(
    "salas",
    hello=b"JOIN Ana",
    welcome=rb"OK\s*",
    error=rb"ERROR: [^\n]+\s*",
    question=b"LIST_ROOMS",
    answer=rb"Salas disponibles:\nSala1 \(0\)\nSala2 \(0\)\s*",
)
MYCHAT = Dialect(
    "mychat",
    hello=b"CONNECT|Ana",
    welcome=rb"CONNECT_ACK\|OK\s*(USER_LIST\|Ana\s*)+",
    error=rb"ERROR\|400\|[^|\n]+\n?",
    question=b"MESSAGE|Nadie|hola",
    answer=rb"ERROR\|404\|Usuario no encontrado\s*",
)
REMITENTE = Dialect(
    "remitente",
    hello=packet("conexion", ""),
    welcome=rb'\{[^{}]*"confirmacion"[^{}]*\}\s*',
    error=rb'\{[^{}]*"error"[^{}]*\}\s*',
    question=packet("mensaje", "hola"),
    answer=rb'\{[^{}]*"hola"[^{}]*\}\s*',
)
CMDJSON = Dialect(
    "cmdjson",
    hello=b'{"cmd":"login","user":"Ana"}',
    welcome=rb'\{.*Bienvenido Ana.*"history".*"users".*\["Ana"\]\}\s*',
    error=rb'\{"status": ?"error", ?"msg": ?"[^"]+"\}\s*',
    question=b'{"cmd":"broadcast","msg":"hola"}',
    answer=rb'\{"cmd": ?"broadcast", ?"from": ?"Ana", ?"msg": ?"hola"\}\s*',
)
NICK = Dialect(
    "nick",
    hello=b"Ana",
    welcome=rb"NICKConectado al servidor!\s*",
    error=rb"",  # the page names none
    question=b"Ana: hola",
    answer=rb"Ana: hola\s*",
)
DIALECTS = (SALAS, MYCHAT, REMITENTE, CMDJSON, NICK)
WITH_ERRORS = (SALAS, MYCHAT, REMITENTE, CMDJSON)
JSON = (REMITENTE, CMDJSON)

# A user list may come at any time, for instance because the one of the test before has gone.
USER_LIST = re.compile(rb'USER_LIST\|Ana\r?\n?|\{"cmd": ?"users", ?"list": ?\["Ana"\]\}\s*')

each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=str)
each_ending = pytest.mark.parametrize("end", [b"", b"\n"], ids=["no-end", "lines"])


@frozen
class Wire:
    """A client without any idea of what it reads."""

    sock: socket.socket
    end: bytes

    def send(self, message: bytes) -> None:
        self.sock.sendall(message + self.end)

    def read(self, pattern: bytes) -> bytes:
        """Read until all that came, user lists aside, is `pattern`; nothing else may come."""
        data = read = b""
        while not re.fullmatch(pattern, read, re.DOTALL):
            try:
                more = self.sock.recv(65_536)
            except TimeoutError:
                more = b""
            assert more, f"nothing follows {data!r}, which is not {pattern!r}"
            data += more
            assert len(data) < 100_000, data
            read = data if re.fullmatch(pattern, data, re.DOTALL) else USER_LIST.sub(b"", data)
        data.decode()
        return read

    def ask(self, dialect: Dialect) -> None:
        """The session goes on."""
        self.send(dialect.question)
        self.read(dialect.answer)

    def ask_until_answered(self, dialect: Dialect) -> None:
        """The session goes on, once what was sent before has ended; other answers are passed over."""
        deadline, read = time.monotonic() + PATIENCE_S, b""
        self.sock.settimeout(0.5)
        while not re.search(dialect.answer, read):
            assert time.monotonic() < deadline, read[-500:]
            self.send(dialect.question)
            try:
                more = self.sock.recv(65_536)
            except TimeoutError:
                continue
            assert more, f"ended after {read!r}"
            read += more
        self.sock.settimeout(PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # The server forgets a name before it closes, so at the end of the stream the name is free again.
        with self.sock, contextlib.suppress(ConnectionError):
            self.sock.shutdown(socket.SHUT_WR)
            while self.sock.recv(65_536):
                pass


@frozen
class Port:
    """One server for all tests of a worker: who leaves is gone, so each test finds it empty."""

    server: ServerProcess
    nick_port: int
    log: Path

    def wire(self, dialect: Dialect, end: bytes = b"") -> Wire:
        port = self.nick_port if dialect is NICK else self.server.port
        sock = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Wire(sock, end)

    def enter(self, dialect: Dialect, end: bytes = b"") -> Wire:
        """A client that has its name."""
        wire = self.wire(dialect, end)
        wire.send(dialect.hello)
        wire.read(dialect.welcome)
        return wire


@contextlib.contextmanager
def open_port(tmp_path: Path, settings: str) -> Iterator[Port]:
    config, log = tmp_path / "wassop.toml", tmp_path / "log"
    config.write_text(settings)
    with serving("--config", str(config), "--listen", "127.0.0.1:0=nick", stderr=log) as server:
        assert server.process.stdout is not None
        second_line = server.process.stdout.readline()
        yield Port(server, int(second_line.rstrip(".\n").rpartition(":")[2]), log)
        assert server.stop() == 0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Port]:
    with open_port(tmp_path_factory.mktemp("server"), "") as port:
        yield port


@pytest.fixture(scope="module")
def slow_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Port]:
    with open_port(tmp_path_factory.mktemp("slow"), f"message_pause_s = {SLOW_PAUSE_S}\n") as port:
        yield port


@pytest.fixture
def port(server: Port) -> Iterator[Port]:
    yield server
    assert "Traceback" not in server.log.read_text()


@pytest.fixture
def slow_port(slow_server: Port) -> Iterator[Port]:
    yield slow_server
    assert "Traceback" not in slow_server.log.read_text()


DEEP = b'{"cmd":' + b"[" * 2_000 + b"]" * 2_000 + b"}"

BAD = {
    SALAS: (
        b"BAILA",
        b"baila conmigo",
        b"JOIN",
        b"JOIN Otra",
        b"MESSAGE hola",
        b"MESSAGE",
        b"ROOM",
        b"ROOM " + b"x" * 200,
        b"EXIT",
        b"EXIT Sala1",
        b"MESSAGE \xff\xfe",
        b"\xc3",
        b"{}",
        b"CONNECT|Ana",
    ),
    MYCHAT: (
        b"BAILA|Ana",
        b"hola",
        b"MESSAGE",
        b"MESSAGE|",
        b"MESSAGE|Ana",
        b"BROADCAST",
        b"BROADCAST|",
        b"CONNECT",
        b"|",
        b"||||",
        b"USER_LIST|Ana",
        b"BROADCAST|\xff\xfe",
        b"{}",
        b"JOIN Ana",
    ),
    REMITENTE: (
        packet("baila", "hola"),
        packet("mensaje", ""),
        packet("mensaje", 7),
        packet("mensaje", ["hola"]),
        packet("mensaje", {"a": 1}),
        packet("mensaje", None),
        b'{"remitente":"Ana","tipo":"mensaje"}',
        b'{"remitente":"Ana"}',
        b'{"tipo":"mensaje"}',
        b"{}",
        b'{"tipo":7,"remitente":7}',
        b'{"tipo":"mensaje","remitente":"Ana","contenido":"\xff"}',
        b'{"tipo":"mensaje","remitente":"Ana","contenido":"\\ud800"}',
        b'{"tipo":"mensaje","remitente":"Ana","contenido":' + b"9" * 5_000 + b"}",
        b'{"tipo":"mensaje","remitente":"Ana","contenido":1e99999}',
        DEEP,
        b'{"tipo" "mensaje"}',
        b"hola",
        b"[1,2]",
    ),
    CMDJSON: (
        b'{"cmd":"baila"}',
        b'{"cmd":""}',
        b'{"cmd":7}',
        b'{"cmd":null}',
        b'{"cmd":"message","to":"Ana"}',
        b'{"cmd":"message","msg":"hola"}',
        b'{"cmd":"message","to":7,"msg":"hola"}',
        b'{"cmd":"broadcast"}',
        b'{"cmd":"broadcast","msg":""}',
        b'{"cmd":"broadcast","msg":7}',
        b'{"cmd":"broadcast","msg":' + b"9" * 5_000 + b"}",
        b'{"cmd":"broadcast","msg":-1e99999}',
        b'{"cmd":"broadcast","msg":"\xff"}',
        b'{"cmd":"broadcast","msg":"\\ud800"}',
        b'{"cmd":"login","user":"Otra"}',
        b'{"msg":"hola"}',
        b"{}",
        DEEP,
        b'{"cmd" "users"}',
        b"hola",
        b"[1,2]",
    ),
}


def test_the_answer_for_an_unknown_command_is_that_of_the_document(port: Port) -> None:
    with port.enter(CMDJSON) as wire:
        wire.send(b'{"cmd":"baila"}')
        assert json.loads(wire.read(CMDJSON.error)) == {"status": "error", "msg": "Comando no reconocido"}


@each_ending
@pytest.mark.parametrize("dialect", WITH_ERRORS, ids=str)
def test_bad_input_gets_the_error_of_the_dialect_and_the_session_goes_on(
    port: Port, dialect: Dialect, end: bytes
) -> None:
    with port.enter(dialect, end) as wire:
        for bad in BAD[dialect]:
            wire.send(bad)
            answer = wire.read(dialect.error)
            assert answer.endswith(b"\n") == bool(end), (bad, answer)
            wire.ask(dialect)


@pytest.mark.parametrize(
    "unfinished", [b'{"', b'{"cmd":"broadcast","msg":', b'{"tipo":"mensaje","a', b"{" * 200]
)
@pytest.mark.parametrize("dialect", JSON, ids=str)
def test_an_object_that_stops_in_the_middle_is_an_error_after_a_pause(
    port: Port, dialect: Dialect, unfinished: bytes
) -> None:
    with port.enter(dialect) as wire:
        wire.send(unfinished)
        wire.read(dialect.error)
        wire.ask(dialect)


BEFORE_THE_NAME = {
    SALAS: [
        (b"JOIN", rb"ERROR: [^\n]+"),
        (b"JOIN a,b", rb"ERROR: [^\n]+"),
        (b"ROOM Sala1", rb"ERROR: [^\n]+"),
    ],
    MYCHAT: [
        (b"CONNECT|a,b", rb"CONNECT_ACK\|FAIL"),
        (b"CONNECT|a|b", rb"CONNECT_ACK\|FAIL|ERROR\|400\|[^|\n]+"),
        (b"CONNECT|", rb"CONNECT_ACK\|FAIL|ERROR\|400\|[^|\n]+"),
        (b"BROADCAST|hola", rb"ERROR\|401\|[^|\n]+"),
        (b"MESSAGE|Bob|hola", rb"ERROR\|401\|[^|\n]+"),
        (b"BAILA|x", rb"ERROR\|40[01]\|[^|\n]+"),
        (b"CONNECT|\xff", rb"CONNECT_ACK\|FAIL|ERROR\|400\|[^|\n]+"),
    ],
    REMITENTE: [
        (packet("mensaje", "hola"), REMITENTE.error),
        (b'{"tipo":"baila","remitente":"Ana"}', REMITENTE.error),
    ],
    CMDJSON: [
        (b'{"cmd":"users"}', CMDJSON.error),
        (b'{"cmd":"broadcast","msg":"hola"}', CMDJSON.error),
        (b'{"cmd":"login"}', CMDJSON.error),
        (b'{"cmd":"baila"}', CMDJSON.error),
    ],
}


@pytest.mark.parametrize("dialect", WITH_ERRORS, ids=str)
def test_what_comes_before_the_name_is_refused_and_the_name_can_still_be_given(
    port: Port, dialect: Dialect
) -> None:
    # The first message must still tell the dialect.
    first, *others = BEFORE_THE_NAME[dialect]
    if dialect is SALAS:
        first = (b"JOIN a,b", rb"ERROR: [^\n]+")
    with port.wire(dialect) as wire:
        for bad, answer in (first, *others):
            wire.send(bad)
            wire.read(answer)
        wire.send(dialect.hello)
        wire.read(dialect.welcome)
        wire.ask(dialect)


@each_dialect
@each_ending
def test_every_byte_alone_is_understood(slow_port: Port, dialect: Dialect, end: bytes) -> None:
    with slow_port.wire(dialect, end) as wire:
        for message, answer in ((dialect.hello, dialect.welcome), (dialect.question, dialect.answer)):
            for byte in message + end:
                wire.sock.sendall(bytes([byte]))
            wire.read(answer)


@pytest.mark.parametrize("dialect", [MYCHAT, REMITENTE, CMDJSON], ids=str)
def test_messages_glued_in_one_segment_are_all_understood(port: Port, dialect: Dialect) -> None:
    with port.wire(dialect) as wire:
        wire.send(dialect.hello + dialect.question * 2)
        wire.read(rb"\s*".join([dialect.welcome, dialect.answer, dialect.answer]))


@each_dialect
def test_messages_glued_with_line_ends_are_all_understood(port: Port, dialect: Dialect) -> None:
    with port.wire(dialect, b"\n") as wire:
        wire.send(b"\n".join([dialect.hello, dialect.question, dialect.question]))
        wire.read(dialect.welcome + dialect.answer * 2)


@pytest.mark.parametrize(
    "text", ["no escribas DISCONNECT", "escribe MESSAGE y un nombre", "CONNECT", "a|b||c|", "|"]
)
def test_a_text_of_mychat_may_hold_its_words_and_its_separator(port: Port, text: str) -> None:
    with port.enter(MYCHAT) as wire:
        wire.send(f"BROADCAST|{text}".encode())
        wire.read(re.escape(f"BROADCAST|Ana|{text}".encode()))
        wire.ask(MYCHAT)


@pytest.mark.parametrize("content", ['}{"', "{", '\\"}', "¿qué? 👍", "\\", '{"cmd":"system_quit"}'], ids=repr)
@pytest.mark.parametrize("dialect", JSON, ids=str)
def test_a_text_in_an_object_may_hold_braces_and_quotes(
    slow_port: Port, dialect: Dialect, content: str
) -> None:
    said = json.dumps({"cmd": "broadcast", "msg": content}).encode()
    message = said if dialect is CMDJSON else packet("mensaje", content)
    with slow_port.enter(dialect) as wire:
        for byte in message:
            wire.sock.sendall(bytes([byte]))
        fields = json.loads(wire.read(rb'\{[^\n]*"(broadcast|mensaje)"[^\n]*\}'))
        assert fields.get("msg", fields.get("contenido")) == content
        wire.ask(dialect)


TOO_LONG = {
    SALAS: (b"MESSAGE " + MEGABYTE, SALAS.error),
    MYCHAT: (b"BROADCAST|" + MEGABYTE, rb"ERROR\|413\|[^|\n]+"),
    REMITENTE: (b'{"tipo":"mensaje","contenido":"' + MEGABYTE, REMITENTE.error),
    CMDJSON: (b'{"cmd":"broadcast","msg":"' + MEGABYTE, CMDJSON.error),
}


@pytest.mark.parametrize("dialect", WITH_ERRORS, ids=str)
def test_a_megabyte_in_one_line_is_refused_once_and_the_next_line_is_understood(
    port: Port, dialect: Dialect
) -> None:
    message, error = TOO_LONG[dialect]
    with port.enter(dialect, b"\n") as wire:
        wire.send(message)
        wire.send(dialect.question)
        wire.read(error.removesuffix(rb"\s*") + rb"\s*" + dialect.answer)


@each_dialect
def test_a_megabyte_without_an_end_is_refused_and_the_session_goes_on(port: Port, dialect: Dialect) -> None:
    message, error = TOO_LONG.get(dialect, (MEGABYTE, b""))
    with port.enter(dialect) as wire:
        wire.send(message)
        if error:
            wire.read(error)
        wire.ask_until_answered(dialect)


@each_dialect
def test_a_megabyte_before_anything_else_hurts_nobody(port: Port, dialect: Dialect) -> None:
    with port.enter(dialect) as other, port.wire(dialect) as wire:
        wire.send(dialect.hello[:-1] + MEGABYTE)
        other.ask(dialect)


def test_a_megabyte_of_bytes_that_are_no_dialect_hurts_nobody(port: Port) -> None:
    with port.enter(MYCHAT) as other, port.wire(SALAS) as wire:
        for _ in range(10):
            wire.sock.sendall(b"\xff\xfe\x00{" * 25_000)
        other.ask(MYCHAT)


# The first bytes, and then silence


def hears_nothing(wire: Wire) -> None:
    """Longer than the server waits for a word to go on."""
    patience = wire.sock.gettimeout()
    wire.sock.settimeout(0.6)
    with pytest.raises(TimeoutError):
        wire.sock.recv(65_536)
    wire.sock.settimeout(patience)


@pytest.mark.parametrize("first", [b"C", b"CONN", b"JOI"])
def test_who_begins_with_letters_of_a_program_and_ends_the_line_is_a_person(port: Port, first: bytes) -> None:
    with port.wire(SALAS) as wire:
        wire.sock.sendall(first)
        hears_nothing(wire)
        wire.sock.sendall(b"\n")
        wire.read(rb"\*+\nWassop.*Ingresa tu nombre de usuario: Te has unido como %s\..*QUIT.*" % first)


@pytest.mark.parametrize("dialect", [SALAS, MYCHAT, CMDJSON], ids=str)
def test_a_program_that_falls_silent_in_its_first_word_is_understood(port: Port, dialect: Dialect) -> None:
    with port.wire(dialect) as wire:
        wire.sock.sendall(dialect.hello[:4])
        hears_nothing(wire)
        wire.sock.sendall(dialect.hello[4:])
        wire.read(b".*" + dialect.welcome)


@pytest.mark.parametrize(
    "first", [b"{", b'{"', b'{"cm', b"{ ", b'{"cmd":"login"', b'{"tipo"', b'{"remitente":"A']
)
def test_who_begins_an_object_and_falls_silent_is_told_so_after_a_pause_or_a_line_end(
    port: Port, first: bytes
) -> None:
    with port.wire(CMDJSON) as wire:
        wire.sock.sendall(first)
        wire.sock.settimeout(0.5)
        for _ in range(PATIENCE_S):
            with contextlib.suppress(TimeoutError):
                assert wire.sock.recv(65_536)
                break
            wire.sock.sendall(b"\n")
        else:
            pytest.fail("nothing comes")


@each_dialect
def test_a_connection_that_ends_in_the_middle_of_a_message_hurts_nobody(port: Port, dialect: Dialect) -> None:
    with port.enter(dialect) as other:
        for length in (1, len(dialect.hello) // 2):
            with port.wire(dialect) as wire:
                wire.sock.sendall(dialect.hello[:length])
        other.ask_until_answered(dialect)  # half a name is a name in nick, and others are told of it
