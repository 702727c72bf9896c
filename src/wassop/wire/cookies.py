"""The cookie of a browser that stays logged in (RFC 6265).

Rule 1: no script reads it, and no other site's page makes the browser send it.
Rule 2: cookies know no ports, so its name does: two servers on one machine do not throw each other's away.
"""

import re
from typing import Final

from wassop.wire.http import Ask, Wish

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{20,100}")
_PORT: Final = re.compile(r":([0-9]{1,5})$")


def kept(wish: Wish, token: str, max_age_s: float) -> tuple[str, str]:
    """The header with which the browser keeps `token` for so long; not at all for 0."""
    secure = "; Secure" if wish.is_protected else ""
    rules = f"Max-Age={max_age_s:.0f}; Path=/; HttpOnly; SameSite=Strict{secure}"
    return "Set-Cookie", f"{wish.cookie}={token}; {rules}"


def cookie_name(host: str) -> str:
    """Its name at the server that the `Host` header names."""
    port = _PORT.search(host)
    return f"wassop-{port[1]}" if port else "wassop"


def token_of(ask: Ask) -> str:
    """What the browser shows; nothing where it shows nothing that could be one."""
    name = cookie_name(ask.headers.get("host", ""))
    # Where a client sends the header twice, it was joined with a comma.
    for pair in re.split(r"[;,]", ask.headers.get("cookie", "")):
        key, _, value = pair.strip().partition("=")
        if key == name and _TOKEN.fullmatch(value):
            return value
    return ""
