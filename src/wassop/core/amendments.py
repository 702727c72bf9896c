"""Messages about messages: replies, edits, deletions, reactions; and those in the third person.

Rule 1: each is an entry of the room's log, with a number of its own.
Rule 2: they are about messages (said, told in the third person, or replies), never about one another.
Rule 3: of a message that was deleted, no text is left, nor of its edits, nor of what quotes it.
"""

from typing import Final

from attrs import evolve, frozen

from wassop.core import permissions
from wassop.core.commands import Say
from wassop.core.deliveries import Delivery, Record, Reply, ToRoom
from wassop.core.emojis import is_emoji
from wassop.core.events import Accepted, Kind, Quote, Said
from wassop.core.limits import Limits
from wassop.core.people import People
from wassop.core.records import Audited, Changes, Stored
from wassop.core.refusals import Code, Refused
from wassop.core.room import Room
from wassop.core.rooms import Rooms
from wassop.core.sayings import accepted, forget_texts, note_saying, said_before
from wassop.core.session import Session
from wassop.core.text import one_line, refused_text

MAX_EXCERPT_CHARS: Final = 80
_KINDS: Final = {kind.value: kind for kind in Kind}
MESSAGES: Final = frozenset({Kind.SAY, Kind.ME, Kind.REPLY})
"""What can be answered, changed and reacted to."""
QUOTING: Final = frozenset({Kind.REPLY, Kind.REACT})
_REACTIONS: Final = frozenset({Kind.REACT, Kind.UNREACT})
_CHANGES: Final = frozenset({Kind.EDIT, Kind.DELETE})


@frozen
class Party:
    """What it concerns beyond the room."""

    limits: Limits
    rooms: Rooms
    people: People


@frozen
class _Draft:
    """What may be said."""

    kind: Kind
    subject: Said | None

    @property
    def reaches_all(self) -> bool:
        """Whoever has read a message reads what became of it."""
        return self.kind in _CHANGES and self.subject is not None and self.subject.to_all

    @property
    def quote(self) -> Quote | None:
        return quote_of(self.subject) if self.kind in QUOTING and self.subject is not None else None


def quote_of(subject: Said) -> Quote:
    """How `subject` begins, as it reads now."""
    return Quote(subject.author, excerpt_of(subject.text))


def excerpt_of(text: str) -> str:
    """The beginning of `text`, in one line of at most 80 characters."""
    line = one_line(text)
    return line if len(line) <= MAX_EXCERPT_CHARS else line[: MAX_EXCERPT_CHARS - 1] + "…"


def amend(room: Room, session: Session, command: Say, now: float, party: Party) -> list[Delivery]:
    """Let `session`, a member, say what is no ordinary message, or refuse it."""
    assert session.name is not None
    # Before anything else: said again, it may be about what was deleted since, perhaps by itself.
    before = said_before(session, room, command.nonce)
    if isinstance(before, Stored):
        return [Reply(Accepted(room.name, before.seq, before.at, command.text, None, before.to_all))]
    if before is not None:  # not told again, but perhaps it could not be stored the first time
        return [
            Reply(accepted(before)),
            Record(before),
        ]
    draft = _drafted(room, session, command, party.limits.max_text_bytes)
    if isinstance(draft, Refused):
        return [Reply(draft)]
    refused = permissions.refused_amendment(room, session, draft.kind, now)
    if refused is not None:
        return [Reply(refused)]
    bytes_before = room.recent_bytes
    said = room.append(
        session.name,
        command.text,
        now,
        command.nonce,
        to_all=draft.reaches_all,
        kind=draft.kind,
        about=command.about,
        quoted=draft.quote,
    )
    _carry_through(room, said, draft, party)
    party.rooms.bound_memory(room, bytes_before)
    note_saying(session, said, party.limits.session_nonces)
    audience = party.people.everyone.audience if said.to_all else room.audience
    told = ToRoom(room, (said,), audience, session)
    return [Reply(accepted(said)), Record(said), told, *_audited(session, said, draft)]


def may_edit(session: Session, subject: Said) -> bool:
    """Whether the message is this visitor's own.

    A name alone proves nothing: somebody else may have had it before. Nobody has since it was taken, or
    registered.
    """
    since = session.named_at if session.account is None else min(session.account.created_at, session.named_at)
    return session.name is not None and subject.author.key == session.name.key and subject.at >= since


def may_delete(room: Room, session: Session, subject: Said) -> bool:
    """Whether the visitor may take the message back: the own ones, and whoever keeps order all of them."""
    return may_edit(session, subject) or permissions.may_delete_others(room, session)


def _audited(session: Session, said: Said, draft: _Draft) -> list[Delivery]:
    """The entry in the audit log, if somebody deleted what is not theirs."""
    subject = draft.subject
    if draft.kind is not Kind.DELETE or subject is None or may_edit(session, subject):
        return []
    detail = f"message {subject.seq}"
    whose = subject.author.text
    audited = Audited(said.at, said.author.text, "delete", said.room, whose, detail, session.address)
    return [Record(Changes((audited,)), is_awaited=False)]


def _drafted(room: Room, session: Session, command: Say, max_text_bytes: int) -> _Draft | Refused:
    kind = _KINDS.get(command.kind)
    if kind is None:
        return Refused(Code.BAD_KIND, {"kind": command.kind})
    refused = _refused_text(kind, command.text, max_text_bytes)
    if refused is not None:
        return refused
    if (command.about is None) != (kind in (Kind.SAY, Kind.ME)):
        return Refused(Code.BAD_FIELD, {"field": "about"})
    if command.about is None:
        return _Draft(kind, None)
    subject = room.as_it_reads(command.about, command.subject)
    if subject is None or subject.kind not in MESSAGES:
        return Refused(Code.NO_SUCH_MESSAGE, {"seq": command.about})
    if subject.is_deleted:
        return Refused(Code.ALREADY_DELETED, {"seq": command.about})
    if (kind is Kind.EDIT and not may_edit(session, subject)) or (
        kind is Kind.DELETE and not may_delete(room, session, subject)
    ):
        return Refused(Code.NOT_YOURS, {"seq": command.about})
    return _Draft(kind, subject)


def _refused_text(kind: Kind, text: str, max_text_bytes: int) -> Refused | None:
    if kind is Kind.DELETE:
        return Refused(Code.BAD_FIELD, {"field": "text"}) if text else None
    if kind in _REACTIONS and not is_emoji(text):
        return Refused(Code.NOT_AN_EMOJI)
    return refused_text(text, max_text_bytes)


def _carry_through(room: Room, said: Said, draft: _Draft, party: Party) -> None:
    """What was remembered until now reads differently after `said`."""
    if draft.subject is None or said.about is None or said.kind not in _CHANGES:
        return
    if said.kind is Kind.DELETE:
        room.forget_texts(said.about)
        for author in party.people.named(draft.subject.author):
            forget_texts(author, room, said.about)
    room.quote_anew(said.about, quote_of(evolve(draft.subject, text=said.text)))
