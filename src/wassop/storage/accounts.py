"""Accounts, their passwords' hashes, and what is kept for their owners, in the record."""

import sqlite3
from collections.abc import Mapping

from wassop.core.accounts import Account, ServerRole
from wassop.core.events import Told
from wassop.core.names import UserName, skeleton
from wassop.core.records import AccountAdded, AccountChanged, AccountEntry, AccountRemoved, LoggedIn
from wassop.storage import keeping_order


def store_account(writer: sqlite3.Connection, entry: AccountEntry) -> None:
    """Store what became of an account; IntegrityError when one is added whose name another one has."""
    match entry:
        case AccountAdded(account, hashed):
            writer.execute(
                "INSERT INTO accounts (key, name, role, hash, created_at, last_login_at) "
                "VALUES (?, ?, ?, ?, ?, ?)",
                (
                    account.name.key,
                    account.name.text,
                    account.role.text,
                    hashed,
                    account.created_at,
                    account.last_login_at,
                ),
            )
        case AccountChanged(account, _, hashed):
            writer.execute(
                "UPDATE accounts SET role = ?, hash = coalesce(?, hash) WHERE key = ?",
                (account.role.text, hashed, account.name.key),
            )
        case AccountRemoved(account):
            writer.execute("DELETE FROM accounts WHERE key = ?", (account.name.key,))
            keeping_order.forget_account(writer, account.name.key)
            _deliver(writer, account.name)
        case LoggedIn(name, at, rehashed):
            writer.execute(
                "UPDATE accounts SET last_login_at = ?, hash = coalesce(?, hash) WHERE key = ?",
                (at, rehashed, name.key),
            )
            _deliver(writer, name)


def accounts(reader: sqlite3.Connection) -> tuple[Account, ...]:
    """All accounts."""
    rows = reader.execute("SELECT key, name, role, created_at, last_login_at FROM accounts ORDER BY key")
    return tuple(
        # What looks like what is known by the program that runs, not by that which stored it.
        Account(UserName(name, key, skeleton(name)), ServerRole.named(role) or ServerRole.USER, created, last)
        for key, name, role, created, last in rows
    )


def password_hash(reader: sqlite3.Connection, key: str) -> str | None:
    """What is kept of the password of an account; None where there is no such account."""
    found = reader.execute("SELECT hash FROM accounts WHERE key = ?", (key,)).fetchone()
    return None if found is None else str(found[0])


def kept_messages(reader: sqlite3.Connection, key: str) -> tuple[Told, ...]:
    """The private messages that wait for the owner of an account, oldest first."""
    rows = reader.execute(
        "SELECT author, author_key, recipient, at, text, nonce FROM private_messages "
        "WHERE recipient_key = ? AND kept ORDER BY id",
        (key,),
    )
    return tuple(
        Told(UserName(author, author_key, ""), UserName(to, key, ""), text, at, nonce, kept=True)
        for author, author_key, to, at, text, nonce in rows
    )


def kept_counts(reader: sqlite3.Connection) -> Mapping[str, int]:
    """How many such messages there are, by the key of the name."""
    rows = reader.execute(
        "SELECT recipient_key, count(*) FROM private_messages WHERE kept GROUP BY recipient_key"
    )
    return dict(rows.fetchall())


def _deliver(writer: sqlite3.Connection, name: UserName) -> None:
    # All of them: what comes for somebody who is here is not kept, and entries are stored in order.
    writer.execute("UPDATE private_messages SET kept = 0 WHERE recipient_key = ? AND kept", (name.key,))
