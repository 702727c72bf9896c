"""Passwords of rooms: made and checked in a thread, before the hub decides."""

from typing import Final

from attrs import evolve

from wassop.core.commands import Command, Join
from wassop.core.hub import Hub
from wassop.core.modes import MAX_PASSWORD_BYTES
from wassop.core.names import RoomName, room_name
from wassop.core.orders import SetModes
from wassop.core.permissions import may_set_password
from wassop.core.room import Room
from wassop.core.session import Session
from wassop.server.passwords import Passwords


class RoomDoors:
    """Tells the hub facts: the hash that a password was found to match, the hash of a new one.

    Nobody makes the server hash who could not do anything with that.
    """

    def __init__(self, hub: Hub, passwords: Passwords) -> None:
        self._hub: Final = hub
        self._passwords: Final = passwords

    def is_ready(self, command: Command) -> bool:
        """Whether there is no password in `command`."""
        if type(command) is Join:
            return command.password is None
        return type(command) is not SetModes or not command.changes.password

    async def prepare(self, session: Session, command: Command) -> Command:
        """`command` with what was found out about its password."""
        if isinstance(command, Join) and command.password:
            room = self._room(command.room)
            hashed = room.rules.modes.password if room is not None and room.rules is not None else None
            if hashed is None or len(command.password.encode()) > MAX_PASSWORD_BYTES:
                return command
            verdict = await self._passwords.verify(hashed, command.password)
            return evolve(command, proven=hashed if verdict.is_right else None)
        if isinstance(command, SetModes) and command.changes.password:
            room = self._room(command.room)
            text = command.changes.password
            if room is None or not may_set_password(room, session):
                return command
            if len(text.encode()) > MAX_PASSWORD_BYTES:
                return command
            return evolve(
                command, changes=evolve(command.changes, password_hash=await self._passwords.hash(text))
            )
        return command

    def _room(self, text: str) -> Room | None:
        name = room_name(text)
        return self._hub.rooms.remembered(name) if isinstance(name, RoomName) else None
