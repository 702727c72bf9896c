"""What is asked for without being shown, and what to do about a password that was right. Values only.

Rule 1: what is typed as an answer stands nowhere but here and in the request that it is for; no `repr`
shows it.
"""

from enum import Enum, auto

from attrs import field, frozen

from wassop.locale import N_


class Wanted(Enum):
    """What a secret is for."""

    HELLO = auto()
    """To be let in under a registered name."""
    LOGIN = auto()
    """To become somebody registered, being here already."""
    REGISTER = auto()
    CHANGE = auto()
    """Another password for one's account."""
    ENTER = auto()
    """To be let into a room."""
    LOCK = auto()
    """A password for the room."""


_OF_NAME = N_("Password of {name}")
_AGAIN = N_("The same again")
_NEW = N_("A password for your name, at least 8 characters")
QUESTIONS = {
    Wanted.HELLO: (_OF_NAME,),
    Wanted.LOGIN: (_OF_NAME,),
    Wanted.REGISTER: (_NEW, _AGAIN),
    Wanted.CHANGE: (N_("Your password until now"), _NEW, _AGAIN),
    Wanted.ENTER: (N_("Password of the room {name}"),),
    Wanted.LOCK: (N_("A password for the room {name}"),),
}

WRONG_CODES = frozenset({"login-failed", "password-too-short"})
"""Why a password is asked for again."""


@frozen
class SecretQuestion:
    """What is typed next is a secret; an empty line gives up."""

    wanted: Wanted
    about: str = ""
    """The name or the room."""
    typed: tuple[str, ...] = field(default=(), repr=False)
    """The answers to the questions before this one."""

    @property
    def text(self) -> str:
        """What is asked now, in English; `{name}` is what it is about."""
        return QUESTIONS[self.wanted][len(self.typed)]

    def answered(self, secret: str) -> "SecretQuestion":
        """With one answer more."""
        return SecretQuestion(self.wanted, self.about, (*self.typed, secret))

    @property
    def is_complete(self) -> bool:
        """Whether nothing more is to be asked."""
        return len(self.typed) == len(QUESTIONS[self.wanted])

    @property
    def is_contradictory(self) -> bool:
        """Whether what was to be typed twice was typed otherwise."""
        return QUESTIONS[self.wanted][-1] is _AGAIN and self.typed[-1] != self.typed[-2]


@frozen
class KeepQuestion:
    """Whether to keep the password of `name`, which was right, in the keyring of the system."""

    name: str


_BEFORE_SECRETS = ("/register ", "/password ", "/mode password ")


def holds_secret(line: str) -> bool:
    """Whether a line is one in which a password stands, or may stand by mistake: it is remembered nowhere."""
    text = " ".join(line.split()) + " "
    if text.startswith("/login "):
        return text.count(" ") > 2  # a name, and something behind it
    return any(text.startswith(word) and len(text) > len(word) for word in _BEFORE_SECRETS)
