"""Passwords in a keyring: a backend of keyring's own kind, which keeps them in a file."""

import json
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring

from wassop.client import keychain


class FileKeyring(KeyringBackend):
    """Keeps passwords in a JSON file."""

    priority = 1.0

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def _kept(self) -> dict[str, str]:
        return json.loads(self.file.read_text()) if self.file.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._kept().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self.file.write_text(json.dumps({**self._kept(), f"{service}/{username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        kept = self._kept()
        del kept[f"{service}/{username}"]
        self.file.write_text(json.dumps(kept))


class BrokenKeyring(FileKeyring):
    """One whose service does not answer."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("the service is locked\nand more")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"cannot keep {password}")


@pytest.fixture(autouse=True)
def _backend_of_before() -> Iterator[None]:
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_a_password_is_found_again_by_server_and_name(tmp_path: Path) -> None:
    keyring.set_keyring(FileKeyring(tmp_path / "keys"))
    assert keychain.is_there()
    assert keychain.keep("chat:5555", "Ana", "correcto") == ""
    assert keychain.look_up("chat:5555", "ana") == keychain.Found("correcto")
    assert keychain.look_up("chat:6666", "ana") == keychain.Found()


def test_a_backend_that_fails_is_told_in_a_line_without_the_password(tmp_path: Path) -> None:
    keyring.set_keyring(BrokenKeyring(tmp_path / "keys"))
    assert keychain.look_up("chat:5555", "ana").problem == "RuntimeError: the service is locked"
    assert "secreto" not in keychain.keep("chat:5555", "ana", "secreto")


def test_where_nothing_is_set_up_nothing_is_offered() -> None:
    keyring.set_keyring(NoKeyring())
    assert keychain.look_up("chat:5555", "ana") == keychain.Found(is_there=False)
