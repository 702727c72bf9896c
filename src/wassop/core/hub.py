"""The chat's rules and all of its state.

Rule 1: every decision about who may do what is made here.
Rule 2: nothing here waits, so every call is one atomic step.
Rule 3: who hears a message is fixed when the message is decided.
"""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Final

from wassop.core import permissions
from wassop.core.absences import set_away
from wassop.core.accounts import Accounts
from wassop.core.amendments import Party, amend
from wassop.core.commands import (
    Announce,
    Command,
    Identify,
    Join,
    Leave,
    ListRooms,
    MarkRead,
    Ping,
    Quit,
    ReadHistory,
    Say,
    Search,
    SetAway,
    SetTopic,
    Tell,
    Type,
    Who,
)
from wassop.core.deliveries import Delivery, Record, Reply, Spoken, ToRoom, Vacated
from wassop.core.entering import identify, join
from wassop.core.events import (
    Accepted,
    Bye,
    Farewell,
    Left,
    LookUpPage,
    Noted,
    Page,
    Pong,
    Presence,
    Said,
    Told,
    Typing,
)
from wassop.core.limits import Limits
from wassop.core.logins import carry_out, needs_no_name, take_back
from wassop.core.mailboxes import Mailboxes
from wassop.core.moderation import Moderation
from wassop.core.names import UserName
from wassop.core.orders import Order
from wassop.core.people import People
from wassop.core.reading import mark_read, read_history, who
from wassop.core.records import AccountEntry, Changes, Entry, Stored
from wassop.core.refusals import Code, Refused
from wassop.core.room import Room
from wassop.core.rooms import Rooms
from wassop.core.sayings import PrivateNonces, accepted, note_saying, said_before
from wassop.core.searching import search_for
from wassop.core.session import Session
from wassop.core.telling import take_back_told, tell
from wassop.core.text import refused_text
from wassop.core.topics import set_topic
from wassop.core.web_sessions import WebSessions

LOBBY: Final = "General"
PERMANENT_ROOMS: Final = ("Sala1", "Sala2")


class Hub:
    """Who is here, which rooms there are, and what may be said to whom."""

    def __init__(
        self, limits: Limits | None = None, *, permanent: Iterable[str] = PERMANENT_ROOMS, epoch: int = 0
    ) -> None:
        """`epoch` is the number of this run of the server."""
        self.limits = limits or Limits()
        self.epoch: Final = epoch
        self.sessions: set[Session] = set()
        self._ids = count(1)
        self.people: Final = People()
        self.accounts: Final = Accounts()
        self.mailboxes: Final = Mailboxes()
        self.web: Final = WebSessions()
        self.rooms: Final = Rooms(self.limits, (LOBBY, *permanent))
        self.lobby: Final = next(iter(self.rooms))
        self.private_nonces: Final = PrivateNonces(self.limits.private_nonces)
        self.moderation: Final = Moderation(
            self.rooms, self.people, self.limits, self._put_out, self.disconnect
        )
        self.absences: Final[dict[str, str]] = {}
        self._newsworthy: set[Room] = set()
        self._party: Final = Party(self.limits, self.rooms, self.people)

    # What the server calls

    def connect(self, address: str = "", *, is_operator: bool = False) -> Session:
        """A visitor has come from `address` (an IP address, where that is known), nameless so far; or whoever
        runs the server, who needs no name."""
        session = Session(next(self._ids), address=address, is_operator=is_operator)
        self.sessions.add(session)
        return session

    def handle(self, session: Session, command: Command, now: float) -> list[Delivery]:
        """Carry out what `session` asks at `now` (Unix seconds), or refuse it; a `Reply` comes first.

        Whoever is disconnected already, and has requests on the way in still, is only told so.
        """
        if session not in self.sessions:
            return [Reply(Bye(Farewell.LOST))]
        if session.name is None and not needs_no_name(session, command):
            return [Reply(Refused(Code.HELLO_FIRST))]
        match command:
            case Say():  # nearly all of them
                return self._say(session, command, now)
            case Join():
                return join(self, session, command, now)
            case Leave():
                return self._leave(session, command)
            case Identify():
                return identify(self, session, command, now)
            case Tell():
                return tell(self, session, command, now)
            case Announce():
                return self._announce(session, command, now)
            case SetTopic():
                return self._set_topic(session, command, now)
            case SetAway():
                return set_away(self.absences, session, self.lobby, command, self.limits)
            case Type():
                return self._type(session, command, now)
            case ReadHistory():
                return [Reply(self._read_history(session, command))]
            case Search():
                return [Reply(search_for(session, command, self.limits.history_page_messages))]
            case MarkRead():
                return self._mark_read(session, command)
            case Who():
                return [Reply(who(session, command, self.rooms, self.people.everyone, self.absences))]
            case ListRooms():
                return [Reply(permissions.room_list(session, self.rooms, self.lobby))]
            case Ping():
                return [Reply(Pong())]
            case Quit():
                return [Reply(Bye(Farewell.QUIT))]
            case Order():
                return self.moderation.carry_out(session, command, now)
            case _:
                return carry_out(self, session, command, now)

    def say_all(self, session: Session, sayings: Sequence[Say], now: float) -> Spoken | None:
        """Carry out what `session` says in one room in one breath (plain messages, at least one) as `handle`
        would one after the other, but only as far as each is new and nothing forbids it; None when not even
        the first is. Each is answered with `accepted`."""
        room, name = self._room_with(session, sayings[0].room), session.name
        if name is None or isinstance(room, Refused) or room.rules is not None:
            return None
        new: list[Said] = []
        bytes_before = room.recent_bytes
        for saying in sayings:
            text, nonce = saying.text, saying.nonce
            if refused_text(text, self.limits.max_text_bytes) is not None:
                break
            if nonce is not None and said_before(session, room, nonce) is not None:
                break
            said = room.append(name, text, now, nonce, to_all=False)
            if nonce is not None:
                note_saying(session, said, self.limits.session_nonces)
            new.append(said)
        self.rooms.bound_memory(room, bytes_before)
        if not new:
            return None
        all_said = tuple(new)
        return Spoken(all_said, ToRoom(room, all_said, room.audience, session))

    def take_back(self, entry: Entry) -> None:
        """What was to be put on record could not be: be as if it had not been decided, where that matters."""
        if isinstance(entry, Told):
            take_back_told(self, entry)
        elif isinstance(entry, Changes):
            self.moderation.take_back(entry.changes)
        elif isinstance(entry, AccountEntry):
            take_back(self, entry)

    def disconnect(self, session: Session) -> list[Delivery]:
        """The visitor is gone; tell the others. Calling it again does nothing."""
        self.sessions.discard(session)
        return self.depart(session)

    def depart(self, session: Session) -> list[Delivery]:
        """The visitor has no name any more and is in no room; tell the others."""
        name = session.name
        if name is None:
            return []
        deliveries: list[Delivery] = []
        for room in [*session.rooms.values(), self.lobby]:
            if session in room:
                deliveries += self._release(session, room, name, "gone")
        self.people.release(session)
        if not self.people.named(name):
            self.absences.pop(name.key, None)
        session.rooms.clear()
        session.sayings = session.account = None
        return deliveries

    @property
    def has_news(self) -> bool:
        """Whether notices of coming and going wait to be told together."""
        return bool(self._newsworthy) or self.people.has_news

    def take_news(self) -> list[Delivery]:
        """One notice for each room in which people came or went since the last call, and one list of all who
        are connected for those who keep such a list."""
        rooms, self._newsworthy = self._newsworthy, set()
        notices = ((room, room.take_news()) for room in rooms)
        told: list[Delivery] = [
            ToRoom(room, (news,), room.audience)
            for room, news in notices
            if news.joined or news.left or news.gone
        ]
        return [*told, *self.people.take_news(self.lobby)]

    # Coming and going

    def admit(self, session: Session, room: Room, name: UserName) -> list[Delivery]:
        """Let a visitor into a room in which it is not; tell the others."""
        is_twin = self.people.is_twin(session, room)
        room.admit(session, is_twin=is_twin)
        return [] if is_twin else self.tell_presence(room, name, "joined", session)

    def _leave(self, session: Session, command: Leave) -> list[Delivery]:
        room = self._room_with(session, command.room)
        if isinstance(room, Refused):
            return [Reply(room)]
        if room is self.lobby:
            return [Reply(Refused(Code.LOBBY_STAYS, {"room": room.name.text}))]
        assert session.name is not None
        del session.rooms[room.name]
        return [Reply(Left(room.name)), *self._release(session, room, session.name, "left")]

    def _put_out(self, session: Session, room: Room) -> list[Delivery]:
        assert session.name is not None
        del session.rooms[room.name]
        return self._release(session, room, session.name, None)

    def _release(self, session: Session, room: Room, name: UserName, how: str | None) -> list[Delivery]:
        is_twin = self.people.is_twin(session, room)
        room.release(session, is_twin=is_twin)
        if room.roles is not None:
            room.roles.release(session)
            room.settle_rules()
        if is_twin:
            return []
        if len(room) and how is not None:
            return self.tell_presence(room, name, how, None)
        if len(room):
            room.forget_news(name)
            return []
        self._newsworthy.discard(room)
        room.take_news()
        if room.stays:
            return []
        self.rooms.retire(room)
        return [Vacated(room)]

    def tell_presence(self, room: Room, name: UserName, how: str, author: Session | None) -> list[Delivery]:
        """Tell a room, but for `author`, that somebody "joined" it, "left" it or is "gone"."""
        if author is not None and len(room) == 1:
            return []  # nobody else is there
        if len(room) <= self.limits.presence_merge_members and room not in self._newsworthy:
            presence = Presence(room.name, **{how: (name,)})
            return [ToRoom(room, (presence,), room.audience, author)]
        room.note(name, how)
        self._newsworthy.add(room)
        return []

    # Talking

    def _say(self, session: Session, command: Say, now: float) -> list[Delivery]:
        room = self._room_with(session, command.room)
        if isinstance(room, Refused):
            return [Reply(room)]
        if command.is_plain:
            return self._post(session, room, command, now)
        return amend(room, session, command, now, self._party)

    def _announce(self, session: Session, command: Announce, now: float) -> list[Delivery]:
        return self._post(session, self.lobby, command, now)

    def _post(self, session: Session, room: Room, command: Say | Announce, now: float) -> list[Delivery]:
        assert session.name is not None
        refused = refused_text(command.text, self.limits.max_text_bytes)
        if refused is not None:
            return [Reply(refused)]
        before = None if command.nonce is None else said_before(session, room, command.nonce)
        if isinstance(before, Stored):
            return [Reply(Accepted(room.name, before.seq, before.at, command.text, None, before.to_all))]
        if room.rules is not None and before is None:
            refused = permissions.refused_message(room, session, now)
            if refused is not None:
                return [Reply(refused)]
        said = before or self._append(room, session, session.name, command, now)
        reply, record = Reply(accepted(said)), Record(said)
        if before is not None:  # not told again, but perhaps it could not be stored the first time
            return [reply, record]
        audience = self.people.everyone.audience if said.to_all else room.audience
        return [reply, record, ToRoom(room, (said,), audience, session)]

    def _append(
        self, room: Room, author: Session, name: UserName, command: Say | Announce, now: float
    ) -> Said:
        before = room.recent_bytes
        to_all = type(command) is Announce
        said = room.append(name, command.text, now, command.nonce, to_all=to_all)
        self.rooms.bound_memory(room, before)
        if said.nonce is not None:
            note_saying(author, said, self.limits.session_nonces)
        return said

    def _set_topic(self, session: Session, command: SetTopic, now: float) -> list[Delivery]:
        room = self._room_with(session, command.room)
        if isinstance(room, Refused):
            return [Reply(room)]
        if room is self.lobby:
            return [Reply(Refused(Code.LOBBY_WITHOUT_TOPIC, {"room": room.name.text}))]
        return set_topic(room, session, command.text, now, self.limits.max_topic_chars)

    def _type(self, session: Session, command: Type, now: float) -> list[Delivery]:
        room = self._room_with(session, command.room)
        if isinstance(room, Refused):
            return [Reply(room)]
        if room.rules is not None and (refused := permissions.refused_words(room, session, now)):
            return [Reply(refused)]
        assert session.name is not None
        typing = Typing(room.name, session.name)
        return [Reply(Noted()), ToRoom(room, (typing,), room.audience, session)]

    # Asking

    def _read_history(self, session: Session, command: ReadHistory) -> Page | LookUpPage | Refused:
        room = self._room_with(session, command.room)
        if isinstance(room, Refused):
            return room
        return read_history(room, command, self.limits.history_page_messages)

    def _mark_read(self, session: Session, command: MarkRead) -> list[Delivery]:
        room = self._room_with(session, command.room)
        if isinstance(room, Refused):
            return [Reply(room)]
        assert session.name is not None
        return mark_read(room, session.name, command)

    def _room_with(self, session: Session, name: str) -> Room | Refused:
        room = self.rooms.named(name)
        if room is None or session not in room:
            return Refused(Code.NOT_IN_ROOM, {"room": name})
        return room
