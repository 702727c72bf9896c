"""Doors: what can be bound, and what accepted sockets are like."""

import errno
import socket

import pytest
import trio

from tests.server.support import LogLines, open_test_log, running_server
from wassop.config import Endpoint
from wassop.server.listen import (
    OPTIONS_ARE_INHERITED,
    Door,
    address_text,
    close_doors,
    open_doors,
    prepare,
)


async def test_a_port_in_use_is_an_error_that_names_it_and_leaves_no_socket() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use") as caught:
            await open_doors([Endpoint("127.0.0.1", 0), Endpoint("127.0.0.1", port)], 1)
        assert caught.value.errno == errno.EADDRINUSE
        assert caught.value.filename == f"127.0.0.1:{port}"


async def test_ipv6_addresses_are_served_and_written_in_brackets() -> None:
    try:
        doors = await open_doors([Endpoint("::1", 0)], 1)
    except OSError:
        pytest.skip("no IPv6 on this machine")
    assert doors[0].address.startswith("[::1]:")
    close_doors(doors)


def test_addresses_read_as_host_and_port() -> None:
    assert address_text(("127.0.0.1", 5555)) == "127.0.0.1:5555"
    assert address_text(("::1", 5555, 0, 0)) == "[::1]:5555"


def test_accepted_sockets_send_without_delay_and_are_probed() -> None:
    with socket.socket() as sock:
        prepare(sock, silence_s=120, dead_after_s=120)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        if hasattr(socket, "TCP_KEEPIDLE"):
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 120
            assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == 30


@pytest.mark.skipif(not OPTIONS_ARE_INHERITED, reason="each socket is prepared")
async def test_what_a_prepared_door_accepts_is_prepared() -> None:
    (door,) = await open_doors([Endpoint("127.0.0.1", 0)], 1)
    prepare(door.socket, silence_s=120, dead_after_s=60)
    with socket.create_connection(door.socket.getsockname()):
        await trio.lowlevel.wait_readable(door.socket)
        sock, _ = door.socket.accept()
        with sock:
            assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
            for option, value in (
                (socket.TCP_NODELAY, 1),
                (socket.TCP_KEEPIDLE, 120),
                (socket.TCP_KEEPINTVL, 15),
                (socket.TCP_KEEPCNT, 4),
                (socket.TCP_USER_TIMEOUT, 180_000),
            ):
                assert sock.getsockopt(socket.IPPROTO_TCP, option) == value
    close_doors([door])


class ShortOfDescriptors(socket.socket):
    """A listening socket that cannot accept the first few times."""

    failures = 3

    def accept(self):  # type: ignore[no-untyped-def]
        if self.failures:
            self.failures -= 1
            raise OSError(errno.EMFILE, "Too many open files")
        return super().accept()


async def test_a_shortage_of_descriptors_is_one_log_line_and_accepting_goes_on() -> None:
    log, came = LogLines(), trio.Event()

    async def visit(sock, peer, door) -> None:  # type: ignore[no-untyped-def]
        sock.close()
        came.set()

    with ShortOfDescriptors() as listening, socket.socket() as visitor:
        listening.setblocking(False)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        visitor.connect(listening.getsockname())
        async with trio.open_nursery() as nursery:
            nursery.start_soon(
                Door(listening, Endpoint("127.0.0.1", 0)).admit,
                nursery,
                lambda *_: visit,
                open_test_log(log),
            )
            with trio.fail_after(20):
                await came.wait()
            nursery.cancel_scope.cancel()
    assert [entry["event"] for entry in log.entries] == ["cannot-accept"]


async def test_two_doors_lead_to_the_same_rooms() -> None:
    async with running_server(listen=("127.0.0.1:0=native",)) as running:
        ana = await running.native("ana", "Sala1")
        bob = await running.visitor(door=1)
        await bob.ask({"t": "hello", "name": "bob"}, "welcome")
        await bob.ask({"t": "join", "room": "Sala1"}, "joined")
        await bob.send({"t": "say", "room": "Sala1", "text": "hola"})
        assert (await ana.next("said"))["from"] == "bob"


async def test_a_door_lets_in_only_the_networks_that_it_names() -> None:
    async with running_server(
        listen=("127.0.0.1:0=remitente,allow=192.0.2.0/24", "127.0.0.1:0=remitente,allow=127.0.0.0/8"),
    ) as running:
        stranger = await running.visitor(door=1)
        assert b"not authorised" in await stranger.to_the_end()
        guest = await running.visitor(door=2)
        await guest.send(b'{"remitente":"ana","tipo":"conexion"}')
        await guest.until("confirmacion")


async def test_a_door_may_have_a_lobby_of_its_own() -> None:
    async with running_server(listen=("127.0.0.1:0=remitente,lobby=Clase",)) as running:
        outside = await running.native("outside", lobby=True)
        inside = await running.native("inside", "Clase")
        guest = await running.visitor(door=1)
        await guest.send(b'{"remitente":"ana","tipo":"conexion"}')
        await guest.until("confirmacion")
        await guest.send(b'{"remitente":"ana","tipo":"mensaje","contenido":"hola"}')
        said = await inside.next("said")
        assert (said["room"], said["from"], said["text"]) == ("Clase", "ana", "hola")
        await inside.ask({"t": "msg", "to": "outside", "text": "fin", "id": 1}, "ok")
        assert (await outside.next("msg"))["text"] == "fin"
