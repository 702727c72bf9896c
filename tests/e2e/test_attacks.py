"""scripts/attack.py as people run it, every attack in small; and that it would notice."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ATTACK = Path(__file__).parents[2] / "scripts" / "attack.py"
SMALL = ["--quiet", "8", "--rate", "60", "--seconds", "0", "--share", "0.03", "--rounds", "1"]
ATTACKS = (
    "slow-loris", "slow-tls", "deaf-readers", "connection-flood", "megabyte-lines", "tiny-segments", "noise",
    "resets", "no-descriptors", "ten-thousand-rooms", "password-guessing", "registration-flood",
    "recycled-descriptors",
)  # fmt: skip
ON_DISK = ("deaf-readers", "no-descriptors", "password-guessing", "registration-flood")
HASHING = ("password-guessing", "registration-flood")
TIMEOUT_S = 120  # far beyond need, for a busy machine; nothing here waits for it

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


def attack(*options: str, result: Path) -> tuple[int, list[dict[str, Any]], str]:
    command = [sys.executable, str(ATTACK), *SMALL, *options, "--json", str(result)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=TIMEOUT_S)
    assert result.exists(), done.stderr
    return done.returncode, json.loads(result.read_text()), done.stdout + done.stderr


@pytest.mark.parametrize("name", ATTACKS)
def test_quiet_clients_hear_everything_and_nothing_is_left_behind(name: str, tmp_path: Path) -> None:
    config = tmp_path / "wassop.toml"
    # So long whoever reads nothing is waited for, and whoever comes to no agreement on TLS.
    config.write_text("drain_timeout_s = 0.2\ntls_handshake_timeout_s = 3.0\n")
    options = ["--config", str(config)]
    if name in ON_DISK:
        options += ["--db", str(tmp_path / "wassop.db")]
    code, [outcome], said = attack(name, *options, result=tmp_path / "result.json")

    assert (outcome["lost"], outcome["left"], outcome["faults"]) == (0, {}, []), said
    assert (outcome["attack"], code) == (name, 0), said
    assert outcome["said"] >= 8
    assert outcome["connections"] > 0
    assert (outcome["hashes"] or 0) > 0 or name not in HASHING


def test_all_attacks_are_among_these() -> None:
    told = subprocess.run(
        [sys.executable, str(ATTACK), "--help"],
        capture_output=True, text=True, check=True, env={**os.environ, "COLUMNS": "1000"},
    )  # fmt: skip
    assert f"some of: {', '.join(ATTACKS)}\n" in told.stdout


def test_guesses_beyond_the_bounds_are_noticed(tmp_path: Path) -> None:
    config = tmp_path / "wassop.toml"
    config.write_text(
        "logins_per_account_per_s = 0\nlogins_per_address_per_s = 0\npassword_hash_kib = 8\n"
        "password_hash_passes = 1\n"
    )
    code, _, said = attack(
        "password-guessing", "--config", str(config), "--seconds", "0.2", result=tmp_path / "result.json"
    )
    assert code == 1
    assert "were let through" in said


def test_a_quiet_client_that_is_ended_is_noticed(tmp_path: Path) -> None:
    config = tmp_path / "wassop.toml"
    config.write_text("ping_interval_s = 0.1\npong_timeout_s = 0.1\n")  # quiet clients answer no ping
    options = ["--config", str(config), "--rate", "0.5", "--quiet", "3"]
    code, [outcome], said = attack("resets", *options, result=tmp_path / "result.json")

    assert code == 1
    assert "bye" in outcome["faults"][0], said
    assert "  WRONG: quieta" in said
