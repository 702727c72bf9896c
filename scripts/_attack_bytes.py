"""Bytes that nobody means well with: noise, and what clients really send, spoilt. Pure, and made from a seed.

Rule 1: a case depends on its seed and number alone, so that one that failed can be had again.
Rule 2: most of it is nearly right, since what is all wrong is refused at the first byte.
"""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import msgspec

import _attack_web as web

DIALECTS: Final = ("native", "plain", "salas", "mychat", "remitente", "cmdjson", "nick", "web")
_TRANSCRIPTS: Final = Path(__file__).resolve().parent.parent / "tests" / "wire" / "transcripts"
_ENDS: Final = (b"", b"\n", b"\r\n")
_MAX_CASE_BYTES: Final = 200_000


def _encoded(texts: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(text.encode() for text in texts)


# What the transcripts do not hold: the dialects of our own, which are written down elsewhere.
_TALK: Final = (
    '{"t":"hello","v":1,"name":"ana","lang":"en","id":1}',
    '{"t":"hello","name":"bob","resume":{"Sala1":3,"Sala2":0},"epoch":7,"lobby":false}',
    '{"t":"join","room":"Sala1","history":5,"since":2,"id":"a"}',
    '{"t":"say","room":"Sala1","text":"hola","id":2,"nonce":"k"}',
    '{"t":"say","room":"General","text":"¿qué tal? 👍🏽","id":3}',
    '{"t":"all","text":"hola","id":4}',
    '{"t":"msg","to":"ana","text":"psst","id":5,"nonce":"n"}',
    '{"t":"topic","room":"Sala1","text":"de qué va","id":11}',
    '{"t":"say","room":"Sala1","text":"hala","kind":"edit","about":1,"id":12}',
    '{"t":"say","room":"Sala1","text":"👍","kind":"react","about":1,"id":13}',
    '{"t":"say","room":"Sala1","text":"","kind":"delete","about":1,"id":14}',
    '{"t":"away","text":"a comer","id":15}',
    '{"t":"rooms"}',
    '{"t":"who","room":"Sala1"}',
    '{"t":"typing","room":"Sala1"}',
    '{"t":"history","room":"Sala1","before":3,"limit":2,"id":8}',
    '{"t":"search","words":"hola","from":"ana","id":9}',
    '{"t":"read","room":"Sala1","seq":1,"id":10}',
    '{"t":"leave","room":"Sala1"}',
    '{"t":"ping","id":6}',
    '{"t":"pong"}',
    '{"t":"quit"}',
)
_ACCOUNT: Final = (
    '{"t":"hello","name":"ana","id":1}',
    '{"t":"join","room":"Sala1"}',
    '{"t":"register","password":"correcto caballo","id":2}',
    '{"t":"register","password":"correcto caballo","id":3}',
    '{"t":"password","old":"correcto caballo","new":"otra contraseña","id":4}',
    '{"t":"logout","id":5}',
    '{"t":"hello","name":"ana","password":"correcto caballo","id":6}',
    '{"t":"hello","name":"ana","password":"otra contraseña","resume":{"Sala1":0},"id":7}',
    '{"t":"logout"}',
    '{"t":"hello","name":"bob","id":8}',
    '{"t":"login","name":"ana","password":"otra contraseña","id":9}',
    '{"t":"msg","to":"ana","text":"psst","id":10}',
    '{"t":"account","do":"list","id":11}',
    '{"t":"account","do":"add","name":"zoe","password":"correcto caballo","role":"user","id":12}',
    '{"t":"account","do":"passwd","name":"ana","password":"correcto caballo","id":13}',
    '{"t":"account","do":"role","name":"ana","role":"admin","id":14}',
    '{"t":"account","do":"remove","name":"ana","id":15}',
    '{"t":"ping","id":16}',
)
_TYPED: Final = (
    "ana", "REFR", "Sala1", "hola a todos! ¿qué tal?", "LOVE", "LIKE", "DISLIKE", "/who", "/msg ana psst",
    "/all hola", "/topic de qué va", "/topic -", "/me saluda", "/away x", "/away", "/rooms", "/help",
    "/baila", "EXIT", "n", "s", "", "QUIT",
)  # fmt: skip
_TYPED_SECRETS: Final = (
    "ana", "Sala1", "/register", "correcto caballo", "correcto caballo", "/register", "hola",
    "/password", "correcto caballo", "otra contraseña", "otra contraseña", "/logout", "ana",
    "otra contraseña", "Sala1", "/logout", "bob", "/login ana", "otra contraseña", "/login ana", "", "/login",
    "/password", "",
    "ana", "correcto caballo", "QUIT",
)  # fmt: skip
_OWN: Final[dict[str, tuple[tuple[bytes, ...], ...]]] = {
    "native": (_encoded(_TALK), _encoded(_ACCOUNT)),
    "plain": (_encoded(_TYPED), _encoded(_TYPED_SECRETS)),
    "web": (
        (web.UPGRADE, *_encoded(_TALK)), (web.UPGRADE, *_encoded(_ACCOUNT)), web.PAGES, web.CONTROLS,
    ),
}  # fmt: skip
_AWKWARD: Final = (
    b"\0", b"\xff", b"\xff\xfb\x01", b"\xff\xfa\x18", b"\xff\xf0", b"\xc3", b"\xed\xa0\x80",
    b"\xf4\x90\x80\x80",
    b"\r", b"\n", b"\r\0", b"\\", b'"', b"{", b"}", b"[", b"|", b"\x1b[2J", b"\x16\x03\x01",
    b"GET / HTTP/1.1\r\n", b"\r\n\r\n", b"Content-Length: 99\r\n", b"Transfer-Encoding: chunked\r\n",
    b"\x81\xfe\xff\xff", b"\x88\x80", b"\x89\xfe\x00\x7e", web.ENDLESS_FRAME, web.frame(b"", 0) * 300,
    "\u202e".encode(), "\u0301".encode() * 40, "\U0001f469\u200d\U0001f680".encode(), b"\\ud800", b"1e99999",
    b"-1", b"9" * 400, b"null", b"[" * 600, b'{"t":' * 300, b"|" * 500, b"x" * 17_000,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """What one visitor sends."""

    number: int
    dialect: str
    """The one that is held out to it where there is a choice; the bytes may be anything."""
    chunks: tuple[bytes, ...]
    pauses: frozenset[int]
    """Behind which chunks nothing follows for a while."""
    max_line_bytes: int


@cache
def said_in(dialect: str) -> tuple[tuple[bytes, ...], ...]:
    """What single clients of the dialect send in the transcripts of the documents, a conversation each."""
    if dialect in _OWN:
        return _OWN[dialect]
    found = []
    for path in sorted(_TRANSCRIPTS.glob("*.txt")):
        page = path.read_text(encoding="utf-8")
        speakers = dict(re.findall(r"^(\w+) speaks (\w+)$", page, re.MULTILINE))
        for who, spoken in speakers.items():
            messages = re.findall(rf"^{who}> (.*)$", page, re.MULTILINE)
            if spoken == dialect and messages:
                found.append(tuple(message.encode() for message in messages))
    return tuple(found)


def case(seed: int, number: int, dialect: str | None = None) -> Case:
    """Case `number` of this seed; `dialect` is chosen by it too where none is given."""
    rng = random.Random(f"{seed}:{number}")
    chosen = DIALECTS[number % len(DIALECTS)]
    spoken = dialect or chosen
    kind = rng.choices((_noise, _conversation, _spliced, _fields), (1, 6, 2, 3))[0]
    # A name that somebody has registered in an earlier case would be refused in all that follow.
    data = kind(rng, _Speech(spoken, f"ana{number}".encode()))
    for _ in range(rng.choice((0, 1, 1, 2, 3, 8))):
        data = rng.choice(_SPOILING)(rng, data)[:_MAX_CASE_BYTES]
    chunks = tuple(_cut(rng, data))
    share = rng.choice((0.0, 0.2, 1.0))
    pauses = frozenset(place for place in range(len(chunks)) if rng.random() < share)
    return Case(number, spoken, chunks, pauses, rng.choice((512, 600, 1_024, 4_096, 16_384)))


# What is sent before it is spoilt


@dataclass(frozen=True)
class _Speech:
    """A dialect, and who speaks it."""

    dialect: str
    name: bytes

    def messages(self, rng: random.Random) -> list[bytes]:
        """What is said in one conversation."""
        return [said.replace(b"ana", self.name) for said in rng.choice(said_in(self.dialect))]


def _noise(rng: random.Random, speech: _Speech) -> bytes:
    del speech
    if rng.random() < 0.5:
        return rng.randbytes(rng.choice((1, 7, 100, 3_000)))
    alphabet = b'{}[]",:|\\/ \n\r\0\xff\xfa\xf0\xc3\xa1abtJOIN'
    return bytes(rng.choices(alphabet, k=rng.choice((1, 20, 300, 5_000))))


def _conversation(rng: random.Random, speech: _Speech) -> bytes:
    messages = speech.messages(rng)
    if rng.random() < 0.3:
        rng.shuffle(messages)
    return sent(speech.dialect, messages, rng.choice(_ENDS if speech.dialect not in _OWN else _ENDS[1:]))


def sent(dialect: str, messages: list[bytes], end: bytes = b"\n", rng: random.Random | None = None) -> bytes:
    """The bytes of a conversation; with `rng` some of a browser's frames are odd ones."""
    if dialect == "web":
        return web.sent(messages, rng)
    return b"".join(message + end for message in messages)


def _spliced(rng: random.Random, speech: _Speech) -> bytes:
    """The beginning of one dialect, and then others."""
    parts = [_conversation(rng, speech)]
    others = [_Speech(rng.choice(DIALECTS), speech.name) for _ in range(rng.randint(1, 3))]
    parts += [_conversation(rng, other) for other in others]
    return b"".join(part[: rng.randint(0, len(part))] if rng.random() < 0.6 else part for part in parts)


def _fields(rng: random.Random, speech: _Speech) -> bytes:
    """Well-formed messages, with other things in their fields."""
    end = rng.choice(_ENDS[1:])
    told = []
    for message in speech.messages(rng):
        try:
            fields = msgspec.json.decode(message, type=dict[str, object])
        except msgspec.DecodeError:
            words = re.split(rb"([| ])", message)
            if message != web.UPGRADE or rng.random() < 0.3:
                words[rng.randrange(len(words))] = _value_bytes(rng)
            told.append(b"".join(words))
            continue
        for key in list(fields):
            if rng.random() < 0.3:
                fields[key] = _value(rng)
        told.append(msgspec.json.encode(fields))
    return sent(speech.dialect, told, end, rng)


def _value(rng: random.Random, depth: int = 0) -> object:
    scalars: tuple[object, ...] = (
        None, True, 0, -1, 1, 2**31, -(2**63), 2**63 - 1, 2**64 - 1, 0.5, -0.0, 1e308, 1e-320, "", " ", "x",
        "a,b", "a|b", "ana", "Ana", "Sala1", "General", "Servidor", "\0", "\n", "a\nb", "\u202eana", "\ufeff",
        "ñ" * 300,
        "👍" * 2_000, "{}", '"', "\\", "e\u0301" * 20, "DISCONNECT", "\x1b]0;x\x07",
    )  # fmt: skip
    if depth < 2 and rng.random() < 0.15:
        return [_value(rng, depth + 1) for _ in range(rng.randint(0, 5))]
    if depth < 2 and rng.random() < 0.15:
        return {f"k{i}": _value(rng, depth + 1) for i in range(rng.randint(0, 4))}
    return rng.choice(scalars)


def _value_bytes(rng: random.Random) -> bytes:
    value = _value(rng)
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)


# How it is spoilt


def _flip_bits(rng: random.Random, data: bytes) -> bytes:
    spoilt = bytearray(data)
    for _ in range(rng.choice((1, 3, 20)) if data else 0):
        spoilt[rng.randrange(len(spoilt))] ^= 1 << rng.randrange(8)
    return bytes(spoilt)


def _cut_out(rng: random.Random, data: bytes) -> bytes:
    start, end = sorted(rng.choices(range(len(data) + 1), k=2))
    return data[:start] + data[end:]


def _cut_off(rng: random.Random, data: bytes) -> bytes:
    return data[: rng.randint(0, len(data))]


def _double(rng: random.Random, data: bytes) -> bytes:
    start, end = sorted(rng.choices(range(len(data) + 1), k=2))
    return data[:end] + data[start:end] * rng.choice((1, 2, 30)) + data[end:]


def _insert(rng: random.Random, data: bytes) -> bytes:
    place = rng.randint(0, len(data))
    return data[:place] + rng.choice(_AWKWARD) + data[place:]


def _glue(rng: random.Random, data: bytes) -> bytes:
    """Line ends go, or change."""
    return data.replace(b"\n", rng.choice((b"", b"\r", b"\n\n", b"\r\n", b" ")))


def _shift(rng: random.Random, data: bytes) -> bytes:
    place = rng.randint(0, len(data))
    return data[place:] + data[:place]


_SPOILING: Final[tuple[Callable[[random.Random, bytes], bytes], ...]] = (
    _flip_bits, _cut_out, _cut_off, _double, _insert, _insert, _glue, _shift,
)  # fmt: skip


def _cut(rng: random.Random, data: bytes) -> Iterator[bytes]:
    """The segments in which it arrives."""
    match rng.randrange(4):
        case 0:
            sizes = [len(data)]
        case 1 if len(data) <= 2_000:
            sizes = [1]
        case 2:
            sizes = [rng.randint(1, 60) for _ in range(50)]
        case _:
            sizes = [rng.randint(1, 9_000) for _ in range(8)]
    at, turn = 0, 0
    while at < len(data):
        yield data[at : at + sizes[turn % len(sizes)]]
        at += sizes[turn % len(sizes)]
        turn += 1
