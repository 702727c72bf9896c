import json
from typing import get_args

import msgspec
import pytest

from wassop.core import commands, deeds, events, operations, orders, web_commands
from wassop.core.accounts import Account, ServerRole
from wassop.core.hub import Hub
from wassop.core.limits import Rate
from wassop.core.modes import ModeChanges, RoomModes
from wassop.core.names import RoomName, UserName, room_name, user_name
from wassop.core.refusals import Code, Refused
from wassop.core.restrictions import By, Kind, Restriction, Target, target_named
from wassop.core.roles import Role, Standing
from wassop.wire import native_messages as messages
from wassop.wire import native_moderation as order
from wassop.wire import native_operating as operating
from wassop.wire.codec import Malformed, Request, WireSettings
from wassop.wire.native import NativeCodec
from wassop.wire.native_client import NativeClientCodec

ANA, BOB, SALA = user_name("ana"), user_name("bob"), room_name("Sala1")
assert isinstance(ANA, UserName)
assert isinstance(BOB, UserName)
assert isinstance(SALA, RoomName)
AT = 1_790_000_000.1234
NETWORK = Target(By.NETWORK, "10.0.0.0/8", "10.0.0.0/8")
BAN = Restriction(Kind.BAN, NETWORK, ANA, Standing(Role.OWNER), AT, AT + 60, "x")
MUTE = Restriction(Kind.MUTE, target_named(BOB), ANA, Standing(Role.OWNER), AT)

CLIENT_MESSAGES = [
    (messages.Hello("ana"), commands.Identify("ana")),
    (
        messages.Hello("ana", lang="en", client="test", resume={"Sala1": 3}, epoch=7, lobby=False, id="h"),
        commands.Identify("ana", lobby=False, resume={"Sala1": 3}, epoch=7),
    ),
    (messages.Join("Sala1"), commands.Join("Sala1")),
    (messages.Join("Sala1", 5, 17, 1), commands.Join("Sala1", 5, 17)),
    (
        messages.Hello("ana", password="secreto", resume={"Sala1": 3}, id="h"),
        commands.Login("ana", "secreto", commands.Identify("ana", resume={"Sala1": 3})),
    ),
    (messages.Register("secreto", 2), commands.Register("secreto")),
    (messages.Login("ana", "secreto", 2), commands.Login("ana", "secreto")),
    (messages.Password("secreto", "otro", 2), commands.ChangePassword("secreto", "otro")),
    (messages.Logout(2), commands.Logout()),
    (messages.Account("list", id=2), commands.ManageAccount("list")),
    (
        messages.Account("add", "bob", "secreto", "admin", 2),
        commands.ManageAccount("add", "bob", "secreto", "admin"),
    ),
    (messages.Leave("Sala1", 2), commands.Leave("Sala1")),
    (messages.Say("Sala1", "ho\nla \x1b 👍", "k", 3), commands.Say("Sala1", "ho\nla \x1b 👍", "k")),
    (
        messages.Say("Sala1", "hola", "k", 3, "edit", 7),
        commands.Say("Sala1", "hola", "k", kind="edit", about=7),
    ),
    (messages.SetAway("comiendo", id=6), commands.SetAway("comiendo")),
    (messages.SetAway(back=True), commands.SetAway("", back=True)),
    (messages.Msg("bob", "psst", "k", 4), commands.Tell("bob", "psst", "k")),
    (messages.All("hola", "k", 5), commands.Announce("hola", "k")),
    (messages.Topic("Sala1", "exámenes", 6), commands.SetTopic("Sala1", "exámenes")),
    (messages.Topic("Sala1", ""), commands.SetTopic("Sala1", "")),
    (messages.Rooms(6), commands.ListRooms()),
    (messages.Who(), commands.Who()),
    (messages.Who("Sala1", 7), commands.Who("Sala1")),
    (messages.TypingHere("Sala1", 8), commands.Type("Sala1")),
    (messages.History("Sala1"), commands.ReadHistory("Sala1", 50)),
    (messages.History("Sala1", 30, None, 10, 11), commands.ReadHistory("Sala1", 10, before=30)),
    (messages.History("Sala1", after=3, id=11), commands.ReadHistory("Sala1", 50, after=3)),
    (messages.Search("canción de cuna"), commands.Search("canción de cuna", 50)),
    (
        messages.Search("cuna", "Sala1", "ana", 1.5, 2.5, 7, 12),
        commands.Search("cuna", 7, "Sala1", "ana", 1.5, 2.5),
    ),
    (messages.Read("Sala1", 7, 13), commands.MarkRead("Sala1", 7)),
    (messages.Read("Sala1"), commands.MarkRead("Sala1", None)),
    (messages.Ping(9), commands.Ping()),
    (messages.Quit(10), commands.Quit()),
    (messages.Pong(), None),
    (messages.Join("Sala1", password="p", id=14), commands.Join("Sala1", password="p")),
    (order.Role("Sala1", "bob", "voice", 15), orders.GiveRole("Sala1", "bob", Role.VOICE)),
    (order.Kick("bob"), orders.Kick(None, "bob")),
    (order.Kick("bob", "Sala1", "spam", 16), orders.Kick("Sala1", "bob", "spam")),
    (order.Ban("Sala1", who="bob"), orders.Ban("Sala1", By.NAME, "bob")),
    (
        order.Ban(network="10.0.0.0/8", for_s=60, reason="x", id=17),
        orders.Ban(None, By.NETWORK, "10.0.0.0/8", 60.0, "x"),
    ),
    (order.Ban(account="bob"), orders.Ban(None, By.ACCOUNT, "bob")),
    (order.Unban("Sala1", who="bob", id=18), orders.Unban("Sala1", By.NAME, "bob")),
    (order.Bans("Sala1", 19), orders.AskBans("Sala1")),
    (order.Bans(), orders.AskBans(None)),
    (order.Mute("Sala1", "bob", 60, "x", 20), orders.Mute("Sala1", "bob", 60.0, "x")),
    (order.Unmute("Sala1", "bob", 21), orders.Unmute("Sala1", "bob")),
    (order.Invite("Sala1", "bob", 22), orders.Invite("Sala1", "bob")),
    (order.Modes("Sala1", id=23), orders.SetModes("Sala1")),
    (
        order.Modes("Sala1", order.WantedModes(hidden=True, slow_s=2.5, password="")),
        orders.SetModes("Sala1", ModeChanges(hidden=True, slow_s=2.5, password="")),
    ),
    (order.Audit("Sala1", 5, 9, 24), orders.AskAudit("Sala1", 5, 9)),
    (order.Kick(session=7, reason="x"), operations.KickSession(7, "x")),
    (operating.Sessions(), operations.AskSessions()),
    (operating.Sessions(3, 20, "ana", 25), operations.AskSessions(3, 20, "ana")),
    (operating.Figures(26), operations.AskFigures()),
    (operating.Log(3, 20), operations.AskLog(3, 20)),
    (operating.Doors(open=False, id=27), operations.SetDoors(are_open=False)),
    (operating.Stop(28), operations.Stop()),
    (operating.Token(29), web_commands.AskToken()),
    (operating.FirstAdmin("l", "ana", "p", 30), web_commands.ClaimAdmin("l", "ana", "p")),
]

SAID = events.Said(SALA, 3, ANA, "hola", AT)
JOINED = events.Joined(SALA, 3, (ANA, BOB), (SAID,), complete=False)
TOPIC = events.TopicSet(SALA, "exámenes", BOB, 1_790_000_000.5)
NAMED = events.Said(SALA, 4, ANA, "hola", AT, nonce="k")
DELETED = events.Said(SALA, 5, ANA, "", AT)
REPLY = events.Said(
    SALA, 6, ANA, "hola", AT, kind=events.Kind.REPLY, about=5, quoted=events.Quote(BOB, "¿quién viene?")
)
TOLD_REPLY = {"kind": "reply", "about": 5, "quote": messages.Quote("bob", "¿quién viene?")}
TOLD_LIMITS = messages.ToldLimits(16_384, 4_096, 32, 64, 100, 200, 120.0)
TOLD_JOINED = messages.Joined(
    "Sala1", 3, ["ana", "bob"], [messages.SaidEntry(3, "ana", "hola", 1_790_000_000.123)], complete=False
)

ANSWERS = [
    (JOINED, msgspec.structs.replace(TOLD_JOINED, re=7)),
    (
        events.Joined(SALA, 4, (ANA,), (NAMED,), since=3),
        messages.Joined(
            "Sala1",
            4,
            ["ana"],
            [messages.SaidEntry(4, "ana", "hola", 1_790_000_000.123, nonce="k")],
            since=3,
            re=7,
        ),
    ),
    (
        events.Joined(SALA, 0, (ANA,), (), topic=TOPIC),
        messages.Joined(
            "Sala1", 0, ["ana"], [], topic=messages.RoomTopic("exámenes", "bob", 1_790_000_000.5), re=7
        ),
    ),
    (TOPIC, messages.Ok(7, None, 1_790_000_000.5)),
    (
        events.Page(SALA, (SAID, NAMED), more=True),
        messages.HistoryPage(
            "Sala1",
            [
                messages.SaidEntry(3, "ana", "hola", 1_790_000_000.123),
                messages.SaidEntry(4, "ana", "hola", 1_790_000_000.123, nonce="k"),
            ],
            more=True,
            re=7,
        ),
    ),
    (
        events.Page(SALA, (DELETED, REPLY), more=False),
        messages.HistoryPage(
            "Sala1",
            [
                messages.SaidEntry(5, "ana", "", 1_790_000_000.123, deleted=True),
                messages.SaidEntry(6, "ana", "hola", 1_790_000_000.123, **TOLD_REPLY),
            ],
            re=7,
        ),
    ),
    (
        events.Found((REPLY,), more=False),
        messages.Found(
            [messages.FoundEntry("Sala1", 6, "ana", "hola", 1_790_000_000.123, **TOLD_REPLY)], re=7
        ),
    ),
    (
        events.Joined(SALA, 0, (ANA, BOB), (), away=((BOB, "comiendo"),)),
        messages.Joined("Sala1", 0, ["ana", "bob"], [], away={"bob": "comiendo"}, re=7),
    ),
    (events.Members(SALA, (BOB,), ((BOB, ""),)), messages.WhoIs(["bob"], "Sala1", 7, {"bob": ""})),
    (
        events.Accepted(None, None, AT, "psst", to=BOB, away="x"),
        messages.Ok(7, None, 1_790_000_000.123, away="x"),
    ),
    (events.Away(ANA, "comiendo"), messages.Ok(7)),
    (
        events.Found((SAID,), more=False),
        messages.Found([messages.FoundEntry("Sala1", 3, "ana", "hola", 1_790_000_000.123)], re=7),
    ),
    (events.ReadUpTo(SALA, 3), messages.ReadUpTo("Sala1", 3, 7)),
    (events.Left(SALA), messages.Left("Sala1", 7)),
    (events.Accepted(SALA, 3, AT, "hola"), messages.Ok(7, 3, 1_790_000_000.123)),
    (events.Accepted(None, None, AT, "psst", to=BOB), messages.Ok(7, None, 1_790_000_000.123)),
    (
        events.Accepted(None, None, AT, "psst", to=BOB, kept=True),
        messages.Ok(7, None, 1_790_000_000.123, kept=True),
    ),
    (events.LoggedOut(), messages.LoggedOut(7)),
    (
        events.AccountList(
            (Account(ANA, ServerRole.ADMIN, AT), Account(BOB, created_at=AT, last_login_at=AT))
        ),
        messages.AccountsAre(
            [
                messages.AccountLine("ana", "admin", 1_790_000_000.123),
                messages.AccountLine("bob", "user", 1_790_000_000.123, 1_790_000_000.123),
            ],
            7,
        ),
    ),
    (events.Noted(), messages.Ok(7)),
    (deeds.Done(deeds.InvitationSent(SALA, BOB)), messages.Ok(7)),
    (
        deeds.ModesSet(SALA, RoomModes(hidden=True, slow_s=2.0, password="hash"), ANA),
        order.ModesAre("Sala1", order.ToldModes(hidden=True, slow_s=2.0, password=True), "ana", 7),
    ),
    (
        deeds.BanList(None, (BAN, MUTE)),
        order.BansAre(
            [
                order.BanLine(
                    1_790_000_000.123, "ana", network="10.0.0.0/8", until=1_790_000_060.123, reason="x"
                ),
                order.BanLine(1_790_000_000.123, "ana", who="bob", mute=True),
            ],
            re=7,
        ),
    ),
    (
        deeds.AuditPage((deeds.AuditLine(3, AT, "ana", "kick", "Sala1", "bob", "x", "::1"),), more=True),
        order.AuditIs(
            [order.AuditEntry(3, 1_790_000_000.123, "ana", "kick", "Sala1", "bob", "x", "::1")],
            more=True,
            re=7,
        ),
    ),
    (
        events.Joined(
            SALA, 0, (ANA,), (), modes=RoomModes(moderated=True), roles=((ANA, Role.OWNER),), role=Role.OWNER
        ),
        messages.Joined(
            "Sala1",
            0,
            ["ana"],
            [],
            re=7,
            roles={"ana": "owner"},
            modes=order.ToldModes(moderated=True),
            role="owner",
        ),
    ),
    (
        events.RoomList((events.RoomInfo(SALA, 2, False, True, True, "tema"),)),
        messages.RoomsAre([messages.RoomLine("Sala1", 2, True, True, "tema")], 7),
    ),
    (events.Pong(), messages.Pong(7)),
    (
        operations.SessionList(
            (
                operations.SessionLine(1, "plain", "::1", AT, 9),
                operations.SessionLine(
                    2, "web", "[::1]:9", AT, 0, "ana", True, "admin", ("Sala1",), "TLSv1.3"
                ),
            ),
            more=True,
        ),
        operating.SessionsAre(
            [
                operating.SessionLine(1, "plain", "::1", 1_790_000_000.123, 9, []),
                operating.SessionLine(
                    2,
                    "web",
                    "[::1]:9",
                    1_790_000_000.123,
                    0,
                    ["Sala1"],
                    name="ana",
                    account=True,
                    role="admin",
                    tls="TLSv1.3",
                ),
            ],
            more=True,
            re=7,
        ),
    ),
    (
        operations.Figures(
            AT, 1.5, 3, {"web": 1}, 3, 5, 1, 8, 9, 2, (0.1,), (4, 1), True, ("[::1]:1",), None
        ),
        operating.FiguresAre(
            1_790_000_000.123,
            1.5,
            3,
            {"web": 1},
            3,
            5,
            1,
            8,
            9,
            2,
            operating.Fanout([0.1], [4, 1]),
            True,
            ["[::1]:1"],
            re=7,
        ),
    ),
    (
        operations.Figures(
            AT,
            1.5,
            0,
            {},
            3,
            0,
            0,
            0,
            0,
            0,
            (0.1,),
            (0, 0),
            False,
            (),
            operations.RecordFigures(4, 0.25, is_failing=True),
        ),
        operating.FiguresAre(
            1_790_000_000.123,
            1.5,
            0,
            {},
            3,
            0,
            0,
            0,
            0,
            0,
            operating.Fanout([0.1], [0, 0]),
            False,
            [],
            operating.Database(4, 0.25, failing=True),
            re=7,
        ),
    ),
    (
        operations.LogLines(
            (operations.LogLine(4, AT, "info", "named", "entró", {"name": "ana"}),), more=True
        ),
        operating.LogIs(
            [operating.LogLine(4, 1_790_000_000.123, "info", "named", "entró", {"name": "ana"})],
            more=True,
            re=7,
        ),
    ),
    (web_commands.CodeGiven("c"), operating.CodeIs("c", 7)),
    (web_commands.AdminClaimed(ANA), messages.Ok(7)),
    (
        events.RoomList((events.RoomInfo(SALA, 2, is_lobby=False),)),
        messages.RoomsAre([messages.RoomLine("Sala1", 2)], 7),
    ),
    (events.Members(SALA, (ANA, BOB)), messages.WhoIs(["ana", "bob"], "Sala1", 7)),
    (events.Members(None, ()), messages.WhoIs([], None, 7)),
    (events.Bye(events.Farewell.QUIT), messages.Bye("quit", "Goodbye!", 7)),
    (
        Refused(Code.NOT_IN_ROOM, {"room": "x"}),
        messages.Error("not-in-room", "You are not in the room x.", 7),
    ),
]

EVENTS = [
    (SAID, messages.Said("Sala1", 3, "ana", "hola", 1_790_000_000.123)),
    (
        events.Said(SALA, 3, ANA, "hola", AT, to_all=True),
        messages.Said("Sala1", 3, "ana", "hola", 1_790_000_000.123, all=True),
    ),
    (NAMED, messages.Said("Sala1", 4, "ana", "hola", 1_790_000_000.123, nonce="k")),
    (REPLY, messages.Said("Sala1", 6, "ana", "hola", 1_790_000_000.123, **TOLD_REPLY)),
    (
        events.Said(SALA, 7, ANA, "", AT, kind=events.Kind.DELETE, about=5),
        messages.Said("Sala1", 7, "ana", "", 1_790_000_000.123, kind="delete", about=5),
    ),
    (events.Away(BOB, "comiendo"), messages.Away("bob", "comiendo")),
    (events.Away(BOB, ""), messages.Away("bob", back=True)),
    (events.Told(ANA, BOB, "psst", AT), messages.Private("ana", "bob", "psst", 1_790_000_000.123)),
    (
        events.Told(ANA, BOB, "psst", AT, "k"),
        messages.Private("ana", "bob", "psst", 1_790_000_000.123, nonce="k"),
    ),
    (
        events.Told(ANA, BOB, "psst", AT, "k", kept=True),
        messages.Private("ana", "bob", "psst", 1_790_000_000.123, nonce="k", kept=True),
    ),
    (
        events.ToldElsewhere(events.Told(ANA, BOB, "psst", AT, "k")),
        messages.Private("ana", "bob", "psst", 1_790_000_000.123, nonce="k"),
    ),
    (events.Presence(SALA, joined=(ANA,)), messages.Presence("Sala1", ["ana"])),
    (
        events.Presence(SALA, left=(ANA,), gone=(BOB,)),
        messages.Presence("Sala1", left=["ana"], gone=["bob"]),
    ),
    (TOPIC, messages.TopicSet("Sala1", "exámenes", "bob", 1_790_000_000.5)),
    (events.Typing(SALA, ANA), messages.Typing("Sala1", "ana")),
    (events.Slowed(0.0801), messages.Slow(81)),
]

DEEDS = [
    (deeds.RoleGiven(SALA, BOB, Role.VOICE, ANA), order.RoleGiven("Sala1", "bob", "voice", "ana")),
    (deeds.Kicked(SALA, BOB, ANA, "x"), order.Kicked("bob", "ana", "Sala1", "x")),
    (
        deeds.Kicked(None, BOB, ANA, is_ban=True, until=AT),
        order.Kicked("bob", "ana", ban=True, until=1_790_000_000.123),
    ),
    (deeds.Muted(SALA, BOB, ANA, AT, "x"), order.Muted("Sala1", "bob", "ana", 1_790_000_000.123, "x")),
    (deeds.Unmuted(SALA, BOB, ANA), order.Unmuted("Sala1", "bob", "ana")),
    (deeds.Invited(SALA, ANA), order.Invited("Sala1", "ana")),
    (deeds.ModesSet(SALA, RoomModes(), ANA), order.ModesAre("Sala1", order.ToldModes(), "ana")),
]


@pytest.fixture
def codec():
    return NativeCodec(WireSettings(lang="en"))


def understood(codec, line):
    return list(codec.receive_data(line if line.endswith(b"\n") else line + b"\n"))


def read(data):
    """The one message that a client of ours reads in `data`."""
    client = NativeClientCodec()
    (message,) = client.receive_data(data)
    assert client.skipped == 0
    return message


def refusal(codec, line):
    (item,) = understood(codec, line)
    assert isinstance(item, Malformed)
    return json.loads(codec.answer(item, item.refused))


# Both ends understand each other


@pytest.mark.parametrize(("message", "command"), CLIENT_MESSAGES)
def test_the_server_understands_what_our_client_says(codec, message, command):
    request_id = getattr(message, "id", None)
    expected = [] if command is None else [Request(command, request_id)]
    assert understood(codec, NativeClientCodec().encode(message)) == expected


@pytest.mark.parametrize(("answer", "message"), ANSWERS)
def test_our_client_understands_what_the_server_answers(codec, answer, message):
    assert read(codec.answer(Request(commands.Ping(), 7), answer)) == message


@pytest.mark.parametrize(("event", "message"), EVENTS)
def test_our_client_understands_what_others_did(codec, event, message):
    assert read(codec.encoder.encode(event)) == message
    assert codec.encoder.encode_own(event) == b""


@pytest.mark.parametrize(("event", "message"), DEEDS)
def test_whoever_puts_a_room_in_order_reads_what_all_others_read(codec, event, message):
    assert read(codec.encoder.encode(event)) == message
    assert read(codec.encoder.encode_own(event)) == message
    assert read(codec.tell(event)) == message


@pytest.mark.parametrize("whom", ["", ',"who":"a","account":"b"', ',"account":"b","network":"::/0"'])
def test_a_ban_is_of_one_thing(codec, whom):
    error = refusal(codec, b'{"t":"ban","id":1%s}' % whom.encode())
    assert (error["code"], error["re"]) == ("bad-field", 1)


@pytest.mark.parametrize("role", ["banned", "admin", "", "Owner"])
def test_a_role_is_one_of_four(codec, role):
    line = json.dumps({"t": "role", "room": "Sala1", "who": "bob", "role": role}).encode()
    assert refusal(codec, line)["code"] == "bad-field"


def test_our_client_understands_the_welcome(codec):
    welcome = read(codec.answer(Request(commands.Ping(), 7), events.Welcome(ANA, SALA, (JOINED,), 9)))
    assert welcome == messages.Welcome(
        1, "ana", welcome.server, "en", "Sala1", TOLD_LIMITS, 9, [TOLD_JOINED], re=7
    )
    assert welcome.server.startswith("wassop ")


@pytest.mark.parametrize(
    ("role", "told"),
    [(ServerRole.USER, None), (ServerRole.MODERATOR, "moderator"), (ServerRole.ADMIN, "admin")],
)
def test_the_welcome_of_an_account_says_so_and_what_it_may_do(codec, role, told):
    account = Account(ANA, role)
    welcome = read(codec.answer(Request(commands.Ping()), events.Welcome(ANA, SALA, account=account)))
    assert (welcome.account, welcome.role) == (True, told)


def test_no_password_stands_in_what_a_command_shows_of_itself(codec):
    for message, command in CLIENT_MESSAGES:
        assert "secreto" not in repr(command), message


def test_a_client_that_is_held_to_a_rate_is_told_so():
    codec = NativeCodec(WireSettings(messages=Rate(2.5, 7)))
    limits = read(codec.answer(Request(commands.Ping(), 7), events.Welcome(ANA, SALA))).limits
    assert (limits.messages_per_s, limits.messages_burst) == (2.5, 7)


def test_our_client_understands_what_the_server_says_unasked(codec):
    assert codec.greeting() == b""
    assert read(codec.ping()) == messages.Ping()
    assert read(codec.farewell(events.Farewell.IDLE)).reason == "idle"


def test_every_message_is_among_these_examples():
    asked = {type(message) for message, _ in CLIENT_MESSAGES}
    told = {type(message) for _, message in [*ANSWERS, *EVENTS, *DEEDS]}
    assert asked == set(get_args(messages.ClientMessage))
    assert told | {messages.Welcome, messages.Ping} == set(get_args(messages.ServerMessage))


# Answers name what they answer


@pytest.mark.parametrize("request_id", [0, 7, -1, 2**63, 10**30, "", "k3f9", "ñ\n"])
def test_an_answer_carries_the_id_of_its_request(codec, request_id):
    line = json.dumps({"t": "ping", "id": request_id}).encode()
    (item,) = understood(codec, line)
    assert json.loads(codec.answer(item, events.Pong())) == {"t": "pong", "re": request_id}


@pytest.mark.parametrize("answer", [events.Noted(), events.Accepted(SALA, 3, AT, "hola")])
def test_what_was_only_done_is_not_answered_without_an_id(codec, answer):
    assert codec.answer(Request(commands.Ping()), answer) == b""


@pytest.mark.parametrize(("answer", "message"), ANSWERS)
def test_without_an_id_an_answer_has_no_re(codec, answer, message):
    assert b'"re"' not in codec.answer(Request(commands.Ping()), answer)


@pytest.mark.parametrize("request_id", ["true", "1.5", "[]", "{}"])
def test_an_id_of_another_kind_is_a_wrong_field_and_is_not_repeated(codec, request_id):
    error = refusal(codec, b'{"t":"ping","id":%s}' % request_id.encode())
    assert error == {"t": "error", "code": "bad-field", "text": error["text"]}
    assert "id" in error["text"]


# What is not understood


def test_unknown_keys_are_ignored(codec):
    assert understood(codec, b'{"x":[1,{"t":3}],"t":"ping","id":1,"":null}') == [Request(commands.Ping(), 1)]


def test_an_unknown_t_is_named(codec):
    error = refusal(codec, b'{"t":"dance","id":20}')
    assert error == {"t": "error", "re": 20, "code": "unknown-t", "text": "Unknown request: dance."}


@pytest.mark.parametrize(
    "line", [b"{}", b'{"t":null}', b'{"t":7}', b'{"t":["say"]}', b'{"type":"say"}', b'{"t":""}']
)
def test_without_a_t_that_is_a_text_a_request_is_unknown(codec, line):
    assert refusal(codec, line)["code"] == "unknown-t"


def test_a_very_long_t_is_not_repeated_in_full(codec):
    assert len(refusal(codec, b'{"t":"%s"}' % (b"x" * 10_000))["text"]) < 100


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (b'{"t":"say","room":7,"text":"hola","id":21}', "room"),
        (b'{"t":"say","room":"Sala1","id":21}', "text"),
        (b'{"t":"join","room":"Sala1","history":"all","id":21}', "history"),
        (b'{"t":"hello","name":"ana","resume":{"Sala1":"3"},"id":21}', "resume"),
        (b'{"id":21,"t":"hello","name":null}', "name"),
        (b'{"t":"pong","re":{},"id":21}', "re"),
        (b'{"t":"history","room":"x","before":"1","id":21}', "before"),
        (b'{"t":"search","id":21}', "words"),
        (b'{"t":"search","words":"x","since":"ayer","id":21}', "since"),
        (b'{"t":"read","room":"x","seq":1.5,"id":21}', "seq"),
        (b'{"t":"hello","name":"ana","epoch":"1","id":21}', "epoch"),
        (b'{"t":"say","room":"x","text":"x","about":"1","id":21}', "about"),
        (b'{"t":"say","room":"x","text":"x","kind":"edit","about":0,"id":21}', "about"),
        (b'{"t":"say","room":"x","text":"x","kind":"edit","about":9007199254740993,"id":21}', "about"),
        (b'{"t":"say","room":"x","text":"x","kind":["edit"],"about":1,"id":21}', "kind"),
        (b'{"t":"away","text":7,"id":21}', "text"),
        (b'{"t":"away","back":1,"id":21}', "back"),
        (b'{"t":"msg","to":"x","text":"x","nonce":"%s","id":21}' % (b"n" * 65), "nonce"),
    ],
)
def test_a_missing_or_wrong_key_is_named(codec, line, field):
    error = refusal(codec, line)
    assert (error["code"], error["re"]) == ("bad-field", 21)
    assert field in error["text"]


@pytest.mark.parametrize(
    "line",
    [b"hola", b"[1]", b"3", b"null", b'"t"', b'{"t":"ping"', b'{"t":"ping"}{"t":"ping"}', b"{'t':'ping'}"],
)
def test_a_line_that_is_no_json_object_is_refused(codec, line):
    assert refusal(codec, line)["code"] == "bad-json"


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (b'{"t":"say","room":"x","text":"\xff"}', "bad-encoding"),
        (b"\xc3\x28", "bad-encoding"),
        (b'{"t":"say","room":"x","text":"\xed\xa0\x80"}', "bad-encoding"),
        (b'{"t":"say","room":"x","text":"\\ud800"}', "bad-json"),
        (b'{"t":"say","room":"x","text":"\\udc00x"}', "bad-json"),
        (b'{"t":' + b"[" * 9_000, "bad-json"),
        (b'{"t":"join","room":"x","since":' + b"9" * 5_000 + b"}", "bad-field"),
        (b'{"t":"join","room":"x","since":1e999}', "bad-field"),
    ],
)
def test_what_cannot_be_a_text_or_a_number_is_refused(line, code):
    codec = NativeCodec(WireSettings(lang="en", max_line_bytes=30_000))
    assert refusal(codec, line)["code"] == code
    assert understood(codec, b'{"t":"ping"}') == [Request(commands.Ping())]


def test_deep_nesting_under_a_key_that_is_ignored_does_no_harm():
    """How deep is too deep depends on the Python: some refuse it, some skip it with the key."""
    codec = NativeCodec(WireSettings(lang="en", max_line_bytes=30_000))
    (item,) = understood(codec, b'{"t":"ping","x":' + b"[" * 9_000 + b"]" * 9_000 + b"}")
    assert item in (Request(commands.Ping()), Malformed(Refused(Code.BAD_JSON)))
    assert understood(codec, b'{"t":"ping"}') == [Request(commands.Ping())]


@pytest.mark.parametrize("line", [b"", b" ", b"\r", b"\t \r"])
def test_an_empty_line_asks_nothing(codec, line):
    assert understood(codec, line + b"\n") == []


def test_an_overlong_line_is_refused_with_the_bound(codec):
    error = refusal(codec, b"x" * 16_385)
    assert error["code"] == "line-too-long"
    assert "16384" in error["text"]


def test_another_version_is_refused(codec):
    error = refusal(codec, b'{"t":"hello","v":2,"name":"ana","lang":"es","id":1}')
    assert error == {
        "t": "error",
        "re": 1,
        "code": "version-unknown",
        "text": "This server speaks version 1 of the protocol, not 2.",
    }


def test_our_client_skips_what_it_does_not_understand_and_goes_on():
    client = NativeClientCodec(max_line_bytes=50)
    lines = [
        b'{"t":"newer"}',
        b"\xff",
        b"x" * 60,
        b"[" * 49,
        b'{"t":"pong","re":{}}',
        b"",
        b'{"t":"pong","new":1}',
        b"",
    ]
    assert list(client.receive_data(b"\n".join(lines))) == [messages.Pong()]
    assert client.skipped == 6


def test_an_ordinary_message_has_the_bytes_that_it_always_had(codec):
    """Load generators and other people's clients count on them, and so does the time that encoding takes."""
    assert codec.encoder.encode(NAMED) == (
        b'{"t":"said","room":"Sala1","seq":4,"from":"ana","text":"hola","at":1790000000.123,"nonce":"k"}\n'
    )


# Languages


def test_errors_are_told_in_the_language_of_the_hello():
    codec = NativeCodec(WireSettings(lang="es"))
    in_spanish = refusal(codec, b'{"t":"dance"}')["text"]
    understood(codec, b'{"t":"hello","name":"ana","lang":"en"}')
    assert refusal(codec, b'{"t":"dance"}')["text"] == "Unknown request: dance." != in_spanish


def test_an_unknown_language_leaves_the_one_of_the_server(codec):
    assert understood(codec, b'{"t":"hello","name":"ana","lang":"tlh"}') == [
        Request(commands.Identify("ana"))
    ]
    assert refusal(codec, b'{"t":"dance"}')["text"] == "Unknown request: dance."


# The words that load generators and other people's clients are written to (dialects.md, "native")


class Line:
    """A client who speaks the lines of dialects.md at a hub."""

    def __init__(self, hub):
        self.hub = hub
        self.session = hub.connect()
        self.codec = NativeCodec(WireSettings())
        self.others = []

    def ask(self, line):
        (request,) = understood(self.codec, line.encode())
        reply, *self.others = self.hub.handle(self.session, request.command, AT)
        data = self.codec.answer(request, reply.answer)
        return json.loads(data) if data else None

    def event(self):
        return json.loads(self.codec.encoder.encode(*self.others[-1].events))


def test_the_fixed_words_are_what_they_were():
    hub = Hub()
    ana, bob = Line(hub), Line(hub)
    welcome = ana.ask('{"t":"hello","v":1,"name":"ana"}')
    assert (welcome["t"], welcome["v"], welcome["name"]) == ("welcome", 1, "ana")
    assert isinstance(welcome["limits"], dict)
    error = bob.ask('{"t":"hello","v":1,"name":"ana","lang":"es","client":"x","resume":{},"lobby":false}')
    assert (error["t"], error["code"], set(error)) == ("error", "name-taken", {"t", "code", "text"})
    assert bob.ask('{"t":"hello","v":1,"name":"bob"}')["t"] == "welcome"
    assert ana.ask('{"t":"join","room":"Sala1","id":1,"history":50}') == {
        "t": "joined",
        "room": "Sala1",
        "re": 1,
        "seq": 0,
        "members": ["ana"],
        "history": [],
    }
    assert ana.ask('{"t":"say","room":"Sala1","text":"hola","id":2,"nonce":"k3f9"}') == {
        "t": "ok",
        "re": 2,
        "seq": 1,
        "at": 1_790_000_000.123,
    }
    assert ana.event() == {
        "t": "said",
        "room": "Sala1",
        "seq": 1,
        "from": "ana",
        "text": "hola",
        "at": 1_790_000_000.123,
        "nonce": "k3f9",
    }
    assert ana.ask('{"t":"say","room":"Sala1","text":"hola"}') is None
    assert ana.ask('{"t":"msg","to":"bob","text":"..."}') is None
    assert ana.ask('{"t":"all","text":"..."}') is None
    assert ana.ask('{"t":"rooms"}')["t"] == "rooms"
    assert ana.ask('{"t":"who","room":"Sala1"}')["members"] == ["ana"]
    assert ana.ask('{"t":"typing","room":"Sala1"}') is None
    assert ana.ask('{"t":"ping"}') == {"t": "pong"}
    assert ana.ask('{"t":"leave","room":"Sala1"}') == {"t": "left", "room": "Sala1"}
    error = ana.ask('{"t":"say","room":"Sala1","text":"hola","id":2}')
    assert (error["t"], error["re"], error["code"]) == ("error", 2, "not-in-room")
    assert ana.ask('{"t":"quit"}')["t"] == "bye"
