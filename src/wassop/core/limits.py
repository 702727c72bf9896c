"""The bounds that the hub enforces. All of them are settings of `wassop.config.Config`."""

from attrs import frozen


@frozen
class Limits:
    """How much one person, one room and one server may hold; sizes in bytes of UTF-8."""

    max_text_bytes: int = 4_096
    max_rooms_per_session: int = 100
    max_rooms: int = 10_000
    recent_messages_per_room: int = 200
    dormant_rooms: int = 1_000
    """Empty rooms that are off the list but whose numbering and recent messages are still remembered."""
    presence_merge_members: int = 100
    """Rooms past this size tell who comes and goes in merged notices, not one by one."""
