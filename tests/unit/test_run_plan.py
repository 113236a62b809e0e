"""What starting an edition for an account makes: which steps become tasks, when, and which not."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engagement.run_plan import (
    AccountFacts,
    LeftOut,
    RunPlan,
    TaskStart,
    plan_run,
    unmet,
    waits_for,
)
from playbooks.changes import StepDocument
from playbooks.schedule import Anchor
from regions.calendars import CalendarRangeError, WorkingCalendar
from regions.hours import BusinessHours, Interval
from regions.market_time import MarketTime
from regions.offsets import MoveReason, QuietPeriod, QuietPolicy
from regions.shared_days import Availability, Leave
from tests.conftest import day
from tests.unit.calendar_samples import MONDAY_TO_FRIDAY, calendar_of, plain
from tests.unit.playbook_samples import step

NINE_TO_FIVE = BusinessHours({weekday: (Interval(540, 1020),) for weekday in range(1, 8)})
SATURDAY_TO_THURSDAY = frozenset({6, 7, 1, 2, 3, 4})
MONDAY = day("2026-03-02")
FAIR = QuietPeriod(day("2026-03-03"), day("2026-03-06"), "Fair", QuietPolicy.SKIP)
FACTS = AccountFacts(
    tier="tier_1",
    stage="onboarding",
    language="fr-CA",
    attributes={"vertical": "retail", "sso": True, "seats": 40},
)


def market(
    calendar: WorkingCalendar | None = None, *quiet: QuietPeriod, zone: str = "Europe/Paris"
) -> MarketTime:
    return MarketTime(calendar or plain(), NINE_TO_FIVE, ZoneInfo(zone), quiet)


def planned(*steps: StepDocument, **values: Any) -> RunPlan:
    """Plan steps for a run that starts on a Monday, unless told otherwise."""
    defaults: dict[str, Any] = {
        "facts": FACTS,
        "anchors": {Anchor.RUN_START: MONDAY},
        "market": market(),
        "owner": None,
        "today": MONDAY,
    }
    return plan_run(steps, **defaults | values)


def days(plan: RunPlan) -> dict[str, str]:
    return {task.key: str(task.due_date) for task in plan.tasks}


def starts(plan: RunPlan) -> dict[str, TaskStart]:
    return {task.key: task.start for task in plan.tasks}


class TestACondition:
    @pytest.mark.parametrize(
        ("condition", "expected"),
        [
            ({}, None),
            ({"tiers": ["tier_1", "tier_2"]}, None),
            ({"tiers": ["tier_3"]}, "tiers"),
            ({"stages": ["value"]}, "stages"),
            ({"complexities": ["high"]}, "complexities"),
            ({"health": ["red"]}, "health"),
            ({"tiers": []}, None),
            ({"tiers": ["tier_1"], "stages": ["value"]}, "stages"),
            ({"languages": ["fr"]}, None),
            ({"languages": ["fr-CA"]}, None),
            ({"languages": ["fr-FR", "de"]}, "languages"),
            ({"languages": ["f"]}, "languages"),
            ({"attributes": {"vertical": ["retail", "banking"]}}, None),
            ({"attributes": {"vertical": ["banking"]}}, "attributes.vertical"),
            ({"attributes": {"sso": ["true"]}}, None),
            ({"attributes": {"sso": ["false"]}}, "attributes.sso"),
            ({"attributes": {"seats": ["40"]}}, None),
            ({"attributes": {"unknown": ["x"]}}, "attributes.unknown"),
            ({"attributes": {"unknown": []}}, None),
        ],
    )
    def test_names_the_first_part_that_is_not_met(
        self, condition: dict[str, Any], expected: str | None
    ) -> None:
        assert unmet(condition, FACTS) == expected

    def test_is_not_met_by_what_is_not_known(self) -> None:
        nobody = AccountFacts()
        for condition in ({"tiers": ["tier_1"]}, {"languages": ["fr"]}):
            assert unmet(condition, nobody)

    def test_leaves_a_step_out_and_says_why(self) -> None:
        plan = planned(step("a"), step("b", condition={"tiers": ["tier_3"]}))
        assert days(plan) == {"a": "2026-03-04"}
        assert plan.left_out == {"b": (LeftOut.CONDITION, "tiers")}

    def test_that_nothing_meets_leaves_nothing_to_start(self) -> None:
        plan = planned(step("a", condition={"tiers": ["tier_3"]}))
        assert (plan.tasks, plan.can_start) == ((), False)


class TestADayThatIsPast:
    LATE = day("2026-03-10")

    def test_is_due_now_unless_the_step_says_otherwise(self) -> None:
        (task,) = planned(step("a"), today=self.LATE).tasks
        assert (task.nominal, task.due_date) == (day("2026-03-04"), self.LATE)
        assert [move.reason for move in task.moves] == [MoveReason.BEFORE_TODAY]

    def test_is_due_on_the_next_working_day_when_today_is_none(self) -> None:
        assert days(planned(step("a"), today=day("2026-03-07"))) == {"a": "2026-03-09"}

    def test_is_skipped_where_the_step_says_so(self) -> None:
        plan = planned(step("a", if_past="skip"), step("b", offset=20), today=self.LATE)
        assert days(plan) == {"b": "2026-03-30"}
        assert plan.left_out == {"a": (LeftOut.PAST, "2026-03-04")}

    def test_refuses_the_start_where_the_step_says_so(self) -> None:
        plan = planned(step("a", if_past="refuse"), step("b", offset=20), today=self.LATE)
        assert (plan.past, plan.can_start) == (("a",), False)

    def test_of_a_step_that_is_not_for_the_account_refuses_nothing(self) -> None:
        elsewhere = step("a", if_past="refuse", condition={"tiers": ["tier_3"]})
        assert planned(elsewhere, step("b"), today=self.LATE).can_start

    def test_is_not_today(self) -> None:
        plan = planned(step("a", offset=0, if_past="refuse"))
        assert (days(plan), plan.can_start) == ({"a": "2026-03-02"}, True)


class TestAnAnchor:
    def test_without_a_date_is_named_and_nothing_starts(self) -> None:
        plan = planned(step("a"), step("b", anchor="renewal"), step("c", anchor="event"))
        assert (plan.missing, plan.tasks, plan.can_start) == (("event", "renewal"), (), False)

    def test_is_asked_for_through_the_ends_of_steps(self) -> None:
        plan = planned(
            step("a", anchor="renewal"), step("b", anchor="step_end", anchor_step="a", offset=1)
        )
        assert plan.missing == ("renewal",)

    def test_of_a_step_that_is_not_for_the_account_is_not_asked_for(self) -> None:
        elsewhere = step("a", anchor="renewal", condition={"tiers": ["tier_3"]})
        assert planned(elsewhere, step("b")).can_start

    def test_lies_ahead_of_the_steps_that_count_back_from_it(self) -> None:
        anchors = {Anchor.RUN_START: MONDAY, Anchor.RENEWAL: day("2026-06-30")}
        steps = step("a", anchor="renewal", offset=-90, unit="days"), step("b")
        assert days(planned(*steps, anchors=anchors)) == {"a": "2026-04-01", "b": "2026-03-04"}

    def test_beyond_the_known_holidays_is_refused(self) -> None:
        with pytest.raises(CalendarRangeError):
            planned(step("a", offset=60, unit="months"))


class TestAQuietPeriod:
    def test_that_skips_contact_leaves_the_step_out(self) -> None:
        plan = planned(step("a"), step("b", kind="internal"), market=market(None, FAIR))
        assert days(plan) == {"b": "2026-03-04"}
        assert plan.left_out == {"a": (LeftOut.QUIET, "Fair")}

    def test_leaves_out_with_a_step_what_counts_from_its_end(self) -> None:
        later = step("b", kind="internal", anchor="step_end", anchor_step="a", offset=1)
        plan = planned(step("a"), later, step("c", offset=9), market=market(None, FAIR))
        assert days(plan) == {"c": "2026-03-13"}
        assert plan.left_out["b"] == (LeftOut.STEP, "a")

    def test_that_moves_contact_is_kept_when_the_owner_is_away(self) -> None:
        after = QuietPeriod(FAIR.start, FAIR.end, "Fair", QuietPolicy.AFTER)
        owner = Availability(plain(), (Leave(day("2026-03-09"), day("2026-03-09")),))
        (task,) = planned(step("a"), market=market(None, after), owner=owner).tasks
        assert task.due_date == day("2026-03-10")
        reasons = [move.reason for move in task.moves]
        assert reasons == [MoveReason.QUIET_PERIOD, MoveReason.REST_DAY, MoveReason.OWNER_AWAY]


class TestWaiting:
    def test_is_for_the_steps_named_and_for_the_end_of_the_one_counted_from(self) -> None:
        plan = planned(
            step("a"),
            step("b", depends_on=["a"], offset=5),
            step("c", anchor="step_end", anchor_step="b", offset=1),
        )
        opened, waits = TaskStart.OPEN, TaskStart.WAITING
        assert starts(plan) == {"a": opened, "b": waits, "c": waits}
        assert days(plan) == {"a": "2026-03-04", "b": "2026-03-09", "c": "2026-03-10"}

    def test_is_for_nothing_that_was_left_out(self) -> None:
        nobody = {"condition": {"tiers": ["tier_3"]}}
        plan = planned(step("a", **nobody), step("b", depends_on=["a"]))
        assert starts(plan) == {"b": TaskStart.OPEN}

    def test_names_each_step_once(self) -> None:
        both = step("b", depends_on=["a", "x"], anchor="step_end", anchor_step="a")
        assert waits_for(both, {"a", "b", "x"}) == ("a", "x")
        assert waits_for(both, {"b", "x"}) == ("x",)


class TestTheOwner:
    AWAY = Availability(plain(), (Leave(day("2026-03-04"), day("2026-03-05")),))

    def test_meets_the_customer_on_a_day_on_which_both_work(self) -> None:
        (task,) = planned(step("a"), owner=self.AWAY).tasks
        assert (task.nominal, task.due_date) == (day("2026-03-04"), day("2026-03-03"))
        assert not task.needs_stand_in

    def test_is_stood_in_for_where_no_day_is_near_enough(self) -> None:
        away = Availability(plain(), (Leave(day("2026-02-20"), day("2026-03-20")),))
        (task,) = planned(step("a"), owner=away).tasks
        assert (task.due_date, task.needs_stand_in) == (day("2026-03-04"), True)

    def test_is_not_asked_for_internal_work(self) -> None:
        (task,) = planned(step("a", kind="internal"), owner=self.AWAY).tasks
        assert (task.due_date, task.needs_stand_in) == (day("2026-03-04"), False)

    def test_does_not_meet_anybody_before_today(self) -> None:
        wednesday = day("2026-03-04")
        (task,) = planned(step("a"), owner=self.AWAY, today=wednesday).tasks
        assert task.due_date == day("2026-03-06")


class TestAMarket:
    def test_that_rests_on_friday_counts_its_own_week(self) -> None:
        """Days off from Friday to Saturday, and on Friday alone."""
        for weekdays, expected in (
            (frozenset({7, 1, 2, 3, 4}), "2026-03-08"),
            (SATURDAY_TO_THURSDAY, "2026-03-07"),
        ):
            cairo = market(calendar_of(weekdays), zone="Africa/Cairo")
            assert days(planned(step("a", offset=4), market=cairo)) == {"a": expected}

    @pytest.mark.parametrize(
        ("zone", "start", "due_at"),
        [
            # The clocks change on 29 March in Paris, on 8 March in New York, never in Tokyo.
            ("Europe/Paris", "2026-03-26", "2026-03-30T15:00+00:00"),
            ("Europe/Paris", "2026-03-20", "2026-03-24T16:00+00:00"),
            ("America/New_York", "2026-03-05", "2026-03-09T21:00+00:00"),
            ("Asia/Tokyo", "2026-03-26", "2026-03-30T08:00+00:00"),
        ],
    )
    def test_closes_at_its_own_hour_whatever_its_clock_did(
        self, zone: str, start: str, due_at: str
    ) -> None:
        (task,) = planned(
            step("a"),
            anchors={Anchor.RUN_START: day(start)},
            market=market(calendar_of(MONDAY_TO_FRIDAY), zone=zone),
            today=day(start),
        ).tasks
        assert task.due_at == dt.datetime.fromisoformat(due_at)
