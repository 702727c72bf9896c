"""The examples of PROTOCOL.md are true: all of them, from top to bottom, in one conversation."""

import json
import re
from pathlib import Path

import wassop.wire
from tests.core.moderators import hashed
from tests.core.proofs import Proofs
from wassop.core.deliveries import Dismissed, ToRoom, ToSession
from wassop.core.events import Bye
from wassop.core.hub import Hub
from wassop.core.refusals import Code, Refused
from wassop.wire.codec import Malformed, WireSettings
from wassop.wire.native import NativeCodec

PAGE = (Path(wassop.wire.__file__).parent / "PROTOCOL.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"^    (\w+) (->|<-) (.*)$", re.MULTILINE)
WITH_RECORD = re.compile(r"^    (->|<-) (.*)$", re.MULTILINE)
NOW = 1_790_000_000.123

# Words of commands that no dialect of programs has.
TYPED_ONLY = {
    Code.PASSWORDS_DIFFER,
    Code.UNKNOWN_COMMAND,
    Code.MISSING_ARGUMENT,
    Code.NO_ROOM_YET,
    Code.NO_SUCH_MODE,
}


class Conversation:
    """Clients by name at one hub; who has said goodbye comes back as a new connection."""

    def __init__(self):
        self.hub = Hub(epoch=1_790_000_300)
        self.proofs = Proofs(self.hub)
        self.clients = {}

    def client(self, who):
        if who not in self.clients:
            self.clients[who] = Client(self)
        return self.clients[who]

    def deliver(self, deliveries):
        by_session = {client.session: client for client in self.clients.values()}
        for delivery in deliveries:
            match delivery:
                case ToRoom(_, (event,), audience, author):
                    for membership in audience:
                        reader = by_session[membership.session]
                        encoder = reader.codec.encoder
                        own = membership.session is author
                        reader.read(encoder.encode_own(event) if own else encoder.encode(event))
                case Dismissed(session, reason):
                    by_session[session].read(by_session[session].codec.farewell(reason))
                    by_session[session].over = True
                case ToSession(session, event):
                    by_session[session].read(by_session[session].codec.encoder.encode(event))


class Client:
    def __init__(self, conversation):
        self.conversation = conversation
        self.codec = NativeCodec(WireSettings())
        self.session = conversation.hub.connect()
        self.unread = []
        self.over = False
        self.read(self.codec.greeting())

    def send(self, line):
        hub = self.conversation.hub
        for item in self.codec.receive_data(f"{line}\n".encode()):
            if isinstance(item, Malformed):
                self.read(self.codec.answer(item, item.refused))
                continue
            prepared = self.conversation.proofs.prepare(self.session, item.command)
            if isinstance(prepared, Refused):
                self.read(self.codec.answer(item, prepared))
                continue
            reply, *others = hub.handle(self.session, hashed(prepared), NOW)
            self.conversation.proofs.note(others)
            self.read(self.codec.answer(item, reply.answer))
            self.conversation.deliver(others)
            if isinstance(reply.answer, Bye):
                self.over = True
                others = hub.disconnect(self.session)
                self.conversation.deliver(others)

    def read(self, data):
        self.unread += [json.loads(line) for line in data.splitlines()]


def pattern(text):
    """An example as JSON: `"…"` is any value and `{…}` any object."""
    return json.loads(text.replace("{…}", '{"…":"…"}'))


def matches(expected, found):
    match expected:
        case "…":
            return True
        case {"…": "…"}:
            return isinstance(found, dict)
        case dict():
            return (
                isinstance(found, dict)
                and expected.keys() == found.keys()
                and all(matches(expected[key], found[key]) for key in expected)
            )
        case list():
            return (
                isinstance(found, list) and len(expected) == len(found) and all(map(matches, expected, found))
            )
        case _:
            return type(expected) is type(found) and expected == found


def test_the_examples_are_what_clients_send_and_read():
    conversation = Conversation()
    examples = EXAMPLE.findall(PAGE)
    assert len(examples) > 50
    for who, direction, text in examples:
        client = conversation.client(who)
        if direction == "<-":
            assert client.unread, f"{who} reads nothing, not {text}"
            found = client.unread.pop(0)
            assert matches(pattern(text), found), f"{who} reads {found}, not {text}"
            continue
        if client.over:
            del conversation.clients[who]
            client = conversation.client(who)
        # What the page shows below a request is all that it causes.
        for name, other in conversation.clients.items():
            assert other.unread == [], f"{name} reads more before {who} -> {text}"
        client.send(text)
    for name, other in conversation.clients.items():
        assert other.unread == [], f"{name} reads more at the end"


def test_every_indented_line_is_an_example():
    indented = [line for line in PAGE.splitlines() if line.startswith("    ")]
    found = [f"    {who} {direction} {text}" for who, direction, text in EXAMPLE.findall(PAGE)]
    # Those without a name need a record: tests/server/test_history.py runs them.
    assert [line for line in indented if line not in found] == [
        f"    {direction} {text}" for direction, text in WITH_RECORD.findall(PAGE)
    ]
    assert [line for line in indented if line in found] == found


def test_every_code_that_a_program_can_read_is_on_the_page():
    table = PAGE[PAGE.index("## Codes of errors") :]
    cells = re.findall(r"^\| (`[^|]*)\|", table, re.MULTILINE)
    listed = {code for cell in cells for code in re.findall(r"`([a-z-]+)`", cell)}
    assert listed == {code.value for code in Code} - {code.value for code in TYPED_ONLY}
