"""`wassop account`: looking after registered names, while a server runs or not."""

import socket
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import click

from wassop.cli.common import LANGUAGE, TR, _, fail, load_config
from wassop.config import Config
from wassop.wire import native_messages as messages
from wassop.wire.native_client import NativeClientCodec
from wassop.wire.native_operating import Doors

if TYPE_CHECKING:
    from collections.abc import Callable

    from wassop.storage.archive import Archive

_TIMEOUT_S: Final = 30.0
_RECEIVE_BYTES: Final = 65_536
_ROLES: Final = ("user", "moderator", "admin")

_F = TypeVar("_F", bound="Callable[..., Any]")


class Desk(Protocol):
    """Where requests about accounts are answered."""

    def ask(self, request: messages.Account) -> messages.ServerMessage:
        """The answer."""
        ...


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
    with _desk(db, config_file) as desk:
        _done(desk.ask(messages.Account("add", name, password, role, id=1, lang=LANGUAGE)))


@account_group.command("list", help=_("List the registered names."))
@_options
def list_command(db: str | None, config_file: Path | None) -> None:
    """List accounts."""
    with _desk(db, config_file) as desk:
        answer = desk.ask(messages.Account("list", id=1, lang=LANGUAGE))
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
    with _desk(db, config_file) as desk:
        _done(desk.ask(messages.Account("passwd", name, password, id=1, lang=LANGUAGE)))


@account_group.command("role", help=_("Set what a registered name may do on the server."))
@click.argument("name")
@click.argument("role", type=click.Choice(_ROLES))
@_options
def role_command(name: str, role: Any, db: str | None, config_file: Path | None) -> None:
    """Set a role."""
    with _desk(db, config_file) as desk:
        _done(desk.ask(messages.Account("role", name, role=role, id=1, lang=LANGUAGE)))


@account_group.command(
    "remove", help=_("Make a name anybody's again; what was kept for it is told to nobody.")
)
@click.argument("name")
@_options
def remove_command(name: str, db: str | None, config_file: Path | None) -> None:
    """Remove an account."""
    with _desk(db, config_file) as desk:
        _done(desk.ask(messages.Account("remove", name, id=1, lang=LANGUAGE)))


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


def _done(answer: messages.ServerMessage) -> None:
    if isinstance(answer, messages.Error | messages.Bye):
        fail(answer.text)
        sys.exit(1)


# Where requests are answered


@contextmanager
def _desk(db: str | None, config_file: Path | None) -> Iterator[Desk]:
    """The database, or the server that has it."""
    from wassop.storage.archive import Archive, ArchiveError
    from wassop.storage.problems import archive_problem

    config = load_config(config_file, db=db)
    if config.memory:
        raise fail(_("a server with --memory keeps no accounts that could be looked after from here"))
    try:
        archive = Archive(config.database)
    except ArchiveError as error:
        if error.problem != "in-use":
            raise fail(archive_problem(error, TR)) from error
    else:
        try:
            yield DatabaseDesk(archive, config)
        except sqlite3.Error as error:
            raise fail(f"{archive.path}: {error}") from error
        finally:
            archive.close()
        return
    no_way = _("{file}: a server has this database and cannot be reached from here; stop it first")
    with server_desk(config.database, no_way) as desk:
        yield desk


class DatabaseDesk:
    """A database that no server has: what a server would decide is decided here."""

    def __init__(self, archive: "Archive", config: Config) -> None:
        from wassop.core.hub import Hub

        self._archive: Final = archive
        self._config: Final = config
        self._hub: Final = Hub(config.limits)
        for account in archive.accounts():
            self._hub.accounts.put(account)
        self._session: Final = self._hub.connect(is_operator=True)

    def ask(self, request: messages.Account) -> messages.ServerMessage:
        """See `Desk`."""
        from wassop.core.commands import ManageAccount
        from wassop.core.deliveries import Record, Reply
        from wassop.core.logins import refused_management, refused_password
        from wassop.core.refusals import Refused
        from wassop.server.passwords import Hasher
        from wassop.wire.codec import Request, WireSettings
        from wassop.wire.native import NativeCodec

        hub, session = self._hub, self._session
        hashed = ""
        command = ManageAccount(request.do, request.name, request.password, request.role)
        refused = refused_management(hub, session, command)
        if refused is None and request.do in ("add", "passwd"):
            refused = refused_password(request.password)
            if refused is None:
                hasher = Hasher(self._config.password_hash_kib, self._config.password_hash_passes)
                hashed = hasher.hash(request.password)
        answer: Any = refused
        if not isinstance(refused, Refused):
            command = ManageAccount(request.do, request.name, role=request.role, hashed=hashed)
            reply, *others = hub.handle(session, command, time.time())
            assert isinstance(reply, Reply)
            answer = reply.answer
            self._archive.store([each.entry for each in others if isinstance(each, Record)])
        line = NativeCodec(WireSettings(LANGUAGE)).answer(Request(command, request.id), answer)
        return next(NativeClientCodec().receive_data(line))


Question = messages.Account | Doors


class ServerDesk:
    """A running server."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket: Final = sock
        self._codec: Final = NativeClientCodec()

    def ask(self, request: Question) -> messages.ServerMessage:
        """See `Desk`."""
        self._socket.sendall(self._codec.encode(request))
        while data := self._socket.recv(_RECEIVE_BYTES):
            for message in self._codec.receive_data(data):
                if isinstance(message, messages.Bye) or getattr(message, "re", None) == request.id:
                    return message
        raise ConnectionResetError


@contextmanager
def server_desk(database: Path, no_way: str) -> Iterator[ServerDesk]:
    """The server that has this database; ends the program with `no_way` when none can be reached."""
    no_way = no_way.format(file=database)
    if not hasattr(socket, "AF_UNIX"):
        raise fail(no_way)
    from wassop.server.control import control_path

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as sock:
        sock.settimeout(_TIMEOUT_S)
        try:
            sock.connect(str(control_path(database)))
        except OSError:
            raise fail(no_way) from None
        try:
            yield ServerDesk(sock)
        except OSError:
            raise fail(_("{file}: the server did not answer").format(file=database)) from None
