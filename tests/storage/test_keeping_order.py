"""How rooms are set, who is what in them, who is banned, and who did that: on disk, and read back."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.storage.entries import AT, integrity, opened, person, room, said
from wassop.core.accounts import ServerRole
from wassop.core.modes import OPEN, RoomModes
from wassop.core.records import Audited, Changes, Lifted, ModesKept, Restricted, RoleKept, RoomRecord
from wassop.core.restrictions import By, Kind, Restriction, target_of
from wassop.core.roles import Role, Standing
from wassop.core.rules import Held
from wassop.storage.archive import Archive
from wassop.storage.reader import open_reader
from wassop.storage.searching import SearchFilter
from wassop.storage.transfer import audit_jsonl, audit_text

MODES = RoomModes(True, True, True, True, 2.5, "$argon2id$…")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def restriction(
    by: By, text: str, kind: Kind = Kind.BAN, until: float | None = None, reason: str = "¡spam! 👍"
) -> Restriction:
    target = target_of(by, text)
    standing = Standing(Role.OWNER, ServerRole.MODERATOR)
    return Restriction(kind, target, person("Íñigo"), standing, AT, until, reason)  # type: ignore[arg-type]


def audited(number: int, where: str | None = "Sala1") -> Audited:
    place = room(where) if where is not None else None
    return Audited(AT + number, "ana", "kick", place, "bob", f"reason {number}", "192.0.2.1")


def loaded(archive: Archive, where: str = "sala1") -> RoomRecord:
    record = archive.load_room(where, 9)
    assert record is not None
    return record


def test_how_a_room_is_set_is_read_back_the_same_also_after_opening_again(path: Path) -> None:
    with opened(path) as archive:
        archive.store([Changes((ModesKept(room(), MODES), audited(1))), said(1)])
        assert loaded(archive).modes == MODES
    with opened(path) as archive:
        assert loaded(archive).modes == MODES
        assert archive.permanent_rooms() == ("sala1",)
        archive.store([Changes((ModesKept(room("SALA1"), OPEN),))])
        assert loaded(archive).modes == OPEN
        assert archive.permanent_rooms() == ()
    integrity(path)


def test_the_roles_of_accounts_are_kept_changed_and_removed(path: Path) -> None:
    with opened(path) as archive:
        archive.store(
            [
                Changes(
                    (RoleKept(room(), person("ana"), Role.OWNER), RoleKept(room(), person("BOB"), Role.VOICE))
                ),
                Changes((RoleKept(room("otra"), person("ana"), Role.MEMBER),)),
                Changes((RoleKept(room(), person("bob"), Role.OPERATOR),)),
                Changes((RoleKept(room(), person("nadie"), None),)),
            ]
        )
    with opened(path) as archive:
        assert loaded(archive).roles == (Held(person("ana"), Role.OWNER), Held(person("bob"), Role.OPERATOR))
        archive.store([Changes((RoleKept(room(), person("ANA"), None),))])
        assert [held.account.text for held in loaded(archive).roles] == ["bob"]
        assert loaded(archive, "otra").roles == (Held(person("ana"), Role.MEMBER),)
    integrity(path)


def test_bans_and_mutes_are_read_back_in_order_and_lifted_and_belong_to_their_room(path: Path) -> None:
    ours = (
        restriction(By.NAME, "bob", until=AT + 60.5),
        restriction(By.NAME, "bob", Kind.MUTE, reason=""),
        restriction(By.ACCOUNT, "bob"),
        restriction(By.NETWORK, "10.0.0.0/8"),
    )
    servers = restriction(By.NAME, "bob")
    with opened(path) as archive:
        archive.store([Changes((*(Restricted(room(), each) for each in ours), Restricted(None, servers)))])
    with opened(path) as archive:
        assert loaded(archive).restrictions == ours
        assert [each.target.text for each in loaded(archive).restrictions] == [
            "bob",
            "bob",
            "bob",
            "10.0.0.0/8",
        ]
        assert archive.server_bans() == (servers,)
        archive.store([Changes((Lifted(room(), ours[0]),))])
        assert loaded(archive).restrictions == ours[1:]
        archive.store([Changes((Lifted(None, servers),))])
        assert archive.server_bans() == ()
        longer = restriction(By.ACCOUNT, "bob", reason="otra")
        archive.store([Changes((Restricted(room(), longer),))])
        assert loaded(archive).restrictions == (ours[1], ours[3], longer)
    integrity(path)


def test_what_has_ended_is_forgotten_when_the_file_is_opened(path: Path) -> None:
    with opened(path) as archive:
        archive.store([Changes((Restricted(room(), restriction(By.NAME, "bob", until=AT + 60)),))])
    with opened(path, AT + 59) as archive:
        assert len(loaded(archive).restrictions) == 1
    with opened(path, AT + 60) as archive:
        assert loaded(archive).restrictions == ()


def test_a_deed_is_stored_whole_or_not_at_all(path: Path) -> None:
    """As the journal does it when one entry of a batch cannot be stored: each on its own."""
    with opened(path) as archive:
        bad = Audited(AT, "ana", "kick", room(), target=None)  # type: ignore[arg-type]
        with pytest.raises(sqlite3.IntegrityError):
            archive.store([Changes((ModesKept(room(), MODES), RoleKept(room(), person(), Role.OWNER), bad))])
        archive.store([said(1)])
        assert (loaded(archive).modes, loaded(archive).roles) == (OPEN, ())
    integrity(path)


def test_the_audit_log_is_read_newest_first_page_by_page_and_by_room(path: Path) -> None:
    with opened(path) as archive:
        archive.store(
            [Changes((audited(n, None if n == 3 else "Sala1" if n % 2 else "otra"),)) for n in range(1, 7)]
        )
        first = archive.audit_page(None, None, 4)
        assert [line.detail for line in first] == [f"reason {n}" for n in (6, 5, 4, 3)]
        assert (first[3].room, first[0].room, first[0].address) == ("", "otra", "192.0.2.1")
        assert [line.detail for line in archive.audit_page(None, first[-1].id, 9)] == ["reason 2", "reason 1"]
        assert [line.at - AT for line in archive.audit_page("sala1", None, 9)] == [5, 1]
        assert archive.audit_page(None, -5, 9) == archive.audit_page("nowhere", 10**30, 9) == ()


def test_the_audit_log_is_exported_oldest_first_while_the_file_is_open(path: Path) -> None:
    with opened(path) as archive:
        archive.store([Changes((audited(n),)) for n in range(1, 6)])
        reader = open_reader(path)
        try:
            assert [line.at - AT for line in reader.audit(None, AT + 2, None)] == [2, 3, 4, 5]
            newest = list(reader.audit("sala1", 0, 2))
            assert [line.at - AT for line in newest] == [4, 5]
            assert list(reader.audit("otra", 0, None)) == []
        finally:
            reader.close()
    assert audit_text(newest[0]) == "2026-09-21 14:13:24Z ana (192.0.2.1) kick bob, Sala1: reason 4"
    assert '"from":"ana","action":"kick","room":"Sala1","target":"bob"' in audit_jsonl(newest[0])


@pytest.mark.parametrize(
    "modes", [RoomModes(hidden=True), RoomModes(invite_only=True), RoomModes(password="x")]
)
def test_a_search_finds_nothing_in_closed_rooms_but_for_those_who_are_in_them(
    path: Path, modes: RoomModes
) -> None:
    with opened(path) as archive:
        archive.store([said(1, "hola", where="otra"), said(1, "hola"), Changes((ModesKept(room(), modes),))])
        archive.index(9)

        def found(**narrowed: Any) -> list[str]:
            return [m.room.key for m in archive.search(["hola"], SearchFilter(**narrowed), 9)]

        assert found() == ["otra"]
        assert found(mine=("otra", "x")) == ["otra"]
        assert found(mine=("sala1",)) == ["sala1", "otra"]
        assert found(room_key="sala1") == []
        assert found(room_key="sala1", mine=("sala1",)) == ["sala1"]
        archive.store([Changes((ModesKept(room(), RoomModes(moderated=True, permanent=True)),))])
        assert found() == ["sala1", "otra"]
