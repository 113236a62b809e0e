"""Real programs read the calendar: vdirsyncer fetches it, khal shows it."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from accounts.models import Account
from engagement import services
from tests import factories
from tests.conftest import Cast
from tests.integration.pages import a_task

PROGRAMS = Path(sys.executable).parent
PATIENCE_SECONDS = 60


class Desk:
    """Somebody's computer, on which both programs are set up."""

    def __init__(self, place: Path, address: str) -> None:
        self._events = place / "events"
        self._events.mkdir()
        self._place = place
        (place / "vdirsyncer").write_text(
            f"""
[general]
status_path = "{place}/status"

[pair work]
a = "platform"
b = "here"
collections = null

[storage platform]
type = "http"
url = "{address}"

[storage here]
type = "filesystem"
path = "{self._events}"
fileext = ".ics"
"""
        )
        (place / "khal").write_text(
            f"""
[calendars]
[[work]]
path = {self._events}
readonly = True

[locale]
local_timezone = Europe/Paris
default_timezone = Europe/Paris
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
timeformat = %H:%M

[sqlite]
path = {place}/khal.db
"""
        )
        self._run("vdirsyncer", "discover", "work")

    def sync(self) -> None:
        """Fetch the calendar."""
        self._run("vdirsyncer", "sync")

    def files(self) -> dict[str, int]:
        """Return the copies that were fetched, and when each was written, in nanoseconds."""
        return {path.name: path.stat().st_mtime_ns for path in self._events.iterdir()}

    def listed(self, start: dt.date) -> list[str]:
        """Return what khal shows of a month: day, title, whether it was cancelled."""
        form = "{start-date}|{title}|{cancelled}"
        words = ["list", "--day-format", "", "--format", form, start.isoformat(), "60d"]
        return sorted(line for line in self._run("khal", *words).splitlines() if line)

    def _run(self, program: str, *words: str) -> str:
        done = subprocess.run(
            [PROGRAMS / program, "-c", self._place / program, *words],
            env=os.environ | {"HOME": str(self._place), "NO_PROXY": "*", "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.mark.django_db(transaction=True)
def test_vdirsyncer_and_khal_follow_what_happens(
    cast: Cast, live_server: LiveServer, tmp_path: Path
) -> None:
    now = timezone.now()
    today = now.date()
    first, second, third = (today + dt.timedelta(days=days) for days in (7, 14, 21))
    with cast.acting():
        accounts: list[Account] = [
            factories.account(name=name, owner=cast.csm) for name in ("Nordlicht", "Acme", "Olea")
        ]
        _stays, moves, goes = (a_task(each, first.isoformat()) for each in accounts)
        _feed, address = services.make_feed(cast.csm, at=now)
    desk = Desk(tmp_path, address.replace("http://127.0.0.1:8000", live_server.url))

    desk.sync()
    assert desk.listed(today) == [
        f"{first}|Acme: Monthly call|",
        f"{first}|Nordlicht: Monthly call|",
        f"{first}|Olea: Monthly call|",
    ]

    with cast.acting():
        type(moves).objects.filter(pk=moves.pk).update(due_date=second)
        services.hand_over_task(task=goes, by=cast.csm, to=cast.leader, at=now)
        a_task(accounts[0], third.isoformat())
    desk.sync()
    assert desk.listed(today) == [
        f"{first}|Nordlicht: Monthly call|",
        f"{first}|Olea: Monthly call|CANCELLED ",
        f"{second}|Acme: Monthly call|",
        f"{third}|Nordlicht: Monthly call|",
    ]
    kept = desk.files()
    assert len(kept) == 4

    desk.sync()
    assert desk.files() == kept
