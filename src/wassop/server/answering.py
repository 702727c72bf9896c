"""Carrying out what one visitor asks for, and answering it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, takewhile
from logging import DEBUG
from typing import Final

import trio

from wassop.core.commands import Command
from wassop.core.deliveries import Delivery, Record, Spoken
from wassop.core.events import Accepted, Answer, Bye, Farewell, LoggedOut, Lookup
from wassop.core.refusals import Refused
from wassop.core.sayings import accepted
from wassop.core.session import Session
from wassop.server.asked import MAX_BREATH, Breath, next_asked
from wassop.server.chat import Chat
from wassop.server.liveness import Liveness
from wassop.server.logs import Log
from wassop.server.notes import note
from wassop.server.receipts import Receipt
from wassop.server.throttle import Throttle
from wassop.server.unsettled import Unsettled
from wassop.server.way_out import WayOut
from wassop.wire.codec import Answered, Codec, Ended, Item, Malformed, Request

_NOTHING: Final[Iterator[Item]] = iter(())


class Answering:
    """What one visitor asks for, in order.

    Rule 1: between the hub's decision and its handing over nothing is awaited, so a cancellation comes either
    before (nothing was said) or after (it was said to everybody).
    Rule 2: what nothing has to be waited for is carried out at once, where it was received; all else by the
    visitor's own task, and what was asked for behind it too.
    Rule 3: what follows a goodbye is not carried out.
    """

    # There is one for each who is connected.
    __slots__ = (
        "_asked",
        "_chat",
        "_codec",
        "_end",
        "_is_verbose",
        "_items",
        "_liveness",
        "_log",
        "_out",
        "_throttle",
        "_unsettled",
        "is_busy",
        "is_joined",
        "is_over",
        "session",
    )

    def __init__(
        self,
        chat: Chat,
        codec: Codec,
        out: WayOut,
        throttle: Throttle | None,
        log: Log,
        liveness: Liveness,
        end: Callable[[Farewell], None],
    ) -> None:
        """`end` is called when the visitor is to go."""
        self._chat: Final = chat
        self._out: Final = out
        self._throttle: Final = throttle
        self._log: Final = log
        self._is_verbose: Final = log.is_enabled_for(DEBUG)
        self._liveness: Final = liveness
        self._end: Final = end
        self.session: Session
        """Set before anything is asked for."""
        self.is_over = False
        self.is_busy = False
        """Whether something is being carried out that has to wait."""
        self._asked: list[Item | Breath] = []
        self._items = _NOTHING
        self._unsettled: Unsettled | None = None
        """Whoever says nothing needs none."""
        self.speak(codec)

    def speak(self, codec: Codec) -> None:
        """The visitor speaks this from now on."""
        self._codec = codec
        # What nearly all visitors have in common is worth finding out once.
        self.is_joined = codec.encoder_is_fixed and not codec.encoder.paced

    # Carrying out

    def take(self, items: Iterator[Item]) -> bool:
        """Answer what `items` ask for; False when `finish` has something to do."""
        self._items = items
        if self._codec.answers_in_order:
            return not self._has_more()
        number = self._carry_out_at_once(MAX_BREATH)
        return not self._asked and (number < MAX_BREATH or not self._has_more())

    async def finish(self) -> None:
        """Answer what has no answer yet."""
        self.is_busy = True
        number = 0
        while self._has_more():
            if not self._codec.answers_in_order:
                number += self._carry_out_at_once(MAX_BREATH - number)
            if number >= MAX_BREATH:
                await trio.lowlevel.checkpoint()
                number = 0
            elif self._asked:
                await self._respond(self._next())
                number += 1
        self.is_busy = False

    def _has_more(self) -> bool:
        """Whether something has no answer yet. What a line means may depend on the answer to the one before,
        so little is understood ahead, and nothing where answers come in order."""
        if not self._asked and self._codec.answers_in_order:
            self._asked = list(islice(self._items, 1))
        elif not self._asked:
            self._asked = next_asked(self._items)
        return bool(self._asked)

    def _next(self) -> Item:
        item = self._asked.pop(0)
        if not isinstance(item, Breath):
            return item
        if len(item.requests) > 1:
            self._asked.insert(0, item.without(1))
        return item.requests[0]

    def _carry_out_at_once(self, about: int) -> int:
        """Carry out so many requests, but for those of a breath, until something must be waited for, or may
        have to be; return how many."""
        number, outbox = 0, self._out.outbox
        while number < about and not self.is_over and self._has_more():
            asked = self._asked
            if not outbox.is_clear and outbox.is_strained:
                break
            item = asked[0]
            if type(item) is Breath:
                said = self._say_all(item) if self._chat.is_ready(item.sayings[0]) else 0
                number += said
                if said < len(item.requests):
                    asked[0] = item.without(said) if said else item
                    break
            elif type(item) is Request and self._chat.is_ready(item.command) and self._admits(item):
                self._decide(item)
                number += 1
            else:
                break
            del asked[0]
        return number

    def _admits(self, request: Request) -> bool:
        return self._throttle is None or self._throttle.admits(request)

    def _say_all(self, breath: Breath) -> int:
        """Say in one step what is simply new, and the rest one by one; return how many need not wait."""
        requests, sayings = breath.requests, breath.sayings
        number = len(requests)
        if number > 1:
            number = min(number, self._chat.places(sayings[0]))
        if self._throttle is not None:
            number = sum(1 for _ in takewhile(self._throttle.admits, requests[:number]))
        if number < len(requests):
            requests, sayings = requests[:number], sayings[:number]
        spoken = self._chat.say_all(self.session, sayings) if number else None
        told = 0
        if spoken is not None:
            told = len(spoken.said)
            answers = [accepted(said) for said in spoken.said]
            self._put_on_its_way(requests if told == number else requests[:told], answers, (spoken,))
            if self._is_verbose:
                self._note(requests, answers)
        for request in requests[told:]:
            self._decide(request)
        return number

    def _decide(self, request: Request) -> None:
        answer, deliveries = self._chat.decide(self.session, request.command)
        assert not isinstance(answer, Lookup), "the chat was not ready for that"
        self._hand_over(request, answer, deliveries)

    async def _respond(self, item: Item) -> None:
        if self.is_over:
            return
        if self._throttle is not None:
            await self._throttle.wait(item)
        await self._out.wait_eased()
        match item:
            case Answered(data):
                self.answer(data)
            case Malformed(refused):
                self._chat.figures.refused[refused.code] += 1
                self.answer(self._codec.answer(item, refused))
            case Request(command):
                await self._carry_out(item, command)
            case Ended(reason):
                await self.wait_settled()
                self._end(reason)

    async def _carry_out(self, request: Request, command: Command) -> None:
        await self._chat.wait_gate(command)
        prepared = await self._chat.prepare(self.session, command)
        if self._chat.is_closing:
            await trio.sleep_forever()  # until `end`: nothing new is decided any more
        if isinstance(prepared, Refused):
            self._chat.figures.refused[prepared.code] += 1
            self.answer(self._codec.answer(request, prepared))
            return
        decided, deliveries = self._chat.decide(self.session, prepared)
        answer = await self._chat.look_up(decided) if isinstance(decided, Lookup) else decided
        if isinstance(answer, LoggedOut):
            self._liveness.came = trio.current_time()  # the time for a name begins anew
        if isinstance(answer, Bye):
            await self.wait_settled()
        self._hand_over(request, answer, deliveries)
        if self._codec.answers_in_order and self._unsettled is not None:
            await self._unsettled.wait_answered()
        if isinstance(answer, Bye):
            self._end(answer.reason)

    # Answering

    def _hand_over(self, request: Request, answer: Answer, deliveries: Sequence[Delivery]) -> None:
        self._put_on_its_way([request], [answer], deliveries)
        if type(answer) is Refused:
            self._chat.figures.refused[answer.code] += 1
        if type(answer) is not Accepted or self._is_verbose:
            self._note([request], [answer])

    def _put_on_its_way(
        self, requests: Sequence[Request], answers: Sequence[Answer], deliveries: Sequence[Delivery]
    ) -> None:
        """Hand over what was decided; what goes on record is answered when it is there."""
        first = deliveries[0] if deliveries else None
        is_awaited = type(first) is Spoken or (type(first) is Record and first.is_awaited)
        if is_awaited and self._chat.journal is not None:
            unsettled = self._unsettled
            if unsettled is None:
                unsettled = self._unsettled = Unsettled(
                    self._chat.journal, self._chat.figures, self._codec, self._out
                )
            unsettled.count += len(requests)
            self._chat.hand_over(deliveries, Receipt(unsettled, requests, answers))
            return
        for request, answer in zip(requests, answers, strict=True):
            self.answer(self._codec.answer(request, answer))
        self._chat.hand_over(deliveries)

    def _note(self, requests: Iterable[Request], answers: Iterable[Answer]) -> None:
        for request, answer in zip(requests, answers, strict=False):
            note(self._log, self.session, self._codec.dialect, request.command, answer)

    def answer(self, data: bytes) -> None:
        """Say that, as an answer."""
        if self.is_joined:
            self._out.outbox.offer(data)
        else:
            self._out.answer(data, paced=self._codec.encoder.paced)

    async def wait_settled(self) -> None:
        """Whoever says something and hangs up, or says goodbye, reads the answer first."""
        if self._unsettled is not None:
            await self._unsettled.wait_flushed()

    def say_no_more(self) -> None:
        """Nothing is answered any more."""
        if self._unsettled is not None:
            self._unsettled.close()
