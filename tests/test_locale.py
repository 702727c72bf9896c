"""The catalogues are complete, compiled, and fit the sources."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.e2e.process import run_wassop
from wassop.config import load
from wassop.core.events import Farewell
from wassop.core.refusals import TEXTS
from wassop.locale import CATALOGUES, locale_language, translations
from wassop.web.site import PROBLEMS
from wassop.wire import phrases

ROOT = Path(__file__).parent.parent


def test_no_text_lacks_its_spanish_and_the_compiled_catalogue_is_up_to_date() -> None:
    check = [sys.executable, str(ROOT / "scripts" / "catalogue.py"), "--check"]
    done = subprocess.run(check, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "text",
    [
        *(pytest.param(text, id=code.value) for code, text in TEXTS.items()),
        *(pytest.param(phrases.farewell(reason, translations("en")), id=reason.value) for reason in Farewell),
        *(pytest.param(text, id=str(status)) for status, text in PROBLEMS.items()),
    ],
)
def test_every_refusal_and_every_goodbye_reads_otherwise_in_spanish(text: str) -> None:
    assert text
    assert translations("en").gettext(text) == text
    assert translations("es").gettext(text) not in ("", text)


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


@pytest.mark.parametrize(
    ("environ", "lang"),
    [
        ({}, "es"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "es_ES.UTF-8"}, "es"),
        ({"LANG": "fr_FR.UTF-8"}, "es"),
        ({"LANG": "C.UTF-8"}, "es"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "es_ES"}, "es"),
        ({"LANG": "es_ES.UTF-8", "LC_MESSAGES": "es_ES", "LC_ALL": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en", "LC_ALL": ""}, "en"),
    ],
)
def test_the_locale_tells_the_language(environ: dict[str, str], lang: str) -> None:
    assert locale_language(environ) == lang
    assert load(None, environ).lang == lang


def test_a_setting_of_any_kind_wins_over_the_locale(tmp_path: Path) -> None:
    file = tmp_path / "wassop.toml"
    file.write_text('lang = "es"\n')
    english = {"LANG": "en_US.UTF-8"}
    assert load(file, english).lang == "es"
    assert load(None, {**english, "WASSOP_LANG": "es"}).lang == "es"
    assert load(None, english, {"lang": "es"}).lang == "es"


def test_help_and_mistakes_are_in_the_language_of_the_locale_unless_another_is_asked_for() -> None:
    assert "Options" in run_wassop("join", "--help", LANG="en_US.UTF-8").stdout
    assert "Opciones" in run_wassop("join", "--help", LANG="en_US.UTF-8", WASSOP_LANG="es").stdout
    assert "Opciones" in run_wassop("join", "--help", "--lang", "es", LANG="en_US.UTF-8").stdout
    assert "No such option" in run_wassop("join", "--nope", LC_ALL="en_GB.UTF-8").stderr
    assert "Opciones" in run_wassop("join", "--help", LANG="de_DE.UTF-8").stdout
