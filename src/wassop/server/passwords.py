"""Hashing and checking passwords, in threads: each takes tens of milliseconds and of MiB, on purpose."""

import os
import unicodedata
from typing import Final

import argon2
import trio
from attrs import frozen


@frozen
class Verdict:
    """What became of a password that was checked."""

    is_right: bool


class Hasher:
    """argon2id (RFC 9106) with the parameters of this server. Blocks: meant for a thread."""

    def __init__(self, memory_kib: int, passes: int) -> None:
        # One lane: several passwords at a time are what keeps several processors busy.
        self._hasher: Final = argon2.PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)

    def hash(self, password: str) -> str:
        """What is kept of `password`."""
        return self._hasher.hash(_prepared(password))

    def verify(self, hashed: str, password: str) -> Verdict:
        """Whether `password` is what `hashed` was made of."""
        try:
            return Verdict(self._hasher.verify(hashed, _prepared(password)))
        except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
            return Verdict(False)


class Passwords:
    """A `Hasher` for tasks: half of the processors at a time, so that the chat goes on."""

    def __init__(self, hasher: Hasher) -> None:
        self._hasher: Final = hasher
        self._limiter: Final = trio.CapacityLimiter(max(1, (os.cpu_count() or 1) // 2))

    async def hash(self, password: str) -> str:
        """See `Hasher.hash`."""
        return await trio.to_thread.run_sync(self._hasher.hash, password, limiter=self._limiter)

    async def verify(self, hashed: str, password: str) -> Verdict:
        """See `Hasher.verify`."""
        return await trio.to_thread.run_sync(self._hasher.verify, hashed, password, limiter=self._limiter)


def _prepared(password: str) -> bytes:
    # One form for what keyboards and systems write in several ways (RFC 8265, 4.2).
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
