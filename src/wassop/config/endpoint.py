"""Where a server listens, and what holds there."""

import ipaddress
from typing import Final

from attrs import frozen

from wassop.config.checks import Unfit
from wassop.core.names import RoomName, room_name
from wassop.locale import N_

DIALECTS: Final = ("native", "plain", "salas", "mychat", "remitente", "cmdjson", "web", "nick")


@frozen
class Endpoint:
    """Where to listen, and what holds there: `HOST:PORT[=DIALECT][,allow=NETWORK]...[,lobby=ROOM]`."""

    host: str
    port: int
    dialect: str | None = None
    allow: tuple[str, ...] = ()
    """Networks whose visitors are let in, as `10.0.0.0/8`; none named: all."""
    lobby: str | None = None
    """The room in which those live whose dialect has no rooms, instead of General."""

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        rules = [f"allow={network}" for network in self.allow] + (
            [f"lobby={self.lobby}"] if self.lobby else []
        )
        pinned = f"{host}:{self.port}" + (f"={self.dialect}" if self.dialect else "")
        return ",".join([pinned, *rules])

    @classmethod
    def parse(cls, text: str) -> "Endpoint":
        """Read it from text; Unfit says what is wrong."""
        place, *rules = text.split(",")
        address, _, dialect = place.partition("=")
        host, colon, port = address.rpartition(":")
        host = host.removeprefix("[").removesuffix("]")
        if not colon or not host or not port.isascii() or not port.isdigit() or int(port) > 65_535:
            raise Unfit(N_("HOST:PORT or HOST:PORT=DIALECT expected"))
        if dialect and dialect not in DIALECTS:
            raise Unfit(N_("one of {choices} expected"), choices=", ".join(DIALECTS))
        allow, lobby = [], None
        for rule in rules:
            match rule.partition("="):
                case ("allow", "=", network) if is_network(network):
                    allow.append(network)
                case ("lobby", "=", room) if isinstance(room_name(room), RoomName):
                    lobby = room
                case _:
                    raise Unfit(N_("{rule}: allow=NETWORK or lobby=ROOM expected"), rule=rule)
        return cls(host, int(port), dialect or None, tuple(allow), lobby)

    @classmethod
    def parse_address(cls, text: str) -> "Endpoint":
        """Read `HOST:PORT` and nothing more; Unfit says what is wrong."""
        try:
            endpoint = cls.parse(text)
        except Unfit:
            endpoint = None
        if endpoint is None or endpoint != cls(endpoint.host, endpoint.port):
            raise Unfit(N_("HOST:PORT expected"))
        return endpoint


def is_network(text: str) -> bool:
    """Whether it names a network, as `10.0.0.0/8`."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True
