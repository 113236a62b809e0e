"""Sentences about the steps of a playbook: when, by whom, how, for whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.choices import Channel, Complexity, Stage, Tier
from governance.choices import STAKEHOLDERS, STEP_KINDS
from playbooks.changes import TRANSLATIONS, Fields
from playbooks.choices import (
    ANCHORS,
    ROLLS,
    HealthBand,
    IfPast,
    Priority,
    Tone,
)
from playbooks.comparison import TIMING_FIELDS
from playbooks.placeholders import BadTemplate, filled_in
from playbooks.schedule import Anchor
from playbooks.validators import ATTRIBUTES
from regions.choices import SIDES
from regions.offsets import Unit
from workspace import formats

WHEN = "when"
"""All that says when a step is due, as one thing."""

TERMS: Mapping[str, Promise] = {
    "name": gettext_lazy("Name"),
    "goal": gettext_lazy("Goal"),
    "title": gettext_lazy("Title"),
    "outcome": gettext_lazy("What they gain"),
    WHEN: gettext_lazy("When"),
    "owner_role": gettext_lazy("Who"),
    "kind": gettext_lazy("How"),
    "channel": gettext_lazy("Channel"),
    "stakeholders": gettext_lazy("With whom"),
    "duration_minutes": gettext_lazy("Takes"),
    "depends_on": gettext_lazy("Waits for"),
    "condition": gettext_lazy("Only for"),
    "priority": gettext_lazy("Priority"),
    "tone": gettext_lazy("Tone"),
    "if_past": gettext_lazy("If its day is past at the start"),
    "instructions": gettext_lazy("How it is done well"),
    "checklist": gettext_lazy("Checklist"),
    "message": gettext_lazy("Message to the customer"),
    "position": gettext_lazy("Place in the order"),
    "required": gettext_lazy("Owed everywhere"),
    "assumption": gettext_lazy("Takes for granted"),
}
"""What CSMs call the fields of a step, in the order in which they are read."""

BLANKS: Mapping[str, Promise] = {
    "contact_name": gettext_lazy("name of the contact"),
    "account_name": gettext_lazy("name of the customer"),
    "csm_name": gettext_lazy("your name"),
    "company_name": gettext_lazy("name of your company"),
    "market_name": gettext_lazy("name of the market"),
    "date": gettext_lazy("date"),
    "step_outcome": gettext_lazy("what they gain"),
}
"""What stands in the blanks of a message."""

# Before, on and after each event.
_EVENTS: Mapping[str, tuple[Promise, Promise, Promise]] = {
    Anchor.RUN_START: (
        gettext_lazy("%(distance)s before the start"),
        gettext_lazy("On the day of the start"),
        gettext_lazy("%(distance)s after the start"),
    ),
    Anchor.CONTRACT_START: (
        gettext_lazy("%(distance)s before the contract starts"),
        gettext_lazy("On the day on which the contract starts"),
        gettext_lazy("%(distance)s after the contract starts"),
    ),
    Anchor.NOTICE_DEADLINE: (
        gettext_lazy("%(distance)s before the notice deadline"),
        gettext_lazy("On the day of the notice deadline"),
        gettext_lazy("%(distance)s after the notice deadline"),
    ),
    Anchor.RENEWAL: (
        gettext_lazy("%(distance)s before the renewal"),
        gettext_lazy("On the day of the renewal"),
        gettext_lazy("%(distance)s after the renewal"),
    ),
    Anchor.EVENT: (
        gettext_lazy("%(distance)s before the event"),
        gettext_lazy("On the day of the event"),
        gettext_lazy("%(distance)s after the event"),
    ),
    Anchor.STEP_END: (
        gettext_lazy("%(distance)s before the end of “%(step)s”"),
        gettext_lazy("On the day on which “%(step)s” ends"),
        gettext_lazy("%(distance)s after the end of “%(step)s”"),
    ),
}

_CHOICES: Mapping[str, Mapping[Any, Any]] = {
    "kind": dict(STEP_KINDS),
    "channel": dict(Channel.choices),
    "stakeholders": dict(STAKEHOLDERS),
    "priority": dict(Priority.choices),
    "tone": dict(Tone.choices),
    "if_past": dict(IfPast.choices),
    "assumption": dict(SIDES),
    "tiers": dict(Tier.choices),
    "stages": dict(Stage.choices),
    "complexities": dict(Complexity.choices),
    "health": dict(HealthBand.choices),
}
_MARK = "\0"
"""Stands in no text."""

_ROLLS = dict(ROLLS)
_ANCHORS: Mapping[str, Any] = dict(ANCHORS)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a message: words to send, or the name of a blank to fill in."""

    text: str
    is_blank: bool = False


@dataclass(frozen=True, slots=True)
class StepWords:
    """Says the fields of steps; ``roles`` are names by code, ``titles`` those of steps by key."""

    roles: Mapping[str, str]
    titles: Mapping[str, str]

    def say(self, name: str, fields: Fields) -> str:
        """Return what a step says of one thing, one line for each part of it; empty for nothing."""
        if name == WHEN:
            return self.when(fields)
        value = fields.get(name)
        return "" if value in (None, "", [], {}) else self._say(name, value)

    def _say(self, name: str, value: Any) -> str:
        match name:
            case "owner_role":
                return self.roles.get(value, value)
            case "depends_on":
                return formats.listed([self._title(key) for key in value])
            case "condition":
                return _condition(value)
            case "checklist":
                return _as_text(value)
            case "duration_minutes":
                return formats.duration(int(value))
            case "required":
                return _("Yes") if value else _("No")
        if name.startswith(f"{TRANSLATIONS}."):
            return "\n".join(map(_as_text, value.values()))
        return _chosen(name, value)

    def when(self, fields: Fields) -> str:
        """Return when a step falls due, such as “2 working days after the start”."""
        offset = fields["offset"]
        before, on, after = _EVENTS[fields["anchor"]]
        pattern = after if offset > 0 else before if offset else on
        said = str(pattern) % {
            "distance": _distance(abs(offset), fields["unit"]),
            "step": self._title(fields["anchor_step"]),
        }
        if not fields["roll"]:
            return said
        return _("%(when)s. If that is a day off: %(where)s") % {
            "when": said,
            "where": _ROLLS[fields["roll"]],
        }

    def _title(self, key: str) -> str:
        return self.titles.get(key, key)


def term(name: str) -> str:
    """Return what a field is called."""
    language = name.removeprefix(f"{TRANSLATIONS}.")
    if language != name:
        return _("Translation (%(language)s)") % {"language": formats.language_name(language)}
    return str(TERMS[name])


def thing(name: str) -> str:
    """Return what a field is a part of, as it is read."""
    return WHEN if name in TIMING_FIELDS else name


def anchor_name(anchor: str) -> str:
    """Return the event that an anchor is."""
    return str(_ANCHORS.get(anchor, anchor))


def pieces(template: str) -> list[Piece]:
    """Return a message in pieces, with its blanks named for the reader."""
    try:
        marked = filled_in(template, {name: f"{_MARK}{name}{_MARK}" for name in BLANKS})
    except BadTemplate:
        return [Piece(template)]
    return [
        Piece(str(BLANKS[text]), is_blank=True) if number % 2 else Piece(text)
        for number, text in enumerate(marked.split(_MARK))
        if text
    ]


def _chosen(name: str, value: Any) -> str:
    known = _CHOICES.get(name, {})
    if isinstance(value, list):
        return formats.listed([str(known.get(each, each)) for each in value])
    return str(known.get(value, value))


def _condition(condition: Mapping[str, Any]) -> str:
    lines = [_chosen_of(name, wanted) for name, wanted in condition.items() if name != ATTRIBUTES]
    attributes = condition.get(ATTRIBUTES, {})
    return "\n".join(
        [*lines, *(f"{key}: {formats.listed(wanted)}" for key, wanted in attributes.items())]
    )


def _chosen_of(name: str, wanted: Iterable[str]) -> str:
    if name == "languages":
        return formats.listed([formats.language_name(tag) for tag in wanted])
    said = _chosen(name, list(wanted))
    return _("Health: %(bands)s") % {"bands": said} if name == "health" else said


def _distance(count: int, unit: str) -> str:
    match unit:
        case Unit.BUSINESS_DAYS:
            said = ngettext("%(count)d working day", "%(count)d working days", count)
        case Unit.WEEKS:
            said = ngettext("%(count)d week", "%(count)d weeks", count)
        case Unit.MONTHS:
            said = ngettext("%(count)d month", "%(count)d months", count)
        case _:
            said = ngettext("%(count)d day", "%(count)d days", count)
    return said % {"count": count}


def _as_text(value: Any) -> str:
    return "\n".join(value) if isinstance(value, list) else str(value)
