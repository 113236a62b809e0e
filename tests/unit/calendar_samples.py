"""Working calendars that several unit tests share, written by hand."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from regions.calendars import Closure, ExtraWorkingDay, Holiday, WorkingCalendar, WorkingWeek

MONDAY_TO_FRIDAY = frozenset({1, 2, 3, 4, 5})
SUNDAY_TO_THURSDAY = frozenset({7, 1, 2, 3, 4})
SATURDAY_TO_WEDNESDAY = frozenset({6, 7, 1, 2, 3})
LONG_AGO = date(1990, 1, 1)


def calendar_of(
    weekdays: frozenset[int],
    holidays: dict[date, str] | None = None,
    *,
    first_day: date = date(2025, 1, 1),
    last_day: date = date(2029, 12, 31),
    closures: tuple[Closure, ...] = (),
    extra_days: tuple[ExtraWorkingDay, ...] = (),
) -> WorkingCalendar:
    return WorkingCalendar(
        weeks=(WorkingWeek(LONG_AGO, weekdays),),
        first_day=first_day,
        last_day=last_day,
        holidays=tuple(Holiday(day, (("en", name),)) for day, name in (holidays or {}).items()),
        closures=closures,
        extra_days=extra_days,
    )


def plain() -> WorkingCalendar:
    """Monday to Friday without holidays."""
    return calendar_of(MONDAY_TO_FRIDAY)


def japan() -> WorkingCalendar:
    return calendar_of(
        MONDAY_TO_FRIDAY,
        {
            date(2026, 4, 29): "Showa Day",
            date(2026, 5, 3): "Constitution Day",
            date(2026, 5, 4): "Greenery Day",
            date(2026, 5, 5): "Children's Day",
            date(2026, 5, 6): "Substitute Holiday",
        },
    )


def saudi_arabia() -> WorkingCalendar:
    eid = {date(2026, 3, day): "Eid al-Fitr" for day in (19, 20, 21, 22, 23, 24)}
    adha = {date(2026, 5, day): "Eid al-Adha" for day in (26, 27, 28, 29)}
    return calendar_of(SUNDAY_TO_THURSDAY, eid | adha)


def united_arab_emirates() -> WorkingCalendar:
    eid = {date(2026, 3, day): "Eid al-Fitr" for day in (19, 20, 21, 22)}
    adha = {date(2026, 5, day): "Eid al-Adha" for day in (26, 27, 28, 29)}
    return calendar_of(MONDAY_TO_FRIDAY, eid | adha)


def spain() -> WorkingCalendar:
    return calendar_of(MONDAY_TO_FRIDAY, {date(2026, 5, 1): "Labor Day"})


@st.composite
def calendars(draw: st.DrawFn) -> WorkingCalendar:
    """Any week, with days off and extra days in 2026."""
    in_2026 = st.dates(date(2026, 1, 1), date(2026, 12, 31))
    weekdays = draw(st.frozensets(st.integers(1, 7), min_size=1))
    holidays = draw(st.frozensets(in_2026, max_size=30))
    starts = draw(st.lists(in_2026, max_size=2))
    closures = tuple(Closure(day, day.replace(day=28), "Closed") for day in starts if day.day < 28)
    extra = draw(st.frozensets(in_2026, max_size=3))
    return calendar_of(
        weekdays,
        dict.fromkeys(sorted(holidays), "Holiday"),
        first_day=date(2025, 7, 1),
        last_day=date(2029, 6, 30),
        closures=closures,
        extra_days=tuple(ExtraWorkingDay(day, "Extra") for day in sorted(extra)),
    )
