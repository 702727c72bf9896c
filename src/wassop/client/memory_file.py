"""Where it is kept what is remembered from one run to the next."""

import contextlib
import hashlib
import json
import os
import secrets
from pathlib import Path
from typing import Final

import platformdirs

from wassop.client.memory import Memory, as_json, from_json


def memory_folder() -> Path:
    """The folder of such files."""
    return platformdirs.user_state_path("wassop", appauthor=False)


class MemoryFile:
    """The file of one server and one name. What cannot be read or written is not remembered."""

    def __init__(self, folder: Path, server: str, name: str) -> None:
        # Names of servers and people may hold what no file's name can.
        digest = hashlib.sha256(f"{server.casefold()}\n{name.casefold()}".encode("utf-8", "replace"))
        self._file: Final = folder / f"{digest.hexdigest()[:32]}.json"
        self._kept: Memory | None = None

    def read(self) -> Memory:
        """What was remembered; nothing if there is no such file."""
        try:
            self._kept = from_json(json.loads(self._file.read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError):
            self._kept = Memory()
        return self._kept

    def keep(self, memory: Memory) -> bool:
        """Remember `memory`, if that is anything new; False when it could not be written.

        Drafts are private: only oneself can read the file.
        """
        if memory == self._kept:
            return True
        made = self._file.with_name(f"{self._file.name}.{secrets.token_hex(4)}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(
                os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8"
            ) as file:
                json.dump(as_json(memory), file, ensure_ascii=False, indent=1)
            os.replace(made, self._file)
        except OSError:
            with contextlib.suppress(OSError):
                made.unlink(missing_ok=True)
            return False
        self._kept = memory
        return True
