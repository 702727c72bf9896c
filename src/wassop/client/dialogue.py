"""What a program and a server say to each other, over as many connections as it takes. Pure.

What happens on the line goes in (`connected`, `heard`, `lost`); what is to be written, what the program is
told, and the answers to its requests come out, to be taken by whoever holds the line.

Rule 1: a request without an answer is asked again on the next connection. All of them may be: what is said
carries a nonce.
Rule 2: a message of a room is told once, in the order of the numbers. What finds no place in the inbox is
not noted either, and is fetched from the history when there is one again.
Rule 3: a message of one's own that may have been stored on an earlier connection is not said again before it
is clear that it does not stand among what was missed.
"""

from collections import deque
from typing import Final

from msgspec.structs import replace

from wassop.client import told
from wassop.client.deeds import told_of
from wassop.client.following import AskedPage, Following
from wassop.client.requests import (
    Answer,
    Request,
    entry_of,
    hello_after,
    is_news,
    message_of,
    news_of,
    private_of,
    seen_before,
)
from wassop.client.unanswered import Unanswered
from wassop.wire import native_messages as wire
from wassop.wire import native_moderation as order

CLIENT: Final = "wassop"
MAX_REFUSALS: Final = 5
"""So often one's own name is asked for again on coming back, with growing pauses: the server may still hold
the connection that broke."""
_FINAL: Final = frozenset({"kicked", "banned", "not-allowed", "tls-required"})
"""Reasons of a `bye` after which coming back would not help."""
_PRIVATE_NONCES: Final = 256


class Dialogue:
    """One visit to a server. `nonces` begins the nonces of this program, and nobody else's."""

    def __init__(self, hello: wire.Hello, nonces: str, max_waiting: int) -> None:
        self._hello = hello
        self._nonces: Final = nonces
        self._max_waiting: Final = max_waiting
        self.name = hello.name
        self.lobby = ""
        self.limits: wire.ToldLimits | None = None
        self.is_online = False
        self.ended: told.ChatError | None = None
        """Why it is over for good."""
        self.inbox: Final[deque[told.Told]] = deque()
        self.to_send: Final[list[wire.ClientMessage]] = []
        self.answers: Final[list[tuple[int, Answer]]] = []
        self.wants_another_line = False
        self._epoch: int | None = None
        self._was_welcome = False
        self._told_offline = False
        self._refusals = 0
        self._number = 0
        self._hello_number = 0
        self._unanswered: Final = Unanswered()
        self._asked: Final[dict[int, AskedPage]] = {}
        self._rooms: Final[dict[str, Following]] = {}
        self._knocking: Final[dict[int, tuple[Following, bool]]] = {}
        """Rooms with a password that one goes back into, and whether in the same run of the server."""
        self._private: Final[deque[tuple[str, str]]] = deque(maxlen=_PRIVATE_NONCES)
        self._lost = 0

    # What the program wants

    def ask(self, request: Request) -> int:
        """Ask `request` now, or when the line is back; the number that its answer will have."""
        number = self._next()
        self._unanswered.requests[number] = numbered = replace(request, id=number)
        if self.is_online and not self._must_wait(request):
            self.to_send.append(numbered)
        return number

    def forget(self, number: int) -> None:
        """Nobody waits for that answer any more. What was said may have been stored all the same."""
        self._unanswered.forget(number, is_online=self.is_online)

    def nonce(self) -> str:
        """A new name for a message."""
        return f"{self._nonces}{self._next()}"

    def taken(self) -> None:
        """The program took something out of the inbox; fetch what had no place in it."""
        if self._lost and self._has_room():
            self._tell(told.Missing(None, self._lost))
            self._lost = 0
        for room in self._rooms.values():
            self._fetch(room)

    @property
    def rooms(self) -> tuple[str, ...]:
        """The rooms one is in."""
        return tuple(room.name for room in self._rooms.values())

    # What happens on the line

    def connected(self) -> None:
        """There is a connection: say who one is."""
        self._hello_number = self._next()
        resume = {room.name: room.ledger.mark for room in self._rooms.values()} or None
        epoch = self._epoch if resume else None
        self.to_send.append(replace(self._hello, resume=resume, epoch=epoch, id=self._hello_number))

    def lost(self) -> None:
        """The connection is gone, or could not be made."""
        if self.is_online:
            self._told_offline = self._has_room()
            if self._told_offline:
                self._tell(told.Offline())
            self._unanswered.note_sent()
        self.is_online = False
        self._asked.clear()
        self._knocking.clear()
        self._unanswered.abandoned.clear()
        self.to_send.clear()
        for room in self._rooms.values():
            room.is_asking = False

    def heard(self, message: wire.ServerMessage) -> None:
        """The server said `message`."""
        match message:
            case wire.Said():
                self._said(message)
            case wire.Private():
                self._private_message(message)
            case order.Kicked(who, _, name):
                self._tell(told_of(message))
                if name is not None and who.casefold() == self.name.casefold():
                    self._out_of(name)
            case _ if is_news(message):
                if self._has_room():
                    self._tell(news_of(message))
            case wire.Welcome(re=re) if re in self._unanswered.requests:
                self._became(message)
            case wire.Welcome():
                self._welcome(message)
            case wire.Bye(reason, text):
                if reason in _FINAL or not self._was_welcome:
                    self.ended = told.Ended(reason, text)
            case wire.Ping():
                self.to_send.append(wire.Pong())
            case wire.Left(name, None):
                self._out_of(name)
            case wire.Pong() | wire.Typing():
                pass
            case _:
                self._answered(message)

    def _out_of(self, name: str) -> None:
        if self._rooms.pop(name.casefold(), None) is not None:
            self._tell(told.RoomLeft(name))

    def _became(self, welcome: wire.Welcome) -> None:
        """One is somebody else from now on, in the same rooms."""
        self.name = welcome.name
        back = {joined.room.casefold() for joined in welcome.resumed}
        for room in [room for key, room in self._rooms.items() if key not in back]:
            self._out_of(room.name)
        self._answered(welcome)

    def _answered(self, answer: Answer) -> None:
        number = getattr(answer, "re", None)
        if not isinstance(number, int):
            if isinstance(answer, wire.Error) and self._has_room():
                self._tell(told.Trouble(answer.code, answer.text))
        elif number == self._hello_number and isinstance(answer, wire.Error):
            self._not_welcome(answer)
        elif number in self._knocking:
            room, is_same_run = self._knocking.pop(number)
            if isinstance(answer, wire.Joined):
                self._resumed(room, answer, is_same_run=is_same_run)
            else:
                self._out_of(room.name)
        elif number in self._asked:
            self._page(self._asked.pop(number), answer)
        elif number in self._unanswered.abandoned:
            self._note(self._unanswered.abandoned.pop(number), answer)
        elif number in self._unanswered.requests:
            request = self._unanswered.pop(number)
            match answer:
                case wire.Joined():
                    self._entered(answer, request)
                case wire.Left(name):
                    self._rooms.pop(name.casefold(), None)
                case wire.Ok():
                    self._note(request, answer)
            if not isinstance(answer, wire.Error):
                self._hello = hello_after(request, self._hello)
            self.answers.append((number, answer))

    def _note(self, request: Request, answer: Answer) -> None:
        room = self._rooms.get(self._unanswered.room_of(request) or "")
        if room is not None and isinstance(answer, wire.Ok) and answer.seq is not None:
            room.ledger = room.ledger.noting(answer.seq)

    # Coming in

    def _welcome(self, welcome: wire.Welcome) -> None:
        is_same_run = self._epoch == welcome.epoch
        self.name, self.lobby, self.limits = welcome.name, welcome.lobby, welcome.limits
        self._unanswered.lobby = welcome.lobby
        self._epoch, self._refusals, self.is_online = welcome.epoch, 0, True
        if self._told_offline:
            self._tell(told.Online())
            self._told_offline = False
        self._was_welcome = True
        back = {joined.room.casefold(): joined for joined in welcome.resumed}
        for key in [key for key in self._rooms if key not in back]:
            if self._rooms[key].password is None:
                self._tell(told.RoomLeft(self._rooms.pop(key).name))
            else:
                self._knock(self._rooms[key], is_same_run=is_same_run)
        for key, joined in back.items():
            if key in self._rooms:
                self._resumed(self._rooms[key], joined, is_same_run=is_same_run)
        for request in self._unanswered.requests.values():
            if not self._must_wait(request):
                self.to_send.append(request)

    def _not_welcome(self, error: wire.Error) -> None:
        self._refusals += 1
        is_held = error.code == "name-taken" and self._was_welcome
        if is_held and self._refusals < MAX_REFUSALS:
            self.wants_another_line = True
        elif error.code in _FINAL and self._was_welcome:
            self.ended = told.Ended(error.code, error.text)
        else:
            self.ended = told.Refused(error.code, error.text)

    def _entered(self, joined: wire.Joined, request: Request) -> None:
        key = joined.room.casefold()
        if key in self._rooms:
            return
        self._rooms[key] = room = Following(joined.room, seen_before(joined, request))
        room.password = request.password if isinstance(request, wire.Join) else None
        self._catch_up(room, joined)

    def _knock(self, room: Following, *, is_same_run: bool) -> None:
        number = self._next()
        self._knocking[number] = (room, is_same_run)
        self.to_send.append(wire.Join(room.name, since=room.ledger.mark, id=number, password=room.password))

    def _resumed(self, room: Following, joined: wire.Joined, *, is_same_run: bool) -> None:
        room.name = joined.room
        since = joined.since if joined.since is not None else min(room.ledger.mark, joined.seq)
        if since < room.ledger.mark or not is_same_run:
            room.roll_back(since)
        self._settle_own(room, joined)
        self._catch_up(room, joined)

    def _catch_up(self, room: Following, joined: wire.Joined) -> None:
        """Tell what the history holds; what it does not hold, or finds no place, is fetched."""
        unseen = [said for said in joined.history if not room.ledger.has(said.seq)]
        first = unseen[0].seq if unseen else joined.seq + 1
        if (joined.complete or first <= room.ledger.mark + 1) and self._tell_all(room, unseen):
            room.ledger = room.ledger.caught_up(joined.seq)
        room.open_gap(joined.seq)
        self._fetch(room)

    # Messages

    def _said(self, said: wire.Said) -> None:
        entry = entry_of(said)
        room = self._rooms.get(said.room.casefold())
        if room is None:  # said to all, to one who is not in the lobby
            if not self._is_own(said.nonce):
                self._tell_only_now(message_of(said.room, entry))
        elif room.has_gap or not self._tell_all(room, [entry]):
            room.open_gap(said.seq)
        elif not self._unanswered.says_in(room.key):
            # Messages arrive in order, but for one's own: nothing before this one comes any more.
            room.ledger = room.ledger.caught_up(said.seq)

    def _tell_all(self, room: Following, entries: list[wire.SaidEntry]) -> bool:
        """Tell these messages, as far as there is a place for them; whether there was one for all."""
        for entry in entries:
            if room.ledger.has(entry.seq):
                continue
            if self._is_own(entry.nonce) or room.is_known(entry):
                room.note(entry)
            elif self._has_room():
                room.note(entry)
                self._tell(message_of(room.name, entry))
            else:
                return False
        return True

    def _private_message(self, message: wire.Private) -> None:
        if message.nonce is not None:
            known = (message.author.casefold(), message.nonce)
            if self._is_own(message.nonce) or known in self._private:
                return
            self._private.append(known)
        self._tell_only_now(private_of(message))

    def _tell_only_now(self, message: told.Message | told.PrivateMessage) -> None:
        """What cannot be fetched again may be more, but not without bound."""
        if len(self.inbox) < 2 * self._max_waiting:
            self._tell(message)
        else:
            self._lost += 1

    # What was missed

    def _fetch(self, room: Following) -> None:
        """Ask for the next page of what is missing, if there is a place for it."""
        if room.has_gap and not room.is_asking and self.is_online and self._has_room():
            free = self._max_waiting - len(self.inbox)
            room.is_asking = True
            self._ask_page(AskedPage(room.key, room.ledger.mark), min(free, self._page_size))

    def _page(self, asked: AskedPage, answer: Answer) -> None:
        room = self._rooms.get(asked.room)
        messages = answer.messages if isinstance(answer, wire.HistoryPage) else []
        if room is None:
            return
        if asked.own_up_to is not None:
            self._own_page(room, asked, messages)
            return
        room.is_asking = False
        for said in messages:
            missing = said.seq - 1 - room.ledger.mark
            if missing > 0:
                self._miss(room, missing, said.seq - 1)
            if not self._tell_all(room, [said]):
                return
        if not messages:
            self._miss(room, room.up_to - room.ledger.mark, room.up_to)
        self._fetch(room)

    def _miss(self, room: Following, count: int, up_to: int) -> None:
        """What is not remembered will not come any more."""
        count -= sum(1 for seq in room.ledger.ahead if seq <= up_to)
        room.ledger = room.ledger.caught_up(up_to)
        if count > 0:
            self._tell(told.Missing(room.name, count))

    def _ask_page(self, asked: AskedPage, limit: int) -> None:
        number = self._next()
        self._asked[number] = asked
        room = self._rooms[asked.room]
        self.to_send.append(wire.History(room.name, after=asked.after, limit=max(1, limit), id=number))

    # One's own messages, after a loss

    def _must_wait(self, request: Request) -> bool:
        """Whether messages of one's own are being looked for where this one goes; it keeps its turn."""
        key = self._unanswered.room_of(request)
        return any(asked.own_up_to is not None and asked.room == key for asked in self._asked.values())

    def _settle_own(self, room: Following, joined: wire.Joined) -> None:
        """Look for messages of one's own without an answer among what was missed."""
        if not self._unanswered.sent_to(room.key):
            return
        if joined.complete:
            self._settle_old(room, joined.history, joined.seq)
        else:
            self._ask_page(AskedPage(room.key, room.ledger.mark, own_up_to=joined.seq), self._page_size)

    def _own_page(self, room: Following, asked: AskedPage, page: list[wire.SaidEntry]) -> None:
        assert asked.own_up_to is not None
        self._settle_old(room, page, asked.own_up_to)
        if page and page[-1].seq < asked.own_up_to and self._unanswered.sent_to(room.key):
            self._ask_page(AskedPage(room.key, page[-1].seq, own_up_to=asked.own_up_to), self._page_size)
        else:
            self.to_send.extend(self._unanswered.asked_in(room.key))

    def _settle_old(self, room: Following, history: list[wire.SaidEntry], up_to: int) -> None:
        """What was told long before message `up_to` counts as stored, though its answer was never seen.

        What was told lately is said again, for it may not be on disk yet; the server knows it by its nonce.
        Of what is older, it may have forgotten that.
        """
        remembered = self.limits.history if self.limits is not None else 0
        waiting = self._unanswered.sent_to(room.key)
        for said in history:
            number = waiting.get(said.nonce) if self._is_own(said.nonce) else None
            if number is not None and up_to - said.seq >= remembered // 2:
                room.note(said)
                self.forget(number)
                self.answers.append((number, wire.Ok(number, said.seq, said.at)))

    # Small things

    def _next(self) -> int:
        self._number += 1
        return self._number

    @property
    def _page_size(self) -> int:
        return self.limits.history if self.limits is not None and self.limits.history else 50

    def _has_room(self) -> bool:
        return len(self.inbox) < self._max_waiting

    def _tell(self, what: told.Told) -> None:
        self.inbox.append(what)

    def _is_own(self, nonce: str | None) -> bool:
        return nonce is not None and nonce.startswith(self._nonces)
