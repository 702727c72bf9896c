"""Browsers that stay logged in, and other doors that open once.

Rule 1: whoever shows a token that the server made is known by it; it is kept nowhere, only its SHA-256
(a "mark"), which is enough because 256 random bits cannot be guessed.
Rule 2: another password, and the end of an account, end all of its sessions.
"""

import hashlib
from typing import Final

from attrs import frozen

from wassop.core.names import UserName

CODE_S: Final = 60.0
"""So long a code is good with which a page asks for a session of its browser."""
SESSION_S: Final = 30 * 86_400.0
FIRST_ADMIN_S: Final = 3_600.0
_MAX_SESSIONS: Final = 20
"""Of an account; the oldest give way."""
_MAX_CODES: Final = 1_000


@frozen
class WebSession:
    """A browser whose visitor need not show a password; times are Unix time in seconds."""

    mark: str
    account: UserName
    created_at: float
    expires_at: float


@frozen
class _Code:
    account: UserName
    expires_at: float


def mark_of(token: str) -> str:
    """What is known of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


class WebSessions:
    """All of them, and the codes with which new ones are begun."""

    def __init__(self) -> None:
        self._by_mark: Final[dict[str, WebSession]] = {}
        self._codes: Final[dict[str, _Code]] = {}
        self._first_admin_mark = ""
        self._first_admin_until = 0.0

    def __len__(self) -> int:
        return len(self._by_mark)

    def of(self, account: UserName) -> list[WebSession]:
        """Those of an account, the oldest first."""
        return [session for session in self._by_mark.values() if session.account == account]

    def account(self, mark: str, now: float) -> UserName | None:
        """Whose session that is."""
        session = self._by_mark.get(mark)
        return session.account if session is not None and now < session.expires_at else None

    def put(self, session: WebSession) -> list[WebSession]:
        """Know `session`; return those that give way to it."""
        own = self.of(session.account)
        gone = own[: max(0, len(own) + 1 - _MAX_SESSIONS)]
        for old in gone:
            del self._by_mark[old.mark]
        self._by_mark[session.mark] = session
        return gone

    def end(self, mark: str) -> WebSession | None:
        """Know a session no more; return it if there was one."""
        return self._by_mark.pop(mark, None)

    def void(self, account: UserName) -> None:
        """Know none of an account any more."""
        for session in self.of(account):
            del self._by_mark[session.mark]
        for mark, code in list(self._codes.items()):
            if code.account == account:
                del self._codes[mark]

    # Codes

    def offer(self, mark: str, account: UserName, now: float) -> None:
        """Whoever shows the code of this `mark` soon is `account`."""
        for old, code in list(self._codes.items()):
            if now >= code.expires_at or len(self._codes) >= _MAX_CODES:
                del self._codes[old]
        self._codes[mark] = _Code(account, now + CODE_S)

    def redeem(self, mark: str, now: float) -> UserName | None:
        """Whose code that is, which is good no more."""
        code = self._codes.pop(mark, None)
        return code.account if code is not None and now < code.expires_at else None

    def expect_admin(self, mark: str, now: float) -> None:
        """Whoever shows the link of this `mark` within an hour may be the first admin."""
        self._first_admin_mark, self._first_admin_until = mark, now + FIRST_ADMIN_S

    def is_first_admin(self, mark: str, now: float) -> bool:
        """Whether that is the link."""
        return (
            bool(self._first_admin_mark) and mark == self._first_admin_mark and now < self._first_admin_until
        )
