"""Sentences that several dialects share, in the visitor's language."""

from collections.abc import Mapping, Sequence
from typing import Final

from wassop.core.events import Farewell
from wassop.core.names import UserName
from wassop.core.refusals import TEXTS, Refused
from wassop.core.text import visible
from wassop.locale import N_, Translations

_MAX_ECHO_CHARS: Final = 60
_ELLIPSIS: Final = "…"
_MAX_NAMES_IN_A_LINE: Final = 3

_FAREWELLS: Mapping[Farewell, str] = {
    Farewell.QUIT: N_("Goodbye!"),
    Farewell.SHUTDOWN: N_("The server is stopping."),
    Farewell.SLOW_READER: N_("You are reading too slowly; what was said meanwhile is in the history."),
    Farewell.IDLE: N_("Nothing was heard from you for too long."),
    Farewell.LOST: N_("The connection was lost."),
    Farewell.NOT_SPOKEN: N_("This server does not speak that protocol."),
    Farewell.NOT_ALLOWED: N_("Your address is not authorised here."),
    Farewell.ERROR: N_("Something went wrong in the server; it has been noted."),
}


def refusal(refused: Refused, tr: Translations) -> str:
    """Why something was refused; what the visitor typed is repeated, harmless and up to 60 characters."""
    params = {key: _shortened(value) for key, value in refused.params.items()}
    return tr.gettext(TEXTS[refused.code]).format(**params)


def farewell(reason: Farewell, tr: Translations) -> str:
    """Why the connection ends."""
    return tr.gettext(_FAREWELLS[reason])


def name_list(names: Sequence[UserName], tr: Translations) -> str:
    """`ana`, `ana and bob`, `ana, bob and 7 more`."""
    if len(names) == 1:
        return names[0].text
    shown = [name.text for name in names[:_MAX_NAMES_IN_A_LINE]]
    if len(names) > len(shown):
        rest = len(names) - len(shown)
        last = tr.ngettext("{count} more", "{count} more", rest).format(count=rest)
    else:
        last = shown.pop()
    return tr.gettext("{names} and {last}").format(names=", ".join(shown), last=last)


def came(names: Sequence[UserName], tr: Translations) -> str:
    """Who has come into the chat."""
    text = tr.ngettext("{names} has joined the chat", "{names} have joined the chat", len(names))
    return text.format(names=name_list(names, tr))


def went(names: Sequence[UserName], tr: Translations) -> str:
    """Who has left the chat."""
    text = tr.ngettext("{names} left the chat", "{names} left the chat", len(names))
    return text.format(names=name_list(names, tr))


def cut(text: str, max_bytes: int) -> str:
    """`text` in at most `max_bytes` of UTF-8, cut between characters, with an ellipsis when it was cut."""
    data = text.encode()
    if len(data) <= max_bytes:
        return text
    return data[: max(0, max_bytes - len(_ELLIPSIS.encode()))].decode(errors="ignore") + _ELLIPSIS


def _shortened(value: object) -> object:
    if not isinstance(value, str):
        return value
    return visible(value if len(value) <= _MAX_ECHO_CHARS else value[: _MAX_ECHO_CHARS - 1] + "…")
