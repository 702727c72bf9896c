"""How a room is set: who gets in, who sees it, who may speak and how often."""

from collections.abc import Iterator
from typing import Final

from attrs import evolve, field, fields_dict, frozen

MAX_SLOW_S: Final = 86_400.0
MAX_PASSWORD_BYTES: Final = 1_024


@frozen
class RoomModes:
    """What differs in a room from one that is open to all; the defaults are such a room's."""

    invite_only: bool = False
    hidden: bool = False
    """Not on the list of those who are not in it."""
    permanent: bool = False
    """Stays on the list when nobody is in it, also after a restart."""
    moderated: bool = False
    """Only voice and above may speak."""
    slow_s: float = 0.0
    """How many seconds a member waits between two messages; 0: none."""
    password: str | None = field(default=None, repr=False)
    """The hash of what one must know to get in."""

    @property
    def is_closed(self) -> bool:
        """Whether what was said there is not for everybody to find."""
        return self.invite_only or self.hidden or self.password is not None

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return self != OPEN


OPEN: Final = RoomModes()


@frozen
class ModeChanges:
    """What somebody wants to be different; None: as it is."""

    invite_only: bool | None = None
    hidden: bool | None = None
    permanent: bool | None = None
    moderated: bool | None = None
    slow_s: float | None = None
    password: str | None = field(default=None, repr=False)
    """What one must know from now on; empty: nothing."""
    password_hash: str | None = field(default=None, repr=False)
    """Of `password`; the server adds it."""

    @property
    def named(self) -> Iterator[str]:
        """The modes that would change, by name; nobody can tell the password from that."""
        for name in fields_dict(RoomModes):
            if getattr(self, name) is not None:
                yield name

    @property
    def concerns_talk(self) -> bool:
        """Whether something of it is about speaking."""
        return self.moderated is not None or self.slow_s is not None

    @property
    def concerns_door(self) -> bool:
        """Whether something of it is about who gets in or sees the room."""
        return any(name not in ("moderated", "slow_s") for name in self.named)

    def applied_to(self, modes: RoomModes) -> RoomModes:
        """The modes that come of it."""
        changed = {name: getattr(self, name) for name in self.named if name != "password"}
        if self.password is not None:
            changed["password"] = self.password_hash if self.password else None
        return evolve(modes, **changed)


UNCHANGED: Final = ModeChanges()
