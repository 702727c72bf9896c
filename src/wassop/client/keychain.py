"""Passwords in the keyring of the system, where there is the package `keyring` (`wassop[keyring]`).

Rule 1: what a keyring's backend does wrong is told in one line; whoever has no keyring types.
"""

from importlib.util import find_spec
from typing import Final

from attrs import field, frozen

_SERVICE: Final = "wassop {server}"


@frozen
class Found:
    """What a keyring has; `problem` tells why it could not be asked."""

    password: str | None = field(default=None, repr=False)
    problem: str = ""
    is_there: bool = True
    """Whether something is set up that keeps passwords."""


def is_there() -> bool:
    """Whether the package is there. It is loaded only when it is used, for that takes long."""
    return find_spec("keyring") is not None


def load() -> None:
    """Load the package and what it finds. A thread at this must not be left behind when the process ends: one
    that dies in the middle of loading takes the process with it."""
    try:
        import keyring

        keyring.get_keyring()
    except Exception:
        return  # look_up tells it


def look_up(server: str, name: str) -> Found:
    """The password of `name` at `server`; may wait for the person to open the keyring."""
    try:
        import keyring

        return Found(keyring.get_password(_SERVICE.format(server=server), name.casefold()))
    except Exception as error:  # a backend is another project's, and may raise anything
        return _no_backend(error)


def keep(server: str, name: str, password: str) -> str:
    """Keep it; why that did not work, or nothing."""
    try:
        import keyring

        keyring.set_password(_SERVICE.format(server=server), name.casefold(), password)
    except Exception as error:  # see above
        return _sentence(error).replace(password, "…")
    return ""


def _no_backend(error: Exception) -> Found:
    """That nothing is set up to keep passwords is no problem for whoever only comes in."""
    if type(error).__name__ == "NoKeyringError":
        return Found(is_there=False)
    return Found(problem=_sentence(error))


def _sentence(error: Exception) -> str:
    """The first line of what a backend says."""
    text = str(error).partition("\n")[0].strip()
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
