"""What was agreed with a customer, and what she proposes, in the reader's words."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import RhythmUnit
from accounts.models import AgreementProposal, WorkingAgreement
from regions.choices import Weekday
from toolkit import formats


def agreed_parts(agreement: WorkingAgreement) -> dict[str, tuple[str, str]]:
    """Return all parts of an agreement by name, each as a term and what holds for it, if any."""
    often = rhythm(agreement.every, agreement.unit) if agreement.every else ""
    language = formats.language_name(agreement.language) if agreement.language else ""
    return {
        "rhythm": (_("How often"), often),
        "weekdays": (_("On which days"), weekdays(agreement.weekdays)),
        "channel": (_("Channel"), agreement.get_channel_display()),
        "hours": (_("When"), _agreed_hours(agreement)),
        "language": (_("Language"), language),
        "decides": (_("Who decides"), agreement.decides),
        "escalation": (_("How to escalate"), agreement.escalation),
    }


def proposed(proposal: AgreementProposal, agreement: WorkingAgreement | None) -> dict[str, str]:
    """Return what a customer wants, part by part: what it is about, what holds, what would."""
    now = agreement or WorkingAgreement(account=proposal.account)
    then = copy(now)
    for name, value in proposal.changes.items():
        setattr(then, name, value)
    before, after = agreed_parts(now), agreed_parts(then)
    nothing = _("nothing agreed")
    return {
        part: _("%(term)s: %(after)s (so far: %(before)s)")
        % {
            "term": after[part][0],
            "after": after[part][1] or nothing,
            "before": before[part][1] or nothing,
        }
        for part in after
    }


def rhythm(every: int, unit: str) -> str:
    """Return how often, such as “every 2 weeks”."""
    patterns: Mapping[str, Callable[[], str]] = {
        RhythmUnit.DAYS: lambda: ngettext("every day", "every %(count)d days", every),
        RhythmUnit.WEEKS: lambda: ngettext("every week", "every %(count)d weeks", every),
        RhythmUnit.MONTHS: lambda: ngettext("every month", "every %(count)d months", every),
    }
    return patterns[unit]() % {"count": every}


def weekdays(numbers: Iterable[int]) -> str:
    """Return ISO weekdays as words."""
    return formats.listed([str(Weekday(number).label) for number in numbers])


def _agreed_hours(agreement: WorkingAgreement) -> str:
    if agreement.hours_from is None or agreement.hours_to is None:
        return ""
    return _("%(from)s to %(to)s, their time") % {
        "from": formats.minute_of_day(agreement.hours_from),
        "to": formats.minute_of_day(agreement.hours_to),
    }
