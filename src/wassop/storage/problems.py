"""Why a database cannot be used, and what to do, for people."""

from collections.abc import Mapping
from typing import Final

from wassop.locale import N_, Translations
from wassop.storage.archive import ArchiveError

_SENTENCES: Final[Mapping[str, str]] = {
    "in-use": N_("{path}: another server uses this database; --db FILE takes another one, --memory none"),
    "too-new": N_(
        "{path}: this database was written by a later version of wassop ({detail}); use that version"
    ),
    "corrupt": N_(
        "{path}: this database is damaged ({detail}); move it away and restore a backup, or start with "
        "another one: --db FILE"
    ),
    "unreadable": N_("{path}: this database cannot be opened ({detail})"),
}


def archive_problem(error: ArchiveError, tr: Translations) -> str:
    """One line."""
    return tr.gettext(_SENTENCES[error.problem]).format(path=error.path, detail=error.detail)
