"""Conversations in the words of the classroom documents, replayed against the codecs and one hub.

A transcript (transcripts/*.txt) names in its comments the document and the section it comes from:

    # a comment                  Alice speaks mychat      she connects, and has sent nothing yet
    Alice> CONNECT|Alice         what she sends: one message, one segment
    Alice< CONNECT_ACK|OK        what she reads next; all that a message causes stands below it
    ~                            time passes: what is merged over time (user lists) is told now
    Alice leaves                 her connection is lost
    Alice is ended               the server has closed it
    the server stops

`…` stands for any text; objects are compared as JSON. Each is replayed in every manner of sending
(`MANNERS`). They are written from the documents: when one fails, the documents tell who is right.
"""

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from attrs import Factory, define, evolve, field, frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from wassop.core.deliveries import Delivery, Reply, ToRoom, ToSession
from wassop.core.events import Bye, Farewell
from wassop.core.hub import Hub
from wassop.wire.codec import Codec, Item, Malformed, Request, WireSettings
from wassop.wire.dialects import CODECS
from wassop.wire.sniff import Dialect

NOW = 1_790_000_000.0
TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.txt"))
LINE = re.compile(
    r"(?P<who>\w+)(?P<action>[<>]| speaks| leaves| is ended)(?: (?P<text>.*))?"
    r"|(?P<tick>~)|the server (?P<stop>stops)"
)
ONE_LINE_A_MESSAGE = {"mychat", "remitente", "cmdjson", "nick"}
GLUED_WITHOUT_ENDS = {"mychat", "remitente", "cmdjson"}
"""Where a message can be told from what is glued to it. In the others the documents end it: salas with a line
end, nick with the segment."""


# How clients send


def whole(data: bytes) -> list[bytes]:
    return [data]


def every_byte(data: bytes) -> list[bytes]:
    return [data[i : i + 1] for i in range(len(data))]


@frozen
class Manner:
    """What ends a message, whether those of one person in a row are glued, and how they are cut up."""

    end: bytes = b""
    is_glued: bool = False
    cut: Callable[[bytes], list[bytes]] = whole

    def __str__(self) -> str:
        return f"{'glued' if self.is_glued else 'single'}-{self.cut.__name__}-{self.end!r}"


ENDS = (b"", b"\n", b"\r\n")
MANNERS = [Manner(end, glued, cut) for end in ENDS for glued in (False, True) for cut in (whole, every_byte)]


# What a transcript says


@frozen
class Step:
    """Something happens, and everything that is read because of it."""

    what: str
    who: str = ""
    messages: tuple[str, ...] = ()
    reads: list[tuple[str, str]] = Factory(list)
    ended: set[str] = Factory(set)


def steps_of(page: str) -> Iterator[Step]:
    step = None
    for line in page.splitlines():
        if not line or line.startswith("#"):
            continue
        match = LINE.fullmatch(line)
        assert match, f"not a line of a transcript: {line!r}"
        who, action, text = match["who"], match["action"], match["text"] or ""
        if action in ("<", " is ended"):
            assert step, line
            if action == "<":
                step.reads.append((who, text))
            else:
                step.ended.add(who)
            continue
        if step:
            yield step
        if match["tick"]:
            step = Step("tick")
        elif match["stop"]:
            step = Step("stop")
        else:
            step = Step({">": "sends"}.get(action, action.strip()), who, (text,))
    if step:
        yield step


def glued(steps: Iterable[Step], manner: Manner) -> Iterator[Step]:
    """Join what one person sends in a row, where that can be understood."""
    dialects: dict[str, str] = {}
    waiting: Step | None = None
    for step in steps:
        if step.what == "speaks":
            dialects[step.who] = step.messages[0]
        joins = manner.end or dialects.get(step.who) in GLUED_WITHOUT_ENDS
        if waiting and joins and step.what == waiting.what == "sends" and step.who == waiting.who:
            waiting = evolve(
                waiting,
                messages=waiting.messages + step.messages,
                reads=waiting.reads + step.reads,
                ended=waiting.ended | step.ended,
            )
            continue
        if waiting:
            yield waiting
        waiting = step
    if waiting:
        yield waiting


def fits(expected: Any, found: Any) -> bool:
    match expected:
        case str():
            pattern = ".*".join(map(re.escape, expected.split("…")))
            return isinstance(found, str) and re.fullmatch(pattern, found, re.DOTALL) is not None
        case ["…"]:
            return isinstance(found, list)
        case list():
            return len(expected) == len(found) and all(map(fits, expected, found))
        case dict():
            return expected.keys() == found.keys() and all(
                fits(expected[key], found[key]) for key in expected
            )
        case _:
            return bool(expected == found)


def reads_as(expected: str, found: str) -> bool:
    if expected.startswith("{"):
        return fits(json.loads(expected.replace("[…]", '["…"]')), json.loads(found))
    return fits(expected, found)


# Who takes part


@define(eq=False)
class Client:
    """A codec with its session; `unread` came, and no line of the transcript has named it yet."""

    talk: "Talk"
    dialect: str
    codec: Codec = field(init=False)
    session: Any = field(init=False)
    unread: deque[str] = Factory(deque)
    over: bool = False
    lists: list[str] = Factory(list)
    _has_sent: bool = False

    def __attrs_post_init__(self) -> None:
        self.codec = CODECS[Dialect(self.dialect)](WireSettings())
        self.session = self.talk.hub.connect()
        self.read(self.codec.greeting())

    def send(self, messages: Iterable[str]) -> None:
        manner = self.talk.manner
        self._has_sent = True
        for piece in manner.cut(b"".join(message.encode() + manner.end for message in messages)):
            self._take(self.codec.receive_data(piece))
        while self.codec.has_rest and not self.over:
            self._take(self.codec.receive_pause())

    def leave(self) -> None:
        if not self.over:
            self.over = True
            self.talk.deliver(self.talk.hub.disconnect(self.session))

    def read(self, data: bytes) -> None:
        """What one `recv` of this client gives."""
        if not data or self.over:
            return
        text = data.decode()
        if self._has_sent and self.talk.manner.end:
            assert text.endswith("\n"), f"a client of lines reads no line end after {text!r}"
            text = text.removesuffix("\n").removesuffix("\r")
        lines = text.split("\n")
        if self.dialect in ONE_LINE_A_MESSAGE:
            assert len(lines) == 1, f"several messages in one, or a line end that was not asked for: {text!r}"
        if lines[0].startswith("USER_LIST|") or '"users"' in lines[0]:
            if self.talk.ticks and self.lists and self.lists[-1] == lines[0]:
                return  # the newcomer knows already; telling again is no fault
            self.lists.append(lines[0])
        self.unread.extend(line.removesuffix("\r") for line in lines)

    def _take(self, items: Iterator[Item]) -> None:
        for item in items if not self.over else ():
            if isinstance(item, Malformed):
                self.read(self.codec.answer(item, item.refused))
            elif isinstance(item, Request):
                self._carry_out(item)
            else:
                self.read(item.data)
            if self.over:
                return

    def _carry_out(self, request: Request) -> None:
        reply, *others = self.talk.hub.handle(self.session, request.command, NOW)
        assert isinstance(reply, Reply)
        self.read(self.codec.answer(request, reply.answer))
        self.talk.deliver(others)
        if isinstance(reply.answer, Bye):
            if reply.answer.reason not in (Farewell.QUIT, Farewell.LOST):
                self.read(self.codec.farewell(reply.answer.reason))
            self.leave()


@define
class Talk:
    """Clients at one hub, and a server without sockets and without time."""

    manner: Manner
    hub: Hub = Factory(Hub)
    clients: dict[str, Client] = Factory(dict)
    ticks: bool = False

    def act(self, step: Step) -> None:
        match step.what:
            case "speaks":
                self.clients[step.who] = Client(self, step.messages[0])
            case "sends":
                assert not self.clients[step.who].over, f"{step.who} is ended"
                self.clients[step.who].send(step.messages)
            case "leaves":
                self.clients[step.who].leave()
            case "tick":
                self.ticks = True
                self.deliver(self.hub.take_news())
                self.ticks = False
            case "stop":
                for client in self.clients.values():
                    client.read(client.codec.farewell(Farewell.SHUTDOWN))

    def deliver(self, deliveries: Iterable[Delivery]) -> None:
        by_session = {client.session: client for client in self.clients.values()}
        for delivery in deliveries:
            match delivery:
                case ToRoom(_, (event,), audience, author):
                    for membership in audience:
                        reader = by_session.get(membership.session)
                        if reader is not None and membership.present:
                            encoder = reader.codec.encoder
                            is_own = membership.session is author
                            reader.read(encoder.encode_own(event) if is_own else encoder.encode(event))
                case ToSession(session, event):
                    by_session[session].read(by_session[session].codec.encoder.encode(event))


def replay(page: str, manner: Manner) -> None:
    talk = Talk(manner)
    steps = steps_of(page)
    for step in glued(steps, manner) if manner.is_glued else steps:
        talk.act(step)
        for who, expected in step.reads:
            unread = talk.clients[who].unread
            assert unread, f"{who} reads nothing, not {expected!r}, after {step}"
            found = unread.popleft()
            assert reads_as(expected, found), f"{who} reads {found!r}, not {expected!r}, after {step}"
        for who, client in talk.clients.items():
            assert not client.unread, f"{who} reads {list(client.unread)} more after {step}"
        for who in step.ended:
            assert talk.clients[who].over, f"{who} is not ended after {step}"
    assert talk.clients


each_transcript = pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)


@each_transcript
@pytest.mark.parametrize("manner", MANNERS, ids=str)
def test_what_the_documents_show_is_what_clients_read(path: Path, manner: Manner) -> None:
    replay(path.read_text(encoding="utf-8"), manner)


def cut_at(places: list[int]) -> Callable[[bytes], list[bytes]]:
    def cut(data: bytes) -> list[bytes]:
        edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
        return [data[start:end] for start, end in pairwise(edges) if end > start]

    return cut


cuts = st.lists(st.integers(0, 5_000), max_size=8).map(cut_at)


@each_transcript
@given(end=st.sampled_from(ENDS), is_glued=st.booleans(), cut=cuts)
@settings(max_examples=15)
def test_however_the_segments_fall_the_same_is_read(
    path: Path, end: bytes, is_glued: bool, cut: Callable[[bytes], list[bytes]]
) -> None:
    replay(path.read_text(encoding="utf-8"), Manner(end, is_glued, cut))


def sent_in(dialect: str) -> list[str]:
    """Every message that a client of the dialect sends in any transcript."""
    found = []
    for path in TRANSCRIPTS:
        speakers = {}
        for step in steps_of(path.read_text(encoding="utf-8")):
            if step.what == "speaks":
                speakers[step.who] = step.messages[0]
            elif step.what == "sends" and speakers[step.who] == dialect:
                found += step.messages
    return sorted(set(found))


def monologue(dialect: str, messages: list[str], manner: Manner) -> list[str]:
    """What somebody reads who sends these, one after the other."""
    talk = Talk(manner)
    listener = talk.clients["Bob"] = Client(talk, "mychat")
    listener.send(["CONNECT|Bob"])
    client = talk.clients["x"] = Client(talk, dialect)
    for message in messages:
        client.send([message])
    return [*client.unread, "", *listener.unread]


@pytest.mark.parametrize("dialect", ["salas", "mychat", "remitente", "cmdjson", "nick"])
@given(data=st.data(), end=st.sampled_from(ENDS), cut=cuts)
@settings(max_examples=40)
def test_messages_in_any_order_and_spoilt_ones_are_read_the_same_however_they_are_cut(
    dialect: str, data: st.DataObject, end: bytes, cut: Callable[[bytes], list[bytes]]
) -> None:
    known = st.sampled_from(sent_in(dialect))
    spoilt = st.builds(
        lambda text, place, what: text[: place % (len(text) + 1)] + what + text[place % (len(text) + 1) :],
        known,
        st.integers(0, 200),
        st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=5),
    )
    # The first is whole: before it nothing tells how this client ends its messages.
    messages = [data.draw(known), *data.draw(st.lists(st.one_of(known, known, spoilt), max_size=8))]
    assert monologue(dialect, messages, Manner(end, cut=cut)) == monologue(dialect, messages, Manner(end))


# Nothing that the documents show is missing

EXAMPLES = {
    "salas": [
        "JOIN juanmi",
        "ERROR: Username ya en uso.",
        "Salas disponibles:",
        "Sala1 (0)",
        "ROOM Sala1",
        "Te has unido a la sala Sala1.",
        "juanmi se ha unido a la sala.",
        "MESSAGE hola a todos!",
        "juanmi: hola a todos!",
        "EXIT",
        "juanmi ha salido de la sala.",
        "juanmi ha salido del chat.",
    ],
    "mychat": [
        "CONNECT|Alice",
        "CONNECT_ACK|OK",
        "CONNECT_ACK|FAIL",
        "DISCONNECT",
        "MESSAGE|Bob|Hola, ¿cómo estás?",
        "BROADCAST|Hola a todos",
        "USER_LIST|Alice,Bob,Charlie",
        "ERROR|404|Usuario no encontrado",
    ],
    "cmdjson": [
        '{"cmd": "login", "user": "Ana123"}',
        '{"cmd": "broadcast", "msg": "¡Hola a todos!"}',
        '{"cmd": "message", "to": "Carlos", "msg": "¿Vamos al cine?"}',
        '{"cmd": "users"}',
        '{"cmd": "typing"}',
        '{"cmd": "broadcast", "from": "Ana", "msg": "¡Hay reunión a las 3PM!"}',
        '{"cmd": "private", "from": "Carlos", "msg": "Te espero en la cafetería"}',
        '{"cmd": "users", "list": ["Ana", "Carlos", "Luis"]}',
        '{"cmd": "system", "msg": "Carlos se ha unido al chat"}',
        '{"cmd": "typing", "user": "Ana"}',
    ],
    "nick": ["NICK", "Conectado al servidor!", "ana: hola"],
}


@pytest.mark.parametrize("dialect", EXAMPLES)
def test_every_example_of_the_documents_stands_in_a_transcript(dialect: str) -> None:
    shown = {
        text
        for path in TRANSCRIPTS
        if path.stem.startswith(dialect)
        for step in steps_of(path.read_text(encoding="utf-8"))
        for text in (*step.messages, *(text for _, text in step.reads))
    }
    assert set(EXAMPLES[dialect]) <= shown
