"""Whom a browser may bring: by what name it has found this server, and whose page asks.

Rule 1: a server is known by its addresses and by names that it was told. Any other name may be that of
somebody else who has led it here (DNS rebinding), so that a page of theirs could read what is said here.
Rule 2: a page of others may load nothing from here, and above all opens no WebSocket, which no browser would
keep it from by itself (RFC 6455, 10.2).
"""

import ipaddress
import re
from collections.abc import Collection
from typing import Final

from wassop.locale import LANGUAGES

LOCAL: Final = frozenset({"localhost"})
_HOST: Final = re.compile(r"(\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::([0-9]{1,5}))?", re.IGNORECASE)
_SCHEMES: Final = ("http://", "https://")
_MAX_LANGUAGES: Final = 20


def host_of(header: str) -> str | None:
    """The name or address in a `Host` header, without its port, in small letters; None when it is none."""
    found = _HOST.fullmatch(header)
    if found is None or int(found[2] or 0) > 65_535:
        return None
    return found[1].lower().removesuffix(".") or None


def is_known(header: str, names: Collection[str]) -> bool:
    """Whether a `Host` header names this server: by an address, as localhost, or as one of `names`."""
    host = host_of(header)
    if host is None:
        return False
    if host in LOCAL or host in names:
        return True
    try:
        ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return host.startswith("[") == (":" in host)


def is_ours(origin: str | None, header: str) -> bool:
    """Whether a page from `origin` comes from the server that the `Host` header names. Who tells no origin is
    no browser, and may tell what it likes anyway."""
    if origin is None:
        return True
    return any(origin.lower() == scheme + header.lower() for scheme in _SCHEMES)


def language(wanted: str, otherwise: str) -> str:
    """Of the languages of ours the one that an `Accept-Language` header likes best."""
    best, liking = otherwise, 0.0
    for part in wanted.split(",")[:_MAX_LANGUAGES]:
        tag, _, parameter = part.partition(";")
        lang = tag.strip().lower().partition("-")[0]
        quality = _quality(parameter)
        if lang in LANGUAGES and quality > liking:
            best, liking = lang, quality
    return best


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name != "q" or not re.fullmatch(r"[01](\.[0-9]{0,3})?", value):
        return 1.0 if not name else 0.0
    return float(value)
