"""Hashing and checking passwords, in threads: each takes tens of milliseconds and of MiB, on purpose."""

import base64
import os
import secrets
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

import argon2
import trio
from attrs import frozen

from wassop.core.events import Told
from wassop.core.records import AccountAdded, AccountChanged, AccountRemoved, Entry, LoggedIn

_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32
MOST_WAITING: Final = 64
"""More whose passwords are checked or wait for that would wait for seconds, and are refused."""
BUSY_S: Final = 5
"""When those may come again."""


class AccountRecord(Protocol):
    """Where the hashes are, and what is kept for those who are not here."""

    async def password_hash(self, key: str) -> str | None:
        """What is kept of the password of an account, as of now; sqlite3.Error when it cannot be read."""
        ...

    async def kept_messages(self, key: str) -> tuple[Told, ...]:
        """What waits for the owner of an account, as of now; sqlite3.Error when it cannot be read."""
        ...


class MemoryRecord:
    """An `AccountRecord` of a server that keeps nothing on disk; what the hub wants recorded is noted."""

    def __init__(self) -> None:
        self._hashes: Final[dict[str, str]] = {}
        self._kept: Final[dict[str, list[Told]]] = {}

    async def password_hash(self, key: str) -> str | None:
        """See `AccountRecord`."""
        return self._hashes.get(key)

    async def kept_messages(self, key: str) -> tuple[Told, ...]:
        """See `AccountRecord`."""
        return tuple(self._kept.get(key, ()))

    def note(self, entry: Entry) -> None:
        """Remember what concerns accounts."""
        match entry:
            case AccountAdded(account, hashed) | AccountChanged(account, _, str(hashed)):
                self._hashes[account.name.key] = hashed
            case LoggedIn(name, _, rehashed):
                self._kept.pop(name.key, None)
                if rehashed is not None:
                    self._hashes[name.key] = rehashed
            case AccountRemoved(account):
                self._kept.pop(account.name.key, None)
                del self._hashes[account.name.key]
            case Told(to=to, kept=True):
                self._kept.setdefault(to.key, []).append(entry)
            case _:
                pass


@frozen
class Verdict:
    """What became of a password that was checked."""

    is_right: bool
    rehashed: str | None = None
    """The same password as it is to be kept from now on, if that is not how it is kept."""


class Hasher:
    """argon2id (RFC 9106) with the parameters of this server. Blocks: meant for a thread."""

    def __init__(self, memory_kib: int, passes: int) -> None:
        # One lane: several passwords at a time are what keeps several processors busy.
        self._hasher: Final = argon2.PasswordHasher(
            time_cost=passes,
            memory_cost=memory_kib,
            parallelism=1,
            salt_len=_SALT_BYTES,
            hash_len=_HASH_BYTES,
        )
        # Nobody's: to check a password against it takes as long as against anybody's.
        salt, digest = secrets.token_bytes(_SALT_BYTES), secrets.token_bytes(_HASH_BYTES)
        parameters = f"$argon2id$v=19$m={memory_kib},t={passes},p=1"
        self._nobodys: Final = f"{parameters}${_base64(salt)}${_base64(digest)}"

    def hash(self, password: str) -> str:
        """What is kept of `password`."""
        return self._hasher.hash(_prepared(password))

    def verify(self, hashed: str | None, password: str) -> Verdict:
        """Whether `password` is what `hashed` was made of; without `hashed` it is not, and that takes as long
        to find out."""
        try:
            self._hasher.verify(hashed or self._nobodys, _prepared(password))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return Verdict(False)
        if hashed is None:
            return Verdict(False)
        is_current = not self._hasher.check_needs_rehash(hashed)
        return Verdict(True, None if is_current else self.hash(password))


class Passwords:
    """A `Hasher` for tasks: half of the processors at a time, so that the chat goes on."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher: Final = hasher
        self._limiter: Final = trio.CapacityLimiter(max(1, (os.cpu_count() or 1) // 2))

        self.expected = 0
        """How many have a place."""

    def is_busy(self, *, for_owner: bool = False) -> bool:
        """Whether so many have a place that one more should come later. `for_owner`: somebody who may be the
        owner of the account; for those there are as many places again, which no crowd takes."""
        return self.expected >= MOST_WAITING * (1 + for_owner)

    @contextmanager
    def place(self) -> Iterator[None]:
        """Be counted from now on, before anything that a password needs is waited for: who comes at once
        must not all find that nobody waits yet."""
        self.expected += 1
        try:
            yield
        finally:
            self.expected -= 1

    async def hash(self, password: str) -> str:
        """See `Hasher.hash`."""
        return await trio.to_thread.run_sync(self._hasher.hash, password, limiter=self._limiter)

    async def verify(self, hashed: str | None, password: str) -> Verdict:
        """See `Hasher.verify`."""
        return await trio.to_thread.run_sync(self._hasher.verify, hashed, password, limiter=self._limiter)


def _prepared(password: str) -> bytes:
    # One form for what keyboards and systems write in several ways (RFC 8265, 4.2).
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
