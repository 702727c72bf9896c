"""On record: how rooms are set, who is what in them, who is banned or muted, and who did that."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from wassop.core.accounts import ServerRole
from wassop.core.deeds import AuditLine
from wassop.core.modes import RoomModes
from wassop.core.names import RoomName, UserName
from wassop.core.records import Audited, Change, Lifted, ModesKept, Restricted, RoleKept
from wassop.core.restrictions import By, Kind, Restriction, Target
from wassop.core.roles import Role, Standing
from wassop.core.rules import Held

_SERVER: Final = 0
"""In place of a room's id: the whole server."""
_AUDIT_COLUMNS: Final = "id, at, actor, action, coalesce(room, ''), target, detail, address"


def store(writer: sqlite3.Connection, changes: Iterable[Change], room_id: Callable[[RoomName], int]) -> None:
    """Store what one deed changed, in the transaction that is open."""
    for change in changes:
        match change:
            case ModesKept(room, modes):
                _store_modes(writer, room_id(room), modes)
            case RoleKept(room, account, None):
                writer.execute(
                    "DELETE FROM room_roles WHERE room_id = ? AND account_key = ?",
                    (room_id(room), account.key),
                )
            case RoleKept(room, account, Role() as role):
                writer.execute(
                    "INSERT INTO room_roles VALUES (?, ?, ?, ?) "
                    "ON CONFLICT DO UPDATE SET account = excluded.account, role = excluded.role",
                    (room_id(room), account.key, account.text, role.text),
                )
            case Restricted(where, restriction):
                _store_restriction(writer, _SERVER if where is None else room_id(where), restriction)
            case Lifted(where, restriction):
                target = restriction.target
                writer.execute(
                    "DELETE FROM restrictions "
                    "WHERE room_id = ? AND kind = ? AND target_by = ? AND target_key = ?",
                    (_SERVER if where is None else room_id(where), restriction.kind, target.by, target.key),
                )
            case Audited(at, actor, action, where, whom, detail, address):
                text, key = (where.text, where.key) if where is not None else (None, None)
                writer.execute(
                    "INSERT INTO audit (at, actor, action, room, room_key, target, detail, address) "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (at, actor, action, text, key, whom, detail, address),
                )


def forget_account(writer: sqlite3.Connection, key: str) -> None:
    """Delete what an account was in rooms: the next one of that name is nothing."""
    writer.execute("DELETE FROM room_roles WHERE account_key = ?", (key,))


def forget_ended(writer: sqlite3.Connection, now: float) -> None:
    """Delete the bans and mutes whose time is over."""
    writer.execute("DELETE FROM restrictions WHERE until <= ?", (now,))


def load_modes(reader: sqlite3.Connection, key: str) -> RoomModes:
    """How a room is set that is on record."""
    invite_only, hidden, permanent, moderated, slow_s, password = reader.execute(
        "SELECT invite_only, hidden, permanent, moderated, slow_s, password FROM rooms WHERE key = ?", (key,)
    ).fetchone()
    return RoomModes(bool(invite_only), bool(hidden), bool(permanent), bool(moderated), slow_s, password)


def load_roles(reader: sqlite3.Connection, key: str) -> tuple[Held, ...]:
    """What accounts are in a room."""
    rows = reader.execute(
        "SELECT account, account_key, role FROM room_roles "
        "WHERE room_id = (SELECT id FROM rooms WHERE key = ?) ORDER BY account_key",
        (key,),
    )
    held = ((UserName(account, account_key, ""), Role.named(role)) for account, account_key, role in rows)
    return tuple(Held(account, role) for account, role in held if role is not None)


def load_restrictions(reader: sqlite3.Connection, key: str | None) -> tuple[Restriction, ...]:
    """The bans and mutes in a room, or (None) on the server, the oldest first."""
    where = "?1" if key is None else "(SELECT id FROM rooms WHERE key = ?1)"
    rows = reader.execute(
        "SELECT kind, target_by, target, target_key, author, author_key, rank, server_rank, at, until, "
        f"reason FROM restrictions WHERE room_id = {where} ORDER BY id",
        (_SERVER if key is None else key,),
    )
    return tuple(map(_restriction, rows))


def permanent_rooms(reader: sqlite3.Connection) -> tuple[str, ...]:
    """Keys of the rooms that were made permanent, the oldest first."""
    return tuple(key for (key,) in reader.execute("SELECT key FROM rooms WHERE permanent ORDER BY id"))


def audit_page(
    reader: sqlite3.Connection, room_key: str | None, before: int | None, count: int
) -> tuple[AuditLine, ...]:
    """At most `count` of the entries before the one with that number, newest first."""
    conditions, values = _audit_conditions(room_key)
    if before is not None:
        conditions.append("id < ?")
        values.append(max(0, min(before, 2**62)))
    rows = reader.execute(
        f"SELECT {_AUDIT_COLUMNS} FROM audit WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?",
        [*values, count],
    )
    return tuple(AuditLine(*row) for row in rows)


def audit(
    reader: sqlite3.Connection, room_key: str | None, since: float, limit: int | None
) -> Iterator[AuditLine]:
    """The newest `limit` entries from that time (Unix seconds) on, or all of them, oldest first."""
    conditions, values = _audit_conditions(room_key)
    rows = reader.execute(
        f"SELECT * FROM (SELECT {_AUDIT_COLUMNS} FROM audit WHERE {' AND '.join(conditions)} AND at >= ? "
        "ORDER BY id DESC LIMIT ?) ORDER BY id",
        [*values, since, -1 if limit is None else limit],
    )
    return (AuditLine(*row) for row in rows)


def _audit_conditions(room_key: str | None) -> tuple[list[str], list[object]]:
    return (["1"], []) if room_key is None else (["room_key = ?"], [room_key])


def _store_modes(writer: sqlite3.Connection, room_id: int, modes: RoomModes) -> None:
    writer.execute(
        "UPDATE rooms SET invite_only = ?, hidden = ?, permanent = ?, moderated = ?, slow_s = ?, "
        "password = ? WHERE id = ?",
        (
            modes.invite_only,
            modes.hidden,
            modes.permanent,
            modes.moderated,
            modes.slow_s,
            modes.password,
            room_id,
        ),
    )


def _store_restriction(writer: sqlite3.Connection, room_id: int, r: Restriction) -> None:
    target = (r.kind, r.target.by, r.target.text, r.target.key)
    author = (r.author.text, r.author.key, r.rank.role.text, r.rank.server.text)
    writer.execute(
        "INSERT OR REPLACE INTO restrictions (room_id, kind, target_by, target, target_key, author, "
        "author_key, rank, server_rank, at, until, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (room_id, *target, *author, r.at, r.until, r.reason),
    )


def _restriction(row: tuple[str, str, str, str, str, str, str, str, float, float | None, str]) -> Restriction:
    kind, by, text, key, author, author_key, rank, server_rank, at, until, reason = row
    standing = Standing(Role.named(rank) or Role.BANNED, ServerRole.named(server_rank) or ServerRole.USER)
    target, name = Target(By(by), text, key), UserName(author, author_key, "")
    return Restriction(Kind(kind), target, name, standing, at, until, reason)
