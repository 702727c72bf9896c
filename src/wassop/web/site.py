"""The pages: a fixed table of files that come with the program, and what is told in place of one.

Rule 1: what is asked for is looked up in a table, and nowhere else: there is no way from a request to a file.
Rule 2: nothing that a visitor says stands on a page. Problems are plain text.
Rule 3: every answer says what a browser may do with it: run the scripts that are here, and none in between.
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

import msgspec
from attrs import evolve, frozen

import wassop
from wassop.core.hub import LOBBY
from wassop.core.web_commands import EndWebSession, OpenWebSession, WebCommand
from wassop.locale import N_, translations
from wassop.web.rules import is_known, is_ours, language
from wassop.wire.cookies import cookie_name, token_of
from wassop.wire.http import Ask, Page, Site, Wish

SOCKET: Final = "/ws"
PANEL: Final = "/panel"
SESSION, SESSION_END = "/session", "/session/end"
CODE_HEADER: Final = "x-wassop-code"
_FOLDER: Final = "static"
_INDEX: Final = "index.html"
_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""Other files are not served."""
_SCHEMES: Final = ("http://", "https://")

_SECURITY: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Embedder-Policy", "require-corp"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=()"),
)
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'{sockets}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_NOT_KEPT: Final = ("Cache-Control", "no-store")

PROBLEMS: Final[Mapping[int, str]] = {
    400: N_("This request cannot be understood."),
    403: N_("The page of another server may not speak with this one."),
    404: N_("There is no such page here."),
    405: N_("Only GET and HEAD are answered here."),
    408: N_("The request took too long."),
    413: N_("A request with a body is not answered here."),
    421: N_("This server is not known by that name. Use its address, or start it with --web-host NAME."),
    426: N_("Here is the chat's WebSocket, version 13; the page is at /."),
    431: N_("The headers of this request are too long."),
}


@frozen
class _File:
    """One that is served, and the mark by which a browser knows that it has it."""

    body: bytes
    content_type: str
    mark: str
    packed: bytes
    """The same in gzip's form; nothing secret stands in a file, so that its length may tell what it likes."""

    @classmethod
    def of(cls, body: bytes, content_type: str) -> "_File":
        mark = hashlib.sha256(body).hexdigest()[:32]
        return cls(body, content_type, mark, gzip.compress(body, mtime=0))

    def page(self, ask: Ask, headers: tuple[tuple[str, str], ...]) -> Page:
        """The file as whoever asks can read it; no body for who has it already."""
        is_packed = _takes_gzip(ask.headers.get("accept-encoding", ""))
        mark = f'"{self.mark}-gzip"' if is_packed else f'"{self.mark}"'
        is_known = _has(ask.headers.get("if-none-match", ""), mark)
        status = HTTPStatus.NOT_MODIFIED if is_known else HTTPStatus.OK
        headers = (*headers, ("ETag", mark), ("Vary", "Accept-Encoding"))
        if not is_packed:
            return Page(self.body, status, self.content_type, headers)
        return Page(self.packed, status, self.content_type, (*headers, ("Content-Encoding", "gzip")))


@cache
def _table() -> Mapping[str, _File]:
    """The files by their paths."""
    folder = f"/{_FOLDER}"
    found = dict(_files_in(files(__package__).joinpath(_FOLDER), folder))
    found["/"] = found.pop(f"{folder}/{_INDEX}")
    found[PANEL] = found.pop(f"{folder}/panel.html")
    return found


def _files_in(folder: Traversable, path: str) -> Iterator[tuple[str, _File]]:
    for entry in folder.iterdir():
        content_type = _TYPES.get(entry.name[entry.name.rfind(".") :])
        if entry.is_dir():
            yield from _files_in(entry, f"{path}/{entry.name}")
        elif content_type is not None:
            yield f"{path}/{entry.name}", _File.of(entry.read_bytes(), content_type)


class ChatSite(Site):
    """The chat's page, its parts, and the place of its WebSocket."""

    def __init__(
        self,
        lang: str,
        names: Collection[str] = (),
        *,
        registration: bool = True,
        whose: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        """`names`, in small letters, are those by which the server is known; `lang` is told who wishes for no
        language of ours; `registration` whether a name can be made one's own; `whose` tells the name of the
        account whose browser shows a token."""
        self._lang: Final = lang
        self._names: Final = frozenset(names)
        self._whose: Final = whose
        self._told: Final = {
            "lang": lang,
            "lobby": LOBBY,
            "version": wassop.__version__,
            "registration": registration,
        }
        config = msgspec.json.encode(self._told)
        self._pages: Final = {
            **_table(),
            "/config.json": _File.of(config, _TYPES[".json"]),
        }

    def answer(self, ask: Ask) -> Page | None:
        """See `Site`."""
        host, path = _place(ask)
        if not host:
            return self.problem(400, ask.languages)
        if not is_known(host, self._names):
            return self.problem(421, ask.languages)
        if path == SOCKET:
            is_welcome = is_ours(ask.headers.get("origin"), host)
            return None if is_welcome else self.problem(403, ask.languages)
        file = self._pages.get(path)
        if file is None:
            return self.problem(404, ask.languages)
        if path == "/config.json" and (name := self._whose(token_of(ask))) is not None:
            # Of this browser alone, so that none keeps it.
            body = msgspec.json.encode({**self._told, "account": name})
            return Page(body, HTTPStatus.OK, file.content_type, (*_headers(""), _NOT_KEPT))
        return file.page(ask, (*_headers(f" ws://{host} wss://{host}"), ("Cache-Control", "no-cache")))

    def wish(self, ask: Ask) -> Wish | Page | None:
        """See `Site`."""
        host, path = _place(ask)
        if path not in (SESSION, SESSION_END):
            return None
        if not is_known(host, self._names):
            return self.problem(421, ask.languages)
        origin = ask.headers.get("origin")
        if not is_ours(origin, host):
            return self.problem(403, ask.languages)
        if path == SESSION:
            command: WebCommand = OpenWebSession(ask.headers.get(CODE_HEADER, ""))
        else:
            command = EndWebSession(token_of(ask))
        is_protected = origin is not None and origin.lower().startswith("https://")
        return Wish(command, cookie_name(host), is_protected)

    def problem(self, status: int, languages: str) -> Page:
        """See `Site`."""
        text = translations(language(languages, self._lang)).gettext(PROBLEMS.get(status, PROBLEMS[400]))
        page = self.refusal(status, text)
        match status:
            case 405:
                return evolve(page, headers=(*page.headers, ("Allow", "GET, HEAD")))
            case 426:
                more = (("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Version", "13"))
                return evolve(page, headers=(*page.headers, *more))
        return page

    def refusal(self, status: int, text: str) -> Page:
        """See `Site`."""
        return Page(f"{text}\n".encode(), status, headers=(*_headers(""), _NOT_KEPT))


def _headers(sockets: str) -> tuple[tuple[str, str], ...]:
    """`sockets` is where WebSockets may be opened, for browsers that do not find that included in 'self'."""
    return ("Content-Security-Policy", _POLICY.format(sockets=sockets)), *_SECURITY


def _place(ask: Ask) -> tuple[str, str]:
    """The host and the path that are asked for; a whole address says both (RFC 9112, 3.2.2)."""
    host, target = ask.headers.get("host", ""), ask.target
    for scheme in _SCHEMES:
        if target.lower().startswith(scheme):
            host, slash, path = target[len(scheme) :].partition("/")
            target = slash + path
    return host, target.partition("?")[0] or "/"


def _has(marks: str, mark: str) -> bool:
    return any(known.strip().removeprefix("W/") in (mark, "*") for known in marks.split(","))


def _takes_gzip(encodings: str) -> bool:
    for encoding in encodings.split(","):
        name, _, parameter = encoding.partition(";")
        if name.strip().lower() == "gzip":
            return not re.fullmatch(r"\s*q=0(\.0{0,3})?\s*", parameter)
    return False
