"""Searching what was said, and going to what was found."""

from typing import Final

from wassop.client.asked import AskedSearch
from wassop.client.fold import AMENDING
from wassop.client.happenings import KeepInput
from wassop.client.line import Kind
from wassop.client.model import Goal
from wassop.client.older import seek
from wassop.client.query import BadDate, spans, understood
from wassop.client.tab import room_key
from wassop.client.tabs import enter
from wassop.client.turn import Turn
from wassop.wire.native_messages import Found, FoundEntry, Search

_RESULTS: Final = 20
"""How many results are asked for; more would not be read."""


def search(turn: Turn, text: str) -> None:
    """Ask for the messages that `text` describes."""
    query = understood(text, turn.at)
    if isinstance(query, BadDate):
        message = turn.tr.gettext("{text} is no date; write 2026-01-31, 31/01/2026, 2d or 1h.")
        turn.error(message.format(text=query.text))
        turn.effects.append(KeepInput())
        return
    if not any(char.isalnum() for char in query.words):
        turn.error(turn.tr.gettext("Which words are to be found?"))
        turn.effects.append(KeepInput())
        return
    turn.ask(
        AskedSearch(query.words),
        lambda number: Search(
            query.words,
            room=query.room,
            author=query.author,
            since=query.since,
            until=query.until,
            limit=_RESULTS,
            id=number,
        ),
    )


def found(turn: Turn, asked: AskedSearch, answer: Found) -> None:
    """List what was found, the newest last."""
    tr, entries = turn.tr, tuple(reversed(answer.messages))
    turn.change(found=entries)
    if not entries:
        turn.notice(tr.gettext("Nothing found for: {words}").format(words=asked.words))
        return
    turn.show(Kind.HEADING, tr.gettext("Found for: {words}").format(words=asked.words))
    if answer.more:
        turn.show(
            Kind.STATUS,
            tr.gettext(
                "Only the newest {count} are shown; more words or since: and until: find others."
            ).format(count=len(entries)),
        )
    for number, entry in enumerate(entries, 1):
        line = turn.make(
            Kind.FOUND,
            entry.text,
            at=entry.at,
            author=entry.author,
            own=entry.author == turn.state.name,
            room=entry.room,
            mark=str(number),
            spans=spans(entry.text, asked.words),
            copy_of=_message_of(entry),
        )
        turn.append(turn.state.here, line)  # no dates above them: each shows its own
    turn.notice(tr.gettext("To go to one of them: /go NUMBER"))


def go_to_result(turn: Turn, number: int) -> None:
    """Go to the place of result `number`: into its room, and back to when it was said."""
    entries, tr = turn.state.found, turn.tr
    if not entries:
        turn.error(tr.gettext("First find something with /search."))
        return
    if not 1 <= number <= len(entries):
        turn.error(tr.gettext("There is no result {number}.").format(number=number))
        return
    entry = entries[number - 1]
    turn.change(goal=Goal(entry.room, _message_of(entry)))
    rooms = turn.state.rooms.values()
    known = next((room for room in rooms if room.key == room_key(entry.room)), None)
    if known is None:
        turn.join(entry.room)
    else:
        enter(turn, known)
        seek(turn)


def _message_of(entry: FoundEntry) -> int:
    """A correction stands in the message that it corrects."""
    return entry.about if entry.kind in AMENDING and entry.about is not None else entry.seq
