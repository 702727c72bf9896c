"""The system calls of `wassop serve`, counted from outside: one for each delivery, and few for each message.

Where the machine is loaded, more is done at once and less is counted; so all bounds are upper ones.
"""

import json
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import psutil
import pytest

from tests.e2e.process import PATIENCE_S, environment

VISITORS = 100
MESSAGES = 50
SENDS = VISITORS
"""To each of the others, and the answer."""
AROUND_A_MESSAGE = 6 + 4
"""Counted: the wait that the reception's epoll ends, the look into that one, the message received, its watch
renewed, and two looks whether somebody else has something to say, as a room of so many is worth. The rest is
for what comes with time: the log, memory, a wait that ended early. One call more a delivery would be 99."""
AROUND_A_COMMIT = 5 + 4
"""Of the thread that serves visitors: the writer's word comes by a socket, which is read twice and watched
anew, and is waited for twice."""
CALLS_OF_A_COMMIT = 13 + 7
"""Of the thread that writes: six for SQLite's locks, six for the pages of one message, and its word."""


@contextmanager
def traced_server(trace: Path, *arguments: str) -> Iterator[int]:
    """`wassop serve` and its port; when it has stopped, its calls are in the file `trace`."""
    complaints = trace.with_suffix(".stderr")
    command = ["strace", "-f", "-s", "200", "-o", str(trace)]
    command += [sys.executable, "-m", "wassop", "serve", "--port", "0", *arguments]
    with (
        complaints.open("w") as stderr,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment()
        ) as strace,
    ):
        try:
            assert strace.stdout is not None
            line = strace.stdout.readline()
            if not line and "ptrace" in complaints.read_text():
                pytest.skip("strace may not trace here")
            assert line, complaints.read_text()
            yield int(line.rstrip(".\n").rpartition(":")[2])
            for server in psutil.Process(strace.pid).children():
                server.terminate()
            assert strace.wait(PATIENCE_S) == 0
        finally:
            if strace.poll() is None:
                for server in psutil.Process(strace.pid).children():
                    server.kill()
                strace.kill()


def talk(port: int) -> None:
    """A room of visitors, in which one says so many things, each when all have read the one before."""
    with ExitStack() as opened:
        room: list[tuple[socket.socket, BinaryIO]] = []
        for number in range(VISITORS):
            sock = opened.enter_context(socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S))
            lines = opened.enter_context(sock.makefile("rb"))
            hello = {"t": "hello", "name": f"v{number}", "lobby": False}
            for request in (hello, {"t": "join", "room": "Sala1"}):
                sock.sendall(json.dumps(request).encode() + b"\n")
            read_until(lines, b'"joined"')
            room.append((sock, lines))
        (author, answers), *others = room
        for text in ("<first>", "<begin>", *(f"<{number}>" for number in range(MESSAGES)), "<end>"):
            say = {"t": "say", "id": text, "room": "Sala1", "text": text}
            author.sendall(json.dumps(say).encode() + b"\n")
            read_until(answers, b'"re":"%s"' % text.encode())
            for _, lines in others:
                read_until(lines, b'"text":"%s"' % text.encode())


def read_until(lines: BinaryIO, wanted: bytes) -> None:
    for line in lines:
        if wanted in line:
            return
    raise AssertionError(f"ended without {wanted!r}")


def counted(trace: Path) -> tuple[Counter[str], list[Counter[str]]]:
    """What was called between the first message and the last, of the thread that serves the visitors and of
    the others. Not how often threads waited for each other, which is the machine's doing."""
    calls: dict[str, Counter[str]] = {}
    is_measured, main = False, ""
    for line in trace.read_text(errors="replace").splitlines():
        thread, _, said = line.partition(" ")
        if "recvfrom" in said and "<begin>" in said:
            is_measured, main = True, thread
        elif "recvfrom" in said and "<end>" in said:
            return calls.pop(main), list(calls.values())
        # Where another thread's line came in between, the rest of a call stands on a line of its own.
        elif is_measured and (call := re.match(r" *(\w+)\(", said)) and call[1] != "futex":
            calls.setdefault(thread, Counter())[call[1]] += 1
    raise AssertionError("not all messages were traced")


@pytest.mark.tool("strace")
@pytest.mark.parametrize("kept", [False, True], ids=["memory", "record"])
def test_a_delivery_is_one_system_call_and_what_is_around_a_message_are_few(
    kept: bool, tmp_path: Path
) -> None:
    trace = tmp_path / "trace"
    with traced_server(trace, *(("--db", str(tmp_path / "chat.db")) if kept else ("--memory",))) as port:
        talk(port)
    serving, others = counted(trace)
    bound = SENDS + AROUND_A_MESSAGE + AROUND_A_COMMIT * kept
    assert serving["sendto"] + serving["sendmsg"] <= SENDS * (MESSAGES + 1), serving
    assert serving.total() <= bound * (MESSAGES + 1), serving
    writing = [calls for calls in others if calls["pwrite64"]]
    assert len(writing) == kept
    assert sum(calls.total() for calls in writing) <= CALLS_OF_A_COMMIT * (MESSAGES + 1), writing
