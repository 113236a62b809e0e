"""A short fire in every run of the suite; ``python -m tests.chaos`` is the full one."""

import subprocess
import sys

import pytest

from cs_platform.embedded.errors import ROOT

SHORT = (
    *("--check-ins=200", "--markets=4", "--regions=2"),
    *("--seconds=0", "--kills=3", "--sessions=1", "--crashes=0", "--servers=1", "--redis=0"),
    *("--flushes=1", "--beats=0", "--receivers=1"),
)


@pytest.mark.chaos
def test_nothing_is_lost_or_doubled_when_workers_servers_and_receivers_are_shot_at() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *SHORT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
