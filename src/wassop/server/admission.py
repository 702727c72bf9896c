"""Who may come in: how many connections in all and from one address, and how fast they may come."""

import contextlib
import ipaddress
import math
import sys
from collections.abc import Sequence
from typing import Final

from attrs import define

from wassop.config import Config
from wassop.core.events import Farewell
from wassop.core.limits import TokenBucket

if sys.platform != "win32":
    import resource

RESERVED_FILES: Final = 64
"""Of the files that the process may have open so many are not for visitors: the record, the doors, those who
are being turned away."""
_IPV6_HOST_BITS: Final = 64
"""Whoever has an IPv6 network has at least so many bits of addresses in it (RFC 6177)."""
_FORGET_FROM: Final = 1_024

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def address_of(host: str) -> Address:
    """The address that a socket names as its peer; that of IPv4 for one that came from there over IPv6."""
    address = ipaddress.ip_address(host.partition("%")[0])
    return getattr(address, "ipv4_mapped", None) or address


def networks_of(texts: Sequence[str]) -> list[Network]:
    """Networks as they stand in the configuration; ValueError when one is none."""
    return [ipaddress.ip_network(text) for text in texts]


@define(eq=False)
class Origin:
    """One address, or one IPv6 network, from which somebody came lately."""

    recent: TokenBucket | None
    connections: int = 0
    is_trusted: bool = False


class Admission:
    """Counts those who are here.

    Rule 1: whoever comes from a trusted network is counted, and let in whatever the count.
    Rule 2: an address that was refused pays nothing for it: it is let in as soon as the rate allows.
    Rule 3: an address is forgotten when nobody from there is here and it has not come for a while.
    """

    def __init__(self, config: Config, max_open_files: float = math.inf) -> None:
        """`max_open_files` is what the system allows the process."""
        self._trusted: Final = networks_of(config.trust_network)
        self._max: Final = max(1, min(config.max_connections, max_open_files - RESERVED_FILES))
        self._max_per_address: Final = config.max_connections_per_address
        self._rate: Final = config.connection_rate
        self._origins: Final[dict[int | str, Origin]] = {}
        self._forget_at = _FORGET_FROM
        self.connections = 0

    def admit(self, host: str, now: float) -> Origin | Farewell:
        """Let somebody in from `host`, who is then counted until `release`; or why not."""
        # An IPv4 address that is known is found without taking the text apart.
        origin = self._origins.get(host) or self._origin(address_of(host), now)
        if not origin.is_trusted:
            if self.connections >= self._max:
                return Farewell.SERVER_FULL
            if origin.connections >= self._max_per_address:
                return Farewell.ADDRESS_FULL
            if origin.recent is not None:
                if origin.recent.wait_s(now):
                    return Farewell.CONNECTING_TOO_FAST
                origin.recent.take(now)
        origin.connections += 1
        self.connections += 1
        return origin

    def release(self, origin: Origin) -> None:
        """Somebody who was let in has gone."""
        origin.connections -= 1
        self.connections -= 1

    @property
    def known_addresses(self) -> int:
        """Of how many something is remembered."""
        return len(self._origins)

    def _origin(self, address: Address, now: float) -> Origin:
        key = str(address) if address.version == 4 else int(address) >> _IPV6_HOST_BITS
        origin = self._origins.get(key)
        if origin is None:
            if len(self._origins) >= self._forget_at:
                self._forget(now)
            is_trusted = any(address in network for network in self._trusted)
            recent = TokenBucket(self._rate, now) if self._rate is not None and not is_trusted else None
            origin = self._origins[key] = Origin(recent, is_trusted=is_trusted)
        return origin

    def _forget(self, now: float) -> None:
        """Forget whose next visit would be like a first one; each time only after as many more have come."""
        for key, origin in list(self._origins.items()):
            if not origin.connections and (origin.recent is None or origin.recent.is_full(now)):
                del self._origins[key]
        self._forget_at = max(_FORGET_FROM, 2 * len(self._origins))


def max_open_files() -> float:
    """How many files the system lets this process have open; infinite where that is not known."""
    if sys.platform == "win32":
        return math.inf
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return math.inf if soft == resource.RLIM_INFINITY else soft


def allow_open_files(connections: int) -> None:
    """Let this process have as many files open as so many connections need, as far as the system permits: the
    usual 1,024 are meant for programs that call select(2)."""
    if sys.platform == "win32":
        return
    wanted = connections + RESERVED_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):  # macOS has another, lower bound
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
