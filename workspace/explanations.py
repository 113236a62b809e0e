"""Sentences for people: why a task falls on its day, when a customer is open, what was agreed."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.choices import Tier
from accounts.models import Contact, WorkingAgreement
from accounts.wording import agreed_parts, rhythm, weekdays
from accounts.wording import proposed as proposed
from engagement.choices import TaskStatus
from engagement.models import Task
from engagement.upcoming import NextCheckIn
from engagement.wording import names_for_reader as names_for_reader
from engagement.wording import why_moved as why_moved
from playbooks.models import Cadence, EditionStep
from regions.models import CulturalStatement
from regions.models.profile import CONFIRMATION_HOLDS_DAYS
from toolkit.effects import Effect, EffectKind, GroupEffects
from workspace import formats
from workspace.clock import Clock

LOOK_AHEAD = dt.timedelta(days=6)
"""How far ahead a weekday alone names a day."""

TIERS_IN_SHORT: Mapping[str, Promise] = {
    Tier.TIER_1: gettext_lazy("Tier 1"),
    Tier.TIER_2: gettext_lazy("Tier 2"),
    Tier.TIER_3: gettext_lazy("Tier 3"),
}


def opening_hours(clock: Clock) -> str:
    """Return how long a customer can still be reached today, or when again."""
    if clock.day is None:
        return _("business hours not known")
    if clock.is_open:
        return _("%(duration)s left") % {"duration": formats.duration(clock.minutes_left)}
    assert clock.opens is not None
    return _("closed, opens %(when)s") % {"when": _opening(clock.opens, clock.today)}


def _opening(opens: dt.datetime, today: dt.date) -> str:
    if opens.date() == today:
        return formats.clock_time(opens)
    if opens.date() <= today + LOOK_AHEAD:
        return formats.weekday_time(opens)
    return f"{formats.day(opens.date())} {formats.clock_time(opens)}"


def state_of_day(clock: Clock) -> str:
    """Return what kind of day a market has today."""
    day = clock.day
    if day is None:
        return _("The holidays of this year are not known.")
    names = formats.listed(names_for_reader(day.names))
    if clock.is_day_off:
        text = _("Day off today: %(names)s") % {"names": names}
        return _("%(text)s (estimated)") % {"text": text} if day.estimated else text
    if not day.working:
        return _("Day off today")
    if names:
        return _("Extra working day today: %(names)s") % {"names": names}
    return _("Working day today")


def rhythm_of(cadence: Cadence) -> str:
    """Return how often a cadence holds, and on which days."""
    parts = [rhythm(cadence.every, cadence.unit), weekdays(cadence.weekdays)]
    if cadence.working_day:
        parts.append(str(cadence.get_working_day_display()))
    return formats.listed([part for part in parts if part])


def effect(effect: Effect, *, written: Callable[[dt.date], str] = formats.day) -> str:
    """Return what happens to one check-in, or to a task; ``written`` is how days are."""
    before, after = (day and written(day) for day in (effect.before, effect.after))
    patterns: Mapping[str, Callable[[], str]] = {
        EffectKind.ADDED: lambda: _("new on %(after)s"),
        EffectKind.MOVED: lambda: _("from %(before)s to %(after)s"),
        EffectKind.REMOVED: lambda: _("no longer on %(before)s"),
        EffectKind.KEPT: lambda: _("stays on %(after)s, somebody worked on it"),
    }
    return patterns[effect.kind]() % {"before": before, "after": after}


def effects(group: GroupEffects) -> str:
    """Return how many check-ins are added, moved, removed and kept."""
    counted = [
        (group.moved, ngettext("%(count)d moves", "%(count)d move", group.moved)),
        (group.added, ngettext("%(count)d is new", "%(count)d are new", group.added)),
        (group.removed, ngettext("%(count)d falls away", "%(count)d fall away", group.removed)),
        (group.kept, ngettext("%(count)d stays", "%(count)d stay", group.kept)),
    ]
    return formats.listed([said % {"count": count} for count, said in counted if count])


def agreed(agreement: WorkingAgreement) -> list[tuple[str, str]]:
    """Return the parts that were agreed, each as a term and what holds for it."""
    return [(term, text) for term, text in agreed_parts(agreement).values() if text]


def agreed_by(agreement: WorkingAgreement) -> str:
    """Return with whom and when; empty when neither is known."""
    contact, day = agreement.agreed_with, agreement.agreed_on
    known = {"contact": contact, "day": formats.full_day(day) if day else ""}
    if contact and day:
        return _("Agreed with %(contact)s on %(day)s.") % known
    if contact:
        return _("Agreed with %(contact)s.") % known
    return _("Agreed on %(day)s.") % known if day else ""


def what_happened(task: Task) -> str:
    """Return what the last action made of a task."""
    if task.status == TaskStatus.DONE:
        return _("Done")
    if task.status == TaskStatus.NOT_APPLICABLE:
        return _("Not applicable")
    if task.undo and task.undo["task"]["owner_id"] != (task.owner_id and str(task.owner_id)):
        return _("Handed over to %(name)s") % {"name": task.owner}
    if task.status == TaskStatus.SNOOZED:
        return _("Moved to %(day)s") % {"day": formats.day(task.due_date)}
    return str(task.get_status_display())


def explained(
    task: Task, contact: Contact | None, agreement: WorkingAgreement | None
) -> list[tuple[str, str]]:
    """Return why a task is there, as terms with what is to be said of them."""
    words = [
        (_("Why this customer"), _why_customer(task, agreement)),
        (_("Why on this day"), _why_day(task)),
    ]
    if task.work.is_contact:
        words.append((_("Why this way"), _why_channel(task, contact, agreement)))
    if task.work.benefit:
        words.append((_("What they gain"), task.work.benefit))
    return words


def _why_customer(task: Task, agreement: WorkingAgreement | None) -> str:
    if task.run:
        known = {
            "playbook": task.run.edition.header["fields"]["name"],
            "day": formats.full_day(task.run.start_date),
        }
        return _("“%(playbook)s” is under way for them since %(day)s.") % known
    account = task.account
    known = {"tier": account.get_tier_display(), "stage": account.get_stage_display()}
    if agreement and agreement.every:
        known["rhythm"] = rhythm(agreement.every, agreement.unit)
        return _("%(tier)s, %(stage)s; agreed with them: %(rhythm)s.") % known
    if task.cadence is None:
        return _("Somebody noted it for this customer.")
    known["rhythm"] = rhythm_of(task.cadence)
    return _("%(tier)s, %(stage)s: you are in touch %(rhythm)s.") % known


def _why_day(task: Task) -> str:
    if task.status == TaskStatus.SNOOZED:
        return _("Moved by hand: %(reason)s") % {"reason": task.reason}
    moved = why_moved(task.moves)
    if moved:
        return " ".join(moved)
    if task.run:
        return _("The playbook names it, and it is a working day there.")
    if task.is_by_hand:
        return _("Whoever noted it chose the day, and it is a working day there.")
    return _("The rhythm names it, and it is a working day there.")


def _why_channel(task: Task, contact: Contact | None, agreement: WorkingAgreement | None) -> str:
    if contact and contact.preferred_channel:
        return _("%(name)s prefers it.") % {"name": contact.name}
    if agreement and agreement.channel:
        return _("Agreed with this customer.")
    if task.step:
        return _why_step(task, task.step)
    if task.cadence and task.cadence.market_id:
        known = {"market": task.account.market, "reason": task.cadence.reason}
        return _("So it is done in %(market)s: %(reason)s") % known
    return _("It is usual for this tier and stage.")


def _why_step(task: Task, step: EditionStep) -> str:
    origin = step.origins.get("kind") or step.origins.get("channel")
    if origin is None:
        return _("The playbook says so.")
    known = {"market": task.account.market, "reason": origin["reason"]["text"]}
    return _("So it is done in %(market)s: %(reason)s") % known


def follows(check_in: NextCheckIn | None) -> str:
    """Return when a customer is to be contacted next."""
    if check_in is None:
        return ""
    known = {"day": formats.day(check_in.date)}
    if check_in.is_planned:
        return formats.sentence(_("Next check-in: %(day)s.") % known)
    return formats.sentence(_("Next check-in: around %(day)s.") % known)


def plan_followed(groups: Iterable[GroupEffects]) -> str:
    """Return what a change made of the check-ins that were planned."""
    said = [
        formats.listed([effects(group), *(effect(each) for each in group.examples)])
        for group in groups
    ]
    return " ".join(said) or _("No planned check-in moves.")


def reported(statement: CulturalStatement) -> str:
    """Return who reported a statement, and where."""
    known = {
        "who": statement.practitioner,
        "source": statement.source_title,
        "year": statement.reported_year,
    }
    if statement.practitioner and statement.reported_year:
        return _("Reported by %(who)s in %(year)s, “%(source)s”.") % known
    if statement.practitioner:
        return _("Reported by %(who)s, “%(source)s”.") % known
    return _("Reported in “%(source)s”.") % known


def confirmation(statement: CulturalStatement, now: dt.datetime) -> str:
    """Return whether the local team stands behind a statement; that holds for a year."""
    if statement.confirmed_at is None:
        return _("Not confirmed: check with your local team.")
    known = {
        "name": statement.confirmed_by or _("the local team"),
        "day": formats.full_day(statement.confirmed_at.date()),
    }
    if now - statement.confirmed_at > dt.timedelta(days=CONFIRMATION_HOLDS_DAYS):
        return _("Confirmed by %(name)s on %(day)s; time to ask again.") % known
    return _("Confirmed by %(name)s on %(day)s.") % known
