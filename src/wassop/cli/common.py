"""What all commands share: the language, ending with one line, loading the configuration."""

import errno
import gc
import gettext
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from wassop.locale import CATALOGUES, DOMAIN, LANGUAGES, locale_language, translations

if TYPE_CHECKING:
    from wassop.config import Config

EXIT_USAGE: Final = 2


def _asked_language() -> str:
    """The language of help and errors, which are needed before the options are understood."""
    given = [arg.partition("=")[2] for arg in sys.argv if arg.startswith("--lang=")]
    given += [value for option, value in pairwise(sys.argv) if option == "--lang"]
    given.append(os.environ.get("WASSOP_LANG", ""))
    return next((lang for lang in given if lang in LANGUAGES), locale_language(os.environ))


LANGUAGE: Final = _asked_language()
"""The language of help and errors; what a server or client says has its own setting."""
# click's own sentences come from gettext's global functions, which look for the language here.
os.environ["LANGUAGE"] = LANGUAGE
gettext.bindtextdomain(DOMAIN, str(CATALOGUES))
gettext.textdomain(DOMAIN)
TR: Final = translations(LANGUAGE)
_ = TR.gettext


@contextmanager
def loading() -> Iterator[None]:
    """Load a command's libraries in this block.

    A collection in between would go through all that was loaded by then, and find nothing: a seventh of the
    time to the first prompt.
    """
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def fail(message: str) -> SystemExit:
    """Print one line to standard error; raise what is returned to end with exit code 2."""
    print(f"wassop: {message}", file=sys.stderr)
    return SystemExit(EXIT_USAGE)


def read_config(config_file: Path | None = None, **options: Any) -> "Config":
    """Merge file, environment and the options that were given; ConfigError when something is unfit."""
    from wassop.config import load  # what it needs is not needed by those who only join

    given = {key: value for key, value in options.items() if value not in (None, ())}
    return load(config_file, os.environ, given)


def load_config(config_file: Path | None = None, **options: Any) -> "Config":
    """As `read_config`; ends the process when something is unfit."""
    from wassop.config import ConfigError

    try:
        return read_config(config_file, **options)
    except ConfigError as error:
        raise fail(error.sentence(translations(options.get("lang") or LANGUAGE))) from error


def why(error: OSError) -> str:
    """What the system says went wrong, in the language of help and errors."""
    if isinstance(error, socket.gaierror):
        return _("there is no such address")
    match error.errno:
        case errno.EADDRINUSE:
            return _("the port is already in use; --port 0 takes a free one")
        case errno.EACCES:
            return _("not allowed to use this port")
        case errno.EADDRNOTAVAIL:
            return _("this machine does not have that address")
        case errno.ENOSPC:
            return _("there is no room left to write to")
        case _:
            return error.strerror or str(error)
