#!/usr/bin/env python3
"""Set up `.venv` beside the sources, once, and run something in it.

    python3 scripts/dev.py serve [OPTIONS]    the server (`wassop serve`)
    python3 scripts/dev.py test [OPTIONS]     all tests (`pytest`)
    python3 scripts/dev.py lint               ruff (format and rules) and mypy --strict
    python3 scripts/dev.py run COMMAND ...    anything else, in that environment

Needs nothing but Python 3.11 or later with venv.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "installed-from"


def fingerprint() -> str:
    """What the environment depends on; when it changes, the packages are installed again."""
    inputs = [ROOT / "pyproject.toml", ROOT / "constraints.txt"]
    digest = hashlib.sha256(sys.version.encode())
    for path in inputs:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def set_up() -> None:
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text() == wanted:
        return
    print("wassop: setting up .venv (once) ...", file=sys.stderr, flush=True)
    run(sys.executable, "-m", "venv", "--clear", str(VENV))
    run(
        str(BIN / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
        "--constraint", str(ROOT / "constraints.txt"), "--editable", f"{ROOT}[dev]",
    )  # fmt: skip
    STAMP.write_text(wanted)


def run(*command: str) -> None:
    done = subprocess.run(command, cwd=ROOT, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def replace_by(*command: str) -> None:
    """Become `command`, so that signals reach it."""
    if os.name == "nt":
        sys.exit(subprocess.run(command, cwd=ROOT, check=False).returncode)
    os.chdir(ROOT)
    os.execv(command[0], command)


def _workers() -> str:
    """One more than there are cores: half of the tests wait for another process most of the time."""
    return str((os.cpu_count() or 1) + 1)


def main() -> None:
    # Written for older Pythons too, so that they can say what is missing.
    if sys.version_info < (3, 11):  # noqa: UP036
        sys.exit(f"wassop needs Python 3.11 or later; this is {sys.version.split()[0]}")
    command, options = sys.argv[1:2], sys.argv[2:]
    if command == ["serve"]:
        set_up()
        replace_by(str(BIN / "wassop"), "serve", *options)
    elif command == ["test"]:
        set_up()
        replace_by(str(BIN / "python"), "-m", "pytest", "-n", _workers(), *options)
    elif command == ["lint"]:
        set_up()
        run(str(BIN / "ruff"), "format", "--check", ".")
        run(str(BIN / "ruff"), "check", ".")
        run(str(BIN / "mypy"), "--strict", "src")
    elif command == ["run"] and options:
        set_up()
        replace_by(str(BIN / options[0]), *options[1:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
