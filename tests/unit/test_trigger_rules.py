"""Which occasion of a trigger is due for an account, or why none is."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.silence import Silence
from engagement.trigger_rules import (
    Occasion,
    Rule,
    TriggerFacts,
    TriggerKind,
    Verdict,
    WhyNot,
    days_in_question,
    judge,
)
from tests.conftest import day

RENEWAL = day("2026-06-30")
FACTS = TriggerFacts(start_date=day("2025-01-06"), renewal_date=RENEWAL)


def judged(kind: str, today: str, *, facts: dict[str, Any] | None = None, **values: int) -> Verdict:
    known: dict[str, Any] = {"start_date": FACTS.start_date, "renewal_date": RENEWAL}
    rule = Rule(TriggerKind(kind), **{"grace_days": 7, "cool_down_days": 30} | values)
    return judge(rule, TriggerFacts(**known | (facts or {})), day(today))


class TestDates:
    @pytest.mark.parametrize(
        ("today", "why_not"),
        [
            ("2026-03-31", WhyNot.NOT_YET),
            ("2026-04-01", None),
            ("2026-04-08", None),
            ("2026-04-09", WhyNot.TOO_LATE),
        ],
    )
    def test_before_renewal_is_due_from_its_day_until_the_grace_ends(
        self, today: str, why_not: WhyNot | None
    ) -> None:
        found = judged("before_renewal", today, days=90)
        assert found.why_not == why_not
        assert found.occasion == Occasion("2026-06-30", day("2026-04-01"))

    def test_tells_from_when_on(self) -> None:
        assert judged("before_renewal", "2026-01-01", days=90).until == day("2026-04-01")

    def test_another_renewal_date_is_another_occasion(self) -> None:
        decided = {"decided": {"2026-06-30"}}
        assert judged("before_renewal", "2026-04-01", days=90, facts=decided).why_not == "decided"
        moved = decided | {"renewal_date": day("2026-07-01")}
        assert judged("before_renewal", "2026-04-02", days=90, facts=moved).is_due

    def test_without_a_renewal_date_there_is_no_occasion(self) -> None:
        found = judged("before_renewal", "2026-04-01", days=90, facts={"renewal_date": None})
        assert found == Verdict(None, WhyNot.NO_OCCASION)

    def test_29_february(self) -> None:
        leap = {"renewal_date": day("2028-02-29"), "start_date": day("2028-02-29")}
        assert judged("before_renewal", "2028-02-28", days=1, facts=leap).is_due
        found = judged("after_start", "2028-03-01", days=1, facts=leap)
        assert found == Verdict(Occasion("2028-02-29", day("2028-03-01")))


class TestChanges:
    CHANGE = {"change": Occasion("c1", day("2026-03-02"))}

    def test_is_due_on_its_day_and_within_grace(self) -> None:
        assert judged("stage_entered", "2026-03-02", facts=self.CHANGE).is_due
        assert judged("tier_changed", "2026-03-09", facts=self.CHANGE).is_due
        assert judged("market_moved", "2026-03-10", facts=self.CHANGE).why_not == "too_late"

    def test_nothing_changed(self) -> None:
        assert judged("stage_entered", "2026-03-02").why_not == WhyNot.NO_OCCASION

    def test_a_change_on_a_later_day_in_another_zone_waits(self) -> None:
        assert judged("market_moved", "2026-03-01", facts=self.CHANGE).why_not == WhyNot.NOT_YET


class TestSilence:
    def test_lasts_and_is_one_occasion(self) -> None:
        silent = {"silence": Silence(day("2026-01-05"), waited=90, normal=10)}
        assert judged("silent", "2026-05-01", facts=silent).occasion == Occasion(
            "2026-01-05", day("2026-05-01")
        )
        decided = silent | {"decided": {"2026-01-05"}}
        assert judged("silent", "2026-05-02", facts=decided).why_not == WhyNot.DECIDED

    def test_normal_silence_is_no_occasion(self) -> None:
        waiting = {"silence": Silence(day("2026-01-05"), waited=10, normal=10)}
        assert judged("silent", "2026-05-01", facts=waiting).why_not == WhyNot.NO_OCCASION


class TestOnCall:
    def test_is_due_once_a_day_or_once_a_name(self) -> None:
        assert judged("manual", "2026-03-02").occasion == Occasion("2026-03-02", day("2026-03-02"))
        named = {"named": "crm-17"}
        assert judged("api", "2026-03-02", facts=named).occasion == Occasion(
            "crm-17", day("2026-03-02")
        )


class TestCoolDown:
    @pytest.mark.parametrize(("today", "due"), [("2026-03-31", False), ("2026-04-01", True)])
    def test_ends_after_its_days(self, today: str, due: bool) -> None:
        found = judged("manual", today, facts={"last_start": day("2026-03-02")})
        assert found.is_due is due
        assert found.until == (None if due else day("2026-04-01"))

    def test_of_no_days_holds_nothing_back(self) -> None:
        facts = {"last_start": day("2026-03-02")}
        assert judged("manual", "2026-03-02", facts=facts, cool_down_days=0).is_due


def test_only_accounts_that_it_watches() -> None:
    assert judged("manual", "2026-03-02", facts={"fits": False}).why_not == WhyNot.OTHER_ACCOUNTS


@given(
    kind=st.sampled_from([TriggerKind.BEFORE_RENEWAL, TriggerKind.AFTER_START]),
    days=st.integers(0, 400),
    grace=st.integers(0, 60),
    date=st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)),
    today=st.dates(dt.date(2026, 1, 1), dt.date(2028, 12, 31)),
)
def test_the_days_in_question_are_those_that_are_due(
    kind: TriggerKind, days: int, grace: int, date: dt.date, today: dt.date
) -> None:
    rule = Rule(kind, days=days, grace_days=grace)
    facts = TriggerFacts(start_date=date, renewal_date=date)
    first, last = days_in_question(rule, today)
    assert (first <= date <= last) is judge(rule, facts, today).is_due


@given(grace=st.integers(0, 30), missed=st.sets(st.integers(0, 40)))
def test_downtime_within_grace_loses_nothing_and_repeats_nothing(
    grace: int, missed: set[int]
) -> None:
    rule = Rule(TriggerKind.BEFORE_RENEWAL, days=30, grace_days=grace)
    first = RENEWAL - dt.timedelta(days=40)
    decided: set[str] = set()
    fired = 0
    for number in range(60):
        facts = TriggerFacts(FACTS.start_date, RENEWAL, decided=decided)
        verdict = judge(rule, facts, first + dt.timedelta(days=number))
        if number not in missed and verdict.is_due and verdict.occasion:
            decided.add(verdict.occasion.key)
            fired += 1
    ran = any(number not in missed for number in range(10, 10 + grace + 1))
    assert fired == ran
