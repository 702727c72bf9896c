"""Where a server is, as people write it. Pure."""

from typing import Final

DEFAULT_PORT: Final = 5555


class NoAddress(ValueError):
    """That is no `HOST[:PORT]`."""


class NoHost(NoAddress):
    """It is written well, but no host can be called so."""


def server_address(text: str) -> tuple[str, int]:
    """The host and the port in `HOST`, `HOST:PORT`, `::1` or `[::1]:PORT`; NoAddress if it is none."""
    if text.count(":") > 1 and not text.startswith("["):
        return text, DEFAULT_PORT
    host, bracket, rest = (
        text.removeprefix("[").partition("]") if text.startswith("[") else text.partition(":")
    )
    port = rest.removeprefix(":") if bracket == "]" else rest
    port = port or str(DEFAULT_PORT)
    if not port.isascii() or not port.isdigit() or not 0 < int(port) <= 65_535 or not host:
        raise NoAddress(f"{text}: HOST[:PORT] expected")
    try:
        host.encode("idna")
    except UnicodeError as error:
        raise NoHost(f"{text}: there is no such address") from error
    return host, int(port)


def address_text(host: str, port: int) -> str:
    """`HOST:PORT`, as a server is known by."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
