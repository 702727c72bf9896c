"""How a program's chat gets a connection. What TLS needs is loaded only where it is spoken."""

import sys
from collections.abc import Callable

import trio

from wassop.client.address import address_text, server_address
from wassop.client.link import Connect, connecting_to


def connecting(server: str, *, tls: bool, ca: str | None) -> Connect:
    """A function that connects to `server` (`HOST[:PORT]`); NoAddress if that is none."""
    host, port = server_address(server)
    make = connecting_to(host, port)
    if not tls:
        return make
    from wassop.client.tls import Belief, connecting_over_tls
    from wassop.client.trust import KnownServers, known_servers_file

    known = KnownServers(known_servers_file())
    return connecting_over_tls(make, Belief(host, address_text(host, port), known, ca))


def is_untrusted(error: OSError) -> bool:
    """Whether the server was reached, but is not believed."""
    trust = sys.modules.get("wassop.client.trust")  # not loaded: no TLS, no question of trust
    return trust is not None and isinstance(error, trust.Untrusted)


def making_again(make: Connect, give_up: Callable[[OSError], None]) -> Connect:
    """`make` for a connection that was lost; `give_up` is told when the server is not believed any more."""

    async def make_again() -> trio.abc.Stream:
        try:
            return await make()
        except OSError as error:
            if is_untrusted(error):  # to try once more would not make it better
                give_up(error)
            raise

    return make_again


def unicode(text: str) -> str:
    """`text` as it can be sent: a terminal, or a file's name, can hold what is no Unicode."""
    return text.encode("utf-8", "replace").decode()
