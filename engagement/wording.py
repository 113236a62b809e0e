"""Why a step of a playbook became no task, and what its conditions ask, in words."""

import datetime as dt
from collections.abc import Mapping

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from engagement.run_move import NOT_IN_EDITION
from engagement.run_plan import LeftOut
from playbooks.choices import ANCHORS

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


def say_pace_rules() -> str:
    """Return by which rules a run counts as behind or stuck."""
    return _(
        "Behind: something is overdue. Stuck: something is overdue and nothing was closed for "
        "10 working days, or all that is left waits."
    )
