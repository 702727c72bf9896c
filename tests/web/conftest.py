"""A browser for a module's tests, and people who come into the chat with it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.web.people import Person, chromium

Visitor = Callable[..., Person]


# Not for the whole session: while it runs, its event loop occupies the thread of all tests.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.fixture
def visitor(browser: Browser) -> Iterator[Visitor]:
    """`visitor(port, **context)` is somebody new; at the end nothing may have gone wrong in any page."""
    people: list[Person] = []

    def come(port: int, **context: Any) -> Person:
        people.append(Person.with_browser(browser, port, **context))
        return people[-1]

    yield come
    faults = [fault for person in people for fault in person.faults]
    for person in people:
        person.page.context.close()
    assert faults == []
