"""What click would write as it stands in the source, in the language of help: placeholders and summaries."""

import re
from typing import Final

import click

from wassop.cli.common import _
from wassop.locale import N_

PLACEHOLDERS: Final = (
    N_("[OPTIONS]"),
    N_("COMMAND [ARGS]..."),
    N_("FILE"),
    N_("HOST"),
    N_("HOST:PORT"),
    N_("HOST:PORT[=DIALECT]"),
    N_("HOST[:PORT]"),
    N_("NAME"),
    N_("NETWORK"),
    N_("NUMBER"),
    N_("PORT"),
    N_("ROLE"),
    N_("ROOM"),
    N_("SECONDS"),
    N_("TEXT"),
    N_("WHEN"),
)
# A summary in a list of commands that is found by click itself ends in the middle of a sentence.
_CLAUSE: Final = re.compile(r"[.;:](\s|$)")


def reword(command: click.Command) -> None:
    """Put `command`, and what it holds, into the language of help."""
    command.options_metavar = _("[OPTIONS]")
    command.short_help = _CLAUSE.split(command.help or "", maxsplit=1)[0] + "."
    context = click.Context(command)
    for param in command.params:
        if param.metavar:
            param.metavar = _(param.metavar)
        elif isinstance(param, click.Argument):
            word = str(param.name).upper()
            param.metavar = param.make_metavar(context).replace(word, _(word))
    if isinstance(command, click.Group):
        command.subcommand_metavar = _("COMMAND [ARGS]...")
        for held in command.commands.values():
            reword(held)
