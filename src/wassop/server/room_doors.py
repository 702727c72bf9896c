"""Passwords of rooms: made and checked in a thread, before the hub decides."""

import math
from typing import Final

from attrs import evolve

from wassop.core.commands import Command, Join
from wassop.core.hub import Hub
from wassop.core.modes import MAX_PASSWORD_BYTES, ModeChanges
from wassop.core.names import RoomName, room_name
from wassop.core.orders import SetModes
from wassop.core.permissions import may_set_password
from wassop.core.refusals import Code, Refused
from wassop.core.room import Room
from wassop.core.session import Session
from wassop.server.guesses import Attempt, Guesses
from wassop.server.passwords import BUSY_S, Passwords


class RoomDoors:
    """Tells the hub facts: the hash that a password was found to match, the hash of a new one.

    Nobody makes the server hash who could not do anything with that.
    """

    def __init__(self, hub: Hub, passwords: Passwords, guesses: Guesses) -> None:
        self._hub: Final = hub
        self._passwords: Final = passwords
        self._guesses: Final = guesses

    def is_ready(self, command: Command) -> bool:
        """Whether there is no password in `command`."""
        if type(command) is Join:
            return command.password is None
        return type(command) is not SetModes or not command.changes.password

    async def prepare(self, session: Session, command: Command) -> Command | Refused:
        """`command` with what was found out about its password, or why it is not looked at."""
        match command:
            case Join(password=str(text)) if text:
                return await self._prove(session, command, text)
            case SetModes(changes=ModeChanges(password=str(text))) if text:
                return await self._hash(session, command, text)
        return command

    async def _prove(self, session: Session, command: Join, password: str) -> Join | Refused:
        room = self._room(command.room)
        hashed = room.rules.modes.password if room is not None and room.rules is not None else None
        if room is None or hashed is None or session in room or _size(password) > MAX_PASSWORD_BYTES:
            return command
        # By room and address: nobody elsewhere keeps others out of a room by guessing.
        whose = f"{room.name.key}\n{session.address}"
        attempt = BUSY_S if self._passwords.is_busy() else self._guesses.begin(whose, session.address)
        if not isinstance(attempt, Attempt):
            return Refused(Code.LOGIN_TOO_OFTEN, {"wait_s": math.ceil(attempt)})
        with self._passwords.place():
            verdict = await self._passwords.verify(hashed, password)
        if not verdict.is_right:
            return command
        self._guesses.succeed(attempt)
        return evolve(command, proven=hashed)

    async def _hash(self, session: Session, command: SetModes, password: str) -> SetModes | Refused:
        room = self._room(command.room)
        if room is None or not may_set_password(room, session) or _size(password) > MAX_PASSWORD_BYTES:
            return command
        if self._passwords.is_busy():
            return Refused(Code.LOGIN_TOO_OFTEN, {"wait_s": BUSY_S})
        with self._passwords.place():
            hashed = await self._passwords.hash(password)
        return evolve(command, changes=evolve(command.changes, password_hash=hashed))

    def _room(self, text: str) -> Room | None:
        name = room_name(text)
        return self._hub.rooms.remembered(name) if isinstance(name, RoomName) else None


def _size(password: str) -> int:
    return len(password.encode("utf-8", "surrogatepass"))
