"""Requests for pages, whatever comes, and the step from there to a WebSocket. Bytes only."""

import re
from itertools import pairwise

import pytest
from attrs import define
from hypothesis import given, settings
from hypothesis import strategies as st

from wassop.core.events import Farewell
from wassop.wire.codec import Answered, Ended, WireSettings
from wassop.wire.http import MAX_HEAD_BYTES, MAX_REQUESTS, Ask, BareSite, Page, Site
from wassop.wire.web import WebCodec

UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)
GET = b"GET /page HTTP/1.1\r\nHost: h\r\n\r\n"


class OnePage(BareSite):
    def answer(self, ask: Ask) -> Page | None:
        return Page(b"here") if ask.target == "/page" else super().answer(ask)


@define
class Read:
    """What a visitor reads, and whether the server ends the connection."""

    data: bytes = b""
    is_over: bool = False

    @property
    def statuses(self) -> list[int]:
        """No page holds what looks like the beginning of an answer."""
        return [int(status) for status in re.findall(rb"HTTP/1\.1 ([0-9]{3}) ", self.data)]


def visit(*chunks: bytes, site: Site | None = None) -> Read:
    codec, read = WebCodec(WireSettings(lang="en", site=site or OnePage())), Read()
    for chunk in chunks:
        for item in codec.receive_data(chunk):
            match item:
                case Answered(data):
                    read.data += data
                case Ended(reason):
                    read.data += codec.farewell(reason) if reason is not Farewell.QUIT else b""
                    read.is_over = True
                    return read
    return read


@pytest.mark.parametrize(
    ("request_", "status", "ends"),
    [
        (GET, 200, False),
        (b"\r\n" + GET, 200, False),
        (b"HEAD /page HTTP/1.0\r\nHost: h\r\n\r\n", 200, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", 200, True),
        (b"GET /nowhere HTTP/1.1\r\nHost: h\r\n\r\n", 404, False),
        (b"POST /page HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", 405, True),
        (b"POST /page HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n", 405, False),
        (b"PUT /page HTTP/1.1\r\nHost: h\r\n\r\n", 405, False),
        (b"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", 405, False),
        (b"get /page HTTP/1.1\r\nHost: h\r\n\r\n", 405, False),
        # A body, which could be read as the next request by somebody else
        (b"GET /page HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nGET ", 413, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 413, True),
        (
            b"GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            413,
            True,
        ),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\nContent-Length: 4\r\n\r\n", 400, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nContent-Length: +0\r\n\r\n", 400, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: xchunked\r\n\r\n", 501, True),
        (b"GET /page HTTP/1.1\r\nHost : h\r\n\r\n", 400, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nHost: i\r\n\r\n", 400, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nX: a\x00b\r\n\r\n", 400, True),
        (b"GET /page HTTP/1.1\r\n\r\n", 400, True),
        (b"GET /page HTTP/2.0\r\nHost: h\r\n\r\n", 505, True),
        (b"GET /page\r\n\r\n", 400, True),
        (b"GET lost\r\n\r\n", 400, True),
        (b"GET  HTTP/1.1\r\n\r\n", 400, True),
        (b"\x16\x03\x01\x02\x00", 400, True),
        (b"hola\n", None, False),  # a line is not yet a request, and something may follow
        (b"hola\n\n", 400, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nX: " + b"x" * MAX_HEAD_BYTES, 431, True),
        (b"GET /" + b"x" * 2 * MAX_HEAD_BYTES, 431, True),
        # Also when it came whole.
        (b"GET /page HTTP/1.1\r\nHost: h\r\nX: " + b"x" * MAX_HEAD_BYTES + b"\r\n\r\n", 431, True),
        (b"GET /page?" + b"x" * MAX_HEAD_BYTES + b" HTTP/1.1\r\nHost: h\r\n\r\n", 431, True),
        (b"GET /page HTTP/1.1\r\nHost: h\r\nX: " + b"x" * (MAX_HEAD_BYTES - 50) + b"\r\n\r\n", 200, False),
    ],
)
def test_each_request_gets_its_answer(request_: bytes, status: int | None, ends: bool) -> None:
    read = visit(request_)
    assert read.statuses == ([] if status is None else [status])
    assert read.is_over is ends


def test_a_page_has_its_length_and_for_head_nothing_else() -> None:
    got, head = visit(GET).data, visit(GET.replace(b"GET", b"HEAD", 1)).data
    assert got.endswith(b"\r\n\r\nhere")
    assert head == got.removesuffix(b"here")
    assert b"Content-Length: 4\r\n" in head
    assert b"Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n" in head


def test_requests_are_answered_in_order_up_to_a_bound() -> None:
    read = visit(GET * (MAX_REQUESTS + 5))
    assert read.statuses == [200] * MAX_REQUESTS
    assert read.is_over
    assert read.data.count(b"Connection: close") == 1


def test_after_what_was_not_understood_nothing_is_read() -> None:
    assert visit(b"nonsense\r\n\r\n" + GET).statuses == [400]
    assert visit(b"GET /page HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" + GET).statuses == [413]


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [
        (b"", b"", 101),
        (b"Upgrade: websocket", b"upgrade: WebSocket", 101),
        (b"Upgrade: websocket\r\n", b"", 426),
        (b"Upgrade: websocket", b"Upgrade: h2c", 426),
        (b"keep-alive, Upgrade", b"keep-alive", 426),
        (b"Version: 13", b"Version: 8", 426),
        (b"Sec-WebSocket-Version: 13\r\n", b"", 426),
        (b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"", 400),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"dGhlIHNhbXBsZQ==", 400),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"dGhlIHNhbXBsZSBub25jZQ", 400),
        (b"dGhlIHNhbXBsZSBub25jZQ==", b"\xe9\xe9\xe9\xe9IHNhbXBsZSBub25jZQ==", 400),
        (b"GET", b"HEAD", 426),
        (b"GET", b"POST", 405),
        (b"HTTP/1.1", b"HTTP/1.0", 426),
        (b"Host: h", b"Host: h\r\nContent-Length: 1", 413),
        (b"/ws", b"/page", 200),
    ],
)
def test_only_a_proper_wish_for_a_websocket_is_granted(old: bytes, new: bytes, status: int) -> None:
    assert visit(UPGRADE.replace(old, new, 1)).statuses == [status]


def test_the_wish_may_follow_other_requests_and_be_followed_by_frames() -> None:
    ping = b"\x89\x80\x00\x00\x00\x00"
    read = visit(GET + GET + UPGRADE + ping + ping)
    assert read.statuses == [200, 200, 101]
    assert read.data.endswith(b"\r\n\r\n\x8a\x00\x8a\x00")


def test_compression_is_offered_in_vain() -> None:
    read = visit(UPGRADE.replace(b"Host", b"Sec-WebSocket-Extensions: permessage-deflate\r\nHost", 1))
    assert b"xtensions" not in read.data
    assert visit(GET.replace(b"Host", b"Accept-Encoding: gzip\r\nHost", 1)).data.endswith(b"here")


@pytest.mark.parametrize(
    ("reason", "status"),
    [
        (Farewell.SERVER_FULL, 503),
        (Farewell.ADDRESS_FULL, 503),
        (Farewell.CONNECTING_TOO_FAST, 503),
        (Farewell.NOT_ALLOWED, 403),
        (Farewell.TLS_REQUIRED, 403),
        (Farewell.ERROR, 500),
        (Farewell.SHUTDOWN, None),
        (Farewell.UNNAMED, None),
        (Farewell.SILENT, None),
        (Farewell.SLOW_READER, None),
        (Farewell.LOST, None),
    ],
)
def test_who_has_asked_for_nothing_reads_only_why_it_should_not(reason: Farewell, status: int | None) -> None:
    codec = WebCodec(WireSettings(lang="en"))
    assert Read(codec.farewell(reason)).statuses == ([] if status is None else [status])
    assert codec.farewell(reason) == b"" or status is None


@pytest.mark.parametrize(("reason", "status"), [(Farewell.UNNAMED, 408), (Farewell.SHUTDOWN, 503)])
def test_half_a_request_is_answered_when_time_is_up(reason: Farewell, status: int) -> None:
    codec = WebCodec(WireSettings(lang="en"))
    assert list(codec.receive_data(GET[:20])) == []
    assert Read(codec.farewell(reason)).statuses == [status]


pieces = st.one_of(
    st.sampled_from(
        [GET, GET.replace(b"/page", b"/x"), UPGRADE, b"\r\n", b"\n", b"X: y\r\n", b"GET /page HTTP/1.1\r\n"]
    ),
    st.binary(max_size=20),
    st.sampled_from(
        [b"\x81\x83\x00\x00\x00\x00abc", b"\x89\x80\x00\x00\x00\x00", b"\x88\x80\x00\x00\x00\x00"]
    ),
)


@given(stream=st.lists(pieces, max_size=8).map(b"".join), cuts=st.lists(st.integers(0, 2_000), max_size=8))
@settings(deadline=None, max_examples=200)
def test_how_the_bytes_are_cut_up_changes_nothing(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(place % (len(stream) + 1) for place in cuts), len(stream)]
    whole = visit(stream)
    assert visit(*(stream[start:end] for start, end in pairwise(edges))) == whole
    assert visit(*(bytes([byte]) for byte in stream)) == whole
