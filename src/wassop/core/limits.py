"""The bounds that the hub enforces. All of them are settings of `wassop.config.Config`."""

from attrs import frozen


@frozen
class Limits:
    """How much one person, one room and one server may hold; sizes in bytes of UTF-8."""

    max_text_bytes: int = 4_096
    max_topic_chars: int = 300
    max_rooms_per_session: int = 100
    max_rooms: int = 10_000
    recent_messages_per_room: int = 200
    history_page_messages: int = 200
    """How many messages one request for history or one search answers at most."""
    private_nonces: int = 10_000
    """Of how many private messages the sender's name for it is remembered."""
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
