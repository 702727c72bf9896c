"""wassop: the chat that any client can walk into.

For programs: `async with wassop.connect("127.0.0.1:5555", name="bot", rooms=["Sala1"]) as chat` (README,
"Scripts and bots"). What that needs is loaded when it is used.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from wassop.client.chat import Chat, connect
    from wassop.client.told import (
        Ban,
        ChatError,
        Closed,
        Ended,
        Entered,
        Invited,
        Kicked,
        Message,
        Missing,
        Modes,
        ModesSet,
        Muted,
        Offline,
        Online,
        Page,
        Presence,
        PrivateMessage,
        Refused,
        RoleGiven,
        Room,
        RoomLeft,
        Slowed,
        Stored,
        Told,
        Topic,
        Trouble,
        Unmuted,
        Unreachable,
    )
    from wassop.client.trust import Untrusted

__version__ = "0.1.0"

__all__ = [
    "Ban",
    "Chat",
    "ChatError",
    "Closed",
    "Ended",
    "Entered",
    "Invited",
    "Kicked",
    "Message",
    "Missing",
    "Modes",
    "ModesSet",
    "Muted",
    "Offline",
    "Online",
    "Page",
    "Presence",
    "PrivateMessage",
    "Refused",
    "RoleGiven",
    "Room",
    "RoomLeft",
    "Slowed",
    "Stored",
    "Told",
    "Topic",
    "Trouble",
    "Unmuted",
    "Unreachable",
    "Untrusted",
    "__version__",
    "connect",
]


def __getattr__(name: str) -> Any:
    """The Python API, loaded on first use: commands that do not chat start faster without it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    place = {"Chat": "chat", "connect": "chat", "Untrusted": "trust"}.get(name, "told")
    value = getattr(import_module(f"wassop.client.{place}"), name)
    globals()[name] = value
    return value
