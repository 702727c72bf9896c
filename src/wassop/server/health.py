"""Whether the server lives, whether it is ready, and its figures."""

import time
from collections.abc import Sequence

import trio

from wassop.server.figures import Latency
from wassop.server.listen import Door
from wassop.server.metrics import CONTENT_TYPE, Metrics
from wassop.server.pages import Pages
from wassop.server.supervision import Watched
from wassop.wire.http import Page


async def why_unready(server: Watched) -> str | None:
    """Why it would be wrong to send visitors here now, in one line; None when it would not be."""
    if server.stopping.is_set():
        return "stopping"
    if not server.accepting.is_set():
        return "starting"
    journal = server.chat.journal
    # Visitors who are sent elsewhere say nothing here, so that nobody would notice when storing works again.
    if journal is not None and journal.is_failing and not await journal.try_again():
        return "messages cannot be stored"
    return None


def open_health(server: Watched, doors: Sequence[Door]) -> Pages:
    """The pages that tell of `server`, behind doors of their own."""
    server.chat.figures.started_at = time.time()
    server.chat.figures.latency = Latency()
    metrics = Metrics(server.chat)

    async def lives() -> Page:
        await trio.lowlevel.checkpoint()
        return Page(b"ok\n")

    async def is_ready() -> Page:
        reason = await why_unready(server)
        return Page(b"ok\n") if reason is None else Page(f"{reason}\n".encode(), 503)

    async def figures() -> Page:
        return Page(await metrics.text(), content_type=CONTENT_TYPE)

    pages = {"/healthz": lives, "/readyz": is_ready, "/metrics": figures}
    return Pages(doors, pages, server.chat.log)
