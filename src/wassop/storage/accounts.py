"""Accounts, their passwords' hashes, and what is kept for their owners, in the record."""

import sqlite3
from collections.abc import Mapping

from wassop.core.accounts import Account, ServerRole
from wassop.core.events import Told
from wassop.core.names import UserName, skeleton
from wassop.core.records import (
    AccountAdded,
    AccountChanged,
    AccountEntry,
    AccountRemoved,
    LoggedIn,
    WebSessionEnded,
    WebSessionOpened,
)
from wassop.core.web_sessions import WebSession
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
            if hashed is not None:
                writer.execute("DELETE FROM web_sessions WHERE account_key = ?", (account.name.key,))
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
        case WebSessionOpened(opened, gone):
            writer.execute("DELETE FROM web_sessions WHERE expires_at <= ?", (opened.created_at,))
            writer.executemany("DELETE FROM web_sessions WHERE mark = ?", [(mark,) for mark in gone])
            writer.execute(
                # The account may be gone by now; then so are its sessions.
                "INSERT INTO web_sessions SELECT ?, key, ?, ? FROM accounts WHERE key = ?",
                (opened.mark, opened.created_at, opened.expires_at, opened.account.key),
            )
        case WebSessionEnded(mark):
            writer.execute("DELETE FROM web_sessions WHERE mark = ?", (mark,))


def web_sessions(reader: sqlite3.Connection) -> tuple[WebSession, ...]:
    """The browsers that stay logged in, the oldest first; those whose time is over may be among them."""
    rows = reader.execute(
        "SELECT mark, name, key, web_sessions.created_at, expires_at "
        "FROM web_sessions JOIN accounts ON key = account_key ORDER BY web_sessions.created_at"
    )
    return tuple(
        WebSession(mark, UserName(name, key, skeleton(name)), created, expires)
        for mark, name, key, created, expires in rows
    )


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
