"""What a calendar feed tells: events that keep their name, change, and end as such.

Pure: no framework, no clock.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

DAYS_BACK = 30
DAYS_AHEAD = 92
MOST_EVENTS = 2000
REMEMBERED = dt.timedelta(days=30)
"""How long a feed goes on telling that an event was cancelled."""
DOMAIN = "cs-platform"
"""The second half of every UID. No host: a platform that moves keeps its events."""


@dataclass(frozen=True, slots=True)
class Said:
    """What an event says beside its day; ``is_certain`` is false while it waits for others."""

    summary: str
    description: str
    url: str
    categories: tuple[str, ...] = ()
    is_certain: bool = True


@dataclass(frozen=True, slots=True)
class Event:
    """One task as a day in a calendar: all day, since nobody agreed on an hour."""

    uid: str
    task: UUID
    day: dt.date
    said: Said


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as a feed told it: its revision, and since when it says so, in UTC."""

    event: Event
    sequence: int
    changed_at: dt.datetime
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """The days that a feed tells of, both ends included."""

    first: dt.date
    last: dt.date

    def __contains__(self, day: object) -> bool:
        return isinstance(day, dt.date) and self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Telling:
    """What a feed tells now, which of it is news, and which UIDs it need not remember."""

    shown: Sequence[Entry]
    changed: Sequence[Entry]
    forgotten: Sequence[str]


def uid_of(*, task: UUID, enrolment: UUID | None, nominal: dt.date) -> str:
    """Return the name of a task's event, which no change of the task changes.

    A check-in is known by its enrolment and nominal date: planned anew it is another row, and
    the same event. A step of a run keeps its row.
    """
    own = f"{task}" if enrolment is None else f"{enrolment}-{nominal:%Y%m%d}"
    return f"{own}@{DOMAIN}"


def window_around(today: dt.date) -> Window:
    """Return the days that a feed tells of on a day."""
    return Window(today - dt.timedelta(days=DAYS_BACK), today + dt.timedelta(days=DAYS_AHEAD))


def tell(
    told: Iterable[Entry],
    events: Iterable[Event],
    *,
    window: Window,
    now: dt.datetime,
    complete_until: dt.date | None = None,
) -> Telling:
    """Return what a feed tells, given what it told before and what is true at ``now``.

    An event that is no more, whatever became of its task, is told as cancelled for a while.
    ``complete_until`` is the last day on which ``events`` lack nothing, where they lack some.
    """
    known = {entry.event.uid: entry for entry in told}
    entries: dict[str, Entry] = {}
    for event in events:
        entries[event.uid] = _told_again(event, known.get(event.uid), now)
    for uid, entry in known.items():
        if uid not in entries:
            unseen = complete_until is not None and entry.event.day > complete_until
            entries[uid] = entry if unseen or entry.event.day not in window else _ended(entry, now)
    forgotten = [uid for uid, entry in entries.items() if _is_over(entry, window, now)]
    for uid in forgotten:
        del entries[uid]
    shown = [entry for entry in entries.values() if entry.event.day in window]
    return Telling(
        shown=sorted(shown, key=lambda entry: (entry.event.day, entry.event.uid))[:MOST_EVENTS],
        changed=[entry for uid, entry in entries.items() if entry != known.get(uid)],
        forgotten=[uid for uid in forgotten if uid in known],
    )


def _told_again(event: Event, before: Entry | None, now: dt.datetime) -> Entry:
    if before is None:
        return Entry(event, 0, now)
    if before.event == event and not before.is_cancelled:
        return before
    if _says_the_same(before, event):
        return replace(before, event=event)
    return Entry(event, before.sequence + 1, now)


def _says_the_same(before: Entry, event: Event) -> bool:
    """Return whether only the row behind an event is another one."""
    return not before.is_cancelled and (before.event.day, before.event.said) == (
        event.day,
        event.said,
    )


def _ended(entry: Entry, now: dt.datetime) -> Entry:
    if entry.is_cancelled:
        return entry
    return replace(entry, sequence=entry.sequence + 1, changed_at=now, is_cancelled=True)


def _is_over(entry: Entry, window: Window, now: dt.datetime) -> bool:
    if entry.event.day < window.first:
        return True
    return entry.is_cancelled and entry.changed_at < now - REMEMBERED
