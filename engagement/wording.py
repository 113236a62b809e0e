"""Why a task falls on its day, why a step of a playbook became none, and what conditions ask."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from engagement.models import Task
from engagement.run_move import NOT_IN_EDITION
from engagement.run_plan import LeftOut
from engagement.trigger_rules import Verdict, WhyNot
from playbooks.choices import ANCHORS
from playbooks.documents import edition_step
from playbooks.sayings import say
from regions.calendars import UNDETERMINED
from regions.hours import load_zone
from regions.offsets import MoveReason
from toolkit import formats

CONDITIONS: Mapping[str, Promise] = {
    "tiers": pgettext_lazy("condition", "tier"),
    "stages": pgettext_lazy("condition", "stage"),
    "complexities": pgettext_lazy("condition", "complexity"),
    "health": pgettext_lazy("condition", "health"),
    "languages": pgettext_lazy("condition", "language"),
}
"""What a condition asks of an account."""

_LEFT_OUT: Mapping[str, Promise] = {
    LeftOut.CONDITION: gettext_lazy("It is for other accounts (%(detail)s)."),
    LeftOut.PAST: gettext_lazy("Its day was past at the start: %(detail)s."),
    LeftOut.QUIET: gettext_lazy("Customers there are left in peace on its day (%(detail)s)."),
    LeftOut.STEP: gettext_lazy("It counts from the end of a step that was left out: %(detail)s."),
}

_ANCHORS: Mapping[str, object] = dict(ANCHORS)


# Why a day would not do: without the names of what stood in the way, and with them.
_CAUSES: Mapping[str, tuple[Promise, Promise]] = {
    MoveReason.REST_DAY: (
        gettext_lazy("%(day)s is a day off there"),
        gettext_lazy("Days off there from %(day)s (%(names)s)"),
    ),
    MoveReason.HOLIDAY: (
        gettext_lazy("%(day)s is a public holiday there"),
        gettext_lazy("Public holiday there on %(day)s (%(names)s)"),
    ),
    MoveReason.CLOSURE: (
        gettext_lazy("Closed there on %(day)s"),
        gettext_lazy("Closed there on %(day)s (%(names)s)"),
    ),
    MoveReason.QUIET_PERIOD: (
        gettext_lazy("Customers there are left in peace on %(day)s"),
        gettext_lazy("Customers there are left in peace on %(day)s (%(names)s)"),
    ),
    MoveReason.BEFORE_TODAY: (
        gettext_lazy("%(day)s was over when this was planned"),
        gettext_lazy("%(day)s was over when this was planned (%(names)s)"),
    ),
    MoveReason.OWNER_AWAY: (
        gettext_lazy("The owner does not work on %(day)s"),
        gettext_lazy("The owner does not work on %(day)s (%(names)s)"),
    ),
    MoveReason.SPREAD: (
        gettext_lazy("Others fall on %(day)s after the same days off"),
        gettext_lazy("Others fall on %(day)s after the same days off (%(names)s)"),
    ),
}

_BUDGETS: Mapping[str, Promise] = {
    MoveReason.BUDGET: gettext_lazy("%(cause)s: moved to %(day)s."),
    MoveReason.BUDGET_FAR: gettext_lazy(
        "%(cause)s: moved to %(day)s, further than usual, since no earlier day has room."
    ),
    MoveReason.OVER_BUDGET: gettext_lazy(
        "%(cause)s. No day near it has room, so it stays: see whether it can be dropped or joined "
        "with another contact."
    ),
}


def words_of(task: Task) -> tuple[str, str]:
    """Return what is done and what the customer gains, in the reader's language if known in that.

    Reads only what ``TaskQuerySet.for_letters`` loads.
    """
    if task.step is None:
        return task.work.title, task.work.benefit
    step, language = edition_step(task.step), get_language() or "en"
    return str(say(step, "title", language).words), str(say(step, "outcome", language).words)


def until_when(task: Task) -> str:
    """Return until when a task can be done on its day, on the clock of its market."""
    market = task.due_market
    local = task.due_at.astimezone(load_zone(market.time_zone))
    known = {"time": formats.clock_time(local), "market": market.name}
    return _("Until %(time)s in %(market)s.") % known


def why_moved(moves: Iterable[Mapping[str, Any]] | None) -> list[str]:
    """Return a sentence for each step away from the day that the rhythm named."""
    return [_step(move) for move in moves or ()]


def _step(move: Mapping[str, Any]) -> str:
    if move["reason"] in _BUDGETS:
        return _budget(move)
    plain, named = _CAUSES[move["reason"]]
    names = names_for_reader(move["names"])
    cause = (named if names else plain) % {
        "day": formats.day(dt.date.fromisoformat(move["from"])),
        "names": formats.listed(names),
    }
    if move["to"] is None:
        return _("%(cause)s: no contact this time.") % {"cause": cause}
    to = formats.day(dt.date.fromisoformat(move["to"]))
    return formats.sentence(_("%(cause)s: moved to %(day)s.") % {"cause": cause, "day": to})


def _budget(move: Mapping[str, Any]) -> str:
    most, days = move["numbers"]
    cause = ngettext(
        "On %(day)s it would be more than %(most)d contact in %(period)d days, which is the most "
        "for this tier",
        "On %(day)s it would be more than %(most)d contacts in %(period)d days, which is the most "
        "for this tier",
        most,
    ) % {
        "day": formats.day(dt.date.fromisoformat(move["from"])),
        "most": most,
        "period": days,
    }
    to = formats.day(dt.date.fromisoformat(move["to"]))
    return formats.sentence(str(_BUDGETS[move["reason"]]) % {"cause": cause, "day": to})


def names_for_reader(names: Sequence[Sequence[str]]) -> list[str]:
    """Choose from pairs of language tag and name: the reader's language, English, or the first."""
    base = formats.language_of
    tags = [base(tag) for tag, _name in names]
    preferred = (base(get_language() or "en"), "en", *tags)
    chosen = next((tag for tag in preferred if tag in tags and tag != UNDETERMINED), "")
    return [name for tag, name in names if base(tag) in (chosen, UNDETERMINED)]


def say_condition(name: str) -> str:
    """Return what of an account a condition asks for; an attribute is named by its key."""
    return str(CONDITIONS.get(name, name.removeprefix("attributes.")))


def say_anchors(names: str) -> str:
    """Return the events that a list of anchors, joined by commas, stands for."""
    return ", ".join(str(_ANCHORS.get(name, name)) for name in names.split(", "))


def say_left_out(reason: str, detail: str, titles: Mapping[str, str]) -> str:
    """Return why a step became no task; ``titles`` are those of steps by key."""
    match reason:
        case LeftOut.CONDITION:
            detail = say_condition(detail)
        case LeftOut.PAST:
            detail = date_format(dt.date.fromisoformat(detail))
        case LeftOut.STEP:
            detail = titles.get(detail, detail)
    return str(_LEFT_OUT[reason]) % {"detail": detail}


def say_dropped(reason: str, detail: str, titles: Mapping[str, str]) -> str:
    """Return why a task was closed when its run moved; ``titles`` are those of steps by key."""
    if reason == NOT_IN_EDITION:
        return _("The new edition does not have this step.")
    return say_left_out(reason, detail, titles)


def say_past(keys: str, titles: Mapping[str, str]) -> str:
    """Return the titles of steps whose keys are joined by commas."""
    return ", ".join(f"“{titles.get(key, key)}”" for key in keys.split(", "))


def say_why_not(verdict: Verdict) -> str:
    """Return why a trigger starts nothing for an account, in one sentence; empty if it does."""
    until = date_format(verdict.until) if verdict.until else ""
    match verdict.why_not:
        case WhyNot.OTHER_ACCOUNTS:
            return _("The trigger is for accounts of another stage, tier or market.")
        case WhyNot.NO_OCCASION:
            return _("Nothing happened that would start it.")
        case WhyNot.NOT_YET:
            return _("Its day is still to come: %(day)s.") % {"day": until}
        case WhyNot.TOO_LATE:
            return _("Its day was missed, and the grace is over.")
        case WhyNot.DECIDED:
            return _("This occasion was decided before.")
        case WhyNot.COOL_DOWN:
            return _("It started lately; the cool-down ends on %(day)s.") % {"day": until}
    return ""


def say_pace_rules() -> str:
    """Return by which rules a run counts as behind or stuck."""
    return _(
        "Behind: something is overdue. Stuck: something is overdue and nothing was closed for "
        "10 working days, or all that is left waits."
    )
