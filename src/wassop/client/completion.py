"""What Tab offers. Pure: from the text before the cursor and what is known to the candidates."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Final

from attrs import frozen

from wassop.client.commands import Command, Completes, found
from wassop.client.emojis import plain, shortcuts, unfinished_shortcut
from wassop.client.query import FILTERS
from wassop.client.vocabulary import COMMANDS, MENU_WORDS, ROOM_WORDS
from wassop.core.text import visible

MAX_CANDIDATES: Final = 50


@frozen
class Candidate:
    """`text` is to replace the last `replaces` characters before the cursor; `note` explains it."""

    text: str
    replaces: int
    note: str = ""
    shown: str = ""
    """How it is offered, if otherwise than `text`."""


@frozen
class Known:
    """What completion draws from: where one is, the rooms with their sizes, one's rooms and other tabs, the
    people."""

    in_room: bool
    naming: bool
    rooms: tuple[tuple[str, int], ...]
    own_rooms: tuple[str, ...]
    people: Iterable[str]
    here: Iterable[str] = ()
    """Who is in the room that is shown."""
    tabs: Iterable[str] = ()


def candidates(before: str, known: Known, translate: Callable[[str], str]) -> list[Candidate]:
    """What the end of `before` may become, best first; `translate` turns the texts of commands into the
    reader's language."""
    if known.naming:
        return []
    return list(islice(_candidates(before, known, translate), MAX_CANDIDATES))


def wants_rooms(before: str, known: Known) -> bool:
    """Whether the names of rooms are among what is offered, so that the server should be asked for them."""
    last = before.rpartition(" ")[2]
    if before.startswith("/search ") and last.startswith(("room:", "sala:")):
        return True
    return before.startswith("/join ") or not (known.in_room or known.naming or before.startswith("/"))


def _candidates(before: str, known: Known, translate: Callable[[str], str]) -> Iterator[Candidate]:
    word, space, rest = before.partition(" ")
    command = found(word, COMMANDS) if space else None
    match command and command.completes:
        case Completes.ROOMS:
            yield from _rooms(rest, known.rooms)
        case Completes.OWN_ROOMS:
            yield from _named(rest, known.own_rooms)
        case Completes.PEOPLE if " " not in rest:
            at = "@" if rest.startswith("@") else ""
            yield from _named(rest, known.people, prefix=at, suffix=" ")
        case Completes.TABS:
            yield from _named(rest, known.tabs)
        case Completes.SEARCH:
            yield from _narrowing(rest.rpartition(" ")[2], known)
        case Completes.ON_OFF:
            yield from (Candidate(each, len(rest)) for each in ("on", "off") if each.startswith(rest))
        case Completes.KEYS:
            yield from (Candidate(each, len(rest)) for each in ("emacs", "vi") if each.startswith(rest))
        case _ if before.startswith("/") and not space:
            yield from _commands(before, COMMANDS, translate)
        case _:
            yield from _in_text(before, known, translate)


def _narrowing(typed: str, known: Known) -> Iterator[Candidate]:
    """A search's filters, and what may stand after them."""
    name, colon, value = typed.partition(":")
    if name in ("room", "sala") and colon:
        yield from (each for each in _rooms(value, known.rooms) if " " not in each.text)
    elif name in ("from", "de") and colon:
        yield from _named(value, known.people, suffix=" ")
    elif typed and not colon:
        yield from (Candidate(each, len(typed)) for each in FILTERS if each.startswith(typed))


def _in_text(before: str, known: Known, translate: Callable[[str], str]) -> Iterator[Candidate]:
    shortcut = unfinished_shortcut(before)
    if shortcut is not None:
        yield from _emojis(shortcut)
        return
    last = before.rpartition(" ")[2]
    if last.startswith("@"):
        # Whom one speaks to is most likely here.
        yield from _named(last, known.here or known.people, prefix="@", suffix=" ")
        return
    if not known.in_room:
        yield from _rooms(before, known.rooms)
        yield from _commands(before, MENU_WORDS, translate)
    elif before:
        yield from _commands(before, ROOM_WORDS, translate)
        if " " not in before:
            yield from _named(before, known.here, suffix=": ")


def _commands(typed: str, table: Iterable[Command], translate: Callable[[str], str]) -> Iterator[Candidate]:
    for command in table:
        if command.word.startswith(typed):
            arguments = f"{translate(command.arguments)}: " if command.arguments else ""
            suffix = " " if command.arguments else ""
            yield Candidate(command.word + suffix, len(typed), arguments + translate(command.purpose))


def _rooms(typed: str, rooms: tuple[tuple[str, int], ...]) -> Iterator[Candidate]:
    for name, count in rooms:
        if plain(name).startswith(plain(typed)) and _is_typable(name):
            yield Candidate(name, len(typed), f"({count})")


def _named(typed: str, names: Iterable[str], *, prefix: str = "", suffix: str = "") -> Iterator[Candidate]:
    wanted = plain(typed.removeprefix(prefix))
    for name in sorted(names, key=str.casefold):
        if plain(name).startswith(wanted) and _is_typable(name):
            yield Candidate(f"{prefix}{name}{suffix}", len(typed))


def _emojis(typed: str) -> Iterator[Candidate]:
    word, table, told = typed[1:], shortcuts(), set()
    for name, emoji in chain(table.beginning_with(word), table.containing(word)):
        if emoji not in told:
            told.add(emoji)
            yield Candidate(f":{name}:", len(typed), shown=f":{name}: {emoji}")


def _is_typable(name: str) -> bool:
    """Names come from others: one that a terminal could obey does not go into the input bar."""
    return visible(name) == name
