"""What the two settings of durability ask of the disk, seen from outside: the system's calls are traced."""

import subprocess
import sys
from pathlib import Path

import pytest

COMMITS = 20
STORER = """
import os, sys
from pathlib import Path
from tests.storage.entries import said
from wassop.storage.archive import Archive
archive = Archive(Path(sys.argv[1]), sys.argv[2])
for seq in range(1, int(sys.argv[3]) + 1):
    os.write(1, b"storing\\n")
    archive.store([said(seq)])
os.write(1, b"stored\\n")
archive.close()
"""


def syncs_by_commit(folder: Path, durability: str) -> list[int]:
    """How often each commit waited until its data were on the disk."""
    trace = folder / "trace"
    storer = [sys.executable, "-c", STORER, str(folder / "chat.db"), durability, str(COMMITS)]
    done = subprocess.run(
        ["strace", "-f", "-o", str(trace), "-e", "trace=fsync,fdatasync,write", *storer],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    if "ptrace" in done.stderr:
        pytest.skip("strace may not trace here")
    assert done.returncode == 0, done.stderr
    commits: list[int] = []
    for line in trace.read_text().splitlines():
        if '"storing' in line:
            commits.append(0)
        elif '"stored' in line:
            return commits
        elif commits and "sync(" in line:
            commits[-1] += 1
    raise AssertionError("the storer did not come to its end")


@pytest.mark.tool("strace")
def test_with_power_loss_each_commit_waits_for_the_disk_and_with_process_kill_none(tmp_path: Path) -> None:
    for durability in ("process-kill", "power-loss"):
        (tmp_path / durability).mkdir()
    assert syncs_by_commit(tmp_path / "process-kill", "process-kill") == [0] * COMMITS
    commits = syncs_by_commit(tmp_path / "power-loss", "power-loss")
    assert len(commits) == COMMITS
    assert min(commits) >= 1
