"""One visitor's connection: its stream, its dialect, its session and its outbox."""

from collections.abc import Awaitable, Callable
from typing import Final

import trio
from attrs import evolve

from wassop.config import Endpoint
from wassop.core.events import Event, Farewell, Slowed
from wassop.core.limits import Rates
from wassop.core.session import Session
from wassop.server.answering import Answering
from wassop.server.chat import Chat
from wassop.server.first_words import first_bytes, receive_within, tell_dialect
from wassop.server.listen import host_of
from wassop.server.liveness import Liveness
from wassop.server.outbox import Outbox
from wassop.server.stream import Stream
from wassop.server.throttle import Throttle
from wassop.server.way_out import WayOut
from wassop.wire.codec import Codec, Encoder
from wassop.wire.dialects import CODECS
from wassop.wire.sniff import Dialect
from wassop.wire.unspoken import refusal_of

_RECEIVE_BYTES: Final = 8_192
"""Bounds for how long one visitor occupies the others where no request ends: 8 KiB of empty lines took 8 ms,
64 KiB took 64. Receiving more at once saved those who send much no more than a tenth."""


class Connection:
    """Serves one visitor, in a nursery of its own.

    Rule 1: the session is detached before the socket is closed; its number may be somebody else's at once.
    Rule 2: an exception of ours ends this connection, with a reason told, and no other.
    """

    def __init__(
        self,
        chat: Chat,
        stream: Stream,
        address: str,
        door: Endpoint,
        rates: Rates | None = None,
        *,
        is_operator: bool = False,
    ) -> None:
        """`door` is where the visitor came in, and may pin it to a dialect; else the first bytes tell.
        Without `rates` the visitor may ask as fast as it likes; `is_operator`: it runs the server."""
        self._chat: Final = chat
        self._is_operator: Final = is_operator
        self._stream: Final = stream
        self._pinned: Final = Dialect(door.dialect) if door.dialect else None
        wire = evolve(chat.wire, lobby=door.lobby) if door.lobby else chat.wire
        self._wire: Final = evolve(wire, messages=rates.messages) if rates is not None else wire
        self._throttle: Final = Throttle(rates, self._slowed) if rates is not None else None
        self._session: Session  # taken and given back by `run`
        self.address: Final = address
        """`HOST:PORT`, or `control`."""
        self.tls: Final = stream.tls
        self._log: Final = chat.log.bind(address=address)
        self._reading: Final = trio.CancelScope()
        self._reason: Farewell | None = None
        self._nursery: trio.Nursery | None = None
        self._codec: Codec = CODECS[self._pinned or Dialect.PLAIN](self._wire)
        self._liveness: Final = Liveness(trio.current_time())
        self._is_silent = self._is_greeted = False
        self._out: Final = WayOut(stream, chat.config, self._start_task, self.end)
        self._answering: Final = Answering(
            chat, self._codec, self._out, self._throttle, self._log, self._liveness, self.end
        )
        # What others do with it all the time, without a detour.
        self.offer: Final = self._out.offer
        self.offer_message: Final = self._out.offer_message

    # What others do with it

    @property
    def encoder(self) -> Encoder:
        """How this visitor reads events now."""
        return self._codec.encoder

    @property
    def dialect(self) -> str:
        """What this visitor speaks, as far as is known."""
        return self._codec.dialect

    @property
    def came(self) -> float:
        """When the visitor came, by Trio's clock."""
        return self._liveness.came

    @property
    def waiting_bytes(self) -> int:
        """How much waits for this visitor to read it."""
        return self._out.waiting_bytes

    @property
    def shortcut(self) -> Outbox | None:
        """See `handing_over.Receiver`."""
        return self._out.outbox if self._answering.is_joined else None

    def tell(self, event: Event) -> None:
        """Tell the visitor alone."""
        is_paced = self._codec.encoder.paced
        data = self._codec.tell(event)
        if is_paced:
            self.offer_message(data, None)
        else:
            self.offer(data)

    def end(self, reason: Farewell) -> None:
        """End the connection soon, with a reason told; the first reason given counts."""
        if self._reason is None:
            self._reason = reason
            self._answering.is_over = True
        self._reading.cancel()

    def check_alive(self, now: float) -> None:
        """Ask a silent client whether it is there; end it when it was asked and did not answer, or when it
        has taken too long to begin."""
        liveness, config = self._liveness, self._chat.config
        is_waited_for = self._answering.is_busy
        reason = liveness.look(now, config, is_waited_for=is_waited_for)
        if self._session.name is None and not self._is_operator and not is_waited_for:
            reason = liveness.overdue(now, config) or reason
        if reason is not None:
            self.end(reason)
        elif liveness.wants_asking(now, config) and (question := self._codec.ping()):
            liveness.note_asked()
            self.offer(question)

    # Its life

    async def run(self, *, is_silent: bool = False) -> None:
        """Serve the visitor, who `is_silent` if the silence of a person was waited for already, until either
        side ends it."""
        self._is_silent = is_silent
        try:
            async with trio.open_nursery() as nursery:
                self._nursery = nursery
                self._session = self._chat.hub.connect(host_of(self.address), is_operator=self._is_operator)
                self._answering.session = self._session
                try:
                    self._chat.connections[self._session] = self
                    self._log.info("connected", **({"tls": self.tls} if self.tls else {}))
                    await self._converse()
                finally:
                    reason = self._detach()
                patience_s = self._chat.config.drain_timeout_s
                await self._out.part(reason, self._codec.farewell, patience_s, ended_for=self._reason)
                self._answering.say_no_more()
                if nursery.child_tasks:  # nearly nobody has any
                    nursery.cancel_scope.cancel()
        except* Exception as group:
            self._log.error("connection-failed", exc_info=group)
        finally:
            self._answering.say_no_more()
            self._out.outbox.close()
            self._stream.close()

    def _detach(self) -> Farewell:
        """Leave the chat, however the conversation ended; return why it did."""
        name, reason, omitted = self._session.name, self._reason or Farewell.LOST, self._out.settle()
        self._chat.disconnect(self._session)
        self._chat.figures.ended[reason] += 1
        self._chat.figures.omitted += omitted
        named = {"name": name.text} if name is not None else {}
        more = {"omitted": omitted} if omitted else {}
        self._log.info("disconnected", **named, reason=reason.value, **more)
        return reason

    async def _converse(self) -> None:
        if self._reason is not None:  # turned away at the door: without a word before that
            return
        with self._reading:
            try:
                data = await self._first_words()
                if data:
                    self._take(data)
                    while await self._serve_more():
                        pass
                self._answering.take(self._codec.receive_eof())
                await self._answering.finish()
                await self._answering.wait_settled()
            except OSError:
                self.end(Farewell.LOST)
            except Exception:
                # Told apart from the log's line at the edge: the visitor reads why.
                self.end(Farewell.ERROR)
                self._log.exception("connection-failed")

    # What it reads

    async def _first_words(self) -> bytes:
        """Find out which dialect the visitor speaks; return what it said so far, or nothing to refuse it."""
        if self._pinned is not None:
            self._greet()
            return await self._receive()
        silence_s = self._chat.config.sniff_silence_s
        # Where many come at once, most have spoken before it is their turn: no timer, and no wait.
        said = self._stream.receive_nowait(_RECEIVE_BYTES)
        self._liveness.has_spoken = said is not None
        if said is None:
            said = await first_bytes(self._receive, silence_s, self._patience_s, is_silent=self._is_silent)
        dialect, data = await tell_dialect(self._receive, silence_s, self._greet, said)
        if dialect is Dialect.WEB:
            self._chat.browsers.note(self._session.address, trio.current_time())
        if dialect not in CODECS:
            self.offer(refusal_of(dialect, self._chat.wire.lang))
            self._reason = Farewell.QUIT
            return b""
        if dialect is not Dialect.PLAIN:
            self._speak(dialect)
            if self._is_greeted and not self._codec.encoder.paced:
                self.offer(b"\n")  # the prompt has no line end, and an answer begins a line
        elif not self._is_greeted:
            self._greet()
        return data

    def _speak(self, dialect: Dialect) -> None:
        self._codec = CODECS[dialect](self._wire)
        self._answering.speak(self._codec)

    def _patience_s(self) -> float:
        return self._chat.browsers.patience_s(self._session.address, trio.current_time())

    def _greet(self) -> None:
        self._is_greeted = True
        self._answering.answer(self._codec.greeting())

    async def _receive(self) -> bytes:
        data = await self._stream.receive_some(_RECEIVE_BYTES)
        self._liveness.has_spoken = True
        return data

    async def _serve_more(self) -> bool:
        """Answer what waits, then wait for more; False at the end."""
        await self._answering.finish()
        if self._reason is not None:
            return False
        if self._throttle is not None:
            self._answering.is_busy = True
            await self._throttle.wait_to_read()
            self._answering.is_busy = False
        if self._codec.has_rest:
            # Messages of this dialect may end with a pause.
            data = await receive_within(self._chat.config.message_pause_s, self._receive)
            if data is None:
                self._answering.take(self._codec.receive_pause())
                await self._answering.finish()
            elif data:
                self._take(data)
            return data != b""
        self._out.release()
        return await self._stream.receive_while(self._take, _RECEIVE_BYTES)

    def _take(self, data: bytes) -> bool:
        """Answer what `data` asks for; False when something must come before more is taken."""
        self._liveness.was_heard = True
        is_too_much = self._throttle is not None and self._throttle.receive(len(data))
        is_paced = not self._answering.is_joined and self._codec.encoder.paced
        if is_paced:
            self._out.hold()
        is_answered = self._answering.take(self._codec.receive_data(data))
        return is_answered and not (is_paced or is_too_much or self._codec.has_rest)

    # What runs beside that

    def _slowed(self, wait_s: float, is_news: bool) -> None:
        """The visitor is not read for so long."""
        self._out.release()  # what others say does not wait for that
        if is_news and self._session.name is not None:
            self._log.info("slowed", name=self._session.name.text)
            self.tell(Slowed(wait_s))

    def _start_task(self, task: Callable[[], Awaitable[None]]) -> None:
        assert self._nursery is not None
        self._nursery.start_soon(self._guarded, task)

    async def _guarded(self, task: Callable[[], Awaitable[None]]) -> None:
        try:
            await task()
        except Exception:
            self.end(Farewell.ERROR)
            self._log.exception("connection-failed")
