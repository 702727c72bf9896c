"""What is remembered from one run to the next: the conversations, their order, their drafts. Pure.

A file holds it for each server and name (see memory_file). What it holds came from outside: a file of another
version, or one that somebody has written, is taken as far as it can be understood.
"""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

VERSION: Final = 1
_MAX_TABS: Final = 200
_MAX_DRAFT_CHARS: Final = 65_536


@frozen
class Memory:
    """How one left a server."""

    rooms: tuple[str, ...] = ()
    """The rooms one was in, but for the lobby."""
    people: tuple[str, ...] = ()
    """With whom one talked alone."""
    order: tuple[str, ...] = ()
    """The keys of the tabs."""
    here: str = ""
    drafts: Mapping[str, str] = {}
    """What was typed and not entered, by the key of the tab."""
    tells_typing: bool = True
    shows_people: bool | None = None
    vi_keys: bool = False


def as_json(memory: Memory) -> dict[str, Any]:
    """What is written."""
    return {
        "version": VERSION,
        "rooms": list(memory.rooms),
        "people": list(memory.people),
        "order": list(memory.order),
        "here": memory.here,
        "drafts": dict(memory.drafts),
        "tells_typing": memory.tells_typing,
        "shows_people": memory.shows_people,
        "vi_keys": memory.vi_keys,
    }


def from_json(data: object) -> Memory:
    """What was written, as far as it can be understood."""
    if not isinstance(data, dict) or data.get("version") != VERSION:
        return Memory()
    drafts = data.get("drafts")
    here, shows_people = data.get("here"), data.get("shows_people")
    return Memory(
        rooms=_texts(data.get("rooms")),
        people=_texts(data.get("people")),
        order=_texts(data.get("order")),
        here=here if isinstance(here, str) else "",
        drafts={
            key: draft[:_MAX_DRAFT_CHARS]
            for key, draft in (drafts.items() if isinstance(drafts, dict) else ())
            if isinstance(key, str) and isinstance(draft, str)
        },
        tells_typing=data.get("tells_typing") is not False,
        shows_people=shows_people if isinstance(shows_people, bool) else None,
        vi_keys=data.get("vi_keys") is True,
    )


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(text for text in value if isinstance(text, str))[:_MAX_TABS]
