"""scripts/fuzz.py without sockets, in small; and that it would notice what no codec may do."""

import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from wassop.wire.codec import Answered, WireSettings
from wassop.wire.native import NativeCodec
from wassop.wire.web import WebCodec

SCRIPTS = Path(__file__).parents[2] / "scripts"
DIALECTS = ("native", "plain", "salas", "mychat", "remitente", "cmdjson", "nick", "web")
TIMEOUT_S = 120  # far beyond need, for a busy machine; nothing here waits for it


@pytest.fixture
def fuzz(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(SCRIPTS))
    import fuzz

    return fuzz


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPTS / "fuzz.py"), *options],
        capture_output=True, text=True, check=False, timeout=TIMEOUT_S,
    )  # fmt: skip


@pytest.mark.parametrize("dialect", DIALECTS)
def test_whatever_is_sent_a_codec_keeps_its_promises(fuzz: ModuleType, dialect: str) -> None:
    for number in range(60):
        tried = fuzz.case(3, number, dialect)
        try:
            fuzz.throw_at_codec(tried)
        except Exception as error:
            error.add_note(f"scripts/fuzz.py --codec {dialect} --seed 3 --first {number} --cases 1")
            raise


class Raising(NativeCodec):
    def receive_data(self, data: bytes) -> Iterator[Any]:
        data.decode()
        return super().receive_data(data)


class Endless(NativeCodec):
    def receive_data(self, data: bytes) -> Iterator[Any]:
        yield from super().receive_data(data)
        while b"\xff" in data:
            yield Answered(b"")


class Hoarding(NativeCodec):
    def __init__(self, settings: WireSettings) -> None:
        super().__init__(settings)
        self.all: list[bytes] = []

    def receive_data(self, data: bytes) -> Iterator[Any]:
        self.all.append(data)
        return super().receive_data(data)


class Unreadable(NativeCodec):
    def answer(self, item: Any, answer: Any) -> bytes:
        return super().answer(item, answer)[:-2]


class CutShort(WebCodec):
    def answer(self, item: Any, answer: Any) -> bytes:
        return super().answer(item, answer)[:-2]


class Masking(WebCodec):
    def ping(self) -> bytes:
        return b"\x81\x82" + super().ping()[2:]


@pytest.mark.parametrize("codec", [Raising, Endless, Hoarding, Unreadable, CutShort, Masking])
def test_a_codec_that_breaks_a_promise_is_found(
    fuzz: ModuleType, codec: Callable[[WireSettings], Any]
) -> None:
    dialect = "web" if isinstance(codec, type) and issubclass(codec, WebCodec) else "native"

    def try_cases() -> None:
        for number in range(300):
            conversation = fuzz.Conversation(fuzz.case(3, number, dialect))
            conversation.replace_codec(codec)
            conversation.carry_out()

    found = (sys.modules["_attack_codecs"].Fault, ValueError)  # among these UnicodeDecodeError and json's
    with pytest.raises(found):
        try_cases()


def test_people_of_the_transcripts_register_and_log_in_where_there_are_passwords(fuzz: ModuleType) -> None:
    noted = set[str]()
    for number in range(70):
        for dialect in ("native", "plain", "web"):
            conversation = fuzz.Conversation(fuzz.case(3, number, dialect))
            conversation.carry_out()
            noted |= conversation.noted
    assert {"AccountAdded", "AccountChanged", "LoggedIn"} <= noted


def test_a_case_depends_on_its_seed_and_number_alone(fuzz: ModuleType) -> None:
    for number in range(50):
        assert fuzz.case(8, number) == fuzz.case(8, number)
    assert fuzz.case(8, 1) != fuzz.case(9, 1)


def test_a_failure_is_told_with_the_command_that_repeats_it_alone(
    fuzz: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tried = []

    def throw(case: Any) -> None:
        tried.append(case)
        assert case.number != 12

    assert fuzz.run(fuzz.parser().parse_args(["--cases", "20", "--codec", "nick"]), 4, throw) == 1
    command = shlex.split(capsys.readouterr().out.splitlines()[-1])
    options = command[command.index("scripts/fuzz.py") + 1 :]
    failed = tried[-1]
    again = fuzz.parser().parse_args(options)
    assert fuzz.run(again, again.seed, throw) == 1
    assert tried[-1] == failed
    assert tried.count(failed) == len(tried) - 12


def test_it_runs_as_a_program() -> None:
    done = run("--cases", "14", "--seed", "1")
    assert (done.returncode, done.stdout) == (0, "seed 1\n14 cases, nothing found\n"), done.stderr
