"""Which servers the client believes, and what it says about those that it does not.

Rule 1: what an authority of the system's (or of `--ca`) vouches for is believed.
Rule 2: what nobody vouches for is believed if the person said so once, and it is still the same certificate.
Rule 3: nothing is said to a server before that is clear.
"""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Final

import platformdirs

from wassop.locale import N_, Translations


class Untrusted(ConnectionError):
    """The server is not believed, or does not speak TLS at all; `problem` is a text to translate."""

    def __init__(self, problem: str, **params: str) -> None:
        super().__init__(problem.format(**params))
        self._problem: Final = problem
        self._params: Final = params

    def sentence(self, tr: Translations) -> str:
        """What to tell the person."""
        return tr.gettext(self._problem).format(**self._params)


class Stranger(Untrusted):
    """Nobody vouches for the server, and it was never met."""

    def __init__(self, server: str, fingerprint: str) -> None:
        super().__init__(
            N_(
                "No known authority vouches for the certificate of {server}. "
                "Its fingerprint (SHA-256):\n\n  {fingerprint}\n\n"
                "The server shows its own when it starts; both must be the same."
            ),
            server=server,
            fingerprint=fingerprint,
        )
        self.fingerprint: Final = fingerprint


class Changed(Untrusted):
    """The server is not the one that was trusted before."""

    def __init__(self, server: str, fingerprint: str, trusted: str, file: Path) -> None:
        super().__init__(
            N_(
                "THE CERTIFICATE OF {server} HAS CHANGED; not connecting.\n\n"
                "  trusted: {trusted}\n  now:     {fingerprint}\n\n"
                "Somebody may be between you and the server, or the server has a new certificate. "
                "Ask whoever runs it. If it is new, remove the line of {server} from {file} and join again."
            ),
            server=server,
            fingerprint=fingerprint,
            trusted=trusted,
            file=str(file),
        )


def known_servers_file() -> Path:
    """Where it is kept whom the person trusts."""
    return platformdirs.user_data_path("wassop", appauthor=False) / "known_servers"


class KnownServers:
    """Servers that the person trusts by the fingerprints of their certificates.

    A file with a line `HOST:PORT FINGERPRINT` for each, for people to read and change.
    """

    def __init__(self, file: Path) -> None:
        """OSError when there is a file that cannot be read."""
        self.file: Final = file
        self._trusted = self._read()

    def fingerprint(self, server: str) -> str | None:
        """What `server` (`HOST:PORT`) showed when the person trusted it."""
        return self._trusted.get(server.casefold())

    def trust(self, server: str, fingerprint: str) -> None:
        """Trust `server` from now on; OSError when that cannot be kept for another time."""
        self._trusted[server.casefold()] = fingerprint
        self.file.parent.mkdir(parents=True, exist_ok=True)
        kept = {**self._read(), server.casefold(): fingerprint}
        made = self.file.with_name(f"{self.file.name}.{secrets.token_hex(4)}")
        try:
            made.write_text("".join(f"{name} {value}\n" for name, value in kept.items()), encoding="utf-8")
            os.replace(made, self.file)
        finally:
            made.unlink(missing_ok=True)

    def _read(self) -> dict[str, str]:
        lines: list[str] = []
        with contextlib.suppress(FileNotFoundError):
            lines = self.file.read_text(encoding="utf-8", errors="replace").splitlines()
        pairs = [words for line in lines if len(words := line.split()) == 2]
        return {name.casefold(): fingerprint.upper() for name, fingerprint in pairs}
