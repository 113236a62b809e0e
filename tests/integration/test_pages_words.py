"""Sentences for people."""

import datetime as dt
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.utils import translation

from regions.calendars import Closure, Holiday, WorkingCalendar, WorkingWeek
from regions.hours import BusinessHours, Interval, load_zone
from regions.market_time import MarketTime
from workspace import explanations, formats
from workspace.clock import read_clock

HOLIDAY = (("en", "Constitution Day"), ("ja", "憲法記念日"))


@pytest.fixture(autouse=True)
def english() -> Any:
    with translation.override("en"):
        yield


def riyadh(**values: Any) -> MarketTime:
    """A market that works Sunday to Thursday, with a break at noon."""
    calendar = WorkingCalendar(
        weeks=(WorkingWeek(dt.date(2013, 6, 29), frozenset({7, 1, 2, 3, 4})),),
        first_day=dt.date(2026, 1, 1),
        last_day=dt.date(2026, 12, 31),
        **values,
    )
    hours = (Interval(9 * 60, 12 * 60), Interval(13 * 60, 17 * 60))
    return MarketTime(
        calendar, BusinessHours(dict.fromkeys((7, 1, 2, 3, 4), hours)), load_zone("Asia/Riyadh")
    )


def at(text: str) -> dt.datetime:
    """Return an instant from the local time in Riyadh."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=load_zone("Asia/Riyadh"))


class TestOpeningHours:
    @pytest.mark.parametrize(
        ("local", "words"),
        [
            ("2026-05-13T10:30", "5 h 30 min left"),
            ("2026-05-13T08:59", "closed, opens 09:00"),
            ("2026-05-13T12:00", "closed, opens 13:00"),
            ("2026-05-13T16:59", "1 min left"),
            ("2026-05-13T17:00", "closed, opens Thu 09:00"),
            ("2026-05-14T17:00", "closed, opens Sun 09:00"),
            ("2026-05-15T10:00", "closed, opens Sun 09:00"),
        ],
    )
    def test_say_how_long_or_when_again(self, local: str, words: str) -> None:
        assert explanations.opening_hours(read_clock(riyadh(), at(local))) == words

    def test_name_the_date_beyond_this_week(self) -> None:
        closed = Closure(dt.date(2026, 5, 14), dt.date(2026, 5, 31), "Move")
        clock = read_clock(riyadh(closures=(closed,)), at("2026-05-13T18:00"))
        assert explanations.opening_hours(clock) == "closed, opens Mon, Jun 1 09:00"

    def test_say_nothing_beyond_the_known_holidays(self) -> None:
        clock = read_clock(riyadh(), at("2027-05-13T10:00"))
        assert explanations.opening_hours(clock) == "business hours not known"
        assert "not known" in explanations.state_of_day(clock)


class TestStateOfDay:
    def test_names_what_day_it_is(self) -> None:
        eid = Holiday(dt.date(2026, 5, 27), (("en", "Eid al-Adha"),), estimated=True)
        time = riyadh(holidays=(eid,))
        assert explanations.state_of_day(read_clock(time, at("2026-05-26T10:00"))) == (
            "Working day today"
        )
        assert explanations.state_of_day(read_clock(time, at("2026-05-27T10:00"))) == (
            "Day off today: Eid al-Adha (estimated)"
        )
        assert explanations.state_of_day(read_clock(time, at("2026-05-29T10:00"))) == (
            "Day off today"
        )


class TestWhyMoved:
    @pytest.mark.parametrize(
        ("reason", "names", "sentence"),
        [
            ("rest_day", (), "Sat, May 2 is a day off there: moved to Thu, May 7."),
            (
                "rest_day",
                HOLIDAY,
                "Days off there from Sat, May 2 (Constitution Day): moved to Thu, May 7.",
            ),
            (
                "holiday",
                HOLIDAY,
                "Public holiday there on Sat, May 2 (Constitution Day): moved to Thu, May 7.",
            ),
            (
                "closure",
                (("und", "Move"),),
                "Closed there on Sat, May 2 (Move): moved to Thu, May 7.",
            ),
            (
                "quiet_period",
                (("und", "Obon"),),
                "Customers there are left in peace on Sat, May 2 (Obon): moved to Thu, May 7.",
            ),
            (
                "before_today",
                (),
                "Sat, May 2 was over when this was planned: moved to Thu, May 7.",
            ),
            ("owner_away", (), "The owner does not work on Sat, May 2: moved to Thu, May 7."),
        ],
    )
    def test_names_the_reason(self, reason: str, names: Any, sentence: str) -> None:
        move = {"from": "2026-05-02", "to": "2026-05-07", "reason": reason, "names": names}
        assert explanations.why_moved([move]) == [sentence]

    def test_a_skipped_contact_goes_nowhere(self) -> None:
        move = {"from": "2026-05-02", "to": None, "reason": "quiet_period", "names": ()}
        assert explanations.why_moved([move]) == [
            "Customers there are left in peace on Sat, May 2: no contact this time."
        ]

    def test_a_day_that_did_not_move_needs_no_words(self) -> None:
        assert explanations.why_moved(None) == []


class TestNames:
    @pytest.mark.parametrize(
        ("language", "names", "chosen"),
        [
            ("ja", HOLIDAY, ["憲法記念日"]),
            ("de", HOLIDAY, ["Constitution Day"]),
            ("de", (("ja", "憲法記念日"), ("ko", "제헌절")), ["憲法記念日"]),
            ("de", (("und", "Umzug"), *HOLIDAY), ["Umzug", "Constitution Day"]),
            ("de", (("und", "Umzug"),), ["Umzug"]),
            ("en", (("en-US", "Thanksgiving"),), ["Thanksgiving"]),
            ("en", (), []),
        ],
    )
    def test_are_those_of_the_reader_else_english_else_the_first(
        self, language: str, names: Any, chosen: list[str]
    ) -> None:
        with translation.override(language):
            assert explanations.names_for_reader(names) == chosen


class TestFormats:
    @pytest.mark.parametrize(
        ("language", "day", "name"),
        [
            ("en", "Thu, May 7", "Japanese"),
            ("de", "Do., 7. Mai", "Japanisch"),
            ("ja", "5月7日(木)", "日本語"),
            ("ar", "الخميس، 7 مايو", "اليابانية"),
        ],
    )
    def test_follow_the_reader(self, language: str, day: str, name: str) -> None:
        with translation.override(language):
            assert formats.day(dt.date(2026, 5, 7)) == day
            assert formats.language_name("ja-JP") == name

    def test_an_unknown_language_keeps_its_tag(self) -> None:
        assert formats.language_name("xyz") == "xyz"

    def test_the_end_of_the_day_is_24_00(self) -> None:
        assert formats.minute_of_day(1440) == "24:00"
        assert formats.minute_of_day(555) == "09:15"


class TestReports:
    @pytest.mark.parametrize(
        ("who", "year", "words"),
        [
            ("Jun", 2020, "Reported by Jun in 2020, “Globe”."),
            ("Jun", None, "Reported by Jun, “Globe”."),
            ("", None, "Reported in “Globe”."),
        ],
    )
    def test_name_their_source(self, who: str, year: int | None, words: str) -> None:
        statement = SimpleNamespace(practitioner=who, source_title="Globe", reported_year=year)
        assert explanations.reported(cast(Any, statement)) == words
