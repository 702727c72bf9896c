"""The line at the bottom: what it completes, how clusters look in it, what a pasted text becomes."""

from bisect import bisect_right
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from typing import Final

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import StyleAndTextTuples
from prompt_toolkit.layout.processors import Processor, Transformation, TransformationInput

from wassop.client.cells import cells
from wassop.client.completion import Known, candidates, wants_rooms
from wassop.client.emojis import unfinished_shortcut
from wassop.client.model import Place, State
from wassop.client.tui.glyphs import Glyphs
from wassop.core.text import visible


def known(state: State) -> Known:
    """What completion may draw from now."""
    room = state.rooms.get(state.current or "")
    own = {state.name or ""}
    return Known(
        in_room=state.place in (Place.ROOM, Place.PRIVATE),
        naming=state.naming or state.question is not None,
        rooms=state.listed,
        own_rooms=state.own_rooms,
        people=state.people - own,
        here=room.members - own if room is not None else (),
        tabs=tuple(tab.title for tab in state.tabs.values() if tab.title),
        ignored=state.ignored,
    )


class ChatCompleter(Completer):
    """Candidates from the state; before names of rooms are offered, the server is asked for them."""

    def __init__(
        self, state: Callable[[], State], refresh_rooms: Callable[[], Awaitable[None]], glyphs: Glyphs
    ) -> None:
        self._state: Final = state
        self._refresh_rooms: Final = refresh_rooms
        self._glyphs: Final = glyphs

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        """From what is known already."""
        if not complete_event.completion_requested and not document.text_before_cursor:
            return  # what was typed has been entered meanwhile
        state = self._state()
        for candidate in candidates(document.text_before_cursor, known(state), state.tr.gettext):
            yield Completion(
                candidate.text,
                -candidate.replaces,
                display=self._glyphs.of(candidate.shown or candidate.text.strip()),
                display_meta=self._glyphs.of(candidate.note),
            )

    def known_completions(self, document: Document, complete_event: CompleteEvent) -> list[Completion]:
        """Those for which nobody has to be asked."""
        if wants_rooms(document.text_before_cursor, known(self._state())):
            return []
        return list(self.get_completions(document, complete_event))

    async def get_completions_async(
        self, document: Document, complete_event: CompleteEvent
    ) -> AsyncGenerator[Completion, None]:
        """With the server's rooms of this moment."""
        if wants_rooms(document.text_before_cursor, known(self._state())):
            await self._refresh_rooms()
        for completion in self.get_completions(document, complete_event):
            yield completion


def is_offered_unasked(before: str) -> bool:
    """Whether completions are shown while one types: of commands, @names and emoji shortcuts. The others are
    when Tab asks for them."""
    is_command = before.startswith("/") and " " not in before and before != "//"
    is_shortcut = unfinished_shortcut(before) is not None
    return is_command or is_shortcut or before.rpartition(" ")[2].startswith("@")


class ClusterProcessor(Processor):
    """Shows clusters in the input at the width they have in the history."""

    def __init__(self, glyphs: Glyphs) -> None:
        self._glyphs: Final = glyphs

    def apply_transformation(self, transformation_input: TransformationInput) -> Transformation:
        """Replace clusters by stand-ins, and map positions."""
        fragments = transformation_input.fragments
        if all(fragment[1].isascii() for fragment in fragments):
            return Transformation(fragments)
        shown: StyleAndTextTuples = []
        starts = [0]  # where each source position is displayed
        for style, text, *_ in fragments:
            pieces = []
            for cell in cells(text):
                piece = self._glyphs.of_cell(cell)
                pieces.append(piece)
                # All positions within a cluster are displayed at its start, others where they stand.
                inner = (
                    [starts[-1]] * (len(cell.text) - 1)
                    if cell.fused
                    else [starts[-1] + i for i in range(1, len(cell.text))]
                )
                starts += [*inner, starts[-1] + len(piece)]
            shown.append((style, "".join(pieces)))
        last = len(starts) - 1
        return Transformation(
            shown,
            source_to_display=lambda i: starts[i] if i <= last else starts[last] + i - last,
            display_to_source=lambda i: (
                bisect_right(starts, i) - 1 if i <= starts[last] else last + i - starts[last]
            ),
        )


def before_cluster(text: str, position: int) -> int:
    """Where the cluster that ends at or surrounds `position` begins: what a step or a deletion to the left
    passes over."""
    start = 0
    for cell in cells(text):
        if start + len(cell.text) >= position:
            break
        start += len(cell.text)
    return min(start, position)


def after_cluster(text: str, position: int) -> int:
    """Where the cluster at `position` ends."""
    end = 0
    for cell in cells(text):
        end += len(cell.text)
        if end > position:
            break
    return max(end, position)


def harmless(text: str) -> str:
    """A pasted text as it goes into the bar: one kind of line end, control characters as pictures."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").expandtabs(4)
    return visible(lines, keep_newlines=True)
