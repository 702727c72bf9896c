"""`wassop join`: in the terminal, or line by line where there is none."""

import os
import sys

import click

from wassop.cli.common import _, fail, loading
from wassop.cli.visiting import (
    check_authorities,
    check_server,
    password_option,
    read_password,
    visitor_options,
)


@click.command(
    "join",
    help=_(
        "Join the chat in this terminal. Without a terminal, or with --plain, it goes line by line: for "
        "pipes and screen readers."
    ),
    epilog=_(
        "Ends with 0; 1: no server there, none that is believed, or a name or room that is refused; 2: "
        "options that cannot be used; 3: lines were not sent; 130: Ctrl-C."
    ),
)
@click.option(
    "--room",
    metavar="ROOM",
    envvar="WASSOP_ROOM",
    help=_("Enter this room; otherwise the main menu opens, or where you were last time."),
)
@click.option("--name", metavar="NAME", envvar="WASSOP_NAME", help=_("Your name; otherwise you are asked."))
@click.option("--plain", is_flag=True, help=_("Lines in, lines out; nothing on the screen is ever changed."))
@password_option
@visitor_options
def join_command(
    server: str,
    room: str | None,
    name: str | None,
    plain: bool,
    password_file: str | None,
    tls: bool,
    ca_file: str | None,
    lang: str,
) -> None:
    """Run the client that fits."""
    host, port = check_server(server, lang)
    check_authorities(ca_file, lang)
    if plain or not _has_screen():
        with loading():
            from wassop.client.plain import PlainOptions, run_plain
            from wassop.client.visit import VisitOptions

        visit = VisitOptions(server, name, lang, tls, ca_file, read_password(password_file))
        sys.exit(run_plain(PlainOptions(visit, room)))
    if password_file is not None:
        raise fail(_("--password-file: only together with --plain"))
    with loading():
        from wassop.client.app import JoinOptions, run

    who = JoinOptions(
        host=host, port=port, room=room, name=name, lang=lang, tls=tls or ca_file is not None, ca_file=ca_file
    )
    sys.exit(run(who))


def _has_screen() -> bool:
    """Whether there is a terminal on which something can be drawn."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    return is_terminal and os.environ.get("TERM", "") not in ("", "dumb", "unknown")
