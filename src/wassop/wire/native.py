"""The server's end of the native dialect. PROTOCOL.md, beside this file, is its description."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Final, get_args

import msgspec

import wassop
from wassop.core import commands, deeds, events, operations, web_commands
from wassop.core.accounts import Account, ServerRole
from wassop.core.names import MAX_ROOM_NAME_CHARS, MAX_USER_NAME_CHARS
from wassop.core.refusals import Code, Refused
from wassop.core.roles import Role
from wassop.locale import LANGUAGES, translations
from wassop.wire import native_messages as messages
from wassop.wire import native_operations, native_orders, phrases
from wassop.wire.codec import Item, Malformed, Request, WireSettings
from wassop.wire.framing import LineSplitter, Overlong
from wassop.wire.moments import to_ms

_decoder: Final = msgspec.json.Decoder(messages.ClientMessage)
_encode: Final = msgspec.json.Encoder().encode


class _Envelope(msgspec.Struct):
    """As much of a line as can be read when the rest is wrong."""

    t: object = None
    id: object = None


_envelope_decoder: Final = msgspec.json.Decoder(_Envelope)


class NativeEncoder:
    """Events as JSON lines. They hold no sentence of ours, so readers of all languages share them."""

    paced = False

    def encode(self, event: events.Event) -> bytes:
        """One line."""
        if type(event) is events.Said:  # nearly all of them: found without trying the patterns in turn
            room, author = event.room.text, event.author.text
            said = messages.Said(
                room, event.seq, author, event.text, to_ms(event.at), event.to_all, event.nonce
            )
            if event.kind is not events.Kind.SAY:
                said.kind, said.about, said.quote = event.kind.value, event.about, _quote(event)
            return _encode(said) + b"\n"
        return self._message(event)

    def encode_own(self, event: events.Event) -> bytes:
        """Nothing, for who caused it had an answer; but what puts a room in order is told to all alike."""
        return self._message(event) if isinstance(event, deeds.Deed) else b""

    def _message(self, event: events.Event) -> bytes:
        match event:
            case events.Told(author, to, text, at, nonce, kept) | events.ToldElsewhere(
                events.Told(author, to, text, at, nonce, kept)
            ):
                return _line(messages.Private(author.text, to.text, text, to_ms(at), nonce, kept))
            case events.TopicSet(room, text, by, at):
                return _line(messages.TopicSet(room.text, text, by.text, to_ms(at)))
            case events.Away(who, text):
                return _line(messages.Away(who.text, text, back=not text))
            case events.Presence(room, joined, left, gone):
                lists = ([name.text for name in names] for names in (joined, left, gone))
                return _line(messages.Presence(room.text, *lists))
            case events.Typing(room, who):
                return _line(messages.Typing(room.text, who.text))
            case events.Slowed(wait_s):
                return _line(messages.Slow(math.ceil(wait_s * 1_000)))
            case deeds.RoleGiven() | deeds.Kicked() | deeds.Muted() | deeds.Unmuted():
                return _line(native_orders.event(event))
            case deeds.Invited() | deeds.ModesSet():
                return _line(native_orders.event(event))
            case _:  # nobody asks for a roster in this dialect, which has `presence`
                return b""


_ENCODER: Final = NativeEncoder()


class NativeCodec:
    """One visitor who speaks the native dialect."""

    dialect = "native"
    answers_in_order = False
    encoder_is_fixed = True

    def __init__(self, settings: WireSettings) -> None:
        self._settings: Final = settings
        self._lines: Final = LineSplitter(settings.max_line_bytes)
        self._lang = settings.lang
        self._tr = translations(settings.lang)

    @property
    def encoder(self) -> NativeEncoder:
        """The same object for all who speak this dialect."""
        return _ENCODER

    def greeting(self) -> bytes:
        """Nothing: the client speaks first."""
        return b""

    def ping(self) -> bytes:
        """A line that a client answers with `pong`."""
        return _line(messages.Ping())

    def tell(self, event: events.Event) -> bytes:
        """As all others read it."""
        return _ENCODER.encode(event)

    def farewell(self, reason: events.Farewell) -> bytes:
        """The last line of a connection."""
        return _line(messages.Bye(reason.value, phrases.farewell(reason, self._tr)))

    def receive_data(self, data: bytes) -> Iterator[Item]:
        """The requests in the lines that `data` completes."""
        for line in self._lines.receive_data(data):
            item = self._understood(line)
            if item is not None:
                yield item

    has_rest = False

    def receive_pause(self) -> Iterator[Item]:
        """Nothing: a line ends with its end, however long that takes."""
        return iter(())

    def receive_eof(self) -> Iterator[Item]:
        """The request in the last line, if it lacks its end."""
        for line in self._lines.receive_eof():
            item = self._understood(line)
            if item is not None:
                yield item

    def answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        """One line, or nothing for what only changes something and carries no id."""
        message = self._answer(answer, item.id)
        return b"" if message is None else _encode(message) + b"\n"

    def _understood(self, line: bytes | Overlong) -> Item | None:
        """What a line asks for; nothing when it is empty, or an answer to a ping."""
        if line is Overlong.LINE:
            return Malformed(Refused(Code.LINE_TOO_LONG, {"limit": self._settings.max_line_bytes}))
        try:
            message = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            return _malformed(line, error) if line.strip() else None
        if type(message) is messages.Say:  # nearly all of them
            return Request(
                commands.Say(message.room, message.text, message.nonce, message.kind, message.about),
                message.id,
            )
        if isinstance(message, messages.Pong):
            return None
        if isinstance(message, messages.Hello) and message.v != messages.VERSION:
            unknown = Refused(Code.VERSION_UNKNOWN, {"known": messages.VERSION, "asked": message.v})
            return Malformed(unknown, message.id)
        if isinstance(message, (messages.Hello, messages.Account)) and message.lang in LANGUAGES:
            self._lang = message.lang
            self._tr = translations(message.lang)
        command = _command(message)
        if isinstance(command, Refused):
            return Malformed(command, message.id)
        return Request(command, message.id)

    def _answer(self, answer: events.Answer, re: int | str | None) -> messages.ServerMessage | None:
        if isinstance(answer, events.Accepted):  # nearly all of them
            if re is None:
                return None
            return messages.Ok(re, answer.seq, to_ms(answer.at), answer.kept, answer.away)
        match answer:
            case events.TopicSet(at=at):
                return None if re is None else messages.Ok(re, None, to_ms(at))
            case events.Joined():
                return _joined(answer, re)
            case Refused(code):
                return messages.Error(code.value, phrases.refusal(answer, self._tr), re)
            case events.Welcome():
                return self._welcome(answer, re)
            case events.LoggedOut():
                return messages.LoggedOut(re)
            case events.AccountList(accounts):
                return messages.AccountsAre([_account_line(account) for account in accounts], re)
            case events.Left(room):
                return messages.Left(room.text, re)
            case events.RoomList(rooms):
                return messages.RoomsAre([_room_line(info) for info in rooms], re)
            case events.Members(room, names, away):
                members, where = [name.text for name in names], room.text if room else None
                return messages.WhoIs(members, where, re, _away(away))
            case events.Page(room, said, more):
                return messages.HistoryPage(room.text, [_entry(each) for each in said], more, re)
            case events.Found(said, more):
                return messages.Found([_found(each) for each in said], more, re)
            case events.ReadUpTo(room, seq):
                return messages.ReadUpTo(room.text, seq, re)
            case events.Pong():
                return messages.Pong(re)
            case operations.SessionList() | operations.Figures() | operations.LogLines():
                return native_operations.told(answer, re)
            case web_commands.CodeGiven():
                return native_operations.told(answer, re)
            case web_commands.WebSessionGiven() | web_commands.WebSessionOver():
                return None  # a page's affair
            case events.Noted() | events.Away() | web_commands.AdminClaimed() | deeds.Done():
                return None if re is None else messages.Ok(re)
            case deeds.ModesSet():
                return native_orders.modes(answer, re)
            case deeds.BanList():
                return native_orders.bans(answer, re)
            case deeds.AuditPage():
                return native_orders.audit(answer, re)
            case events.Bye(reason):
                return messages.Bye(reason.value, phrases.farewell(reason, self._tr), re)

    def _welcome(self, welcome: events.Welcome, re: int | str | None) -> messages.Welcome:
        account = welcome.account
        return messages.Welcome(
            v=messages.VERSION,
            name=welcome.name.text,
            server=f"wassop {wassop.__version__}",
            lang=self._lang,
            lobby=welcome.lobby.text,
            limits=self._limits(),
            epoch=welcome.epoch,
            resumed=[_joined(joined, None) for joined in welcome.resumed],
            account=account is not None,
            role=account.role.text if account is not None and account.role > ServerRole.USER else None,
            re=re,
        )

    def _limits(self) -> messages.ToldLimits:
        limits, rate = self._settings.limits, self._settings.messages
        return messages.ToldLimits(
            line_bytes=self._settings.max_line_bytes,
            text_bytes=limits.max_text_bytes,
            name_chars=MAX_USER_NAME_CHARS,
            room_chars=MAX_ROOM_NAME_CHARS,
            rooms=limits.max_rooms_per_session,
            history=limits.recent_messages_per_room,
            ping_s=self._settings.ping_interval_s,
            topic_chars=limits.max_topic_chars,
            messages_per_s=rate.per_s if rate else 0,
            messages_burst=rate.burst if rate else 0,
        )


def _joined(joined: events.Joined, re: int | str | None) -> messages.Joined:
    history = [_entry(said) for said in joined.history]
    members = [name.text for name in joined.members]
    topic = joined.topic
    told = None if topic is None else messages.RoomTopic(topic.text, topic.by.text, to_ms(topic.at))
    return messages.Joined(
        room=joined.room.text,
        seq=joined.seq,
        members=members,
        history=history,
        since=joined.since,
        complete=joined.complete,
        topic=told,
        re=re,
        away=_away(joined.away),
        roles=native_orders.told_roles(joined),
        modes=native_orders.told_modes(joined.modes) if joined.modes else None,
        role=joined.role.text if joined.role > Role.MEMBER else None,
    )


def _account_line(account: Account) -> messages.AccountLine:
    last = account.last_login_at
    return messages.AccountLine(
        account.name.text,
        account.role.text,
        to_ms(account.created_at),
        None if last is None else to_ms(last),
    )


def _room_line(info: events.RoomInfo) -> messages.RoomLine:
    return messages.RoomLine(info.room.text, info.count, info.password, info.invite_only, info.topic)


def _entry(said: events.Said) -> messages.SaidEntry:
    entry = messages.SaidEntry(said.seq, said.author.text, said.text, to_ms(said.at), said.to_all, said.nonce)
    entry.deleted = said.is_deleted
    if said.kind is not events.Kind.SAY:
        entry.kind, entry.about, entry.quote = said.kind.value, said.about, _quote(said)
    return entry


def _found(said: events.Said) -> messages.FoundEntry:
    entry = messages.FoundEntry(
        said.room.text, said.seq, said.author.text, said.text, to_ms(said.at), said.to_all
    )
    if said.kind is not events.Kind.SAY:
        entry.kind, entry.about, entry.quote = said.kind.value, said.about, _quote(said)
    return entry


def _quote(said: events.Said) -> messages.Quote | None:
    return None if said.quoted is None else messages.Quote(said.quoted.author.text, said.quoted.excerpt)


def _away(absent: events.Absent) -> dict[str, str]:
    return {name.text: text for name, text in absent}


def _hello(hello: messages.Hello) -> commands.Command:
    identify = commands.Identify(hello.name, hello.lobby, hello.resume or {}, hello.epoch)
    if hello.password is None:
        return identify
    return commands.Login(hello.name, hello.password, identify)


_COMMANDS: Final[dict[type, Callable[..., commands.Command | Refused]]] = {
    **native_orders.ORDERS,
    **native_operations.COMMANDS,
    messages.Join: lambda m: commands.Join(m.room, m.history, m.since, password=m.password),
    messages.Leave: lambda m: commands.Leave(m.room),
    messages.Msg: lambda m: commands.Tell(m.to, m.text, m.nonce),
    messages.All: lambda m: commands.Announce(m.text, m.nonce),
    messages.SetAway: lambda m: commands.SetAway(m.text, m.back),
    messages.Topic: lambda m: commands.SetTopic(m.room, m.text),
    messages.Hello: _hello,
    messages.Register: lambda m: commands.Register(m.password),
    messages.Login: lambda m: commands.Login(m.name, m.password),
    messages.Password: lambda m: commands.ChangePassword(m.old, m.new),
    messages.Logout: lambda _: commands.Logout(),
    messages.Account: lambda m: commands.ManageAccount(m.do, m.name, m.password, m.role),
    messages.History: lambda m: commands.ReadHistory(m.room, m.limit, m.before, m.after),
    messages.Search: lambda m: commands.Search(m.words, m.limit, m.room, m.author, m.since, m.until),
    messages.Read: lambda m: commands.MarkRead(m.room, m.seq),
    messages.Rooms: lambda _: commands.ListRooms(),
    messages.Who: lambda m: commands.Who(m.room),
    messages.TypingHere: lambda m: commands.Type(m.room),
    messages.Ping: lambda _: commands.Ping(),
    messages.Quit: lambda _: commands.Quit(),
}


_KNOWN_TYPES: Final = {cls.__struct_config__.tag for cls in get_args(messages.ClientMessage)}
_PLACE: Final = re.compile(r"`\$\.([^`]+)`|field `([^`]+)`")


def _command(message: messages.ClientMessage) -> commands.Command | Refused:
    return _COMMANDS[type(message)](message)


def _malformed(line: bytes, error: Exception) -> Malformed:
    """Say what is wrong with `line`, and to which request that is the answer."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return Malformed(Refused(Code.BAD_ENCODING))
    try:
        envelope = _envelope_decoder.decode(line)
    except (msgspec.DecodeError, RecursionError):
        return Malformed(Refused(Code.BAD_JSON))
    request_id = (
        None if isinstance(envelope.id, bool) or not isinstance(envelope.id, int | str) else envelope.id
    )
    if not isinstance(envelope.t, str) or envelope.t not in _KNOWN_TYPES:
        t = envelope.t if isinstance(envelope.t, str) else msgspec.json.encode(envelope.t).decode()
        return Malformed(Refused(Code.UNKNOWN_TYPE, {"t": t}), request_id)
    # The library says "Expected `str`, got `int` - at `$.room`" or "Object missing required field `text`".
    place = _PLACE.search(str(error))
    return Malformed(Refused(Code.BAD_FIELD, {"field": (place[1] or place[2]) if place else "?"}), request_id)


def _line(message: messages.ServerMessage) -> bytes:
    return _encode(message) + b"\n"
