from datetime import date
from typing import Any

import holidays
import pytest
from holidays.groups.eastern import EasternCalendarHolidays

from regions.library import load_library
from regions.public_holidays import (
    FIRST_YEAR,
    LAST_YEAR,
    HolidayDataError,
    check_country,
    has_holiday_data,
    holiday_years,
    public_holidays,
    subdivisions,
    supported_countries,
)

LIBRARY = sorted(load_library())
ALL_YEARS = range(FIRST_YEAR, LAST_YEAR + 1)


def dates(country: str, subdivision: str | None = None, *, year: int) -> set[date]:
    found = public_holidays(
        country, subdivision, first_year=year, last_year=year, confirmed_through=None
    )
    return {holiday.date for holiday in found}


def days(year: int, *month_and_day: tuple[int, int]) -> set[date]:
    return {date(year, month, day) for month, day in month_and_day}


class TestKnownAnswers:
    def test_golden_week_2026_in_japan_ends_with_a_substitute_holiday(self) -> None:
        spring = {d for d in dates("JP", year=2026) if date(2026, 4, 20) <= d <= date(2026, 5, 20)}
        assert spring == days(2026, (4, 29), (5, 3), (5, 4), (5, 5), (5, 6))

    def test_christmas_2027_in_england_is_made_up_for_on_monday_and_tuesday(self) -> None:
        december = {d for d in dates("GB", "ENG", year=2027) if d.month == 12}
        assert december == days(2027, (12, 25), (12, 26), (12, 27), (12, 28))

    def test_scotland_keeps_other_days_than_england(self) -> None:
        assert date(2026, 11, 30) in dates("GB", "SCT", year=2026)
        assert date(2026, 11, 30) not in dates("GB", "ENG", year=2026)

    def test_eid_al_fitr_2026_in_saudi_arabia_with_the_days_that_make_up_for_the_weekend(
        self,
    ) -> None:
        march = {d for d in dates("SA", year=2026) if d.month == 3}
        assert march == {date(2026, 3, day) for day in range(19, 25)}

    def test_the_year_2026_in_the_united_arab_emirates(self) -> None:
        expected = days(
            2026,
            (1, 1),
            *((3, day) for day in range(19, 23)),
            *((5, day) for day in range(26, 30)),
            (8, 28),
            (12, 2),
            (12, 3),
        )
        assert expected <= dates("AE", year=2026)

    def test_the_national_holidays_of_2026_in_spain(self) -> None:
        assert dates("ES", year=2026) == days(
            2026, (1, 1), (1, 6), (4, 3), (5, 1), (8, 15), (10, 12), (12, 8), (12, 25)
        )

    def test_anzac_day_2026_is_made_up_for_in_new_south_wales(self) -> None:
        assert days(2026, (1, 26), (4, 25), (4, 27), (6, 8), (10, 5)) <= dates(
            "AU", "NSW", year=2026
        )

    def test_new_zealand_keeps_matariki_and_waitangi_day(self) -> None:
        assert days(2026, (2, 6), (7, 10)) <= dates("NZ", year=2026)

    def test_easter_2026_in_romania_is_the_orthodox_one(self) -> None:
        assert days(2026, (4, 10), (4, 12), (4, 13)) <= dates("RO", year=2026)
        assert date(2026, 4, 5) not in dates("RO", year=2026)

    def test_the_philippines_keep_holy_week_and_both_eids(self) -> None:
        assert days(2026, (3, 20), (4, 2), (4, 3), (5, 27)) <= dates("PH", year=2026)

    def test_only_public_holidays_count(self) -> None:
        # On the last day of the year the banks of Japan are closed, and nothing else.
        assert date(2026, 12, 31) not in dates("JP", year=2026)


class TestNames:
    @pytest.mark.parametrize(
        ("country", "day", "language", "expected"),
        [
            ("JP", date(2026, 4, 29), "ja-JP", (("en", "Showa Day"), ("ja", "昭和の日"))),
            ("DE", date(2026, 10, 3), "de-DE", ("en", "de")),
            ("FR", date(2026, 7, 14), "fr-FR", ("en", "fr")),
            ("PH", date(2026, 12, 25), "fil-PH", (("en", "Christmas Day"), ("fil", "Pasko"))),
            ("NZ", date(2026, 2, 6), "en-NZ", (("en", "Waitangi Day"),)),
            ("US", date(2026, 7, 3), "de-DE", ("en",)),
        ],
    )
    def test_english_comes_first_and_then_the_language_of_the_market(
        self, country: str, day: date, language: str, expected: tuple[Any, ...]
    ) -> None:
        names = names_on(day, country, languages=(language, "en"))
        tags = tuple(tag for tag, _ in names)
        assert expected in (names, tags)

    def test_of_two_tags_of_one_language_the_first_counts(self) -> None:
        day = date(2026, 4, 9)
        assert names_on(day, "PH", languages=("en-PH", "en-US")) == (("en", "Araw ng Kagitingan"),)
        assert names_on(day, "PH", languages=("en-US", "en-PH")) == (("en", "Day of Valor"),)

    def test_two_holidays_on_one_date_are_one_with_both_names(self) -> None:
        names = dict(names_on(date(2026, 6, 1), "RO", languages=("ro-RO",)))
        assert set(names["en"].split("; ")) == {"Children's Day", "Pentecost"}
        assert len(names["ro"].split("; ")) == 2

    @pytest.mark.parametrize("code", LIBRARY)
    def test_no_name_says_estimated_in_any_language(self, code: str) -> None:
        market = load_library()[code]
        words = ("estimated", "تقدير", "estimado", "tinatantiya")
        for holiday in in_all_years(code, confirmed_through=None):
            for _, name in holiday.names:
                assert name
                assert not any(word in name for word in words), (market.code, holiday)

    def test_a_day_that_makes_up_for_another_still_says_so(self) -> None:
        names = dict(names_on(date(2028, 12, 26), "GB", "ENG"))
        assert names == {"en": "Boxing Day"}
        names = dict(names_on(date(2027, 3, 14), "SA", languages=("ar-SA",)))
        assert names == {
            "en": "Eid al-Fitr Holiday (observed)",
            "ar": "عطلة عيد الفطر (يوم تعويضي)",
        }


class TestEstimated:
    def test_lunar_holidays_after_the_confirmed_day_are_estimated(self) -> None:
        found = public_holidays(
            "SA", first_year=2026, last_year=2027, confirmed_through=date(2026, 12, 31)
        )
        estimated = {holiday.date for holiday in found if holiday.estimated}
        assert {day.year for day in estimated} == {2027}
        assert date(2027, 3, 9) in estimated
        assert date(2027, 9, 23) not in estimated

    def test_the_confirmed_day_itself_is_confirmed(self) -> None:
        eid = date(2027, 3, 9)
        [holiday] = [
            holiday
            for holiday in public_holidays(
                "PH", first_year=2027, last_year=2027, confirmed_through=eid
            )
            if holiday.date == eid
        ]
        assert not holiday.estimated

    def test_without_a_confirmed_day_every_lunar_holiday_is_estimated(self) -> None:
        found = public_holidays("KW", first_year=2020, last_year=2020, confirmed_through=None)
        fixed = {(1, 1), (2, 25), (2, 26)}
        assert {(h.date.month, h.date.day) for h in found if not h.estimated} == fixed

    @pytest.mark.parametrize("code", LIBRARY)
    def test_the_names_find_exactly_the_dates_that_the_package_takes_from_the_moon(
        self, code: str, lunar_dates: set[date]
    ) -> None:
        market = load_library()[code]
        holidays.country_holidays(market.country, subdiv=market.subdivision, years=ALL_YEARS)
        found = in_all_years(code, confirmed_through=None)
        unmarked = [h for h in found if h.date in lunar_dates and not h.estimated]
        assert all("; " in holiday.names[0][1] for holiday in unmarked), unmarked
        # Days that make up for an Eid, or that a government added to one.
        others = [h for h in found if h.estimated and h.date not in lunar_dates]
        assert all("Eid al-" in holiday.names[0][1] for holiday in others), others

    def test_a_lunar_holiday_on_a_fixed_one_is_a_day_off_for_certain(self) -> None:
        found = public_holidays("KW", first_year=2028, last_year=2028, confirmed_through=None)
        [both] = [holiday for holiday in found if holiday.date == date(2028, 2, 26)]
        assert both.names == (("en", "Eid al-Fitr; Liberation Day"),)
        assert not both.estimated

    @pytest.mark.parametrize(
        ("country", "day"),
        [
            ("IN", date(2026, 11, 8)),
            ("TR", date(2026, 3, 20)),
            ("MY", date(2026, 5, 31)),
            ("SG", date(2026, 2, 17)),
            ("KR", date(2026, 9, 25)),
            ("VN", date(2026, 2, 17)),
            ("EG", date(2026, 5, 27)),
        ],
    )
    def test_lunar_holidays_of_markets_made_by_hand_are_found(
        self, country: str, day: date
    ) -> None:
        found = public_holidays(country, first_year=2026, last_year=2026, confirmed_through=None)
        assert {holiday.date: holiday.estimated for holiday in found}[day]

    def test_easter_is_never_estimated(self) -> None:
        for country in ("FR", "RO", "PH"):
            found = public_holidays(
                country, first_year=2027, last_year=2050, confirmed_through=None
            )
            assert not [h for h in found if h.estimated and "Easter" in h.names[0][1]]


class TestRange:
    @pytest.mark.parametrize("code", LIBRARY)
    def test_every_market_of_the_library_has_holidays_in_every_year(self, code: str) -> None:
        found = in_all_years(code, confirmed_through=None)
        assert {holiday.date.year for holiday in found} == set(ALL_YEARS)
        assert len({holiday.date for holiday in found}) == len(found)
        assert list(found) == sorted(found, key=lambda holiday: holiday.date)

    @pytest.mark.parametrize(
        ("first_year", "last_year"),
        [(FIRST_YEAR - 1, 2026), (2026, LAST_YEAR + 1), (2150, 2150), (2027, 2026)],
    )
    def test_a_year_without_data_is_an_error(self, first_year: int, last_year: int) -> None:
        with pytest.raises(HolidayDataError, match="2010 to 2050"):
            public_holidays(
                "US", first_year=first_year, last_year=last_year, confirmed_through=None
            )

    def test_a_country_with_fewer_years_of_data_says_which(self) -> None:
        assert holiday_years("LK") == range(2010, 2027)
        assert holiday_years("IN") == range(2010, 2036)
        with pytest.raises(HolidayDataError, match="LK has holiday data for 2010 to 2026"):
            public_holidays("LK", first_year=2026, last_year=2027, confirmed_through=None)

    def test_an_unknown_country_or_subdivision_is_an_error(self) -> None:
        with pytest.raises(HolidayDataError, match="'XX'"):
            check_country("XX")
        with pytest.raises(HolidayDataError, match="'NSW'"):
            check_country("GB", "NSW")
        with pytest.raises(HolidayDataError, match="'usa'"):
            public_holidays("usa", first_year=2026, last_year=2026, confirmed_through=None)

    def test_a_country_without_data_is_told_apart_beforehand(self) -> None:
        assert has_holiday_data("EG")
        assert not has_holiday_data("XX")
        assert "EG" in supported_countries()
        assert "NSW" in subdivisions("AU")


@pytest.fixture
def lunar_dates(monkeypatch: pytest.MonkeyPatch) -> set[date]:
    """The dates that the package itself computes from a lunar calendar while the test runs."""
    found: set[date] = set()
    add = EasternCalendarHolidays._add_eastern_calendar_holiday

    def record(self: Any, *args: Any, **options: Any) -> date | None:
        day = add(self, *args, **options)
        if day:
            found.add(day)
        return day

    monkeypatch.setattr(EasternCalendarHolidays, "_add_eastern_calendar_holiday", record)
    return found


def names_on(
    day: date, country: str, subdivision: str | None = None, languages: tuple[str, ...] = ()
) -> tuple[tuple[str, str], ...]:
    found = public_holidays(
        country,
        subdivision,
        first_year=day.year,
        last_year=day.year,
        confirmed_through=None,
        languages=languages,
    )
    return {holiday.date: holiday.names for holiday in found}[day]


def in_all_years(code: str, *, confirmed_through: date | None) -> tuple[Any, ...]:
    market = load_library()[code]
    return public_holidays(
        market.country,
        market.subdivision,
        first_year=FIRST_YEAR,
        last_year=LAST_YEAR,
        confirmed_through=confirmed_through,
        languages=market.languages,
    )
