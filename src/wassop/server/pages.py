"""A few pages over HTTP/1.1, for machines that look after the server."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final

import h11
import trio

from wassop.server.listen import Door, close_doors
from wassop.server.logs import Log
from wassop.wire.http import Page, response

_MAX_HEADER_BYTES: Final = 8_192
_MAX_BODY_BYTES: Final = 65_536
_RECEIVE_BYTES: Final = 4_096
_PAUSE_S: Final = 0.1
_HANG_UP_S: Final = 0.5


_READ: Final = (b"GET", b"HEAD")

Ask = Callable[[], Awaitable[Page]]


class Pages:
    """Answers one request a connection.

    Rule 1: whatever goes wrong here ends at most one visit; nobody in the chat notices.
    Rule 2: no visit takes longer than `timeout_s`, and so many at a time are let in; the others wait outside.
    """

    def __init__(self, doors: Sequence[Door], pages: Mapping[str, Ask], log: Log) -> None:
        """`pages` by their paths."""
        self.doors: Final = doors
        self._pages: Final = pages
        self._log: Final = log
        self.timeout_s = 10.0
        self.max_connections = 16

    async def run(self) -> None:
        """Serve until cancelled."""
        places = trio.Semaphore(self.max_connections)
        try:
            async with trio.open_nursery() as nursery:
                for door in self.doors:
                    self._log.info("metrics-listening", address=door.address)
                    nursery.start_soon(self._admit, door, places, nursery)
        except* Exception as group:
            self._log.error("metrics-failed", exc_info=group)
        finally:
            close_doors(self.doors)

    async def _admit(self, door: Door, places: trio.Semaphore, nursery: trio.Nursery) -> None:
        while True:
            await places.acquire()
            try:
                await trio.lowlevel.wait_readable(door.socket)
                sock, _ = door.socket.accept()
            except OSError:  # gone already, or the machine is short of something
                places.release()
                await trio.sleep(_PAUSE_S)
                continue
            sock.setblocking(False)
            stream = trio.SocketStream(trio.socket.from_stdlib_socket(sock))
            nursery.start_soon(self._visit, stream, places)

    async def _visit(self, stream: trio.SocketStream, places: trio.Semaphore) -> None:
        try:
            with trio.move_on_after(self.timeout_s):
                await self._answer(stream)
        except trio.BrokenResourceError:
            pass
        except Exception:
            self._log.exception("metrics-failed")
        finally:
            await trio.aclose_forcefully(stream)
            places.release()

    async def _answer(self, stream: trio.SocketStream) -> None:
        http = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEADER_BYTES)
        method = b""
        try:
            request = await _request(http, stream)
            if request is None:
                return
            method = request.method
            page = await self._page(request)
        except h11.RemoteProtocolError as error:
            page = _plain(error.error_status_hint)
        headers = (("Cache-Control", "no-store"), ("Connection", "close"))
        await stream.send_all(response(http, method, page, *headers))
        await _hang_up(stream)

    async def _page(self, request: h11.Request) -> Page:
        ask = self._pages.get(request.target.partition(b"?")[0].decode("latin-1"))
        if ask is None:
            return _plain(404)
        if request.method not in _READ:
            return _plain(405, ("Allow", "GET, HEAD"))
        try:
            return await ask()
        except Exception:
            self._log.exception("metrics-failed")
            return _plain(500)


async def _request(http: h11.Connection, stream: trio.SocketStream) -> h11.Request | None:
    """The request, its body read and dropped; None when the visitor leaves before it is complete."""
    request, body_bytes = None, 0
    while True:
        event = http.next_event()
        match event:
            case h11.Request():
                request = event
            case h11.Data(data=data):
                body_bytes += len(data)
                if body_bytes > _MAX_BODY_BYTES:
                    return request
            case h11.EndOfMessage():
                return request
            case h11.NEED_DATA:
                if request is not None and http.they_are_waiting_for_100_continue:
                    return request
                http.receive_data(await stream.receive_some(_RECEIVE_BYTES))
            case _:
                return None


def _plain(status: int, *headers: tuple[str, str]) -> Page:
    return Page(f"{HTTPStatus(status).phrase}\n".encode(), status, headers=headers)


async def _hang_up(stream: trio.SocketStream) -> None:
    """Let the answer arrive: closing while input is unread would make the kernel take it back."""
    unread = _MAX_BODY_BYTES
    with trio.move_on_after(_HANG_UP_S):
        await stream.send_eof()
        while unread > 0 and (data := await stream.receive_some(_RECEIVE_BYTES)):
            unread -= len(data)
