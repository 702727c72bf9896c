"""The bounds that the hub enforces. All of them are settings of `wassop.config.Config`."""

from attrs import frozen


@frozen
class Limits:
    """How much one person, one room and one server may hold; sizes in bytes of UTF-8."""

    max_text_bytes: int = 4_096
    max_topic_chars: int = 300
    max_rooms_per_session: int = 100
    max_rooms: int = 10_000
    max_bans: int = 1_000
    """Of one room, and of the whole server; mutes count too."""
    recent_messages_per_room: int = 200
    history_page_messages: int = 200
    """How many messages one request for history or one search answers at most."""
    private_nonces: int = 10_000
    """Of how many private messages the sender's name for it is remembered."""
    kept_messages: int = 100
    """So many private messages wait for one account whose owner is not here."""
    session_nonces: int = 64
    """Of how many of its own newest messages a session's names for them are remembered."""
    recent_bytes_per_room: int = 262_144
    """The newest messages of a room are remembered up to this size, about."""
    recent_bytes: int = 268_435_456
    """And those of all rooms together up to this; dormant rooms are forgotten first."""
    resume_bytes: int = 1_048_576
    """How much history one greeting brings to a visitor who comes back."""
    dormant_rooms: int = 1_000
    """Empty rooms that are off the list but whose numbering and recent messages are still remembered."""
    presence_merge_members: int = 100
    """Rooms past this size tell who comes and goes in merged notices, not one by one."""


@frozen
class Rate:
    """So many things a second in the long run, and so many at once after a silence."""

    per_s: float
    burst: int


@frozen
class Rates:
    """How fast one visitor may ask; None where there is no bound."""

    messages: Rate | None = None
    """What others get to read."""
    requests: Rate | None = None
    """Everything else, and what is not understood."""
    received_bytes: Rate | None = None
    """Whatever it is."""


_CLOCKS_ERROR_S = 1e-6
"""So much earlier a token counts as there: whoever has waited as long as told would otherwise, by a rounding
error, wait again."""


class TokenBucket:
    """Holds up to `burst` tokens, full at first, and gets `per_s` of them a second.

    `now` is in seconds, by any one clock that does not go back. All that is kept is when the bucket will be
    full, so that nothing has to be done while time passes.
    """

    __slots__ = ("_capacity_s", "_full_at", "_token_s")

    def __init__(self, rate: Rate, now: float) -> None:
        """Both numbers of `rate` must be greater than 0."""
        self._token_s = 1.0 / rate.per_s
        self._capacity_s = rate.burst / rate.per_s
        self._full_at = now

    def wait_s(self, now: float) -> float:
        """How long until a token is there; 0 when one is."""
        wait = self._full_at + self._token_s - self._capacity_s - now
        return wait if wait > _CLOCKS_ERROR_S else 0.0

    def take(self, now: float, count: float = 1) -> None:
        """Take tokens, also such as are not there yet: those are waited for by whoever comes next."""
        self._full_at = max(self._full_at, now) + count * self._token_s

    def is_full(self, now: float) -> bool:
        """Whether it is as if nothing had ever been taken."""
        return self._full_at <= now + _CLOCKS_ERROR_S
