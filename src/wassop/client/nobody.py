"""What whoever wanted to join reads where there is no server."""

import socket

from wassop.client.address import DEFAULT_PORT, address_text, server_address
from wassop.locale import Translations


def nobody_there(server: str, error: BaseException | None, tr: Translations) -> str:
    """One line that says how to start a server at `server`, or that there is no such place. `error`: how
    connecting failed."""
    if isinstance(error, socket.gaierror):
        return f"{server}: {tr.gettext('there is no such address')}"
    host, port = server_address(server)
    command = "wassop serve" if port == DEFAULT_PORT else f"wassop serve --port {port}"
    text = tr.gettext("There is no server at {server}. To start one: {command}")
    return text.format(server=address_text(host, port), command=command)
