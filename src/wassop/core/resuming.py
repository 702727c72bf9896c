"""What a visitor who comes back may ask for, and how much of it one greeting brings."""

from collections.abc import Mapping

from attrs import evolve

from wassop.core.events import Joined
from wassop.core.names import RoomName, room_name


def distinct_rooms(resume: Mapping[str, int]) -> dict[str, int]:
    """Each room once, in however many spellings it is named."""
    found: dict[str, tuple[str, int]] = {}
    for text, seq in resume.items():
        name = room_name(text)
        if isinstance(name, RoomName):
            found.setdefault(name.key, (text, seq))
    return dict(found.values())


def bounded_history(resumed: list[Joined], max_bytes: int) -> list[Joined]:
    """As much history as fits into so many bytes, room by room; what does not fit can be asked for."""
    kept, size = [], 0
    for joined in resumed:
        size += sum(len(said.text.encode()) for said in joined.history)
        kept.append(joined if size <= max_bytes else evolve(joined, history=(), complete=False))
    return kept
