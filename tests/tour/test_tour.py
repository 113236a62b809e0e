"""Every command of our tours runs, and is answered as the page says.

With the reader's own curl and jq where they are, and always with small ones of ours, so that
the page is tried on every machine.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django.live_server_helper import LiveServer

from tests.conftest import PASSWORD
from tests.tour.page import broken_promises, steps_of

ROOT = Path(__file__).resolve().parents[2]
PAGES = {
    "api": (ROOT / "docs" / "api.md").read_text(),
    "playbooks": (ROOT / "docs" / "playbooks.md").read_text().partition("\n## The tour\n")[2],
}
END_OF_STEP = "\x1e"
TOOLS = ("curl", "jq")


@pytest.fixture
def address(transactional_db: None, settings: Any) -> Iterator[str]:
    """The address of a server that limits requests, as one in production does."""
    settings.API_RATE_LIMIT = "600/minute"
    server = LiveServer("127.0.0.1")
    yield f"{server.url}/api/v1"
    server.stop()


@pytest.fixture(params=["the reader's", "ours"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A ``PATH`` with curl and jq."""
    before = os.environ["PATH"]
    if request.param == "ours":
        for tool in TOOLS:
            script = tmp_path / tool
            program = ROOT / "tests" / "tour" / f"{tool}.py"
            script.write_text(f'#!/bin/sh\nexec {sys.executable} {program} "$@"\n')
            script.chmod(0o755)
        return f"{tmp_path}{os.pathsep}{before}"
    if missing := [tool for tool in TOOLS if shutil.which(tool) is None]:
        pytest.skip(f"no {' and no '.join(missing)} here; the tour is taken with ours")
    return before


@pytest.mark.parametrize("page", PAGES)
def test_the_tour(address: str, path: str, monkeypatch: pytest.MonkeyPatch, page: str) -> None:
    first, *steps = steps_of(PAGES[page])
    assert len(steps) > 12
    monkeypatch.setenv("PASSWORD", PASSWORD)
    key = run_management_commands(first.commands)
    separator = "printf '\\036'\n"
    run = subprocess.run(
        ["sh", "-eu", "-c", separator.join(step.commands for step in steps)],
        env={"PATH": path, "API": address, "KEY": key, "LANG": "C.UTF-8"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    outputs = run.stdout.split(END_OF_STEP)
    for step, output in zip(steps, outputs, strict=False):
        broken = list(broken_promises(step.promised, output)) if step.promised else []
        assert not broken, f"{step.commands}\n{output}\n" + "\n".join(broken)
    assert run.returncode == 0, run.stderr
    assert len(outputs) == len(steps)


@pytest.mark.parametrize("page", PAGES)
def test_tells_how_the_first_admin_joins(page: str) -> None:
    # The test above gives a password; a reader who does not has to open the link first.
    before, _fence, _rest = PAGES[page].partition("manage.py create_organization")
    assert "link with which Ana joins" in " ".join(before.split())
    assert "`PASSWORD`" in before


def run_management_commands(commands: str) -> str:
    """Run what the page starts with, and return the key that is printed last."""
    printed = ""
    for arguments in re.findall(r"manage\.py ([^)\n]+)", commands):
        output = StringIO()
        call_command(*shlex.split(arguments), stdout=output)
        printed = output.getvalue().strip()
    assert printed.startswith("csp_")
    return printed


class TestTheComparison:
    ANSWER = 'HTTP/1.1 201 Created\r\nETag: "1"\r\nDate: today\r\n\r\n{"id": "a1", "tags": [1, 2]}'

    @pytest.mark.parametrize(
        "promised",
        [
            "HTTP/1.1 201 Created",
            'HTTP/1.1 201 Created\nETag: "1"\n\n{"id": "…"}',
            'HTTP/2 201 Created\nEtag: …\n\n{"tags": [1, "…"]}',
            'HTTP/1.1 201 Created\n\n{"tags": "…"}',
        ],
    )
    def test_leaves_out_what_the_page_leaves_out(self, promised: str) -> None:
        assert not list(broken_promises(promised, self.ANSWER))

    @pytest.mark.parametrize(
        "promised",
        [
            "HTTP/1.1 200 OK",
            'HTTP/1.1 201 Created\nETag: "2"',
            'HTTP/1.1 201 Created\n\n{"id": "b…"}',
            'HTTP/1.1 201 Created\n\n{"name": "…"}',
            'HTTP/1.1 201 Created\n\n{"tags": [1]}',
            'HTTP/1.1 201 Created\n\n{"tags": [2, "…"]}',
        ],
    )
    def test_notices_what_is_not_so(self, promised: str) -> None:
        assert list(broken_promises(promised, self.ANSWER))
