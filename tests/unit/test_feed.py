"""What a calendar feed tells: names that last, changes, and ends."""

import datetime as dt
from typing import Any
from uuid import UUID

import icalendar
import pytest

from engagement import ical
from engagement.feed import (
    MOST_EVENTS,
    Entry,
    Event,
    Said,
    Telling,
    Window,
    tell,
    uid_of,
    window_around,
)

NOW = dt.datetime(2026, 5, 13, 5, 30, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)
TODAY = NOW.date()
WINDOW = window_around(TODAY)
SAID = Said("Nordlicht: Monthly call", "They gain.", "https://cs.example/accounts/1/", ("France",))


def event(day: str = "2026-05-14", number: int = 1, said: Said = SAID) -> Event:
    task = UUID(int=number)
    uid = uid_of(task=task, enrolment=None, nominal=TODAY)
    return Event(uid, task, dt.date.fromisoformat(day), said)


def told(*events: Event, before: Telling | None = None, now: dt.datetime = NOW) -> Telling:
    entries = before.shown if before else ()
    return tell(entries, events, window=window_around(now.date()), now=now)


class TestTheNameOfAnEvent:
    def test_of_a_check_in_is_its_enrolment_and_nominal_date(self) -> None:
        known = {"enrolment": UUID(int=7), "nominal": dt.date(2028, 2, 29)}
        names = {uid_of(task=UUID(int=number), **known) for number in (1, 2)}  # type: ignore[arg-type]
        assert names == {f"{UUID(int=7)}-20280229@cs-platform"}

    def test_of_a_step_is_its_own(self) -> None:
        first, second = (
            uid_of(task=UUID(int=number), enrolment=None, nominal=TODAY) for number in (1, 2)
        )
        assert first != second
        assert first == f"{UUID(int=1)}@cs-platform"


class TestTelling:
    def test_begins_with_the_first_revision(self) -> None:
        (entry,) = told(event()).shown
        assert (entry.sequence, entry.changed_at, entry.is_cancelled) == (0, NOW, False)

    def test_of_nothing_new_changes_nothing(self) -> None:
        before = told(event())
        again = told(event(), before=before, now=LATER)
        assert again.shown == before.shown
        assert (again.changed, again.forgotten) == ([], [])

    @pytest.mark.parametrize(
        "changed", [event("2026-05-18"), event(said=Said("Other words", "", "", ()))]
    )
    def test_of_a_change_is_a_new_revision(self, changed: Event) -> None:
        (entry,) = told(changed, before=told(event()), now=LATER).changed
        assert entry == Entry(changed, 1, LATER)

    def test_of_another_row_that_says_the_same_is_no_change(self) -> None:
        """A check-in planned anew for the same day."""
        before = event()
        after = Event(before.uid, UUID(int=9), before.day, before.said)
        (entry,) = told(after, before=told(before), now=LATER).changed
        assert entry == Entry(after, 0, NOW)

    def test_of_what_is_gone_is_a_cancellation_once(self) -> None:
        ended = told(before=told(event()), now=LATER)
        (entry,) = ended.shown
        assert (entry.sequence, entry.changed_at, entry.is_cancelled) == (1, LATER, True)
        again = told(before=ended, now=LATER + dt.timedelta(days=1))
        assert (again.shown, again.changed) == (ended.shown, [])

    def test_of_what_came_back_goes_on_counting(self) -> None:
        ended = told(before=told(event()), now=LATER)
        (entry,) = told(event(), before=ended, now=LATER).shown
        assert (entry.sequence, entry.is_cancelled) == (2, False)

    def test_of_a_cancellation_ends_after_thirty_days(self) -> None:
        ended = told(before=told(event("2026-08-01")), now=NOW)
        kept = told(before=ended, now=NOW + dt.timedelta(days=30))
        assert len(kept.shown) == 1
        over = told(before=ended, now=NOW + dt.timedelta(days=30, seconds=1))
        assert (over.shown, over.forgotten) == ([], [event().uid])

    def test_of_past_days_ends_without_a_cancellation(self) -> None:
        over = told(before=told(event("2026-05-01")), now=NOW + dt.timedelta(days=19))
        assert (over.shown, over.changed, over.forgotten) == ([], [], [event().uid])

    def test_of_what_moved_out_of_sight_is_silent_and_remembered(self) -> None:
        far = event("2026-12-01")
        moved = told(far, before=told(event()), now=LATER)
        assert moved.shown == []
        (entry,) = moved.changed
        assert (entry.sequence, entry.is_cancelled) == (1, False)
        back = tell(moved.changed, [event()], window=WINDOW, now=LATER)
        assert back.shown[0].sequence == 2

    def test_is_of_the_first_of_very_many(self) -> None:
        """What lies behind the last one told is neither told nor cancelled."""
        many = [event("2026-05-14", number) for number in range(1, MOST_EVENTS)]
        last = event("2026-06-14", MOST_EVENTS)
        before = tell((), [*many, last], window=WINDOW, now=NOW)
        more = event("2026-05-13", MOST_EVENTS + 1)
        until = dt.date(2026, 5, 13)
        after = tell(before.shown, [more, *many], window=WINDOW, now=LATER, complete_until=until)
        assert len(after.shown) == MOST_EVENTS
        assert [entry.event for entry in after.changed] == [more]

    def test_is_in_the_order_of_days(self) -> None:
        days = ["2026-05-20", "2026-05-14", "2026-06-30"]
        shown = told(*(event(day, number) for number, day in enumerate(days))).shown
        assert [entry.event.day.isoformat() for entry in shown] == sorted(days)

    def test_ends_where_the_window_ends(self) -> None:
        assert Window(dt.date(2026, 4, 13), dt.date(2026, 8, 13)) == WINDOW
        days = ("2026-04-12", "2026-04-13", "2026-08-13", "2026-08-14")
        shown = told(*(event(day, number) for number, day in enumerate(days))).shown
        assert [entry.event.day.isoformat() for entry in shown] == ["2026-04-13", "2026-08-13"]


class TestTheText:
    def read(self, *entries: Entry) -> Any:
        return icalendar.Calendar.from_ical(ical.calendar("Work at Alder", "en", entries))

    def test_is_a_day_without_an_hour(self) -> None:
        (found,) = self.read(*told(event("2028-02-29")).changed).events
        assert (found["DTSTART"].dt, found["DTEND"].dt) == (
            dt.date(2028, 2, 29),
            dt.date(2028, 3, 1),
        )
        assert found["TRANSP"] == "TRANSPARENT"

    def test_says_what_there_is_to_know(self) -> None:
        calendar = self.read(*told(event()).shown)
        assert (calendar["NAME"], calendar["X-WR-CALNAME"]) == ("Work at Alder",) * 2
        assert calendar["REFRESH-INTERVAL"].dt == dt.timedelta(hours=1)
        (found,) = calendar.events
        assert found["SUMMARY"] == "Nordlicht: Monthly call"
        assert found["URL"] == SAID.url
        assert found["DTSTAMP"].dt == found["LAST-MODIFIED"].dt == NOW
        assert (found["SEQUENCE"], found["STATUS"]) == (0, "CONFIRMED")

    def test_says_what_is_uncertain_and_what_is_over(self) -> None:
        waiting = event(said=Said("Waits", "", "", (), is_certain=False))
        before = told(waiting)
        assert [each["STATUS"] for each in self.read(*before.shown).events] == ["TENTATIVE"]
        ended = told(before=before, now=LATER)
        assert [each["STATUS"] for each in self.read(*ended.shown).events] == ["CANCELLED"]

    def test_takes_any_words(self) -> None:
        words = "Müller; & Söhne, \\ “x” مرحبا\nDTSTART:19700101" + "é" * 200
        before = told(event(said=Said(words, words, "", (words,))))
        (found,) = self.read(*before.shown).events
        assert (found["SUMMARY"], found["DESCRIPTION"]) == (words, words)

    def test_has_a_fingerprint_that_changes_with_it(self) -> None:
        first = told(event())
        second = told(event("2026-05-15"), before=first, now=LATER)
        prints = {
            ical.fingerprint("A", "en", first.shown),
            ical.fingerprint("A", "en", second.shown),
            ical.fingerprint("A", "fr", second.shown),
            ical.fingerprint("B", "en", second.shown),
            ical.fingerprint("A", "en", ()),
        }
        assert len(prints) == 5
        assert ical.calendar("A", "en", first.shown) == ical.calendar("A", "en", first.shown)
