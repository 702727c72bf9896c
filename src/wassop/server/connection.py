"""One visitor's connection: its stream, its dialect, its session and its outbox."""

import math
from collections.abc import Awaitable, Callable
from typing import Final

import trio
from attrs import evolve

from wassop.config import Endpoint
from wassop.core.commands import Identify, Join, Leave, Say
from wassop.core.events import Answer, Bye, Event, Farewell, Joined, Left, Welcome
from wassop.core.refusals import Refused
from wassop.server.chat import Chat
from wassop.server.outbox import Outbox, OutboxLimits
from wassop.server.pacing import Pace, Pacer
from wassop.server.stream import Stream
from wassop.wire.codec import Answered, Codec, Encoder, Item, Malformed, Request
from wassop.wire.dialects import CODECS
from wassop.wire.sniff import Dialect, sniff
from wassop.wire.unspoken import refusal_of

_RECEIVE_BYTES: Final = 65_536


class Connection:
    """Serves one visitor, in a nursery of its own.

    Rule 1: between the hub's decision and its handing over nothing is awaited, so a cancellation comes either
    before (nothing was said) or after (it was said to everybody).
    Rule 2: the session is detached before the socket is closed; its number may be somebody else's at once.
    Rule 3: an exception of ours ends this connection, with a reason told, and no other.
    """

    def __init__(self, chat: Chat, stream: Stream, address: str, door: Endpoint) -> None:
        """`door` is where the visitor came in, and may pin it to a dialect; else the first bytes tell."""
        self._chat: Final = chat
        self._stream: Final = stream
        self._pinned: Final = Dialect(door.dialect) if door.dialect else None
        self._wire: Final = evolve(chat.wire, lobby=door.lobby) if door.lobby else chat.wire
        self._session: Final = chat.hub.connect()
        self._log: Final = chat.log.bind(address=address)
        self._reading: Final = trio.CancelScope()
        self._reason: Farewell | None = None
        self._nursery: trio.Nursery | None = None
        self._codec: Codec = CODECS[self._pinned or Dialect.PLAIN](self._wire)
        self._last_heard = trio.current_time()
        self._pinged = False
        limits = OutboxLimits(chat.config.max_outbox_bytes, chat.config.write_timeout_s)
        self._outbox: Final = Outbox(stream, limits, self._start_task, self.end)
        self._pacer: Pacer | None = None

    # What others do with it

    @property
    def encoder(self) -> Encoder:
        """How this visitor reads events now."""
        return self._codec.encoder

    def offer(self, data: bytes) -> None:
        """Queue bytes for the visitor; never blocks, never raises."""
        self._outbox.offer(data)

    def offer_message(self, data: bytes, *, newest_only: bool) -> None:
        """Queue one message for a visitor who takes one `recv` for one message."""
        self._paced().event(data, newest_only=newest_only)

    def tell(self, event: Event) -> None:
        """Tell the visitor alone."""
        encoder = self._codec.encoder
        if encoder.paced:
            self._paced().event(encoder.encode(event))
        else:
            self._outbox.offer(encoder.encode(event))

    def end(self, reason: Farewell) -> None:
        """End the connection soon, with a reason told; the first reason given counts."""
        if self._reason is None:
            self._reason = reason
        self._reading.cancel()

    def check_alive(self, now: float) -> None:
        """Ask a silent client whether it is there; end it when it was asked and did not answer."""
        silence, config = now - self._last_heard, self._chat.config
        if self._pinged and silence > config.ping_interval_s + config.pong_timeout_s:
            self.end(Farewell.IDLE)
        elif not self._pinged and silence > config.ping_interval_s:
            question = self._codec.ping()
            self._pinged = bool(question)
            self._outbox.offer(question)

    # Its life

    async def run(self) -> None:
        """Serve the visitor until either side ends it."""
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                self._chat.connections[self._session] = self
                self._log.info("connected")
                try:
                    await self._converse()
                finally:
                    name = self._session.name
                    self._chat.disconnect(self._session)
                    reason = self._reason or Farewell.LOST
                    self._log.info("disconnected", name=name and name.text, reason=reason.value)
                await self._say_goodbye(reason)
                nursery.cancel_scope.cancel()
        except* Exception as group:
            self._log.error("connection-failed", exc_info=group)
        finally:
            self._outbox.close()
            self._stream.close()

    async def _converse(self) -> None:
        with self._reading:
            try:
                data = await self._first_words()
                while data:
                    self._last_heard, self._pinged = trio.current_time(), False
                    if self._codec.encoder.paced:
                        self._paced().hold()
                    for item in self._codec.receive_data(data):
                        await self._respond(item)
                    data = await self._receive_more()
                for item in self._codec.receive_eof():
                    await self._respond(item)
            except OSError:
                self.end(Farewell.LOST)
            except Exception:
                # Told apart from the log's line at the edge: the visitor reads why.
                self.end(Farewell.ERROR)
                self._log.exception("connection-failed")

    async def _first_words(self) -> bytes:
        """Find out which dialect the visitor speaks; return what it said so far."""
        if self._pinned is not None:
            self._answer(self._codec.greeting())
            return await self._stream.receive_some(_RECEIVE_BYTES)
        data, is_greeted = b"", False
        while (dialect := sniff(data)) is None:
            # A person waits for a prompt, and then takes as long as it takes. Should a program after all turn
            # up that was slow to speak, it has read a banner, but is understood.
            patience_s = math.inf if is_greeted and not data else self._chat.config.sniff_silence_s
            more = None
            with trio.move_on_after(patience_s):
                more = await self._stream.receive_some(_RECEIVE_BYTES)
            if more is None and not data:
                self._outbox.offer(self._codec.greeting())
                is_greeted = True
            elif not more:
                dialect = sniff(data, final=True)
                break
            else:
                data += more
        assert dialect is not None, "the final word of `sniff` is never None"
        if dialect not in CODECS:
            self._outbox.offer(refusal_of(dialect, self._chat.wire.lang))
            self._reason = Farewell.QUIT
            return b""
        if dialect is not Dialect.PLAIN:
            if is_greeted:
                self._outbox.offer(b"\n")  # the prompt has no line end, and an answer begins a line
            self._codec = CODECS[dialect](self._wire)
        elif not is_greeted:
            self._outbox.offer(self._codec.greeting())
        return data

    async def _receive_more(self) -> bytes:
        """Wait for bytes; in dialects whose messages may end with a pause, notice that pause."""
        while self._codec.has_rest:
            with trio.move_on_after(self._chat.config.message_pause_s):
                return await self._stream.receive_some(_RECEIVE_BYTES)
            for item in self._codec.receive_pause():
                await self._respond(item)
        if self._pacer is not None:
            self._pacer.release()
        return await self._stream.receive_some(_RECEIVE_BYTES)

    async def _say_goodbye(self, reason: Farewell) -> None:
        """Send what still waits and, unless the visitor knows it, the reason; not for ever."""
        config = self._chat.config
        last_words = b"" if reason in (Farewell.QUIT, Farewell.LOST) else self._codec.farewell(reason)
        if self._pacer is not None:
            if reason is Farewell.SLOW_READER:
                self._pacer.forget()
            with trio.move_on_after(config.drain_timeout_s):
                await self._pacer.finish()
        await self._outbox.finish(last_words, config.drain_timeout_s)

    def _paced(self) -> Pacer:
        if self._pacer is None:
            config = self._chat.config
            pace = Pace(config.message_gap_s, config.max_outbox_bytes)
            self._pacer = Pacer(self._outbox, pace, self._start_task, self.end)
        return self._pacer

    def _answer(self, data: bytes) -> None:
        if self._codec.encoder.paced:
            self._paced().answer(data)
        else:
            self._outbox.offer(data)

    async def _respond(self, item: Item) -> None:
        if self._reason is not None:
            return  # what follows a goodbye is not carried out
        await self._outbox.wait_eased()
        match item:
            case Answered(data):
                self._answer(data)
            case Malformed(refused):
                self._answer(self._codec.answer(item, refused))
            case Request(command):
                await self._chat.wait_gate(command)
                if self._chat.is_closing:
                    await trio.sleep_forever()  # until `end`: nothing new is decided any more
                answer, deliveries = self._chat.decide(self._session, command)
                self._answer(self._codec.answer(item, answer))
                self._chat.hand_over(deliveries)
                self._note(item, answer)
                if isinstance(answer, Bye):
                    self.end(answer.reason)

    def _note(self, request: Request, answer: Answer) -> None:
        match request.command, answer:
            case Identify(), Welcome(name):
                self._log.info("named", name=name.text, dialect=self._codec.dialect)
            case Join(), Joined(room):
                self._log.info("joined", name=str(self._session.name), room=room.text)
            case Leave(), Left(room):
                self._log.info("left", name=str(self._session.name), room=room.text)
            case Say(text=text, room=room_text), _:
                self._log.debug("said", name=str(self._session.name), room=room_text, text=text)
            case _, Refused(code):
                self._log.debug("refused", code=code.value)

    def _start_task(self, task: Callable[[], Awaitable[None]]) -> None:
        assert self._nursery is not None
        self._nursery.start_soon(task)
