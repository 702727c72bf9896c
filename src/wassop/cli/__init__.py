"""The command line: argv to a Config or to the client's options, and nothing else."""

import contextlib
import gc
import re
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from wassop import __version__
from wassop.cli.accounts import account_group
from wassop.cli.common import EXIT_USAGE, _, fail, load_config, read_config, why
from wassop.cli.join import join_command
from wassop.cli.operating import doors_command, panel_link
from wassop.cli.programs import send_command, tail_command
from wassop.cli.record import audit_command, backup_command, db_group, export_command, import_command
from wassop.cli.status import status_command
from wassop.locale import LANGUAGES, N_, translations

if TYPE_CHECKING:
    from wassop.config import Config

_F = TypeVar("_F", bound=Callable[..., Any])


def main() -> None:
    """Run the command that argv names."""
    try:
        cli.main(prog_name="wassop", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        sys.exit(EXIT_USAGE)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "wassop"
        raise fail(f"{error.format_message()} ({command} --help)") from None
    except click.Abort:
        sys.exit(128 + signal.SIGINT)
    except OSError as error:  # standard output is full or gone
        raise fail(why(error)) from None


@click.group(
    help=_(
        "wassop: the chat that any client can walk into. One port for terminals, netcat and your own clients."
    ),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, message="wassop %(version)s", help=_("Show the version and exit."))
def cli() -> None:
    """Hold the commands together."""


for _command in (join_command, send_command, tail_command, audit_command):
    cli.add_command(_command)
for _command in (
    account_group,
    doors_command,
    status_command,
    export_command,
    import_command,
    backup_command,
    db_group,
):
    cli.add_command(_command)


def _server_options(command: _F) -> _F:
    """The options that `serve` and `config` share; each one that is given wins over file and environment."""
    options = [
        click.option("--host", metavar="HOST", help=_("Address to listen on (127.0.0.1).")),
        click.option(
            "--port",
            callback=_number,
            metavar="PORT",
            help=_("Port to listen on (5555); 0 takes a free one."),
        ),
        click.option(
            "--listen",
            multiple=True,
            metavar="HOST:PORT[=DIALECT]",
            help=_(
                "One more place to listen, for all dialects or for one; may be repeated. May be followed by "
                ",allow=NETWORK (who is let in) and ,lobby=ROOM (where those live whose dialect has no "
                "rooms)."
            ),
        ),
        click.option(
            "--web",
            metavar="HOST:PORT",
            help=_("One more place to listen, for browsers only; they may also come to any other."),
        ),
        click.option(
            "--web-host",
            multiple=True,
            metavar="NAME",
            help=_(
                "A name by which browsers may find this server, besides its addresses, localhost and the "
                "machine's own name; may be repeated."
            ),
        ),
        click.option(
            "--trust-network",
            multiple=True,
            metavar="NETWORK",
            help=_(
                "A network whose visitors may connect as often and ask as fast as they like; may be repeated "
                "(127.0.0.0/8 and ::1)."
            ),
        ),
        click.option(
            "--config",
            "config_file",
            type=click.Path(path_type=Path),
            metavar="FILE",
            envvar="WASSOP_CONFIG",
            help=_("A TOML file with any of the keys that `wassop config` prints."),
        ),
        click.option(
            "--db",
            metavar="FILE",
            help=_("The file that keeps what is said (wassop.db in your data folder)."),
        ),
        click.option("--memory", is_flag=True, default=None, help=_("Keep nothing on disk.")),
        click.option(
            "--tls-cert",
            metavar="FILE",
            help=_("Speak TLS, too, on the same port: the certificate, with those it rests on (PEM)."),
        ),
        click.option("--tls-key", metavar="FILE", help=_("The certificate's private key (PEM).")),
        click.option(
            "--tls-self-signed",
            is_flag=True,
            default=None,
            help=_("Speak TLS, too, with a certificate that is made once and kept beside the database."),
        ),
        click.option("--tls-required", is_flag=True, default=None, help=_("Let in nobody without TLS.")),
        click.option(
            "--metrics",
            metavar="HOST:PORT",
            help=_("Tell machines how the server is: /metrics (Prometheus), /healthz and /readyz there."),
        ),
        click.option("--lang", type=click.Choice(LANGUAGES), help=_("Language of texts and logs (es).")),
        click.option(
            "--log-format", type=click.Choice(["console", "json"]), help=_("Log for people or for programs.")
        ),
        click.option(
            "-v", "--verbose", is_flag=True, default=None, help=_("Log more, texts of messages too.")
        ),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _number(_: click.Context, __: click.Parameter, value: str | None) -> int | str | None:
    """A whole number as such; anything else as it is, for the configuration to refuse in one manner."""
    return int(value) if value is not None and re.fullmatch(r"-?[0-9]{1,9}", value) else value


@cli.command(help=_("Run the server until Ctrl-C; SIGHUP makes it read its settings again."))
@_server_options
def serve(config_file: Path | None, **options: Any) -> None:
    """Run the server."""
    config = load_config(config_file, **options)
    # The server's libraries are loaded only here: the other commands start faster without them.
    import trio

    from wassop.config import ConfigError
    from wassop.server import admission, app, logs
    from wassop.server.recent_lines import RecentLines
    from wassop.server.reloading import Reloading
    from wassop.storage.archive import ArchiveError
    from wassop.storage.problems import archive_problem

    writer, colors = logs.standard_error()
    recent = RecentLines(logs.EVENTS)

    def open_log(config: "Config") -> logs.Log:
        return logs.open_log(
            writer,
            log_format=config.log_format,
            lang=config.lang,
            verbose=config.verbose,
            colors=colors,
            recent=recent,
        )

    log = open_log(config)
    texts = translations(config.lang)
    admission.allow_open_files(config.max_connections)
    # What is loaded by now stays. A full collection goes through everything that lives, 60 ms with a thousand
    # clients, in which nobody is served; so they are made rare. Measured with scripts/load.py --clients 1000
    # --rooms 100 --rate 1000.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)

    async def run() -> int:
        server = await app.open_server(config, log, recent)
        server.reloading = Reloading(server.chat, partial(read_config, config_file, **options), open_log)

        def announce() -> None:
            with contextlib.suppress(BrokenPipeError):  # nobody reads it, and the server serves all the same
                for address in server.addresses:
                    line = texts.gettext("Server listening on {address}...").format(address=address)
                    print(line, flush=True)
                if server.fingerprint is not None:
                    line = texts.gettext("Fingerprint of the certificate (SHA-256): {fingerprint}")
                    print(line.format(fingerprint=server.fingerprint), flush=True)
                # For whoever sits there: what a service prints is kept, and read by others.
                if sys.stdout.isatty() and (link := panel_link(server)) is not None:
                    line = texts.gettext("Nobody looks after this server yet. Within an hour: {link}")
                    print(line.format(link=link), flush=True)

        return await app.run_until_signal(server, announce)

    try:
        code = trio.run(run, strict_exception_groups=True)
    except OSError as error:
        raise fail(f"{error.filename}: {why(error)}") from error
    except ArchiveError as error:
        raise fail(archive_problem(error, texts)) from error
    except ConfigError as error:  # files that it names cannot be used
        raise fail(error.sentence(texts)) from error
    except KeyboardInterrupt:  # before the server could ask for the signal
        code = 128 + signal.SIGINT
    finally:
        writer.close()
    sys.exit(code)


@cli.command("config", help=_("Print the effective configuration of the server as TOML."))
@_server_options
def config_command(config_file: Path | None, **options: Any) -> None:
    """Print the effective configuration."""
    click.echo(load_config(config_file, **options).to_toml(), nl=False)


@cli.command("dialects", help=_("List the protocols that the server speaks, with an example of each."))
def dialects_command() -> None:
    """List the dialects."""
    from wassop.wire.dialects import SPOKEN

    width = max(len(_(spoken.whose)) for spoken in SPOKEN.values())
    for dialect, spoken in SPOKEN.items():
        click.echo(f"{dialect.value:<10} {_(spoken.whose):<{width}}  {spoken.example}")


# click's own sentences go through gettext's global domain; these are the ones that our users meet.
CLICK_TEXTS: Final = (
    N_("Usage:"),
    N_("Options"),
    N_("Commands"),
    N_("Show this message and exit."),
    N_("No such option {name!r}."),
    N_("No such command {name!r}."),
    N_("Option {name!r} does not take a value."),
    N_("Missing command."),
    N_("Missing option"),
    N_("Missing argument"),
    N_("Option {name!r} requires an argument.", "Option {name!r} requires {nargs} arguments."),
    N_("{value!r} is not {choice}.", "{value!r} is not one of {choices}."),
    N_("Got unexpected extra argument ({args})", "Got unexpected extra arguments ({args})"),
    N_("Did you mean {possibility}?", "(Did you mean one of: {possibilities}?)"),
    N_("Invalid value for {param_hint}: {message}"),
)
