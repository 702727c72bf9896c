"""What a command loads before it begins: each module costs time before the first prompt."""

import json
import subprocess
import sys

import pytest

from tests.e2e.process import PATIENCE_S, environment

HEAVY = {
    "argon2",
    "confusable_homoglyphs",
    "cryptography",
    "email",
    "emoji",
    "h11",
    "http",
    "precis_i18n",
    "prometheus_client",
    "sqlite3",
    "structlog",
    "tomllib",
    "wassop.config",
    "wassop.core.hub",
    "wassop.server",
    "wassop.storage",
    "wsproto",
}


def loaded_by(code: str) -> set[str]:
    """The modules that a fresh interpreter has after `code`."""
    code += "; import json, sys; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True, text=True, timeout=PATIENCE_S, check=True, env=environment(),
    )  # fmt: skip
    return set(json.loads(done.stdout))


def test_the_terminal_client_loads_nothing_of_the_server() -> None:
    loaded = loaded_by("import wassop.cli, wassop.client.app")
    assert "prompt_toolkit" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("module", ["plain", "sending", "tailing"])
def test_the_line_commands_load_no_screen_either(module: str) -> None:
    loaded = loaded_by(f"import wassop.cli, wassop.client.{module}")
    assert loaded & (HEAVY | {"prompt_toolkit", "asyncio"}) == set()


def test_the_command_line_alone_loads_no_loop_and_no_screen() -> None:
    assert loaded_by("import wassop.cli") & (HEAVY | {"prompt_toolkit", "trio", "msgspec", "ssl"}) == set()


def test_the_package_alone_loads_nothing() -> None:
    loaded = loaded_by("import wassop")
    assert {name for name in loaded if name.startswith("wassop.")} == set()
    assert "trio" not in loaded
    names = "wassop.connect, wassop.Message, wassop.Refused, wassop.Untrusted"
    assert "wassop.client.chat" in loaded_by(f"import wassop; {names}")
    assert "wassop.client.tls" not in loaded_by("import wassop; wassop.connect")
