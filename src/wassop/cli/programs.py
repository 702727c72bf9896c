"""`wassop send` and `wassop tail`: a chat for shell scripts."""

import sys

import click

from wassop.cli.common import _, loading
from wassop.cli.moments import moment
from wassop.cli.visiting import (
    check_authorities,
    check_server,
    password_option,
    read_password,
    visitor_options,
)

_name_option = click.option(
    "--name",
    metavar="NAME",
    envvar="WASSOP_NAME",
    help=_("The name to be there under; otherwise your login name, with a number if it is taken."),
)


@click.command(
    "send",
    help=_(
        "Say TEXT in a room, or each line of standard input, and return when it is stored. Blank lines are "
        "passed over."
    ),
    epilog=_(
        "Ends with 0: all of it is stored; 1: refused; 2: options or input that cannot be used; 3: no "
        "connection, or none for longer than --timeout; 130: Ctrl-C."
    ),
)
@click.argument("text", nargs=-1)
@click.option("--room", required=True, metavar="ROOM", envvar="WASSOP_ROOM", help=_("The room."))
@_name_option
@click.option("--as-one", is_flag=True, help=_("All of standard input is one message."))
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0),
    default=30.0,
    metavar="SECONDS",
    help=_("How long to try to get a lost connection back (30)."),
)
@password_option
@visitor_options
def send_command(
    text: tuple[str, ...],
    room: str,
    name: str | None,
    as_one: bool,
    timeout_s: float,
    password_file: str | None,
    server: str,
    tls: bool,
    ca_file: str | None,
    lang: str,
) -> None:
    """Say something."""
    check_server(server, lang)
    check_authorities(ca_file, lang)
    password = read_password(password_file)
    with loading():
        from wassop.client.sending import SendOptions, run_send
        from wassop.client.visit import VisitOptions

    visit = VisitOptions(server, name, lang, tls, ca_file, password, timeout_s)
    sys.exit(run_send(SendOptions(visit, room, " ".join(text) if text else None, as_one)))


@click.command(
    "tail",
    help=_("Print what was said in a room, and what is said, until Ctrl-C."),
    epilog=_(
        "With --json each line is an object with the keys room, seq, from, text and at (Unix seconds), and, "
        "where it is so, all and nonce: as `wassop export` writes them. Ends with 0: all is printed (or "
        "nobody reads it any more); 1: refused; 2: options that cannot be used; 3: no connection, or none "
        "for longer than --timeout; 130: Ctrl-C."
    ),
)
@click.option(
    "--room", "rooms", required=True, multiple=True, metavar="ROOM", help=_("The room; may be repeated.")
)
@_name_option
@click.option("--json", "as_json", is_flag=True, help=_("A JSON object a line."))
@click.option(
    "--since", metavar="WHEN", help=_("From then on: 2026-11-20, 2026-11-20T13:00, or 90m, 2h, 7d ago.")
)
@click.option(
    "-n",
    "--lines",
    type=click.IntRange(min=0),
    default=10,
    metavar="NUMBER",
    help=_("Without --since: this many messages of each room (10)."),
)
@click.option(
    "--follow/--no-follow", default=True, help=_("Go on with what is said from now on, or end (--follow).")
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help=_("How long to try to get a lost connection back (for ever)."),
)
@password_option
@visitor_options
def tail_command(
    rooms: tuple[str, ...],
    name: str | None,
    as_json: bool,
    since: str | None,
    lines: int,
    follow: bool,
    timeout_s: float | None,
    password_file: str | None,
    server: str,
    tls: bool,
    ca_file: str | None,
    lang: str,
) -> None:
    """Print what is said."""
    check_server(server, lang)
    check_authorities(ca_file, lang)
    start = moment(since) if since is not None else None
    password = read_password(password_file)
    with loading():
        from wassop.client.tailing import TailOptions, run_tail
        from wassop.client.visit import VisitOptions

    visit = VisitOptions(server, name, lang, tls, ca_file, password, timeout_s)
    sys.exit(run_tail(TailOptions(visit, rooms, start, lines, as_json, follow)))
