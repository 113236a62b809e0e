"""Calendars as text. Source: RFC 5545, and RFC 7986 for their name and how often to look."""

import datetime as dt
import hashlib
from collections.abc import Iterable

from icalendar import Calendar, vDuration
from icalendar import Event as Component

from engagement.feed import Entry

PRODUCT = "-//cs-platform//tasks//EN"
LOOK_AGAIN = dt.timedelta(hours=1)
A_DAY = dt.timedelta(days=1)


def calendar(name: str, language: str, entries: Iterable[Entry]) -> bytes:
    """Return a calendar of ``entries``, the same text for the same ones."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", name, parameters={"LANGUAGE": language})
    made.add("x-wr-calname", name)
    made.add("refresh-interval", vDuration(LOOK_AGAIN), parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", vDuration(LOOK_AGAIN))
    for entry in entries:
        made.add_component(_component(entry))
    text: bytes = made.to_ical()
    return text


def fingerprint(name: str, language: str, entries: Iterable[Entry]) -> str:
    """Return what changes with the calendar, without writing it."""
    digest = hashlib.sha256(f"{PRODUCT}\n{name}\n{language}\n".encode())
    for entry in entries:
        digest.update(f"{entry.event.uid} {entry.sequence} {entry.changed_at}\n".encode())
    return digest.hexdigest()[:32]


def _component(entry: Entry) -> Component:
    event, said = entry.event, entry.event.said
    made = Component()
    made.add("uid", event.uid)
    made.add("sequence", entry.sequence)
    made.add("dtstamp", entry.changed_at)
    made.add("last-modified", entry.changed_at)
    made.add("dtstart", event.day)
    made.add("dtend", event.day + A_DAY)
    made.add("summary", said.summary)
    made.add("description", said.description)
    made.add("url", said.url)
    if said.categories:
        made.add("categories", list(said.categories))
    made.add("status", _status(entry))
    # It claims no hour of the day: who looks for a free one finds her free.
    made.add("transp", "TRANSPARENT")
    return made


def _status(entry: Entry) -> str:
    if entry.is_cancelled:
        return "CANCELLED"
    return "CONFIRMED" if entry.event.said.is_certain else "TENTATIVE"
