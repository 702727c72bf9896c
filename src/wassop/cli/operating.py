"""`wassop doors`, and the link by which whoever starts a server becomes its first admin."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from wassop.cli.common import _, fail, load_config

if TYPE_CHECKING:
    from wassop.server.app import Server

_ANY: Final = {"0.0.0.0": "127.0.0.1", "[::]": "[::1]"}
"""Who listens at all addresses of the machine listens at this one."""


@click.command("doors", help=_("Let nobody in any more (close), whoever is there stays; or again (open)."))
@click.argument("how", type=click.Choice(["open", "close"]))
@click.option("--db", metavar="FILE", help=_("The database (wassop.db in your data folder)."))
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    envvar="WASSOP_CONFIG",
    help=_("The server's configuration."),
)
def doors_command(how: str, db: str | None, config_file: Path | None) -> None:
    """Close or open the doors of a running server."""
    from wassop.cli.desk import server_desk
    from wassop.wire import native_messages as messages
    from wassop.wire.native_operating import Doors

    config = load_config(config_file, db=db)
    if config.memory:
        raise fail(_("a server with --memory cannot be reached from here"))
    no_way = _("{file}: no server has this database, or none that can be reached from here")
    with server_desk(config.database, no_way) as desk:
        answer = desk.ask(Doors(how == "open", id=1))
    if isinstance(answer, messages.Error | messages.Bye):
        fail(answer.text)
        sys.exit(1)


def panel_link(server: "Server") -> str | None:
    """Where the first admin is made; None where there is one, or no door for browsers."""
    door = next((door for door in server.doors if door.endpoint.dialect in (None, "", "web")), None)
    link = server.chat.logins.web.link_for_admin() if door is not None else None
    if door is None or link is None:
        return None
    host, colon, port = door.address.rpartition(":")
    scheme = "https" if server.chat.config.tls_required else "http"
    return f"{scheme}://{_ANY.get(host, host)}{colon}{port}/panel#link={link}"
