"""What the chat keeps of connections that have gone."""

import weakref
from typing import Any

import trio
from trio.testing import MockClock

from tests.server.support import LogLines, open_test_log
from wassop.config import Config
from wassop.server.chat import Chat


class Silent:
    """A connection that is only looked after."""

    def __init__(self) -> None:
        self.was_checked = trio.Event()

    def check_alive(self, now: float) -> None:
        self.was_checked.set()


async def test_whoever_was_looked_after_last_and_left_is_not_kept(
    nursery: trio.Nursery, autojump_clock: MockClock
) -> None:
    chat = Chat(Config(memory=True), open_test_log(LogLines()))
    await nursery.start(chat.run)
    session, connection = chat.hub.connect(), Silent()
    connections: dict[Any, Any] = chat.connections
    connections[session] = connection
    await connection.was_checked.wait()
    chat.disconnect(session)
    is_here = weakref.ref(connection)
    del connection
    assert is_here() is None
