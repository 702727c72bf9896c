"""HTTP/1.1 as far as a few pages need it. What is on them is a site's affair.

Rule 1: what h11 refuses is refused, and the connection ends: nothing is read after what was not understood.
Rule 2: no request has a body. One that has is answered and ends the connection, its body unread, so that no
two programs on the way can disagree where the next request begins.
Rule 3: a connection has a bounded number of requests, and a request a bounded size.
"""

from collections.abc import Callable, Iterator, Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Final, Protocol

import h11
from attrs import frozen

from wassop.core.web_commands import WebCommand

MAX_HEAD_BYTES: Final = 8_192
"""Of a request, its first line and headers."""
MAX_REQUESTS: Final = 100
"""On one connection; browsers open another without being told why."""
_READ: Final = frozenset({"GET", "HEAD"})
_VERSIONS: Final = frozenset({"1.0", "1.1"})


@frozen
class Ask:
    """A request. Names of headers are small letters; texts are as sent, a character a byte."""

    method: str
    target: str
    headers: Mapping[str, str]
    version: str = "1.1"

    @property
    def languages(self) -> str:
        """What the visitor reads, in HTTP's terms."""
        return self.headers.get("accept-language", "")

    @property
    def has_body(self) -> bool:
        """Whether more follows than the headers."""
        return "transfer-encoding" in self.headers or self.headers.get("content-length", "0").strip("0") != ""

    @classmethod
    def of(cls, request: h11.Request) -> "Ask":
        """What h11 has understood; headers that stand there twice are joined."""
        headers: dict[str, str] = {}
        for name, value in request.headers:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        method, target = request.method.decode("latin-1"), request.target.decode("latin-1")
        return cls(method, target, headers, request.http_version.decode("latin-1"))


@frozen
class Page:
    """An answer."""

    body: bytes
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@frozen
class Wish:
    """What a request asks of the chat, and what is needed for the answer."""

    command: WebCommand
    cookie: str
    """The name of the cookie that it is about."""
    is_protected: bool
    """Whether the browser came over TLS, to us or to whoever stands before us."""


class Site(Protocol):
    """What there is to read."""

    def answer(self, ask: Ask) -> Page | None:
        """The page asked for; None where the chat's WebSocket is, and the visitor may have it."""
        ...

    def wish(self, ask: Ask) -> Wish | Page | None:
        """What somebody wants to have done who does not only read, or why not; None where nothing can be
        done."""
        ...

    def problem(self, status: int, languages: str) -> Page:
        """What a visitor who reads these languages is told in place of a page."""
        ...

    def refusal(self, status: int, text: str) -> Page:
        """The same in words that are known already."""
        ...


class BareSite(Site):
    """The chat's WebSocket, and no page."""

    def answer(self, ask: Ask) -> Page | None:
        """See `Site`."""
        return None if ask.target == "/ws" else self.problem(404, ask.languages)

    def wish(self, ask: Ask) -> None:
        """See `Site`."""
        del ask

    def problem(self, status: int, languages: str) -> Page:
        """See `Site`."""
        del languages
        return self.refusal(status, HTTPStatus(status).phrase)

    def refusal(self, status: int, text: str) -> Page:
        """See `Site`."""
        return Page(f"{text}\n".encode(), status)


def response(http: h11.Connection, method: bytes, page: Page, *headers: tuple[str, str]) -> bytes:
    """The bytes of an answer; those of the page only where `method` is not HEAD."""
    every = [("Content-Type", page.content_type), ("Content-Length", str(len(page.body)))]
    every += [*headers, *page.headers]
    reason = HTTPStatus(page.status).phrase
    sent = http.send(h11.Response(status_code=page.status, reason=reason, headers=every)) or b""
    if method != b"HEAD" and page.status != HTTPStatus.NOT_MODIFIED:
        sent += http.send(h11.Data(data=page.body)) or b""
    return sent + (http.send(h11.EndOfMessage()) or b"")


class Requests:
    """The requests of one connection, answered one after the other."""

    def __init__(
        self, site: Site, clock: Callable[[], float], upgrade: Callable[[Ask], list[tuple[str, str]] | Page]
    ) -> None:
        """`upgrade` is asked where the site has no page: the headers with which the connection goes over to
        something else, or why it does not."""
        self._site: Final = site
        self._clock: Final = clock
        self._upgrade: Final = upgrade
        self._http: Final = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD_BYTES)
        self._request: h11.Request | None = None
        self._answered = 0
        self._has_begun = False
        self.is_over = False
        """Whether nothing more is read."""
        self.rest: bytes | None = None
        """What followed a request after which the connection is no HTTP any more."""
        self.upgraded: Ask | None = None
        """That request."""

    @property
    def is_asked(self) -> bool:
        """Whether a request has begun that is not answered."""
        return self._request is not None or bool(self._http.trailing_data[0])

    def receive_data(self, data: bytes) -> Iterator[bytes | Wish]:
        """The answers to the requests that `data` completes; a wish is answered with `last_answer`."""
        if not self._has_begun:
            data = data.lstrip(b"\r\n")  # "a server SHOULD ignore at least one empty line" (RFC 9112, 2.2)
            self._has_begun = bool(data)
        if data and not self.is_over:
            self._http.receive_data(data)
            while not self.is_over and self.rest is None and (answer := self._next()) is not None:
                if answer:
                    yield answer

    def last_answer(self, page: Page) -> bytes:
        """The answer with which the connection ends; nothing when another has begun."""
        self.is_over = True
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return b""
        method = self._request.method if self._request is not None else b""
        return response(self._http, method, page, *self._headers(), ("Connection", "close"))

    def _next(self) -> bytes | Wish | None:
        """The next answer, or wish; nothing while there is more to understand; None when more must come."""
        try:
            event = self._http.next_event()
        except h11.RemoteProtocolError as error:
            return self.last_answer(self._site.problem(error.error_status_hint, ""))
        match event:
            case h11.Request():
                self._request = event
                ask = Ask.of(event)
                if _head_bytes(event) > MAX_HEAD_BYTES:
                    return self.last_answer(self._site.problem(431, ask.languages))
                if ask.version not in _VERSIONS:
                    return self.last_answer(self._site.problem(505, ask.languages))
                if ask.has_body:
                    status = 413 if ask.method in _READ else 405
                    return self.last_answer(self._site.problem(status, ask.languages))
                return b""
            case h11.EndOfMessage():
                assert self._request is not None
                return self._answer(self._request)
            case _:
                return None

    def _answer(self, request: h11.Request) -> bytes | Wish:
        ask = Ask.of(request)
        if ask.method in _READ:
            page = self._site.answer(ask)
        else:
            wish = self._site.wish(ask) if ask.method == "POST" else None
            if isinstance(wish, Wish):
                self.is_over = True  # its answer takes a while, and the next one must not overtake it
                return wish
            page = wish or self._site.problem(405, ask.languages)
        if page is None:
            made = self._upgrade(ask)
            if not isinstance(made, Page):
                self.upgraded = ask
                return self._switch(made)
            page = made
        self._answered += 1
        if self._answered == MAX_REQUESTS:
            return self.last_answer(page)
        sent = response(self._http, request.method, page, *self._headers())
        self._request = None
        if self._http.our_state is h11.DONE:
            self._http.start_next_cycle()
        else:  # the visitor wanted no more than this
            self.is_over = True
        return sent

    def _switch(self, headers: list[tuple[str, str]]) -> bytes:
        answer = h11.InformationalResponse(status_code=101, reason="Switching Protocols", headers=headers)
        sent = self._http.send(answer)
        self.rest = self._http.trailing_data[0]
        return sent or b""

    def _headers(self) -> list[tuple[str, str]]:
        return [("Date", formatdate(self._clock(), usegmt=True))]


def _head_bytes(request: h11.Request) -> int:
    """How long it is, with its separators; h11 bounds only what it still waits for the rest of."""
    return len(request.method + request.target) + sum(
        len(name + value) + 4 for name, value in request.headers
    )
