"""What a command is, and how it is found in a table. The tables stand in vocabulary.py.

To add a command is to add a row: what it is called, what may follow, what /help says, and what it does.
"""

from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Final

from attrs import frozen

from wassop.client.happenings import KeepInput
from wassop.client.turn import Turn

YES: Final = frozenset({"s", "si", "sí", "y", "yes"})


class Completes(Enum):
    """What Tab offers after a command."""

    NOTHING = auto()
    ROOMS = auto()
    OWN_ROOMS = auto()
    PEOPLE = auto()
    """Names of people, as the first word."""
    TABS = auto()
    SEARCH = auto()
    ON_OFF = auto()
    KEYS = auto()


@frozen
class Command:
    """A word and what it does; the texts are to be translated."""

    word: str
    arguments: str
    purpose: str
    do: Callable[[Turn, str], None]
    """Called with what follows the word, without the spaces around it."""
    is_request: bool = False
    """Whether it can only be done while there is a connection."""
    is_bare: bool = True
    """Whether it may stand without anything behind it."""
    completes: Completes = Completes.NOTHING


def found(word: str, table: Iterable[Command]) -> Command | None:
    """The command `word`."""
    return next((command for command in table if command.word == word), None)


def run(turn: Turn, command: Command, rest: str) -> None:
    """Do what `command` says, or tell why not; then what was typed stays in the input bar."""
    if not rest and not command.is_bare:
        incomplete(turn, command)
    elif command.is_request and not turn.has_connection():
        turn.effects.append(KeepInput())
    else:
        command.do(turn, rest)


def incomplete(turn: Turn, command: Command) -> None:
    """Tell how `command` is written."""
    usage = f"{command.word} {turn.tr.gettext(command.arguments)}"
    turn.error(turn.tr.gettext("Something is missing. Use: {usage}").format(usage=usage))
    turn.effects.append(KeepInput())
