"""The native dialect's messages about order in rooms and on the server; see `native_messages`."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

Id = int | str | None


class Role(Struct, tag_field="t", tag="role", omit_defaults=True):
    """Client: make somebody that in a room."""

    room: str
    who: str
    role: Literal["owner", "operator", "voice", "member"]
    id: Id = None


class Kick(Struct, tag_field="t", tag="kick", omit_defaults=True):
    """Client: put somebody out of a room, or off the server; `session` is one connection."""

    who: str | None = None
    room: str | None = None
    reason: str = ""
    id: Id = None
    session: int | None = None


class Ban(Struct, tag_field="t", tag="ban", omit_defaults=True):
    """Client: keep somebody out of a room, or off the server."""

    room: str | None = None
    who: str | None = None
    account: str | None = None
    network: str | None = None
    for_s: float | None = None
    reason: str = ""
    id: Id = None


class Unban(Struct, tag_field="t", tag="unban", omit_defaults=True):
    """Client: let somebody in again."""

    room: str | None = None
    who: str | None = None
    account: str | None = None
    network: str | None = None
    id: Id = None


class Bans(Struct, tag_field="t", tag="bans", omit_defaults=True):
    """Client: who is banned or muted?"""

    room: str | None = None
    id: Id = None


class Mute(Struct, tag_field="t", tag="mute", omit_defaults=True):
    """Client: let somebody speak no more in a room."""

    room: str
    who: str
    for_s: float | None = None
    reason: str = ""
    id: Id = None


class Unmute(Struct, tag_field="t", tag="unmute", omit_defaults=True):
    """Client: let somebody speak again."""

    room: str
    who: str
    id: Id = None


class Invite(Struct, tag_field="t", tag="invite", omit_defaults=True):
    """Client: let somebody into a room, and tell them."""

    room: str
    who: str
    id: Id = None


class WantedModes(Struct, omit_defaults=True):
    """How a room is to be set; what is absent stays."""

    invite_only: bool | None = None
    hidden: bool | None = None
    permanent: bool | None = None
    moderated: bool | None = None
    slow_s: float | None = None
    password: str | None = None


class Modes(Struct, tag_field="t", tag="modes", omit_defaults=True):
    """Client: set a room; or, without `set`, how is it set?"""

    room: str
    set: WantedModes | None = None
    id: Id = None


class Audit(Struct, tag_field="t", tag="audit", omit_defaults=True):
    """Client: what did those do who keep order?"""

    room: str | None = None
    limit: int = 50
    before: int | None = None
    id: Id = None


ClientOrder = Role | Kick | Ban | Unban | Bans | Mute | Unmute | Invite | Modes | Audit


class ToldModes(Struct, omit_defaults=True):
    """How a room is set, as far as it is not simply open to all."""

    invite_only: bool = False
    hidden: bool = False
    permanent: bool = False
    moderated: bool = False
    slow_s: float | None = None
    password: bool = False


Roles = Mapping[str, str]
"""Who is more than a member, and what."""


class RoleGiven(Struct, tag_field="t", tag="role", omit_defaults=True):
    """Server: somebody is that from now on."""

    room: str
    who: str
    role: str
    author: str = field(name="from")


class Kicked(Struct, tag_field="t", tag="kicked", omit_defaults=True):
    """Server: somebody was put out, or will be."""

    who: str
    author: str = field(name="from")
    room: str | None = None
    reason: str = ""
    ban: bool = False
    until: float | None = None


class Muted(Struct, tag_field="t", tag="muted", omit_defaults=True):
    """Server: somebody may speak no more."""

    room: str
    who: str
    author: str = field(name="from")
    until: float | None = None
    reason: str = ""


class Unmuted(Struct, tag_field="t", tag="unmuted", omit_defaults=True):
    """Server: somebody may speak again."""

    room: str
    who: str
    author: str = field(name="from")


class Invited(Struct, tag_field="t", tag="invited", omit_defaults=True):
    """Server: you may enter a room."""

    room: str
    author: str = field(name="from")


class ModesAre(Struct, tag_field="t", tag="modes", omit_defaults=True):
    """Server: so the room is set."""

    room: str
    modes: ToldModes
    author: str | None = field(name="from", default=None)
    re: Id = None


class BanLine(Struct, omit_defaults=True):
    """One ban, or one mute; one of `who`, `account` and `network` is there."""

    at: float
    author: str = field(name="from")
    who: str | None = None
    account: str | None = None
    network: str | None = None
    mute: bool = False
    until: float | None = None
    reason: str = ""


class BansAre(Struct, tag_field="t", tag="bans", omit_defaults=True):
    """Server: these are banned or muted."""

    bans: list[BanLine]
    room: str | None = None
    re: Id = None


class AuditEntry(Struct, omit_defaults=True):
    """What somebody did."""

    id: int
    at: float
    author: str = field(name="from")
    action: str
    room: str = ""
    target: str = ""
    detail: str = ""
    address: str = ""


class AuditIs(Struct, tag_field="t", tag="audit", omit_defaults=True):
    """Server: so much was done, newest first."""

    entries: list[AuditEntry]
    more: bool = False
    re: Id = None


ServerNotice = RoleGiven | Kicked | Muted | Unmuted | Invited | ModesAre | BansAre | AuditIs
