"""`wassop account`: looking after registered names, while a server runs or not."""

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, TypeVar

import click

from wassop.cli.common import LANGUAGE, TR, _, fail

if TYPE_CHECKING:
    from collections.abc import Callable

    from wassop.wire.native_messages import ServerMessage

_ROLES: Final = ("user", "moderator", "admin")

_F = TypeVar("_F", bound="Callable[..., Any]")


@click.group("account", help=_("Look after registered names; a server may run."))
def account_group() -> None:
    """Hold the commands together."""


def _options(command: _F) -> _F:
    options = [
        click.option("--db", metavar="FILE", help=_("The database (wassop.db in your data folder).")),
        click.option(
            "--config",
            "config_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            envvar="WASSOP_CONFIG",
            help=_("The server's configuration."),
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


_password_option = click.option(
    "--password-file",
    type=click.File("r", encoding="utf-8"),
    metavar="FILE",
    help=_("The password is the first line of this file (-: of the input); otherwise you are asked."),
)


@account_group.command("add", help=_("Register a name."))
@click.argument("name")
@click.option("--role", type=click.Choice(_ROLES), default="user", help=_("What it may do (user)."))
@_password_option
@_options
def add_command(name: str, role: Any, password_file: Any, db: str | None, config_file: Path | None) -> None:
    """Add an account."""
    password = _password(password_file)
    _done(_asked(db, config_file, "add", name, password, role))


@account_group.command("list", help=_("List the registered names."))
@_options
def list_command(db: str | None, config_file: Path | None) -> None:
    """List accounts."""
    from wassop.wire import native_messages as messages

    answer = _asked(db, config_file, "list")
    if not isinstance(answer, messages.AccountsAre):
        _done(answer)
        return
    width = max((len(line.name) for line in answer.accounts), default=0)
    for line in answer.accounts:
        last = line.last_login_at
        seen = _("never logged in") if last is None else _day(last)
        click.echo(f"{line.name:<{width}}  {line.role:<9}  {_day(line.created_at)}  {seen}")


@account_group.command("passwd", help=_("Set another password; whoever is logged in is logged out."))
@click.argument("name")
@_password_option
@_options
def passwd_command(name: str, password_file: Any, db: str | None, config_file: Path | None) -> None:
    """Set a password."""
    password = _password(password_file)
    _done(_asked(db, config_file, "passwd", name, password))


@account_group.command("role", help=_("Set what a registered name may do on the server."))
@click.argument("name")
@click.argument("role", type=click.Choice(_ROLES))
@_options
def role_command(name: str, role: Any, db: str | None, config_file: Path | None) -> None:
    """Set a role."""
    _done(_asked(db, config_file, "role", name, role=role))


@account_group.command(
    "remove", help=_("Make a name anybody's again; what was kept for it is told to nobody.")
)
@click.argument("name")
@_options
def remove_command(name: str, db: str | None, config_file: Path | None) -> None:
    """Remove an account."""
    _done(_asked(db, config_file, "remove", name))


def _day(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d %H:%M")


def _password(file: Any) -> str:
    if file is not None:
        try:
            return str(file.readline()).rstrip("\r\n")
        except UnicodeDecodeError:
            raise fail(_("{file}: this is not UTF-8").format(file=file.name)) from None
    password: str = click.prompt(
        TR.gettext("Password"), hide_input=True, confirmation_prompt=TR.gettext("The same again"), err=True
    )
    return password


def _asked(
    db: str | None,
    config_file: Path | None,
    do: Literal["list", "add", "passwd", "role", "remove"],
    name: str = "",
    password: str = "",
    role: Any = "user",
) -> "ServerMessage":
    # Loaded only here: the other commands start faster without what a server takes.
    from wassop.cli.desk import desk_of
    from wassop.wire import native_messages as messages

    with desk_of(db, config_file) as desk:
        return desk.ask(messages.Account(do, name, password, role, id=1, lang=LANGUAGE))


def _done(answer: "ServerMessage") -> None:
    from wassop.wire import native_messages as messages

    if isinstance(answer, messages.Error | messages.Bye):
        fail(answer.text)
        sys.exit(1)
