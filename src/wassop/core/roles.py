"""Who may do what: the one table, and who stands above whom."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from typing import Final, Self

from attrs import frozen

from wassop.core.accounts import ServerRole


class Role(IntEnum):
    """What somebody is in a room; a higher one may do all that a lower one may."""

    BANNED = 0
    MEMBER = 1
    VOICE = 2
    OPERATOR = 3
    OWNER = 4

    @property
    def text(self) -> str:
        """The stable name that the dialects and the record use."""
        return self.name.lower()

    @classmethod
    def named(cls, text: str) -> Self | None:
        """The role with that `text`."""
        return next((role for role in cls if role.text == text), None)


class Action(StrEnum):
    """What is not everybody's to do; the values are stable and stand in the audit log and in refusals."""

    JOIN = "join"
    JOIN_UNINVITED = "join-uninvited"
    JOIN_WITHOUT_PASSWORD = "join-without-password"
    SPEAK = "speak"
    SPEAK_WHERE_MODERATED = "speak-where-moderated"
    SPEAK_WITHOUT_PAUSE = "speak-without-pause"
    SET_TOPIC = "topic"
    SET_TOPIC_WHERE_MODERATED = "topic-where-moderated"
    DELETE_MESSAGE = "delete"
    INVITE = "invite"
    INVITE_WHERE_INVITE_ONLY = "invite-where-invite-only"
    MAKE_MEMBER = "make-member"
    MAKE_VOICE = "make-voice"
    MAKE_OPERATOR = "make-operator"
    MAKE_OWNER = "make-owner"
    KICK = "kick"
    BAN = "ban"
    UNBAN = "unban"
    MUTE = "mute"
    UNMUTE = "unmute"
    SEE_BANS = "bans"
    SET_TALK_MODES = "talk-modes"
    """Moderated, slow."""
    SET_DOOR_MODES = "door-modes"
    """Who gets in and who sees the room: password, invite-only, hidden, permanent."""
    SEE_HIDDEN = "see-hidden"
    SEE_AUDIT = "audit"


PERMISSIONS: Final[Mapping[Action, Role]] = {
    Action.JOIN: Role.MEMBER,
    Action.JOIN_UNINVITED: Role.VOICE,
    Action.JOIN_WITHOUT_PASSWORD: Role.OPERATOR,
    Action.SPEAK: Role.MEMBER,
    Action.SPEAK_WHERE_MODERATED: Role.VOICE,
    Action.SPEAK_WITHOUT_PAUSE: Role.OPERATOR,
    Action.SET_TOPIC: Role.MEMBER,
    Action.SET_TOPIC_WHERE_MODERATED: Role.OPERATOR,
    Action.DELETE_MESSAGE: Role.OPERATOR,
    Action.INVITE: Role.MEMBER,
    Action.INVITE_WHERE_INVITE_ONLY: Role.OPERATOR,
    Action.MAKE_MEMBER: Role.OPERATOR,
    Action.MAKE_VOICE: Role.OPERATOR,
    Action.MAKE_OPERATOR: Role.OWNER,
    Action.MAKE_OWNER: Role.OWNER,
    Action.KICK: Role.OPERATOR,
    Action.BAN: Role.OPERATOR,
    Action.UNBAN: Role.OPERATOR,
    Action.MUTE: Role.OPERATOR,
    Action.UNMUTE: Role.OPERATOR,
    Action.SEE_BANS: Role.OPERATOR,
    Action.SET_TALK_MODES: Role.OPERATOR,
    Action.SET_DOOR_MODES: Role.OWNER,
    Action.SEE_HIDDEN: Role.OPERATOR,
    Action.SEE_AUDIT: Role.OPERATOR,
}
"""The least role for each. On the whole server (kicks and bans without a room, hidden rooms, the audit log)
it is compared with `SERVER_ROLES` alone."""

SERVER_ROLES: Final[Mapping[ServerRole, Role]] = {
    ServerRole.USER: Role.MEMBER,
    ServerRole.MODERATOR: Role.OPERATOR,
    ServerRole.ADMIN: Role.OWNER,
}
"""As what a role on the server counts in every room."""

MAKING: Final[Mapping[Role, Action]] = {
    Role.MEMBER: Action.MAKE_MEMBER,
    Role.VOICE: Action.MAKE_VOICE,
    Role.OPERATOR: Action.MAKE_OPERATOR,
    Role.OWNER: Action.MAKE_OWNER,
}
"""What giving somebody that role is."""


@frozen
class Standing:
    """What somebody is in a room, all in all, and what on the server."""

    role: Role
    server: ServerRole = ServerRole.USER

    @classmethod
    def on_server(cls, server: ServerRole) -> Self:
        """Where no room is meant."""
        return cls(SERVER_ROLES[server], server)


def may(role: Role, action: Action) -> bool:
    """Whether that role suffices."""
    return role >= PERMISSIONS[action]


def outranks(actor: Standing, target: Standing) -> bool:
    """Whether `actor` stands above `target`, and may act on them: by the role, and where that is the same, by
    the server's. Nobody acts on somebody with a higher role on the server."""
    if actor.role == target.role:
        return actor.server > target.server
    return actor.role > target.role and actor.server >= target.server
