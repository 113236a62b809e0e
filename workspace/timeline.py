"""The timeline of an account as a CSM reads it: in her language, by the customer's clock."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from accounts.models import Account
from engagement.timeline import LATEST, Place, timeline_of
from engagement.timeline_telling import Entry
from regions.working_time import working_time
from workspace import formats
from workspace.editions import Said
from workspace.runs import name_of, say_of_step


@dataclass(frozen=True, slots=True)
class Line:
    """An entry in a list; ``local`` is its instant where the customer is."""

    entry: Entry
    text: str
    local: dt.datetime

    @property
    def when(self) -> str:
        """Day and time where the customer is."""
        return f"{formats.full_day(self.local.date())} {formats.clock_time(self.local)}"


@dataclass(frozen=True, slots=True)
class Lines:
    """Some lines, and the cursor of those that follow."""

    lines: list[Line]
    after: str


def lines_of(
    account: Account,
    *,
    now: dt.datetime,
    kinds: Collection[str] = (),
    first: dt.date | None = None,
    last: dt.date | None = None,
    after: Place | None = None,
) -> Lines:
    """Return a page of the timeline; ``first`` and ``last`` are local days of the customer."""
    page = timeline_of(account, now=now, kinds=kinds, first=first, last=last, after=after)
    return Lines(_lines(account, page.entries), page.after)


def latest_of(account: Account, *, now: dt.datetime) -> list[Line]:
    """Return what happened last."""
    return _lines(account, timeline_of(account, now=now, size=LATEST).entries)


def _lines(account: Account, entries: list[Entry]) -> list[Line]:
    zone = working_time(account.market).zone
    return [Line(each, _text(each), each.at.astimezone(zone)) for each in entries]


def _text(entry: Entry) -> str:
    title = _title(entry)
    return entry.text if title is None else entry.text_with(str(title.words))


def _title(entry: Entry) -> Said | None:
    if entry.step is not None:
        return say_of_step(entry.step, "title")
    return None if entry.edition is None else name_of(entry.edition)
