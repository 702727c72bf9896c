"""Answers of one visitor's that wait until what was said is on record."""

from typing import Final

import trio

from wassop.core.refusals import Code, Refused
from wassop.server.figures import Figures
from wassop.server.journal import Journal
from wassop.server.receipts import Receipt
from wassop.server.way_out import WayOut
from wassop.wire.codec import Codec

_NOBODY_WAITS: Final = trio.Event()


class Unsettled:
    """A `journal.Sender`. Whoever hands over a receipt for it counts that first."""

    def __init__(self, journal: Journal, figures: Figures, codec: Codec, out: WayOut) -> None:
        self._journal: Final = journal
        self._figures: Final = figures
        self._codec: Final = codec
        self._out: Final = out
        self.count = 0
        """How many answers wait."""
        self._settled = _NOBODY_WAITS
        self._is_closed = False

    def settle(self, settled: list[tuple[Receipt, list[bool]]]) -> None:
        """The journal's word on requests that were to be stored; it may come when the visitor has gone."""
        for _, stored in settled:
            self.count -= len(stored)
            not_stored = stored.count(False)
            if not_stored:
                self._figures.refused[Code.NOT_STORED] += not_stored
        self._settled.set()
        if self._is_closed:
            self._journal.forget(self)
            return
        answers = [
            self._codec.answer(request, answer if is_stored else Refused(Code.NOT_STORED))
            for receipt, stored in settled
            for request, answer, is_stored in zip(receipt.requests, receipt.answers, stored, strict=True)
        ]
        is_paced = self._codec.encoder.paced
        for data in answers if is_paced else [b"".join(answers)]:
            self._out.answer(data, paced=is_paced)

    async def wait_answered(self) -> None:
        """Wait until nothing waits any more."""
        while self.count:
            self._settled = trio.Event()
            await self._settled.wait()

    async def wait_flushed(self) -> None:
        """Wait until what was said is stored or has failed, which begins at once."""
        if self.count:
            await self._journal.wait_flushed()

    def close(self) -> None:
        """The visitor has gone: nothing is answered any more, and nobody waits for what it might say."""
        self._is_closed = True
        self._journal.forget(self)
