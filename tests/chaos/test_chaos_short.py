"""A short fire in every run of the suite; ``python -m tests.chaos`` is the full one."""

import subprocess
import sys

import pytest

from cs_platform.embedded.errors import ROOT

SHORT = (
    *("--check-ins=500", "--markets=6", "--regions=2"),
    *("--kills=4", "--sessions=1", "--crashes=0", "--flushes=1", "--beats=1"),
)


@pytest.mark.chaos
def test_no_check_in_is_lost_or_doubled_when_workers_sessions_and_redis_are_shot_at() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", *SHORT],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr[-3000:]}"
