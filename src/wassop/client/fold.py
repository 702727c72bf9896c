"""What later messages make of an earlier one: its newest text, whether it is deleted, its reactions. Pure.

Rule 1: in whichever order they are folded in, and however often, the result is the same.
"""

from collections.abc import Mapping
from typing import Final

from attrs import Factory, evolve, frozen

MAX_REACTIONS: Final = 512
"""So many reactions to one message are kept, the newest; each is a person and an emoji."""
MAX_FOLDS: Final = 2_000
"""About so many messages of a room that are not shown it is kept what was told."""
AMENDING: Final = frozenset({"edit", "delete", "react", "unreact"})
"""Kinds of messages that stand nowhere themselves: they change how another one looks."""


@frozen
class Reaction:
    """What one person thinks of a message, or (`is_on` false) no longer does, as message `seq` has told."""

    author: str
    emoji: str
    seq: int
    is_on: bool


@frozen
class Fold:
    """What was told about one message so far."""

    text: str | None = None
    """What it was corrected to; None if it was not."""
    edit: int = 0
    """The number of that correction."""
    is_deleted: bool = False
    reactions: Mapping[tuple[str, str], Reaction] = Factory(dict)
    """By emoji and author (in one case)."""

    @property
    def counts(self) -> dict[str, int]:
        """How many react with each emoji, in the order of the first of them."""
        counted: dict[str, int] = {}
        for reaction in sorted(self.reactions.values(), key=lambda each: each.seq):
            if reaction.is_on:
                counted[reaction.emoji] = counted.get(reaction.emoji, 0) + 1
        return counted

    def has(self, emoji: str, author: str) -> bool:
        """Whether `author` reacts with `emoji`."""
        known = self.reactions.get((emoji, author.casefold()))
        return known is not None and known.is_on

    def deleted(self) -> "Fold":
        """Of what is deleted nothing is kept."""
        return DELETED

    def edited(self, seq: int, text: str) -> "Fold":
        """Message `seq` has corrected it to `text`."""
        return evolve(self, text=text, edit=seq) if seq > self.edit and not self.is_deleted else self

    def reacted(self, reaction: Reaction) -> "Fold":
        """Somebody has reacted, or taken that back."""
        key = reaction.emoji, reaction.author.casefold()
        known = self.reactions.get(key)
        if self.is_deleted or (known is not None and known.seq >= reaction.seq):
            return self
        reactions = {**self.reactions, key: reaction}
        if len(reactions) > MAX_REACTIONS:
            del reactions[min(reactions, key=lambda each: reactions[each].seq)]
        return evolve(self, reactions=reactions)

    def merged(self, other: "Fold") -> "Fold":
        """With what `other` knows of the same message."""
        if self.is_deleted or other.is_deleted:
            return DELETED
        fold = self if other.text is None else self.edited(other.edit, other.text)
        for reaction in other.reactions.values():
            fold = fold.reacted(reaction)
        return fold

    def rolled_back(self, seq: int) -> "Fold":
        """What was told after number `seq` may have another number now: whatever is told next counts."""
        if self.is_deleted:
            return self
        reactions = {key: evolve(each, seq=min(each.seq, seq)) for key, each in self.reactions.items()}
        return evolve(self, edit=min(self.edit, seq), reactions=reactions)


UNCHANGED: Final = Fold()
DELETED: Final = Fold(is_deleted=True)


def folded(fold: Fold, kind: str, seq: int, author: str, text: str, *, is_deleted: bool = False) -> Fold:
    """`fold` with what message `seq`, of a kind in `AMENDING`, says; `is_deleted` if its own text is gone."""
    match kind:
        case "delete":
            return fold.deleted()
        case "edit":
            # Only with the message itself are the texts of its corrections deleted.
            return fold.deleted() if is_deleted else fold.edited(seq, text) if text else fold
        case "react" | "unreact":
            return fold.reacted(Reaction(author, text, seq, kind == "react")) if text else fold
        case _:
            return fold


def with_fold(folds: Mapping[int, Fold], about: int, fold: Fold) -> dict[int, Fold]:
    """`folds` with that of message `about`; of more than `MAX_FOLDS` the ones furthest back are forgotten."""
    kept = {**folds, about: fold}
    if len(kept) > MAX_FOLDS:
        del kept[min(kept)]
    return kept
