"""A browser: pages over HTTP, and at /ws the native dialect, each message in a frame of WebSocket's.

Rule 1: what is told to all is a frame that all share, made once; see `WebEncoder`.
Rule 2: a session begins when the connection is a WebSocket. Before that nothing comes in but requests for
pages, and each of them counts as a request does in any dialect.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from attrs import evolve

from wassop.core import events
from wassop.core.commands import Identify, Login, Logout, Quit
from wassop.core.events import Farewell
from wassop.core.refusals import Code, Refused
from wassop.core.web_commands import WebSessionGiven, WebSessionOver
from wassop.core.web_sessions import mark_of
from wassop.locale import translations
from wassop.wire import phrases
from wassop.wire.codec import Answered, Ended, Item, Malformed, Request, WireSettings
from wassop.wire.cookies import kept, token_of
from wassop.wire.http import Ask, Page, Requests, Site, Wish
from wassop.wire.native import NativeCodec, NativeEncoder
from wassop.wire.websocket import (
    VERSION,
    Broken,
    Closed,
    Frames,
    Pinged,
    accepted,
    close_frame,
    is_upgrade,
    text_frame,
)

_NORMAL, _GOING_AWAY, _NO_STATUS, _POLICY, _TOO_BIG, _FAULT, _LATER = 1000, 1001, 1005, 1008, 1009, 1011, 1013
_CLOSE_CODES: Final = {
    Farewell.QUIT: _NORMAL,
    Farewell.SHUTDOWN: _GOING_AWAY,
    Farewell.ERROR: _FAULT,
    Farewell.SERVER_FULL: _LATER,
    Farewell.ADDRESS_FULL: _LATER,
    Farewell.CONNECTING_TOO_FAST: _LATER,
}
"""RFC 6455, 7.4.1, and its registry; all others are breaches of a rule of this server (1008)."""
_STATUSES: Final = {
    Farewell.SHUTDOWN: 503,
    Farewell.ERROR: 500,
    Farewell.SERVER_FULL: 503,
    Farewell.ADDRESS_FULL: 503,
    Farewell.CONNECTING_TOO_FAST: 503,
    Farewell.SILENT: 408,
    Farewell.UNNAMED: 408,
}
"""All others: it is not allowed (403)."""
_ONLY_IF_ASKED: Final = frozenset({Farewell.SHUTDOWN, Farewell.SILENT, Farewell.UNNAMED})
"""A browser keeps connections for later, and an answer to nothing would be taken for that to the next
request."""
_WITHOUT_A_WORD: Final = frozenset({Farewell.SLOW_READER, Farewell.IDLE, Farewell.QUIT, Farewell.LOST})


class WebEncoder:
    """Events as frames, each a line of the native dialect."""

    paced = False

    def __init__(self) -> None:
        self._lines: Final = NativeEncoder()

    def encode(self, event: events.Event) -> bytes:
        """One frame; nothing for what that dialect does not tell."""
        return _framed(self._lines.encode(event))

    def encode_own(self, event: events.Event) -> bytes:
        """The same for who caused it."""
        return _framed(self._lines.encode_own(event))


_ENCODER: Final = WebEncoder()


class WebCodec:
    """One visitor with a browser."""

    dialect = "web"
    answers_in_order = False
    encoder_is_fixed = True
    has_rest = False

    def __init__(self, settings: WireSettings) -> None:
        self._settings: Final = settings
        self._native: Final = NativeCodec(settings)
        upgrade = partial(_upgraded, settings.site)
        self._requests: Requests | None = Requests(settings.site, settings.clock, upgrade)
        self._frames: Final = Frames(settings.max_line_bytes)
        self._wish: Wish | None = None
        self._mark = ""
        """Of the session that the browser has shown."""
        self._close_code: int | None = None
        self._close_reason = ""

    @property
    def encoder(self) -> WebEncoder:
        """The same object for all who read frames."""
        return _ENCODER

    def greeting(self) -> bytes:
        """Nothing: the browser speaks first."""
        return b""

    def ping(self) -> bytes:
        """The native dialect's own, which a page can see and answer; none while pages are read."""
        return b"" if self._requests is not None else _framed(self._native.ping())

    def receive_data(self, data: bytes) -> Iterator[Item]:
        """Pages, until the connection is a WebSocket; then requests."""
        if self._requests is not None:
            requests = self._requests
            for answer in requests.receive_data(data):
                if isinstance(answer, Wish):
                    self._wish = answer
                    yield Request(answer.command)
                else:
                    yield Answered(answer)
            if requests.is_over:
                yield Ended(Farewell.QUIT)
            if requests.rest is None:
                return
            token = token_of(requests.upgraded) if requests.upgraded is not None else ""
            self._mark = mark_of(token) if token else ""
            self._requests, data = None, requests.rest
        for came in self._frames.receive_data(data):
            yield from self._understood(came)

    def receive_pause(self) -> Iterator[Item]:
        """Nothing: both a request and a frame end where they end."""
        return iter(())

    def receive_eof(self) -> Iterator[Item]:
        """The end of a visit to the pages; what is not complete is not understood."""
        if self._requests is not None and not self._requests.is_asked:
            yield Ended(Farewell.QUIT)

    def answer(self, item: Request | Malformed, answer: events.Answer) -> bytes:
        """One frame, and after a goodbye the closing one; nothing where the native dialect has nothing."""
        if self._requests is not None:
            return self._requests.last_answer(self._granted(answer))
        if not isinstance(answer, events.Bye):
            return _framed(self._native.answer(item, answer))
        if self._close_code is not None:  # it said goodbye in WebSocket's terms, and reads no more
            return close_frame(self._close_code)
        return _framed(self._native.answer(item, answer)) + close_frame(_NORMAL)

    def tell(self, event: events.Event) -> bytes:
        """As all others read it."""
        return _ENCODER.encode(event)

    def farewell(self, reason: Farewell) -> bytes:
        """The last frames, or in place of a page the reason why there is none."""
        if self._requests is not None:
            return self._last_page(self._requests, reason)
        code = _CLOSE_CODES.get(reason, _POLICY) if self._close_code is None else self._close_code
        return _framed(self._native.farewell(reason)) + close_frame(code, self._close_reason)

    def _last_page(self, requests: Requests, reason: Farewell) -> bytes:
        if reason in _WITHOUT_A_WORD or (reason in _ONLY_IF_ASKED and not requests.is_asked):
            return b""
        text = phrases.farewell(reason, translations(self._settings.lang))
        return requests.last_answer(self._settings.site.refusal(_STATUSES.get(reason, 403), text))

    def _understood(self, came: bytes | Pinged | Closed | Broken) -> Iterator[Item]:
        match came:
            case Pinged(pong):
                yield Answered(pong)
            case Closed(code):
                # What it was told without a code cannot be told back: a close frame has none or a proper one.
                self._close_code = _NORMAL if code == _NO_STATUS else code
                yield Request(Quit())
            case Broken(code, reason):
                self._close_code, self._close_reason = code, reason
                if code == _TOO_BIG:
                    yield Malformed(Refused(Code.LINE_TOO_LONG, {"limit": self._settings.max_line_bytes}))
                yield Ended(Farewell.BAD_FRAME)
            case message:
                items = self._native.receive_data(message + b"\n")
                yield from map(self._with_session, items) if self._mark else items

    def _with_session(self, item: Item) -> Item:
        """A visitor who has shown a session need show no password, and ends it by logging out."""
        match item:
            case Request(Identify() as identify):
                return evolve(item, command=Login(identify.name, "", identify, self._mark))
            case Request(Logout()):
                return evolve(item, command=Logout(self._mark))
            case _:
                return item

    def _granted(self, answer: events.Answer) -> Page:
        """The page that answers a wish."""
        assert self._wish is not None, "nothing else comes before the WebSocket"
        site = self._settings.site
        match answer:
            case WebSessionGiven(token, max_age_s):
                cookie = kept(self._wish, token, max_age_s)
            case WebSessionOver():
                cookie = kept(self._wish, "", 0)
            case Refused(code):
                text = phrases.refusal(answer, translations(self._settings.lang))
                return site.refusal(503 if code is Code.NOT_STORED else 403, text)
            case _:
                text = phrases.farewell(Farewell.SHUTDOWN, translations(self._settings.lang))
                return site.refusal(503, text)
        page = site.refusal(200, "ok")
        return evolve(page, headers=(*page.headers, cookie))


def _upgraded(site: Site, ask: Ask) -> list[tuple[str, str]] | Page:
    """The headers with which a connection becomes a WebSocket, or why it does not."""
    if not is_upgrade(ask) or ask.headers.get("sec-websocket-version", "").strip() != VERSION:
        return site.problem(426, ask.languages)
    return accepted(ask) or site.problem(400, ask.languages)


def _framed(lines: bytes) -> bytes:
    return text_frame(lines) if lines else b""
