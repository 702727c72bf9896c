"""Accounts and what is kept for their owners, in a real file."""

import sqlite3
from pathlib import Path

import pytest
from attrs import evolve

from tests.storage.entries import AT, integrity, opened, person, told
from wassop.core.accounts import Account, ServerRole
from wassop.core.records import AccountAdded, AccountChanged, AccountRemoved, LoggedIn
from wassop.storage.schema import MIGRATIONS

ANA = Account(person("Ana"), ServerRole.ADMIN, AT, AT + 1)
BOB = Account(person("bob"), ServerRole.USER, AT + 2)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "chat.db"


def test_accounts_are_there_when_the_file_is_opened_again(path: Path) -> None:
    with opened(path) as archive:
        archive.store([AccountAdded(ANA, "hash of ana"), AccountAdded(BOB, "hash of bob")])
    with opened(path) as archive:
        found = archive.accounts()
        assert found == (ANA, BOB)
        assert [(a.name.text, a.name.key, a.name.skeleton) for a in found] == [
            ("Ana", "ana", ANA.name.skeleton),
            ("bob", "bob", BOB.name.skeleton),
        ]
        assert archive.password_hash("ana") == "hash of ana"
        assert archive.password_hash("zoe") is None
    integrity(path)


def test_roles_passwords_and_logins_change_what_they_are_about_and_nothing_else(path: Path) -> None:
    moderator = evolve(BOB, role=ServerRole.MODERATOR)
    with opened(path) as archive:
        archive.store([AccountAdded(ANA, "hash of ana"), AccountAdded(BOB, "hash of bob")])
        archive.store([AccountChanged(moderator, BOB)])
        assert (archive.accounts()[1], archive.password_hash("bob")) == (moderator, "hash of bob")
        archive.store([AccountChanged(moderator, moderator, "another hash")])
        assert archive.password_hash("bob") == "another hash"
        archive.store([LoggedIn(BOB.name, AT + 9)])
        assert archive.accounts() == (ANA, evolve(moderator, last_login_at=AT + 9))
        archive.store([LoggedIn(BOB.name, AT + 10, "the same, hashed anew")])
        assert archive.password_hash("bob") == "the same, hashed anew"
        archive.store([AccountRemoved(BOB)])
        assert archive.accounts() == (ANA,)
        assert archive.password_hash("ana") == "hash of ana"


def test_a_name_is_registered_once(path: Path) -> None:
    with opened(path) as archive:
        archive.store([AccountAdded(ANA, "hash of ana")])
        with pytest.raises(sqlite3.IntegrityError):
            archive.store([AccountAdded(evolve(ANA, role=ServerRole.USER), "another")])
        assert (archive.accounts(), archive.password_hash("ana")) == ((ANA,), "hash of ana")


def test_what_waits_for_somebody_waits_until_the_login_and_not_for_others(path: Path) -> None:
    kept = [evolve(told(text, to="bob", nonce=text), kept=True) for text in ("uno", "dos")]
    with opened(path) as archive:
        archive.store([*kept, told("no espera", to="bob"), evolve(told("para eva", to="eva"), kept=True)])
        archive.store([kept[0]])  # said again
    with opened(path) as archive:
        assert archive.kept_counts() == {"bob": 2, "eva": 1}
        assert archive.kept_messages("bob") == tuple(kept)
        archive.store([LoggedIn(BOB.name, AT)])
        assert archive.kept_messages("bob") == ()
        assert archive.kept_counts() == {"eva": 1}
        archive.store([AccountRemoved(Account(person("eva")))])
        assert archive.kept_counts() == {}


def test_accounts_came_with_the_third_version() -> None:
    assert "CREATE TABLE accounts" in MIGRATIONS[2]
