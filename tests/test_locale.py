"""The catalogues are complete, compiled, and fit the sources."""

import re
import subprocess
import sys
from pathlib import Path

from babel.messages.pofile import read_po

from wassop.locale import CATALOGUES

ROOT = Path(__file__).parent.parent


def test_no_text_lacks_its_spanish_and_the_compiled_catalogue_is_up_to_date() -> None:
    check = [sys.executable, str(ROOT / "scripts" / "catalogue.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_translations_have_the_same_placeholders() -> None:
    with (CATALOGUES / "es" / "LC_MESSAGES" / "wassop.po").open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        if not message.id:
            continue
        is_plain = isinstance(message.id, str)
        ids, strings = ((message.id,), (message.string,)) if is_plain else (message.id, message.string)
        for source, translated in zip(ids, strings, strict=True):
            assert placeholders(translated) == placeholders(source)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"{\w+", text))
