"""The page's modules without a browser, and what they share with the rest of the program."""

import re
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

from tests.e2e.process import PATIENCE_S
from wassop.client.emojis import shortcuts

STATIC = files("wassop.web").joinpath("static")
HTML_OF_TEXT = r"innerHTML|outerHTML|insertAdjacent|dangerously|document\.write|\beval\b"
INDEX = STATIC.joinpath("index.html").read_text(encoding="utf-8")
ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.tool("node")
@pytest.mark.parametrize("name", ["state", "link", "text", "panel"])
def test_the_modules_do_what_their_own_tests_say(name: str) -> None:
    done = subprocess.run(
        ["node", "--test", f"tests/web/{name}.test.mjs"],
        cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE_S * 4, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_shortcuts_mean_what_they_mean_in_the_terminal_client() -> None:
    text = STATIC.joinpath("emojis.js").read_text(encoding="utf-8")
    rows = re.findall(r"^([^\x00-\x7f]\S*) ([a-z][\w -]*)`?,?$", text, re.MULTILINE)
    assert len(rows) > 200
    known = shortcuts().by_name
    wrong = [(name, emoji) for emoji, names in rows for name in names.split() if known.get(name) != emoji]
    assert wrong == []


def test_whatever_the_audit_log_tells_has_words_in_the_page_and_in_the_panel() -> None:
    core = Path(str(files("wassop.core")))
    told = re.compile(r'(?:\.kept\(|\baudited\(session, |Audited\([^"\n]*)"([\w-]+)"')
    actions = {action for path in core.glob("*.py") for action in told.findall(path.read_text("utf-8"))}
    assert actions >= {
        "kick",
        "ban",
        "mute",
        "role",
        "modes",
        "invite",
        "delete",
        "doors",
        "stop",
        "account-add",
    }
    for name, count in (("i18n-es.js", 1), ("i18n-en.js", 1), ("panel/texts.js", 2)):
        text = STATIC.joinpath(name).read_text(encoding="utf-8")
        for action in (*actions, "unban", "unmute"):
            assert len(re.findall(rf'^ +"?did_{action}"?: "', text, re.MULTILINE)) == count, (name, action)


def test_no_file_names_a_place_elsewhere_or_makes_html_of_text() -> None:
    for path in Path(str(STATIC)).rglob("*.*"):
        if path.suffix not in (".js", ".css", ".html") or "vendor" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)[a-z]", text), path
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacent|dangerously|document\.write|\beval\b", text
        ), path


def test_what_is_vendored_has_its_licence_and_version_beside_it() -> None:
    vendor = Path(str(STATIC)) / "vendor"
    told = (vendor / "README.md").read_text(encoding="utf-8")
    for path in vendor.glob("*.js"):
        assert f"`{path.name}`" in told
        assert (vendor / f"LICENSE.{path.stem}").is_file()


def test_what_the_page_begins_with_is_asked_for_at_once() -> None:
    root = Path(str(STATIC))
    found: list[Path] = []

    def walk(path: Path) -> None:
        if path not in found:
            found.append(path)
            text = path.read_text(encoding="utf-8")
            for name in re.findall(r'^(?:import|export)\b[^;]*? from "([^"]+)";', text, re.MULTILINE):
                walk((path.parent / name).resolve())

    walk(root / "main.js")
    told = re.findall(r'(?:modulepreload" href|script type="module" src)="/static/([^"]+)"', INDEX)
    assert sorted(told) == sorted(path.relative_to(root).as_posix() for path in found)
