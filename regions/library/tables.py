"""Reading a TOML table key by key, so that every mistake names its file, its key and the reason."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from regions.hours import MINUTES_PER_DAY, Interval, Weekly

Choice = TypeVar("Choice", bound=StrEnum)

WEEKDAYS = {
    name: number
    for number, name in enumerate(
        ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), start=1
    )
}

_INTERVAL = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)", re.ASCII)


class MarketFileError(ValueError):
    """A library file says something that cannot be right."""

    def __init__(self, path: Path, key: str, reason: str) -> None:
        super().__init__(f"{path.name}: {key}: {reason}")
        self.path = path
        self.key = key
        self.reason = reason


class Table:
    """One TOML table. Each key is taken once; what is left over at the end is an unknown key."""

    def __init__(self, path: Path, values: dict[str, object], key: str = "") -> None:
        self._path = path
        self._values = dict(values)
        self._key = key

    def error(self, key: str, reason: str) -> MarketFileError:
        """Build the error for a key of this table; the caller raises it."""
        return MarketFileError(self._path, f"{self._key}.{key}" if self._key else key, reason)

    def finish(self) -> None:
        """Make sure that every key was taken.

        :raises MarketFileError: naming the first key that nobody asked for.
        """
        for key in self._values:
            raise self.error(key, "unknown key")

    def text(self, key: str) -> str:
        """Take a required text."""
        if (text := self.optional_text(key)) is None:
            raise self.error(key, "missing")
        return text

    def optional_text(self, key: str) -> str | None:
        """Take a text that may be absent, but not empty."""
        if (value := self._values.pop(key, None)) is None:
            return None
        if not isinstance(value, str) or not value.strip():
            raise self.error(key, f"a text is needed, not {value!r}")
        return value.strip()

    def note(self) -> str:
        """Take the note, empty when absent."""
        return self.optional_text("note") or ""

    def matching(self, key: str, pattern: str, meaning: str) -> str:
        """Take a text that has the form of ``pattern``."""
        text = self.text(key)
        if not re.fullmatch(pattern, text, re.ASCII):
            raise self.error(key, f"{text!r} is not {meaning}")
        return text

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of distinct texts, empty when absent."""
        value = self._values.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self.error(key, f"a list of texts is needed, not {value!r}")
        if len(set(value)) != len(value):
            raise self.error(key, "says something twice")
        return tuple(value)

    def choice(self, key: str, kind: type[Choice]) -> Choice:
        """Take a required member of an enumeration."""
        return self._member(key, kind, self.text(key))

    def optional_choice(self, key: str, kind: type[Choice]) -> Choice | None:
        """Take a member of an enumeration that may be absent."""
        text = self.optional_text(key)
        return None if text is None else self._member(key, kind, text)

    def day(self, key: str) -> date:
        """Take a required local date."""
        if (day := self.optional_day(key)) is None:
            raise self.error(key, "missing")
        return day

    def optional_day(self, key: str) -> date | None:
        """Take a local date that may be absent."""
        value = self._values.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.error(key, f"a date without a time is needed, not {value!r}")
        return value

    def span(self) -> tuple[date, date]:
        """Take ``start`` and ``end``, both included."""
        start, end = self.day("start"), self.day("end")
        if end < start:
            raise self.error("end", f"{end} is before {start}")
        return start, end

    def optional_count(self, key: str) -> int | None:
        """Take a whole number from 1 that may be absent."""
        value = self._values.pop(key, None)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self.error(key, f"a whole number from 1 is needed, not {value!r}")
        return value

    def flag(self, key: str) -> bool:
        """Take a yes or no; absent means no."""
        value = self._values.pop(key, False)
        if not isinstance(value, bool):
            raise self.error(key, f"true or false is needed, not {value!r}")
        return value

    def weekdays(self, key: str) -> frozenset[int]:
        """Take a list of weekday names, at least one, as ISO numbers."""
        names = self.texts(key)
        if not names:
            raise self.error(key, "missing")
        for name in names:
            if name not in WEEKDAYS:
                raise self.error(key, f"{name!r} is not a weekday; use {', '.join(WEEKDAYS)}")
        return frozenset(WEEKDAYS[name] for name in names)

    def weekly_hours(self) -> Weekly:
        """Take the intervals of each weekday that this table names."""
        weekly = {
            number: self._intervals(name)
            for name, number in WEEKDAYS.items()
            if name in self._values
        }
        if not weekly:
            raise self.error("monday", "business hours need at least one weekday")
        return weekly

    def table(self, key: str) -> "Table":
        """Take a required table."""
        if (table := self.optional_table(key)) is None:
            raise self.error(key, "missing")
        return table

    def optional_table(self, key: str) -> "Table | None":
        """Take a table that may be absent."""
        value = self._values.pop(key, None)
        return None if value is None else self._child(key, value)

    def tables(self, key: str) -> Iterator["Table"]:
        """Take a list of tables, empty when absent."""
        value = self._values.pop(key, [])
        if not isinstance(value, list):
            raise self.error(key, "a list of tables is needed")
        return (self._child(f"{key}[{index}]", item) for index, item in enumerate(value))

    def _child(self, key: str, value: object) -> "Table":
        if not isinstance(value, dict):
            raise self.error(key, "a table is needed")
        return Table(self._path, value, f"{self._key}.{key}" if self._key else key)

    def _member(self, key: str, kind: type[Choice], text: str) -> Choice:
        try:
            return kind(text)
        except ValueError:
            raise self.error(key, f"{text!r} is none of {', '.join(kind)}") from None

    def _intervals(self, weekday: str) -> tuple[Interval, ...]:
        intervals: list[Interval] = []
        for text in self.texts(weekday):
            interval = self._interval(weekday, text)
            if intervals and interval.opens < intervals[-1].closes:
                raise self.error(weekday, f"{text!r} overlaps or precedes the interval before it")
            intervals.append(interval)
        return tuple(intervals)

    def _interval(self, weekday: str, text: str) -> Interval:
        if not (match := _INTERVAL.fullmatch(text)):
            raise self.error(weekday, f"{text!r} is not like '09:00-17:30'")
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        opens, closes = from_hour * 60 + from_minute, to_hour * 60 + to_minute
        if max(from_minute, to_minute) > 59 or not opens < closes <= MINUTES_PER_DAY:
            raise self.error(weekday, f"{text!r} does not close later on the same day")
        return Interval(opens, closes)
