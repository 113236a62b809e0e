"""Which occasion of a trigger is due for an account, or why none is.

Pure: no framework, no clock. An occasion is what happened once, such as one renewal date or one
change of tier, and is decided once. One that passed while nothing ran is still due as many
calendar days afterwards as the trigger's grace says, and too late from then on. All days are local
to the account's market.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from engagement.silence import Silence


class TriggerKind(StrEnum):
    """The fact on which a trigger starts its playbook."""

    STAGE_ENTERED = "stage_entered"
    TIER_CHANGED = "tier_changed"
    MARKET_MOVED = "market_moved"
    BEFORE_RENEWAL = "before_renewal"
    AFTER_START = "after_start"
    SILENT = "silent"
    MANUAL = "manual"
    API = "api"


COUNTS_DAYS = frozenset({TriggerKind.BEFORE_RENEWAL, TriggerKind.AFTER_START})
"""What lies a number of days away from a date."""
ON_CHANGE = frozenset(
    {TriggerKind.STAGE_ENTERED, TriggerKind.TIER_CHANGED, TriggerKind.MARKET_MOVED}
)
"""What follows from a change of the account."""
ON_CALL = frozenset({TriggerKind.MANUAL, TriggerKind.API})
"""What is due when somebody says so, and at no other time."""
LASTING = frozenset({TriggerKind.SILENT}) | ON_CALL
"""What has no day of its own: it is due as long as it lasts, so that no grace runs out."""


class WhyNot(StrEnum):
    """Why nothing starts for an account."""

    OTHER_ACCOUNTS = "other_accounts"
    NO_OCCASION = "no_occasion"
    NOT_YET = "not_yet"
    TOO_LATE = "too_late"
    DECIDED = "decided"
    COOL_DOWN = "cool_down"


@dataclass(frozen=True, slots=True)
class Rule:
    """What of a trigger decides on days."""

    kind: TriggerKind
    days: int = 0
    grace_days: int = 0
    cool_down_days: int = 0


@dataclass(frozen=True, slots=True)
class Occasion:
    """What happened once, and the local day on which it is due; alike keys are one occasion."""

    key: str
    day: dt.date


@dataclass(frozen=True, slots=True)
class TriggerFacts:
    """What a trigger asks of an account.

    ``fits`` says whether it is one of those that the trigger watches, ``change`` is the latest
    change of the trigger's kind, ``decided`` are the keys of the occasions that were decided and
    ``last_start`` is the local day on which the trigger last started its playbook. ``named`` is
    the key that a caller gave.
    """

    start_date: dt.date
    renewal_date: dt.date | None = None
    change: Occasion | None = None
    silence: Silence | None = None
    fits: bool = True
    decided: AbstractSet[str] = frozenset()
    last_start: dt.date | None = None
    named: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The occasion that is due, or why none is; ``until`` is the day from which it may be."""

    occasion: Occasion | None
    why_not: WhyNot | None = None
    until: dt.date | None = None

    @property
    def is_due(self) -> bool:
        """Whether the playbook is to start."""
        return self.why_not is None


def judge(rule: Rule, facts: TriggerFacts, today: dt.date) -> Verdict:
    """Return what a trigger has to do for an account on a local day."""
    if not facts.fits:
        return Verdict(None, WhyNot.OTHER_ACCOUNTS)
    occasion = _occasion(rule, facts, today)
    if occasion is None:
        return Verdict(None, WhyNot.NO_OCCASION)
    if occasion.key in facts.decided:
        return Verdict(occasion, WhyNot.DECIDED)
    if today < occasion.day:
        return Verdict(occasion, WhyNot.NOT_YET, occasion.day)
    if rule.kind not in LASTING and (today - occasion.day).days > rule.grace_days:
        return Verdict(occasion, WhyNot.TOO_LATE)
    if facts.last_start is not None:
        again = facts.last_start + dt.timedelta(days=rule.cool_down_days)
        if today < again:
            return Verdict(occasion, WhyNot.COOL_DOWN, again)
    return Verdict(occasion)


def days_in_question(rule: Rule, today: dt.date) -> tuple[dt.date, dt.date]:
    """Return between which days, both included, a date or change is due today.

    For dates that is the renewal or the start itself, for changes the day of the change.
    """
    latest = today
    if rule.kind is TriggerKind.BEFORE_RENEWAL:
        latest = today + dt.timedelta(days=rule.days)
    elif rule.kind is TriggerKind.AFTER_START:
        latest = today - dt.timedelta(days=rule.days)
    return latest - dt.timedelta(days=rule.grace_days), latest


def _occasion(rule: Rule, facts: TriggerFacts, today: dt.date) -> Occasion | None:
    match rule.kind:
        case TriggerKind.BEFORE_RENEWAL:
            return _dated(facts.renewal_date, -rule.days)
        case TriggerKind.AFTER_START:
            return _dated(facts.start_date, rule.days)
        case TriggerKind.SILENT:
            silence = facts.silence
            if silence is None or not silence.is_unusual:
                return None
            return Occasion(silence.since.isoformat(), today)
        case TriggerKind.MANUAL | TriggerKind.API:
            return Occasion(facts.named or today.isoformat(), today)
    return facts.change


def _dated(date: dt.date | None, days: int) -> Occasion | None:
    """Return the occasion of a date, which stays the same however many days away it is due."""
    if date is None:
        return None
    return Occasion(date.isoformat(), date + dt.timedelta(days=days))
