"""What every dialect's codec keeps to, whatever the bytes (the docstrings of wassop.wire.codec)."""

import gc
import sys
import unicodedata
from itertools import pairwise
from typing import get_args

import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st

from wassop.core import commands, deeds, events, operations, web_commands
from wassop.core.accounts import Account, ServerRole
from wassop.core.commands import Identify
from wassop.core.hub import Hub
from wassop.core.limits import Limits
from wassop.core.modes import RoomModes
from wassop.core.names import room_name, user_name
from wassop.core.refusals import TEXTS, Code, Refused
from wassop.core.restrictions import By, Kind, Restriction, Target
from wassop.core.roles import Role, Standing
from wassop.wire.codec import Malformed, Request, WireSettings

from .codecs import DIALECTS, Visit

SETTINGS = WireSettings(max_line_bytes=300, limits=Limits(max_text_bytes=100, recent_messages_per_room=5))
LANGUAGES = ("es", "en")

each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=str)


def visit(dialect):
    hub = Hub(SETTINGS.limits)
    bob = hub.connect()
    hub.handle(bob, Identify("bob"), 0)
    return Visit(hub, dialect.make(SETTINGS))


def outcome(dialect, chunks):
    """What was understood and what the visitor read, when the bytes come in these chunks."""
    guest = visit(dialect)
    for chunk in chunks:
        guest.send(chunk)
    guest.send_eof()
    read = bytes(guest.read)
    return guest.items, read.translate(None, b"\r\n") if dialect.mirrors_ends else read


def cut(data, cuts):
    edges = [0, *sorted(place % (len(data) + 1) for place in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@st.composite
def streams(draw, dialect):
    """Lines that mean something, spoiled ones, and garbage."""
    line = st.one_of(
        st.sampled_from(dialect.samples),
        st.sampled_from(dialect.samples),
        st.binary(max_size=30),
        st.sampled_from(
            [b"x" * 299, b"x" * 300, b"x" * 301, b"x" * 302, b"x" * 700, b"\xff\xfb\x01", b"\x00"]
        ),
        st.builds(
            lambda sample, place, byte: (
                sample[: place % (len(sample) + 1)] + byte + sample[place % (len(sample) + 1) :]
            ),
            st.sampled_from(dialect.samples),
            st.integers(0, 200),
            st.binary(min_size=1, max_size=3),
        ),
    )
    end = st.sampled_from([b"\n", b"\n", b"\r\n", dialect.line_end])
    return b"".join(draw(line) + draw(end) for _ in range(draw(st.integers(0, 12)))) + draw(
        st.binary(max_size=5)
    )


@each_dialect
@given(data=st.data())
@settings(deadline=None, max_examples=60)
def test_how_the_bytes_are_cut_up_changes_nothing(dialect, data):
    stream = data.draw(streams(dialect))
    whole = outcome(dialect, [stream])
    cuts = data.draw(st.lists(st.integers(0, 5_000), max_size=8))
    assert outcome(dialect, cut(stream, cuts)) == whole
    assert outcome(dialect, cut(stream, range(len(stream)))) == whole


@each_dialect
@given(chunks=st.lists(st.binary(max_size=400), max_size=8))
@settings(deadline=None, max_examples=60)
def test_garbage_is_answered_or_ignored_and_never_raises(dialect, chunks):
    _, read = outcome(dialect, chunks)
    read.decode()


jsonish = st.recursive(
    st.one_of(
        st.sampled_from(
            ["null", "true", "1", "-1", "1e999", "1.5", '""', '"ana"', '"\\ud800"', '"\\u0000"', "9" * 40]
        ),
        st.text(max_size=8).map(lambda text: f'"{text}"'),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{','.join(items)}]"),
        st.lists(
            st.tuples(
                st.sampled_from(
                    [
                        "t",
                        "id",
                        "re",
                        "name",
                        "room",
                        "text",
                        "nonce",
                        "lang",
                        "lobby",
                        "resume",
                        "history",
                        "since",
                        "until",
                        "before",
                        "after",
                        "limit",
                        "words",
                        "password",
                        "old",
                        "new",
                        "do",
                        "seq",
                        "epoch",
                        "to",
                        "v",
                        "role",
                        "network",
                        "for_s",
                        "set",
                        "password",
                        "slow_s",
                        "tipo",
                        "cmd",
                        "kind",
                        "about",
                        "back",
                    ]
                ),
                inner,
            ),
            max_size=6,
        ).map(lambda pairs: "{" + ",".join(f'"{key}":{value}' for key, value in pairs) + "}"),
    ),
    max_leaves=8,
)
verbs = st.sampled_from(
    [
        "hello",
        "join",
        "leave",
        "say",
        "msg",
        "all",
        "rooms",
        "who",
        "topic",
        "away",
        "typing",
        "history",
        "search",
        "read",
        "register",
        "login",
        "password",
        "logout",
        "account",
        "ping",
        "pong",
        "quit",
        "role",
        "kick",
        "ban",
        "unban",
        "bans",
        "mute",
        "unmute",
        "invite",
        "modes",
        "audit",
    ]
)
objects = st.builds(lambda verb, inner: f'{{"t":"{verb}",' + inner.removeprefix("{"), verbs, jsonish)


@each_dialect
@given(lines=st.lists(jsonish | objects, max_size=6), named=st.booleans())
@settings(deadline=None, max_examples=80)
def test_text_that_is_nearly_json_never_raises(dialect, lines, named):
    guest = visit(dialect)
    if named:
        guest.send(dialect.samples[0] + dialect.line_end)
    guest.send("".join(f"{line}\n" for line in lines).encode())
    guest.send_eof()
    guest.read.decode()


NASTY = {
    "deep list": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "deep and closed": b'{"t":"ping","x":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "huge number": b'{"t":"ping","id":' + b"9" * 100_000 + b"}",
    "huge exponent": b'{"t":"join","room":"x","since":1e99999}',
    "no UTF-8": b'{"t":"hello","name":"\xff\xfe"}',
    "a surrogate in UTF-8": b'{"t":"hello","name":"\xed\xa0\x80"}',
    "a lone surrogate escape": b'{"t":"say","room":"General","text":"\\ud800"}',
    "the other half": b'{"t":"msg","to":"\\udc00","text":"hola"}',
    "controls": b'{"t":"hello","name":"\\u0000\\u001b[2J"}\x00\x1b',
    "a byte order mark": b'\xef\xbb\xbf{"t":"ping"}',
    "telnet": b"\xff\xfd\x03\xff\xfb\x18\xff",
}


@each_dialect
@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("nasty", NASTY.values(), ids=NASTY)
def test_nasty_lines_never_raise_and_the_next_line_is_understood(dialect, nasty, named):
    hub = Hub()
    guest = Visit(hub, dialect.make(WireSettings(max_line_bytes=200_000)))
    if named:
        guest.send(dialect.samples[0] + dialect.line_end)
    guest.send(nasty + dialect.line_end)
    before = len(guest.items)
    guest.send(dialect.samples[0] + dialect.line_end)
    assert len(guest.items) > before
    guest.read.decode()


@each_dialect
@pytest.mark.parametrize("size", [1, 100, 5_000])
def test_an_overlong_line_is_refused_once_and_the_next_is_understood(dialect, size):
    guest = visit(dialect)
    long = b"x" * 5_000
    for start in range(0, len(long), size):
        guest.send(long[start : start + size])
    guest.send(dialect.line_end)
    (refused,) = guest.items
    assert isinstance(refused, Malformed)
    assert refused.refused == Refused(Code.LINE_TOO_LONG, {"limit": dialect.max_bytes})
    guest.send(dialect.samples[0] + dialect.line_end)
    assert isinstance(guest.items[1], Request)
    assert guest.session.name is not None


def held_bytes(root):
    """The size of the longest bytes that an object holds."""
    seen, todo, longest = set(), [root], 0
    while todo:
        found = todo.pop()
        if (
            id(found) in seen
            or isinstance(found, type)
            or callable(found)
            or type(found).__module__ == "gettext"
        ):
            continue
        seen.add(id(found))
        if isinstance(found, bytes | bytearray | str):
            longest = max(longest, sys.getsizeof(found))
        else:
            todo += gc.get_referents(found)
    return longest


@each_dialect
@pytest.mark.parametrize("chunk", [b"x" * 1_000, b'{"' * 500, b"\xff" * 1_000, b"[" * 1_000], ids=repr)
def test_what_waits_for_its_end_is_bounded(dialect, chunk):
    guest = visit(dialect)
    for _ in range(200):
        guest.send(chunk)
    assert held_bytes(guest.codec) < 4_096
    assert len(guest.items) <= 1


@each_dialect
def test_an_unterminated_last_line_is_understood_at_the_end(dialect):
    guest = visit(dialect)
    guest.send(dialect.samples[0])
    guest.send_eof()
    assert guest.session.name is not None


# Everything can be told to everybody

ANA, BOB, LONG = user_name("ana"), user_name("Íñigo"), user_name("ñ" * 32)
SALA, LOBBY = room_name("la sala azul"), room_name("General")
EVIL = 'hola\n\r\x00\x1b[2J\x9b\x85\u2028\u202e <b>{0}%s|"\\ 👨‍👩‍👧 {name}'
SAID = events.Said(SALA, 3, ANA, EVIL, 1_790_000_000.1234)
QUOTE = events.Quote(BOB, "quién viene")
TOPIC = events.TopicSet(SALA, EVIL, BOB, 1_790_000_000.1)
JOINED = events.Joined(SALA, 3, (ANA, BOB, LONG), (SAID, evolve(SAID, seq=4, author=BOB)), complete=False)

KICKS = [(None, "", False), (SALA, EVIL, False), (LOBBY, "", True), (None, EVIL, True)]
BANS = [
    Restriction(kind, Target(by, EVIL, "x"), BOB, Standing(Role.OWNER), 1_790_000_000.0, until, EVIL)
    for kind in Kind
    for by in By
    for until in (None, 1_790_000_000.0)
]
DONE = [
    deeds.RoleGiven(SALA, ANA, Role.VOICE, BOB),
    deeds.Kicked(None, ANA, BOB),
    deeds.Muted(SALA, ANA, BOB),
    deeds.Unmuted(SALA, ANA, BOB),
    deeds.Banned(SALA, BANS[0].target, None),
    deeds.Banned(None, BANS[2].target, 1_790_000_000.0),
    deeds.Unbanned(SALA, BANS[4].target),
    deeds.InvitationSent(SALA, ANA),
]

EVENTS = [
    SAID,
    evolve(SAID, room=LOBBY),
    evolve(SAID, room=LOBBY, to_all=True),
    *(evolve(SAID, kind=kind, about=1) for kind in events.Kind),
    evolve(SAID, text="", kind=events.Kind.DELETE, about=1),
    *(evolve(SAID, kind=kind, about=1, quoted=QUOTE) for kind in (events.Kind.REPLY, events.Kind.REACT)),
    events.Told(ANA, BOB, EVIL, 1_790_000_000.0),
    events.Told(ANA, BOB, EVIL, 1_790_000_000.0, kept=True),
    events.ToldElsewhere(events.Told(ANA, BOB, EVIL, 1_790_000_000.0)),
    events.Away(BOB, EVIL),
    events.Away(BOB, ""),
    events.Presence(SALA, joined=(ANA,)),
    events.Presence(LOBBY, gone=(ANA,)),
    events.Presence(SALA, joined=(ANA, BOB, LONG) * 3, left=(BOB, ANA), gone=(LONG,)),
    TOPIC,
    evolve(TOPIC, text=""),
    events.Typing(SALA, ANA),
    events.Roster((ANA,)),
    events.Slowed(0.1),
    *(deeds.RoleGiven(SALA, ANA, role, BOB) for role in list(Role)[1:]),
    *(deeds.Kicked(where, ANA, BOB, why, is_ban, 1_790_000_000.0) for where, why, is_ban in KICKS),
    deeds.Kicked(LOBBY, ANA, BOB, is_ban=True, until=1e300),
    deeds.Muted(SALA, ANA, BOB),
    deeds.Muted(LOBBY, ANA, BOB, 1_790_000_000.0, EVIL),
    deeds.Unmuted(SALA, ANA, BOB),
    deeds.Invited(SALA, BOB),
    deeds.ModesSet(SALA, RoomModes(), BOB),
    deeds.ModesSet(SALA, RoomModes(True, True, True, True, 2.5, "hash"), BOB),
]

PARAMS = {
    "name": EVIL * 50,
    "limit": 100,
    "known": 1,
    "asked": 10**30,
    "room": EVIL * 50,
    "size": 101,
    "seq": 2**53,
    "kind": EVIL * 50,
    "field": "room",
    "t": EVIL * 50,
    "command": "/x",
    "usage": "/msg ana hola",
    "role": Role.OPERATOR,
    "until": 1_790_000_000.0,
    "reason": EVIL * 50,
    "wait_s": 3,
    "mode": EVIL,
    "network": EVIL * 50,
    "number": 7,
    "address": "127.0.0.1:5555",
}

FIGURES = operations.Figures(
    2.5, 1.5, 3, {"plain": 1}, 3, 5, 1, 8, 0, 2, (0.1, 1.0), (4, 1, 0), True, ("[::1]:1",),
    record=operations.RecordFigures(3, 0.5, is_failing=True),
)  # fmt: skip

ANSWERS = [
    events.Welcome(ANA, LOBBY),
    events.Welcome(ANA, LOBBY, (JOINED,), 7),
    events.Welcome(ANA, LOBBY, account=Account(ANA, ServerRole.ADMIN, 1_790_000_000.1)),
    events.LoggedOut(),
    events.AccountList((Account(ANA, ServerRole.USER, 1_790_000_000.1, 1_790_000_001.1),)),
    events.RoomList(()),
    events.RoomList((events.RoomInfo(LOBBY, 2, is_lobby=True), events.RoomInfo(SALA, 0, is_lobby=False))),
    JOINED,
    evolve(JOINED, room=LOBBY, history=(), members=(), complete=True),
    evolve(JOINED, topic=TOPIC),
    evolve(JOINED, history=tuple(evolve(SAID, kind=kind, about=1, quoted=QUOTE) for kind in events.Kind)),
    evolve(JOINED, history=(evolve(SAID, text=""),), away=((ANA, EVIL), (BOB, ""))),
    events.Away(ANA, EVIL),
    events.Away(ANA, ""),
    TOPIC,
    evolve(TOPIC, text=""),
    events.Accepted(SALA, 3, 1_790_000_000.1, EVIL),
    events.Accepted(None, None, 1_790_000_000.1, EVIL, to=BOB),
    events.Accepted(None, None, 1_790_000_000.1, EVIL, to=BOB, kept=True),
    events.Accepted(LOBBY, 3, 1_790_000_000.1, EVIL, to_all=True),
    events.Accepted(None, None, 1_790_000_000.1, EVIL, to=BOB, away=EVIL),
    events.Members(SALA, (ANA, BOB)),
    events.Members(SALA, (ANA, BOB), ((ANA, EVIL), (BOB, ""))),
    events.Members(None, ()),
    events.Page(SALA, (SAID,), more=True),
    events.Found((SAID,), more=True),
    events.ReadUpTo(SALA, 3),
    events.Pong(),
    events.Noted(),
    operations.SessionList(
        (operations.SessionLine(1, "plain", "::1", 1.5, 0, EVIL, rooms=(EVIL,)),), more=True
    ),
    FIGURES,
    operations.LogLines((operations.LogLine(1, 1.5, "info", "named", EVIL, {"name": EVIL}),), more=True),
    web_commands.CodeGiven("c"),
    web_commands.WebSessionGiven("t", 60.0),
    web_commands.WebSessionOver(),
    web_commands.AdminClaimed(ANA),
    *(deeds.Done(what) for what in DONE),
    deeds.ModesSet(SALA, RoomModes()),
    deeds.BanList(None, ()),
    deeds.BanList(SALA, tuple(BANS)),
    deeds.AuditPage((deeds.AuditLine(1, 1.5, "ana", "kick", EVIL, EVIL, EVIL, "::1"),), more=True),
    evolve(JOINED, modes=RoomModes(hidden=True), roles=((ANA, Role.OWNER),), role=Role.OWNER),
    *(Refused(code, PARAMS) for code in Code),
    events.Left(SALA),
    *(events.Bye(reason) for reason in events.Farewell),
]


def test_every_kind_of_event_and_answer_is_among_these_examples():
    assert {type(event) for event in EVENTS} == set(get_args(events.Event))
    assert {type(answer) for answer in ANSWERS} == set(get_args(events.Answer))


def test_every_placeholder_of_a_refusal_is_among_these_params():
    for text in TEXTS.values():
        text.format(**PARAMS)


def assert_fit_to_send(dialect, data):
    text = data.decode()
    strange = {char for char in text if unicodedata.category(char) == "Cc"} - {"\n", "\r"}
    if dialect.is_json:  # which escapes up to U+001F, and is read by programs
        strange -= {"\x7f", *map(chr, range(0x80, 0xA0))}
    assert not strange
    assert "\r" not in text.replace("\r\n", "")


@each_dialect
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_answer_can_be_told_and_holds_no_control_character(dialect, lang):
    codec = dialect.make(WireSettings(lang=lang))
    for item in (
        Request(commands.Ping()),
        Request(commands.Ping(), 7),
        Malformed(Refused(Code.BAD_JSON), "k"),
    ):
        for answer in ANSWERS:
            assert_fit_to_send(dialect, codec.answer(item, answer))


@each_dialect
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_event_can_be_told_wherever_the_visitor_is(dialect, lang):
    codec = dialect.make(WireSettings(lang=lang))
    told = set()
    for before in (events.Welcome(ANA, LOBBY), JOINED, evolve(JOINED, room=LOBBY), events.Left(LOBBY)):
        codec.answer(Request(commands.Ping()), before)
        for event in EVENTS:
            for data in (codec.encoder.encode(event), codec.encoder.encode_own(event)):
                assert_fit_to_send(dialect, data)
                if data:
                    told.add(type(event))
    assert events.Said in told
    assert events.Told in told


@each_dialect
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_first_and_the_last_words_can_be_told(dialect, lang):
    codec = dialect.make(WireSettings(lang=lang))
    assert_fit_to_send(dialect, codec.greeting())
    assert_fit_to_send(dialect, codec.ping())
    for reason in events.Farewell:
        assert_fit_to_send(dialect, codec.farewell(reason))


@each_dialect
def test_visitors_in_the_same_place_share_an_encoder(dialect):
    one, other = (dialect.make(WireSettings()) for _ in range(2))
    for answer in (events.Welcome(ANA, LOBBY), JOINED):
        for codec in (one, other):
            codec.answer(Request(commands.Ping()), answer)
        assert one.encoder is other.encoder
