"""Dates that anyone can check against their own calendar, on the markets as shipped."""

import datetime as dt

import pytest

from regions.calendars import DayKind, WorkingCalendar
from regions.hours import due_at, load_zone
from regions.market_time import MarketTime
from regions.models import BusinessHours, Closure, ExtraWorkingDay
from regions.services import save_part
from regions.working_time import working_time
from tests import factories
from tests.conftest import Cast, day

pytestmark = pytest.mark.django_db


def time_of(code: str) -> MarketTime:
    return working_time(factories.market(code))


def calendar_of(code: str) -> WorkingCalendar:
    return time_of(code).calendar


class TestJapan:
    def test_golden_week_2026(self, acting: Cast) -> None:
        japan = calendar_of("JP")
        assert japan.next_working_day(day("2026-05-02")) == day("2026-05-07")
        names = [dict(japan.status(day(f"2026-05-0{n}")).names) for n in (3, 4, 5, 6)]
        assert [each["en"] for each in names[:3]] == [
            "Constitution Day",
            "Greenery Day",
            "Children's Day",
        ]
        assert names[0]["ja"] == "憲法記念日"


class TestSaudiArabia:
    def test_eid_al_fitr_2026_is_off(self, acting: Cast) -> None:
        saudi = calendar_of("SA")
        assert saudi.status(day("2026-03-22")).kind is DayKind.HOLIDAY
        assert "Eid al-Fitr" in dict(saudi.status(day("2026-03-22")).names)["en"]
        assert not saudi.is_working_day(day("2026-03-20"))

    def test_lunar_holidays_to_come_are_estimated(self, acting: Cast) -> None:
        saudi = calendar_of("SA")
        eid = [saudi.status(dt.date(2028, 1, 1) + dt.timedelta(days=n)) for n in range(366)]
        lunar = [each for each in eid if "Eid" in dict(each.names).get("en", "")]
        assert lunar
        assert all(each.estimated for each in lunar)

    def test_weekend_moved_to_friday_and_saturday_in_june_2013(self, acting: Cast) -> None:
        saudi = calendar_of("SA")
        assert not saudi.is_working_day(day("2013-06-20"))  # a Thursday before
        assert saudi.is_working_day(day("2013-07-04"))  # a Thursday after
        assert not saudi.is_working_day(day("2013-07-06"))  # a Saturday after


class TestTheUnitedArabEmirates:
    def test_week_changed_in_january_2022(self, acting: Cast) -> None:
        emirates = calendar_of("AE")
        assert emirates.is_working_day(day("2021-12-26"))  # a Sunday before
        assert not emirates.is_working_day(day("2021-12-24"))  # a Friday before
        assert not emirates.is_working_day(day("2022-01-09"))  # a Sunday after
        assert emirates.is_working_day(day("2022-01-07"))  # a Friday after


class TestTheLastWorkingDayOfMay2026:
    @pytest.mark.parametrize(
        ("code", "expected"),
        [
            # Eid al-Adha, 26 to 29 May; Saudi Arabia makes up for the Friday on Sunday 31 May.
            ("SA", "2026-05-25"),
            ("AE", "2026-05-25"),
            ("ES", "2026-05-29"),
        ],
    )
    def test_is(self, acting: Cast, code: str, expected: str) -> None:
        assert calendar_of(code).last_working_day(2026, 5) == day(expected)

    def test_moves_where_the_company_works_on_that_sunday(self, acting: Cast) -> None:
        saudi = factories.market("SA")
        save_part(ExtraWorkingDay(market=saudi, date=day("2026-05-31"), name="No day in lieu"))
        assert working_time(saudi).calendar.last_working_day(2026, 5) == day("2026-05-31")


class TestClockChanges:
    @pytest.mark.parametrize(
        ("date", "expected"),
        [("2026-03-27", "2026-03-27T17:00"), ("2026-03-30", "2026-03-30T16:00")],
    )
    def test_madrid_works_until_six_on_either_side(
        self, acting: Cast, date: str, expected: str
    ) -> None:
        spain = time_of("ES")
        assert due_at(day(date), spain.hours, spain.zone) == dt.datetime.fromisoformat(
            expected + "+00:00"
        )

    def test_midnight_does_not_exist_in_cairo_on_24_april_2026(self, acting: Cast) -> None:
        egypt = factories.handmade_market()
        BusinessHours.objects.filter(market=egypt).delete()
        save_part(BusinessHours(market=egypt, weekday=4, opens=20 * 60, closes=24 * 60))
        time = working_time(egypt)
        # Read with the offset before the gap: 24:00 in UTC+2 is 22:00 UTC.
        assert due_at(day("2026-04-23"), time.hours, load_zone("Africa/Cairo")) == dt.datetime(
            2026, 4, 23, 22, 0, tzinfo=dt.UTC
        )


class TestPrecedence:
    def test_extra_day_beats_closure_beats_holiday_beats_week(self, acting: Cast) -> None:
        france = factories.market("FR")
        christmas = day("2026-12-25")
        assert working_time(france).calendar.status(christmas).kind is DayKind.HOLIDAY
        save_part(Closure(market=france, name="Winter", start=christmas, end=christmas))
        assert working_time(france).calendar.status(christmas).kind is DayKind.CLOSURE
        save_part(ExtraWorkingDay(market=france, date=christmas, name="Go-live"))
        assert working_time(france).calendar.is_working_day(christmas)
