"""Attacks on accounts, from many addresses of this machine, of which only one is trusted by the server."""

import json
import os
import selectors
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Generator
from typing import Final

from _attack_live import PATIENCE_S, Fault
from _attack_target import Done, Target

_SECRET: Final = "correcto caballo"
_PER_ACCOUNT: Final = (10, 0.1)
_PER_ADDRESS: Final = (30, 0.5)
"""So many tries at once and so many a second are judged: the settings that the server has by default."""
_REGISTERED_PER_ADDRESS: Final = (10, 10 / 3_600)
_CONNECTIONS_PER_ADDRESS: Final = 20
_LEAST_JUDGED: Final = 10

_Answer = dict[str, object]
_Script = Generator[_Answer, _Answer, None]
"""Yields requests, and is sent their answers."""


def password_guessing(target: Target) -> Done:
    """From many addresses some guess at one account and some at names of all kinds, faster than passwords
    are judged. Meanwhile the owner logs in again and again, from where the name was registered."""
    done, began = Done(), time.monotonic()
    home, name = f"127.2.{target.round}.1", f"duena{os.getpid()}"
    with _Visitor(target, home) as owner:
        owner.ask(t="hello", name=name, lobby=False)
        if owner.ask(t="register", password=_SECRET, id=1)["t"] != "ok":
            raise Fault("the owner cannot register")
    codes = Counter[str]()
    logins = _Logins(target, home, name)

    def guess(number: int) -> _Script:
        """Every second one guesses at the owner's account."""
        turn = 0
        while True:
            turn += 1
            whose = name if number % 2 else f"nadie{number}-{turn}"
            answer = yield {"t": "hello", "name": whose, "password": f"adivina{turn}"}
            if answer.get("code") not in ("login-failed", "login-too-often"):
                raise Fault(f"a guesser reads {answer}")
            codes[str(answer["code"])] += 1
            codes["at the owner"] += bool(number % 2) and answer["code"] == "login-failed"

    def is_enough() -> bool:
        return (
            codes["login-too-often"] >= target.many(20_000, 200)
            and codes["login-failed"] >= _LEAST_JUDGED
            and logins.done > 0
            and time.monotonic() >= began + target.seconds
        )

    addresses = [f"127.1.{target.round}.{number}" for number in range(1, target.many(20, 5) + 1)]
    try:
        _crowd(target, done, addresses, guess, is_enough)
    finally:
        logins.stop()
    elapsed_s = time.monotonic() - began
    _check("guesses at one account", codes["at the owner"], 1, _PER_ACCOUNT, elapsed_s)
    _check("guesses", codes["login-failed"], len(addresses), _PER_ADDRESS, elapsed_s)
    done.hashes = 1 + logins.done + codes["login-failed"]
    done.remark = (
        f"{codes['login-failed']} guesses judged ({codes['at the owner']} at one account), "
        f"{codes['login-too-often']:,} refused; the owner logged in {logins.done} times"
    )
    return done


def registration_flood(target: Target) -> Done:
    """From many addresses as many names as possible are registered."""
    done, began = Done(), time.monotonic()
    codes = Counter[str]()

    def register(number: int) -> _Script:
        turn = 0
        while True:
            turn += 1
            yield {"t": "hello", "name": f"r{os.getpid()}-{number}-{turn}", "lobby": False}
            while True:
                answer = yield {"t": "register", "password": _SECRET, "id": turn}
                if answer["t"] == "ok":
                    break
                if answer.get("code") != "registering-too-often":
                    raise Fault(f"who registers reads {answer}")
                codes["refused"] += 1
            codes["registered"] += 1
            yield {"t": "logout"}

    def is_enough() -> bool:
        is_late = time.monotonic() >= began + target.seconds
        return is_late and codes["refused"] >= target.many(20_000, 200) and codes["registered"] > 0

    addresses = [f"127.3.{target.round}.{number}" for number in range(1, target.many(20, 3) + 1)]
    _crowd(target, done, addresses, register, is_enough)
    elapsed_s = time.monotonic() - began
    _check("names", codes["registered"], len(addresses), _REGISTERED_PER_ADDRESS, elapsed_s)
    done.hashes = codes["registered"]
    done.remark = f"{codes['registered']} names registered, {codes['refused']:,} refused"
    return done


def _check(what: str, count: int, origins: int, rate: tuple[int, float], elapsed_s: float) -> None:
    most = origins * (rate[0] + rate[1] * elapsed_s + 1)
    if count > most:
        raise Fault(f"{count} {what} were let through, {most:.0f} at most in {elapsed_s:.0f} s")


class _Visitor:
    """A blocking client of lines, from some address."""

    def __init__(self, target: Target, source: str) -> None:
        self._sock: Final = target.connect(source=source)
        self._lines: Final = self._sock.makefile("rb")

    def __enter__(self) -> "_Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self._sock.close()

    def ask(self, **request: object) -> _Answer:
        """The answer to a request."""
        self._sock.sendall(json.dumps(request).encode() + b"\n")
        answer: _Answer = json.loads(self._lines.readline() or b'{"t":"nothing"}')
        return answer


class _Logins:
    """The owner, who logs in again and again until `stop`."""

    def __init__(self, target: Target, home: str, name: str) -> None:
        self.done = 0
        self._fault: str | None = None
        self._is_over: Final = threading.Event()
        self._thread: Final = threading.Thread(target=self._run, args=(target, home, name), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Fault if a login was refused."""
        self._is_over.set()
        self._thread.join(PATIENCE_S)
        if self._fault is not None or self._thread.is_alive():
            raise Fault(f"the owner reads {self._fault or 'nothing'}")

    def _run(self, target: Target, home: str, name: str) -> None:
        while not self._is_over.wait(0.2) and self._fault is None:
            try:
                with _Visitor(target, home) as owner:
                    answer = owner.ask(t="hello", name=name, password=_SECRET, lobby=False)
            except OSError as error:
                answer = {"t": str(error)}
            if answer["t"] == "welcome":
                self.done += 1
            else:
                self._fault = str(answer)


def _crowd(
    target: Target,
    done: Done,
    addresses: list[str],
    script: Callable[[int], _Script],
    is_enough: Callable[[], bool],
) -> None:
    """Many connections from each address, each of which asks what its script yields and gives it the answer,
    until it is enough and the last answer has come."""
    selector = selectors.DefaultSelector()
    talks: dict[socket.socket, _Talk] = {}
    for source in addresses:
        for _ in range(_CONNECTIONS_PER_ADDRESS):
            sock = target.connect(source=source)
            talks[sock] = _Talk(sock, script(len(talks)))
            selector.register(sock, selectors.EVENT_READ, talks[sock])
    done.connections += len(talks)
    for talk in talks.values():
        done.bytes += talk.begin()
    deadline = time.monotonic() + target.seconds + PATIENCE_S
    while any(talk.is_waiting for talk in talks.values()):
        for key, _ in selector.select(1.0):
            done.bytes += key.data.hear(goes_on=not is_enough())
        if time.monotonic() > deadline:
            raise Fault(f"{sum(talk.is_waiting for talk in talks.values())} wait for an answer without end")
    for sock in talks:
        sock.close()
    selector.close()


class _Talk:
    """One connection of a crowd."""

    def __init__(self, sock: socket.socket, script: _Script) -> None:
        self._sock: Final = sock
        self._script: Final = script
        self._rest = b""
        self.is_waiting = False

    def begin(self) -> int:
        """Ask the first thing; how many bytes that was."""
        return self._send(next(self._script))

    def hear(self, *, goes_on: bool) -> int:
        """Take what has come, and ask the next thing if it `goes_on`."""
        data = self._sock.recv(65_536)
        if not data:
            raise Fault("one of a crowd was ended")
        *lines, self._rest = (self._rest + data).split(b"\n")
        sent = 0
        for line in lines:
            answer: _Answer = json.loads(line)
            if answer["t"] == "slow":
                continue
            self.is_waiting = False
            request = self._script.send(answer)
            if goes_on:
                sent += self._send(request)
        return sent

    def _send(self, request: _Answer) -> int:
        line = json.dumps(request).encode() + b"\n"
        self._sock.sendall(line)
        self.is_waiting = True
        return len(line)
