"""Weeks begin where their reader is."""

import datetime as dt

import pytest

from tests.conftest import day
from workspace.week_days import first_weekday, read_day, week_of


@pytest.mark.parametrize(
    ("language", "country", "first"),
    [
        ("ar", "SA", 6),  # Sunday; Friday and Saturday are the weekend.
        ("ar", "EG", 5),
        ("en", "US", 6),
        ("en", "GB", 0),
        ("ja", "JP", 6),
        ("fr", "FR", 0),
        ("fr", "", 0),
        ("ar", "", 5),
        ("xx", "", 0),
        ("en", "??", 0),
    ],
)
def test_a_week_begins_where_the_reader_works(language: str, country: str, first: int) -> None:
    assert first_weekday(language, country) == first


def test_a_week_has_its_day() -> None:
    monday = [day(f"2026-05-{number}") for number in range(11, 18)]
    assert week_of(day("2026-05-13"), 0) == monday
    assert week_of(day("2026-05-11"), 0) == monday
    assert week_of(day("2026-05-17"), 0) == monday
    sunday = week_of(day("2026-05-13"), 6)
    assert (sunday[0], sunday[-1]) == (day("2026-05-10"), day("2026-05-16"))
    assert day("2028-02-29") in week_of(day("2028-03-01"), 0)


def test_the_ends_of_the_calendar() -> None:
    assert week_of(dt.date.min, 6)[0] == dt.date.min
    assert week_of(dt.date.max, 0)[-1] == dt.date.max


@pytest.mark.parametrize("text", ["", "x", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_another(text: str) -> None:
    assert read_day(text, day("2026-05-13")) == day("2026-05-13")
    assert read_day("2026-05-01", day("2026-05-13")) == day("2026-05-01")
