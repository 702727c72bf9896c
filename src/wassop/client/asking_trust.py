"""Asking a person, on a line, whether a server that nobody vouches for is to be trusted."""

import sys

from wassop.client.address import address_text, server_address
from wassop.client.commands import YES
from wassop.client.trust import KnownServers, Stranger, known_servers_file
from wassop.locale import Translations


def is_trusted_now(stranger: Stranger, server: str, tr: Translations) -> bool:
    """Ask once, and keep a yes; nobody is asked where nobody can answer."""
    if not sys.stdin.isatty():
        return False
    print(tr.gettext("Trust this server from now on? (y/n) "), file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().casefold() not in YES:
        return False
    known = KnownServers(known_servers_file())
    try:
        known.trust(address_text(*server_address(server)), stranger.fingerprint)
    except OSError as error:
        text = tr.gettext("This cannot be kept ({file}: {reason}); you will be asked again.")
        print(f"wassop: {text.format(file=known.file, reason=error.strerror)}", file=sys.stderr)
        return False
    return True
