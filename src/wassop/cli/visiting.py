"""The options of the commands that join a chat, and what is wrong with them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from wassop.cli.common import LANGUAGE, _, fail
from wassop.locale import LANGUAGES, N_, translations

_F = TypeVar("_F", bound=Callable[..., Any])


def visitor_options(command: _F) -> _F:
    """Where the server is, whether to believe it, and in which language to speak."""
    options = [
        click.option(
            "--server",
            metavar="HOST[:PORT]",
            envvar="WASSOP_SERVER",
            default="127.0.0.1",
            help=_("The server (127.0.0.1:5555)."),
        ),
        click.option("--tls", is_flag=True, help=_("Speak TLS with the server, and check who it is.")),
        click.option(
            "--ca",
            "ca_file",
            metavar="FILE",
            help=_("TLS with a server for which one of these certificates (PEM) vouches."),
        ),
        click.option(
            "--lang",
            type=click.Choice(LANGUAGES),
            envvar="WASSOP_LANG",
            default=LANGUAGE,
            help=_("Language (that of your locale, or es)."),
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def password_option(command: _F) -> _F:
    """A registered name's password; in a file, for others see what stands in a command line."""
    return click.option(
        "--password-file",
        metavar="FILE",
        help=_("The first line of this file is the password of the name, which is registered."),
    )(command)


def check_server(text: str, lang: str) -> tuple[str, int]:
    """The host and the port that `--server` names; otherwise the command ends."""
    from wassop.client.address import NoAddress, NoHost, server_address

    tr = translations(lang)
    try:
        return server_address(text)
    except NoHost:
        problem = tr.gettext("there is no such address")
        raise fail(f"--server {text}: {problem}") from None
    except NoAddress:
        raise fail(tr.gettext("--server {text}: HOST[:PORT] expected").format(text=text)) from None


def check_authorities(file: str | None, lang: str) -> None:
    """End the command if `--ca` names a file without certificates."""
    if file is None:
        return
    import ssl

    from wassop.config import ConfigError, Unfit, unreadable

    try:
        ssl.create_default_context(cafile=file)
    except ssl.SSLError:
        problem = Unfit(N_("there is no certificate in it (PEM)"))
    except OSError as error:
        problem = unreadable(error)
    else:
        return
    raise fail(ConfigError(f"--ca {file}", problem).sentence(translations(lang)))


def read_password(file: str | None) -> str | None:
    """The first line of `--password-file`; the command ends when it cannot be read."""
    if file is None:
        return None
    try:
        text = Path(os.path.expanduser(file)).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it is no UTF-8 text")
        raise fail(f"--password-file {file}: {reason}") from None
    lines = text.splitlines()
    if not lines or not lines[0]:
        raise fail(_("--password-file {file}: its first line is empty").format(file=file))
    return lines[0]
