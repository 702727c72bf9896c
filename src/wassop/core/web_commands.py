"""What a page of ours asks beside what all dialects ask, and what it is answered."""

from attrs import field, frozen

from wassop.core.names import UserName


class WebCommand:
    """One of these."""

    __slots__ = ()


@frozen
class AskToken(WebCommand):
    """A code with which the browser begins a session that outlives the connection."""

    code: str = field(default="", repr=False)
    """The server makes it up."""


@frozen
class OpenWebSession(WebCommand):
    """Begin such a session with a code."""

    code: str = field(repr=False)
    token: str = field(default="", repr=False)
    """The server makes it up."""


@frozen
class EndWebSession(WebCommand):
    """End the session with this token, if it is one."""

    token: str = field(repr=False)


@frozen
class ClaimAdmin(WebCommand):
    """Choose name and password of the first admin; the link is what the server has shown to whoever started
    it."""

    link: str = field(repr=False)
    name: str
    password: str = field(repr=False)
    hashed: str = field(default="", repr=False)
    """What is kept of the password; the server adds it."""


@frozen
class CodeGiven:
    """Good once, and soon."""

    code: str = field(repr=False)


@frozen
class WebSessionGiven:
    """What the browser shows from now on."""

    token: str = field(repr=False)
    max_age_s: float


@frozen
class WebSessionOver:
    """The browser shows it no more."""


@frozen
class AdminClaimed:
    """The account is there; one may log in."""

    name: UserName


WebAnswer = CodeGiven | WebSessionGiven | WebSessionOver | AdminClaimed
