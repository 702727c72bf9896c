"""Two hundred clients of mychat arrive together, and are not told two hundred times who is there."""

import re
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import define

from tests.e2e.process import PATIENCE_S, serving

VISITORS = 200
NAMES = [f"v{i:03}" for i in range(VISITORS)]
"""So short that all of them, with their commas, are a user list of less than 1,024 bytes."""


@define(eq=False)
class Visitor:
    """A connection and all that came over it."""

    name: str
    sock: socket.socket
    received: bytes = b""

    @property
    def text(self) -> str:
        return self.received.decode()

    @property
    def lists(self) -> list[list[str]]:
        """Every user list that came, whether or not this program came to its `recv` in time for each."""
        return [names.split(",") for names in re.findall(r"USER_LIST\|((?:v\d{3},?)*)", self.text)]

    @property
    def knows_all(self) -> bool:
        return bool(self.lists) and sorted(self.lists[-1]) == NAMES


class Crowd:
    """All visitors, who arrive as fast as they can."""

    def __init__(self, visitors: list[Visitor], selector: selectors.BaseSelector) -> None:
        self.visitors = visitors
        self._selector = selector
        for visitor in visitors:
            visitor.sock.sendall(f"CONNECT|{visitor.name}".encode())

    def listen(self, until: Callable[[Visitor], bool]) -> None:
        """Receive until it is true of each of them."""
        deadline = time.monotonic() + PATIENCE_S
        waiting = {visitor for visitor in self.visitors if not until(visitor)}
        while waiting:
            assert time.monotonic() < deadline, f"{len(waiting)} wait in vain, one has {waiting.pop().text!r}"
            for key, _ in self._selector.select(1.0):
                visitor: Visitor = key.data
                data = visitor.sock.recv(1024)
                assert data, f"{visitor.name} was ended: {visitor.text!r}"
                visitor.received += data
                if until(visitor):
                    waiting.discard(visitor)


@contextmanager
def crowd(*arguments: str) -> Iterator[Crowd]:
    """Visitors of a server that runs with these arguments."""
    with serving(*arguments) as server, selectors.DefaultSelector() as selector:
        visitors = [Visitor(name, server.connect()) for name in NAMES]
        try:
            for visitor in visitors:
                selector.register(visitor.sock, selectors.EVENT_READ, visitor)
            yield Crowd(visitors, selector)
        finally:
            for visitor in visitors:
                visitor.sock.close()


def test_until_lists_are_merged_a_newcomer_reads_the_own_one_and_the_others_none(tmp_path: Path) -> None:
    config = tmp_path / "wassop.toml"
    # The first merging never comes: whatever is told before it, is told too often.
    config.write_text("presence_merge_interval_s = 1000.0\n")
    with crowd("--config", str(config)) as all_of_them:
        all_of_them.listen(lambda visitor: bool(visitor.lists))
        last = all_of_them.visitors[-1]
        last.sock.sendall(b"BROADCAST|hola")
        # What is said arrives behind every list that was told before.
        all_of_them.listen(lambda visitor: f"BROADCAST|{last.name}|hola" in visitor.text)
        for visitor in all_of_them.visitors:
            assert visitor.text.startswith("CONNECT_ACK|OKUSER_LIST|"), visitor.text
            assert len(visitor.lists) == 1, visitor.lists
            assert visitor.name in visitor.lists[0]
        assert any(visitor.knows_all for visitor in all_of_them.visitors)


def test_in_the_end_each_has_the_full_list() -> None:
    with crowd() as all_of_them:
        all_of_them.listen(lambda visitor: visitor.knows_all)
        for visitor in all_of_them.visitors:
            assert visitor.text.startswith("CONNECT_ACK|OKUSER_LIST|"), visitor.text
            # Lists only grow, and each holds oneself.
            assert all(visitor.name in names for names in visitor.lists)
            assert [len(names) for names in visitor.lists] == sorted(map(len, visitor.lists))
