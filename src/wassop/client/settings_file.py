"""Where the settings of the terminal client are kept."""

import contextlib
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import platformdirs

from wassop.client.settings import FILE_NAME, MAX_FILE_BYTES, Settings, read_settings, rewritten
from wassop.locale import Translations


def settings_path() -> Path:
    """The file, in the person's folder of settings."""
    return platformdirs.user_config_path("wassop", appauthor=False) / FILE_NAME


def default_settings(environ: Mapping[str, str]) -> Settings:
    """Without a file: no colours where NO_COLOR asks for that (https://no-color.org)."""
    return Settings(theme="none") if environ.get("NO_COLOR") else Settings()


class SettingsFile:
    """The file with the settings."""

    def __init__(self, file: Path) -> None:
        self.file: Final = file

    def read(self, tr: Translations, default: Settings) -> tuple[Settings, tuple[str, ...]]:
        """What it says, and what is wrong with it. That there is no such file is as it should be."""
        try:
            text = self._text()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else tr.gettext("it is no text")
            problem = tr.gettext("{file}: {reason}. It is not used.")
            return default, (problem.format(file=self.file, reason=reason),)
        return read_settings(text, tr, default)

    def keep(self, name: str, word: str, tr: Translations) -> str:
        """Write one setting, leaving all else in the file as it is; why not, if it cannot be."""
        reason: str | None = None
        try:
            text = rewritten(self._text(), name, word)
            if text is not None:
                self._replace(text)
            else:
                reason = tr.gettext("it has an error")
        except OSError as error:
            reason = error.strerror
        except ValueError:
            reason = tr.gettext("it is no text")
        if reason is None:
            return ""
        return tr.gettext("This is not kept for next time ({file}: {reason}).").format(
            file=self.file, reason=reason
        )

    def _text(self) -> str:
        try:
            with self.file.open("rb") as file:
                data = file.read(MAX_FILE_BYTES + 1)
        except FileNotFoundError:
            return ""
        if len(data) > MAX_FILE_BYTES:
            raise ValueError("too long")
        return data.decode("utf-8-sig").replace("\r\n", "\n")

    def _replace(self, text: str) -> None:
        file = self.file.resolve()  # it may be a link into a folder that is kept elsewhere
        file.parent.mkdir(parents=True, exist_ok=True)
        made = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
        try:
            made.write_text(text, encoding="utf-8")
            os.replace(made, file)
        except OSError:
            with contextlib.suppress(OSError):
                made.unlink(missing_ok=True)
            raise
