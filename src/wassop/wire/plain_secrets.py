"""Asking a person with netcat or telnet for passwords, each on a line of its own."""

from collections.abc import Callable, Sequence
from typing import Final, Self

from wassop.core import commands
from wassop.core.refusals import Code, Refused
from wassop.core.text import visible
from wassop.locale import N_, Translations
from wassop.wire.codec import PLAIN_HISTORY, Malformed, Request

_PASSWORD_OF: Final = N_("Password of {name}")
_PASSWORD_OF_ROOM: Final = N_("Password of the room {name}")
_CURRENT: Final = N_("Your password until now")
_NEW: Final = N_("A password for your name, at least 8 characters")
_AGAIN: Final = N_("The same again")


class Secrets:
    """The questions that lead to one command.

    Rule 1: what is typed is handed to the command and to nobody else, and is not kept afterwards.
    Rule 2: an empty line gives up.
    """

    def __init__(
        self, questions: Sequence[str], make: Callable[[list[str]], commands.Command], name: str = ""
    ) -> None:
        self._questions: Final = questions
        self._make: Final = make
        self._name: Final = name
        self._typed: list[str] = []

    @classmethod
    def for_login(cls, name: str, *, is_here: bool) -> Self:
        """Log in as `name`, whoever `is_here` already as somebody else."""
        identify = None if is_here else commands.Identify(name)
        return cls([_PASSWORD_OF], lambda typed: commands.Login(name, typed[0], identify), name)

    @classmethod
    def for_room(cls, room: str) -> Self:
        """Come into a room that has a password."""
        return cls(
            [_PASSWORD_OF_ROOM],
            lambda typed: commands.Join(room, history=PLAIN_HISTORY, password=typed[0]),
            visible(room),
        )

    @classmethod
    def for_registration(cls) -> Self:
        """Make an account of one's name."""
        return cls([_NEW, _AGAIN], lambda typed: commands.Register(typed[0]))

    @classmethod
    def for_change(cls) -> Self:
        """Take another password."""
        return cls([_CURRENT, _NEW, _AGAIN], lambda typed: commands.ChangePassword(typed[0], typed[1]))

    def question(self, tr: Translations, *, is_hidden: bool) -> str:
        """What is asked next. Who sees what is typed is told so before."""
        text = tr.gettext(self._questions[len(self._typed)]).format(name=self._name)
        return f"{text}: " if is_hidden else tr.gettext("{question} (it shows): ").format(question=text)

    def take(self, line: str) -> None:
        """What was typed."""
        self._typed.append(line)

    @property
    def is_complete(self) -> bool:
        """Whether nothing more is to be asked."""
        return len(self._typed) == len(self._questions)

    def request(self) -> Request | Malformed:
        """What it leads to; nothing when the same was not typed twice."""
        if self._questions[-1] is _AGAIN and self._typed[-1] != self._typed[-2]:
            return Malformed(Refused(Code.PASSWORDS_DIFFER))
        return Request(self._make(self._typed))
