"""What all tests share: tools that may be missing, and Hypothesis' profile."""

import os
import shutil
import signal

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "wassop", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("wassop")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell's background jobs do not hear Ctrl-C, nor does what they start; the tests send it.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test whose tool is missing here; where everything must run (CI), that is a failure."""
    for mark in item.iter_markers("tool"):
        for tool in mark.args:
            if shutil.which(tool) is None:
                reason = f"{tool} is not installed on this machine"
                if os.environ.get("CI"):
                    pytest.fail(reason, pytrace=False)
                pytest.skip(reason)
