"""What becomes of a run's tasks when its edition, its market or one of its dates moves."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engagement.progress import Standing
from engagement.run_move import (
    NOT_IN_EDITION,
    Fate,
    KnownTask,
    MovePlan,
    Situation,
    keep_days,
    plan_move,
)
from engagement.run_plan import AccountFacts, LeftOut, TaskStart
from playbooks.changes import StepDocument
from playbooks.schedule import Anchor
from regions.calendars import CalendarRangeError, WorkingCalendar
from regions.hours import BusinessHours, Interval
from regions.market_time import MarketTime
from regions.offsets import MoveReason, QuietPeriod, QuietPolicy
from regions.shared_days import Availability, Leave
from tests.conftest import day
from tests.unit.calendar_samples import SUNDAY_TO_THURSDAY, calendar_of, plain
from tests.unit.playbook_samples import step

NINE_TO_FIVE = BusinessHours({weekday: (Interval(540, 1020),) for weekday in range(1, 8)})
MONDAY = day("2026-03-02")
FACTS = AccountFacts(tier="tier_1")


def market(
    calendar: WorkingCalendar | None = None, *quiet: QuietPeriod, zone: str = "Europe/Paris"
) -> MarketTime:
    return MarketTime(calendar or plain(), NINE_TO_FIVE, ZoneInfo(zone), quiet)


def to_do(key: str, due: str = "2026-03-04", **values: Any) -> KnownTask:
    return KnownTask(key, Standing.TO_DO, day(due), **values)


def waiting(key: str, due: str = "2026-03-04") -> KnownTask:
    return KnownTask(key, Standing.WAITING, day(due))


def closed(key: str, on: str = "2026-03-03") -> KnownTask:
    return KnownTask(key, Standing.SETTLED, day("2026-03-04"), is_touched=True, closed_on=day(on))


def situation(**values: Any) -> Situation:
    defaults: dict[str, Any] = {
        "facts": FACTS,
        "anchors": {Anchor.RUN_START: MONDAY},
        "market": market(),
        "owner": None,
        "today": MONDAY,
    }
    return Situation(**defaults | values)


def moved(
    *tasks: KnownTask,
    old: tuple[StepDocument, ...],
    new: tuple[StepDocument, ...] | None = None,
    left_out: dict[str, tuple[str, str]] | None = None,
    moved: tuple[Anchor, ...] = (),
    everything: bool = False,
    **values: Any,
) -> MovePlan:
    return plan_move(
        tasks,
        old=old,
        new=old if new is None else new,
        left_out=left_out or {},
        situation=situation(**values),
        moved=moved,
        everything=everything,
    )


def fates(plan: MovePlan) -> dict[str, Fate]:
    return {line.key: line.fate for line in plan.lines}


def days(plan: MovePlan) -> dict[str, str]:
    return {line.key: str(line.after) for line in plan.lines if line.after}


def starts(plan: MovePlan) -> dict[str, TaskStart | None]:
    return {line.key: line.start for line in plan.lines}


class TestANewerEdition:
    def test_freezes_updates_adds_and_drops(self) -> None:
        plan = moved(
            closed("done"),
            to_do("call"),
            to_do("survey"),
            old=(step("done"), step("call"), step("survey")),
            new=(step("done", offset=9), step("call", offset=5), step("visit", offset=3)),
        )
        assert fates(plan) == {
            "done": Fate.FROZEN,
            "call": Fate.MOVED,
            "visit": Fate.ADDED,
            "survey": Fate.DROPPED,
        }
        assert days(plan) == {"done": "2026-03-04", "call": "2026-03-09", "visit": "2026-03-05"}
        assert [line.why for line in plan.of(Fate.DROPPED)] == [(NOT_IN_EDITION, "")]

    def test_keeps_the_day_of_a_step_that_is_only_renamed(self) -> None:
        plan = moved(
            to_do("call", "2026-03-20"), old=(step("call"),), new=(step("call", title="Ring"),)
        )
        (line,) = plan.lines
        assert (line.fate, line.planned, line.after) == (Fate.SAME, None, day("2026-03-20"))

    def test_keeps_the_day_that_a_person_gave(self) -> None:
        plan = moved(
            to_do("call", "2026-03-20", is_touched=True),
            old=(step("call"),),
            new=(step("call", offset=5),),
        )
        assert (fates(plan), days(plan)) == ({"call": Fate.KEPT}, {"call": "2026-03-20"})

    def test_does_not_flag_what_a_person_moved_where_its_timing_is_as_before(self) -> None:
        plan = moved(to_do("call", is_touched=True), old=(step("call"),), new=(step("call"),))
        assert fates(plan) == {"call": Fate.SAME}

    def test_counts_from_the_day_on_which_a_step_was_closed(self) -> None:
        mail = {"anchor": "step_end", "anchor_step": "call"}
        plan = moved(
            closed("call", "2026-03-05"),
            to_do("mail", "2026-03-06"),
            old=(step("call"), step("mail", offset=1, **mail)),
            new=(step("call", offset=8), step("mail", offset=2, **mail)),
        )
        assert days(plan)["mail"] == "2026-03-09"
        assert starts(plan)["mail"] is TaskStart.OPEN

    def test_moves_what_counts_from_the_end_of_what_moves(self) -> None:
        mail = step("mail", anchor="step_end", anchor_step="call", offset=1)
        plan = moved(
            to_do("call"),
            waiting("mail", "2026-03-05"),
            old=(step("call"), mail),
            new=(step("call", offset=5), mail),
        )
        assert days(plan) == {"call": "2026-03-09", "mail": "2026-03-10"}

    def test_takes_a_step_closed_under_the_old_edition_for_closed(self) -> None:
        plan = moved(
            closed("call"),
            waiting("mail"),
            old=(step("call"), step("gone"), step("mail", depends_on=["gone"])),
            new=(step("call"), step("mail", depends_on=["call"])),
        )
        assert starts(plan)["mail"] is TaskStart.OPEN

    def test_lets_wait_what_now_depends_on_something_but_not_what_is_taken_up(self) -> None:
        new = (step("a"), step("b", depends_on=["a"]), step("c", depends_on=["a"]))
        plan = moved(
            to_do("a"),
            to_do("b"),
            to_do("c", is_touched=True),
            old=(step("a"), step("b"), step("c")),
            new=new,
        )
        assert starts(plan) == {
            "a": TaskStart.OPEN,
            "b": TaskStart.WAITING,
            "c": TaskStart.OPEN,
        }

    def test_holds_on_to_what_was_decided_while_the_condition_is_the_same(self) -> None:
        only = {"condition": {"tiers": ["tier_3"]}}
        steps = (step("call", **only), step("visit", **only), step("mail"))
        plan = moved(
            to_do("call"),
            to_do("mail"),
            old=steps,
            new=(*steps, step("note")),
            left_out={"visit": (LeftOut.CONDITION, "tiers")},
        )
        assert fates(plan) == {"call": Fate.SAME, "mail": Fate.SAME, "note": Fate.ADDED}
        assert plan.left_out == {"visit": (LeftOut.CONDITION, "tiers")}

    def test_asks_again_where_the_condition_is_another(self) -> None:
        plan = moved(
            to_do("call"),
            old=(step("call"), step("visit", condition={"tiers": ["tier_3"]})),
            new=(step("call", condition={"tiers": ["tier_2"]}), step("visit")),
            left_out={"visit": (LeftOut.CONDITION, "tiers")},
        )
        assert fates(plan) == {"call": Fate.DROPPED, "visit": Fate.ADDED}
        assert plan.left_out == {"call": (LeftOut.CONDITION, "tiers")}

    @pytest.mark.parametrize(
        ("if_past", "added", "left_out", "past"),
        [
            ("due_now", {"late": "2026-03-16"}, {}, ()),
            ("skip", {}, {"late": (LeftOut.PAST, "2026-03-04")}, ()),
            ("refuse", {"late": "2026-03-16"}, {}, ("late",)),
        ],
    )
    def test_adds_a_late_step_as_at_a_start(
        self, if_past: str, added: dict[str, str], left_out: dict[str, Any], past: tuple[str, ...]
    ) -> None:
        plan = moved(
            to_do("call"),
            old=(step("call"),),
            new=(step("call"), step("late", if_past=if_past)),
            today=day("2026-03-16"),
        )
        found = {line.key: str(line.after) for line in plan.of(Fate.ADDED)}
        assert (found, plan.left_out, plan.past) == (added, left_out, past)

    def test_asks_for_a_date_that_only_its_steps_count_from(self) -> None:
        plan = moved(
            to_do("call"), old=(step("call"),), new=(step("call"), step("fair", anchor="event"))
        )
        assert plan.missing == ("event",)
        assert plan.lines == ()

    def test_brings_back_what_an_earlier_move_closed(self) -> None:
        gone = KnownTask("call", Standing.SETTLED, MONDAY, is_cancelled=True)
        plan = moved(gone, to_do("mail"), old=(step("mail"),), new=(step("call"), step("mail")))
        assert fates(plan) == {"call": Fate.ADDED, "mail": Fate.SAME}

    def test_in_which_nothing_is_left_is_the_end(self) -> None:
        plan = moved(closed("a"), to_do("b"), old=(step("a"), step("b")), new=(step("a"),))
        assert plan.is_over

    def test_meets_the_owner_of_what_is_planned_anew(self) -> None:
        away = Availability(plain(), (Leave(day("2026-03-09"), day("2026-03-09")),))
        plan = moved(to_do("call"), old=(step("call"),), new=(step("call", offset=5),), owner=away)
        (line,) = plan.lines
        assert line.planned is not None
        assert line.planned.due_date != day("2026-03-09")
        assert line.planned.moves[-1].reason is MoveReason.OWNER_AWAY


class TestAnAnchor:
    STEPS = (
        step("call"),
        step("offer", anchor="renewal", offset=-30, unit="days"),
        step("talk", anchor="renewal", offset=-5, unit="days"),
    )

    def test_moves_what_counts_from_it_and_nothing_else(self) -> None:
        plan = moved(
            to_do("call", "2026-03-11"),
            to_do("offer", "2026-05-29"),
            to_do("talk", "2026-06-24", is_touched=True),
            old=self.STEPS,
            moved=(Anchor.RENEWAL,),
            anchors={Anchor.RUN_START: MONDAY, Anchor.RENEWAL: day("2026-07-31")},
        )
        assert fates(plan) == {"call": Fate.SAME, "offer": Fate.MOVED, "talk": Fate.KEPT}
        assert days(plan) == {"call": "2026-03-11", "offer": "2026-07-01", "talk": "2026-06-24"}

    def test_makes_due_now_what_falls_into_the_past(self) -> None:
        plan = moved(
            to_do("offer", "2026-05-29"),
            old=self.STEPS[1:2],
            moved=(Anchor.RENEWAL,),
            anchors={Anchor.RENEWAL: day("2026-03-15")},
        )
        assert days(plan) == {"offer": "2026-03-02"}

    def test_on_the_29th_of_february_counts_in_months_and_back(self) -> None:
        steps = (step("a", anchor="renewal", offset=12, unit="months"),)
        plan = moved(
            to_do("a", "2028-01-03"),
            old=steps,
            moved=(Anchor.RENEWAL,),
            anchors={Anchor.RENEWAL: day("2028-02-29")},
            today=day("2027-12-01"),
        )
        assert days(plan) == {"a": "2029-02-28"}

    def test_brings_in_what_was_left_out_because_it_was_late(self) -> None:
        late = step("offer", anchor="renewal", offset=-30, unit="days", if_past="skip")
        plan = moved(
            to_do("call"),
            old=(step("call"), late),
            left_out={"offer": (LeftOut.PAST, "2026-02-13")},
            moved=(Anchor.RENEWAL,),
            anchors={Anchor.RUN_START: MONDAY, Anchor.RENEWAL: day("2026-06-30")},
        )
        assert fates(plan) == {"call": Fate.SAME, "offer": Fate.ADDED}

    def test_leaves_a_contact_where_it_is_that_a_quiet_period_would_skip(self) -> None:
        fair = QuietPeriod(day("2026-06-29"), day("2026-07-03"), "Fair", QuietPolicy.SKIP)
        plan = moved(
            to_do("offer", "2026-05-29"),
            old=self.STEPS[1:2],
            moved=(Anchor.RENEWAL,),
            anchors={Anchor.RENEWAL: day("2026-07-31")},
            market=market(None, fair),
        )
        assert (fates(plan), days(plan)) == ({"offer": Fate.KEPT}, {"offer": "2026-05-29"})

    def test_beyond_the_calendar_keeps_each_day(self) -> None:
        anchors = {Anchor.RUN_START: MONDAY, Anchor.RENEWAL: day("2150-07-31")}
        tasks = (to_do("call"), to_do("offer", "2026-05-29"))
        with pytest.raises(CalendarRangeError):
            moved(*tasks, old=self.STEPS, moved=(Anchor.RENEWAL,), anchors=anchors)
        plan = keep_days(
            tasks,
            steps=self.STEPS,
            left_out={},
            situation=situation(anchors=anchors),
            moved=(Anchor.RENEWAL,),
        )
        assert fates(plan) == {"call": Fate.SAME, "offer": Fate.KEPT}


class TestAnotherMarket:
    def test_plans_all_that_nobody_touched_by_its_week(self) -> None:
        """Two working days after a Wednesday: Friday and Saturday are the weekend there."""
        plan = moved(
            to_do("call", "2026-03-06"),
            to_do("visit", "2026-03-06", is_touched=True),
            old=(step("call"), step("visit")),
            everything=True,
            anchors={Anchor.RUN_START: day("2026-03-04")},
            market=market(calendar_of(SUNDAY_TO_THURSDAY), zone="Asia/Riyadh"),
        )
        assert days(plan) == {"call": "2026-03-08", "visit": "2026-03-06"}
        assert fates(plan) == {"call": Fate.MOVED, "visit": Fate.KEPT}

    def test_is_due_at_the_end_of_its_hours_on_either_side_of_a_clock_change(self) -> None:
        plan = moved(
            to_do("a"),
            to_do("b"),
            old=(step("a", offset=18), step("b", offset=20)),
            everything=True,
        )
        ends = [line.planned.due_at for line in plan.lines if line.planned]
        assert ends == [
            dt.datetime(2026, 3, 26, 16, tzinfo=dt.UTC),
            dt.datetime(2026, 3, 30, 15, tzinfo=dt.UTC),
        ]
