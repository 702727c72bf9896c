"""Two hundred clients of mychat arrive together, and are not told two hundred times who is there."""

import math
import re
import selectors
import socket
import time
from collections.abc import Callable

from attrs import Factory, define

from tests.e2e.process import PATIENCE_S, serving

VISITORS = 200
NAMES = [f"v{i:03}" for i in range(VISITORS)]
"""So short that all of them, with their commas, are a user list of less than 1,024 bytes."""
LIST_INTERVAL_S = 0.25
"""The page: at most one user list in 250 ms for a client, however many came and went."""


@define(eq=False)
class Visitor:
    """A connection and every `recv` of it, with its time."""

    name: str
    sock: socket.socket
    received: list[tuple[float, bytes]] = Factory(list)
    came: float = 0.0

    @property
    def text(self) -> str:
        return b"".join(data for _, data in self.received).decode()

    @property
    def lists(self) -> list[list[str]]:
        """Every user list that came, whether or not this program came to its `recv` in time for each."""
        return [names.split(",") for names in re.findall(r"USER_LIST\|((?:v\d{3},?)*)", self.text)]

    @property
    def knows_all(self) -> bool:
        return bool(self.lists) and sorted(self.lists[-1]) == NAMES


def listen(
    selector: selectors.BaseSelector, visitors: list[Visitor], until: Callable[[Visitor], bool]
) -> None:
    """Receive until it is true of each of them."""
    deadline, waiting = time.monotonic() + PATIENCE_S, set(visitors)
    while waiting:
        assert time.monotonic() < deadline, f"{len(waiting)} wait in vain, one has {waiting.pop().text!r}"
        for key, _ in selector.select(1.0):
            visitor: Visitor = key.data
            data = visitor.sock.recv(1024)
            assert data, f"{visitor.name} was ended: {visitor.text!r}"
            visitor.received.append((time.monotonic(), data))
            if until(visitor):
                waiting.discard(visitor)


def test_each_of_two_hundred_gets_a_few_lists_and_all_end_with_the_full_one() -> None:
    with serving() as server, selectors.DefaultSelector() as selector:
        visitors = [Visitor(name, server.connect()) for name in NAMES]
        try:
            for visitor in visitors:
                selector.register(visitor.sock, selectors.EVENT_READ, visitor)
            for visitor in visitors:
                visitor.came = time.monotonic()
                visitor.sock.sendall(f"CONNECT|{visitor.name}".encode())
            listen(selector, visitors, lambda visitor: visitor.knows_all)
            visitors[0].sock.sendall(b"BROADCAST|hola")
            listen(selector, visitors, lambda visitor: "BROADCAST|v000|hola" in visitor.text)
            for visitor in visitors:
                assert visitor.text.startswith("CONNECT_ACK|OKUSER_LIST|"), visitor.text
                # One for the newcomer, one for each interval, and one that was under way.
                lasted = visitor.received[-1][0] - visitor.came
                assert len(visitor.lists) <= 2 + math.ceil(lasted / LIST_INTERVAL_S), visitor.lists
                assert visitor.knows_all
                # Lists only grow, and each holds oneself.
                assert all(visitor.name in names for names in visitor.lists)
                assert [len(names) for names in visitor.lists] == sorted(map(len, visitor.lists))
        finally:
            for visitor in visitors:
                visitor.sock.close()
