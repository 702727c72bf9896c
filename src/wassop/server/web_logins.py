"""Browsers that stay logged in: what is random, and what takes a thread, comes from here."""

import secrets
from collections.abc import Callable
from typing import Final

from attrs import evolve

from wassop.core.accounts import Account
from wassop.core.commands import Login
from wassop.core.hub import Hub
from wassop.core.logins import refused_password
from wassop.core.names import UserName, user_name
from wassop.core.refusals import Refused
from wassop.core.web_commands import AskToken, ClaimAdmin, OpenWebSession, WebCommand
from wassop.core.web_login import has_admin, refused_claim
from wassop.core.web_sessions import mark_of
from wassop.server.passwords import Passwords

_TOKEN_BYTES: Final = 32


class WebLogins:
    """Tokens have 256 random bits each; only who gets one ever sees it."""

    def __init__(self, hub: Hub, passwords: Passwords, clock: Callable[[], float]) -> None:
        self._hub: Final = hub
        self._passwords: Final = passwords
        self._clock: Final = clock

    def link_for_admin(self) -> str | None:
        """What whoever runs the server may show to be the first admin; None where there is one."""
        if has_admin(self._hub):
            return None
        link = _token()
        self._hub.web.expect_admin(mark_of(link), self._clock())
        return link

    def proven(self, command: Login) -> Account | None:
        """The account that the visitor's browser is logged in as, if it wants to be here as that one."""
        name = user_name(command.name)
        if not command.web_mark or not isinstance(name, UserName):
            return None
        known = self._hub.web.account(command.web_mark, self._clock())
        return self._hub.accounts.named(name) if known == name else None

    def whose(self, token: str) -> str | None:
        """The name of the account whose browser shows that token."""
        name = self._hub.web.account(mark_of(token), self._clock())
        return None if name is None else name.text

    async def prepare(self, command: WebCommand) -> WebCommand | Refused:
        """`command` with what the hub needs, or why it is refused already."""
        match command:
            case AskToken():
                return evolve(command, code=_token())
            case OpenWebSession():
                return evolve(command, token=_token())
            case ClaimAdmin():
                refused = refused_claim(self._hub, command, self._clock()) or refused_password(
                    command.password
                )
                if refused is not None:
                    return refused
                return evolve(command, password="", hashed=await self._passwords.hash(command.password))
            case _:
                return command


def _token() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)
