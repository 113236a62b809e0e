"""What the fields of steps say, in the words of a person."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.choices import Complexity, Stage, Tier
from playbooks.changes import HEADER_FIELDS, TRANSLATIONS
from playbooks.choices import ANCHORS, HealthBand
from playbooks.models import Step
from playbooks.models.step import STEP_FIELDS
from playbooks.schedule import Anchor
from playbooks.validators import ATTRIBUTES
from regions.offsets import Unit
from talent.models import Role

HEADER_LABELS = {"name": gettext_lazy("name"), "goal": gettext_lazy("goal")}

PARTS = {
    "tiers": (gettext_lazy("tiers"), Tier.choices),
    "stages": (
        gettext_lazy("lifecycle stages"),
        [choice for choice in Stage.choices if choice[0] != Stage.CHURNED],
    ),
    "complexities": (gettext_lazy("product complexity"), Complexity.choices),
    "health": (gettext_lazy("health"), HealthBand.choices),
}
"""What a condition may ask for, with the choices of each."""

TRANSLATED = {
    "title": gettext_lazy("title"),
    "instructions": gettext_lazy("instructions"),
    "outcome": gettext_lazy("outcome for the customer"),
    "checklist": gettext_lazy("checklist"),
    "message": gettext_lazy("message"),
    "name": gettext_lazy("name"),
    "goal": gettext_lazy("goal"),
}

TIMING = ("anchor", "anchor_step", "offset", "unit", "roll")


@dataclass(frozen=True)
class Words:
    """Says values; ``roles`` are names by code, ``titles`` those of steps by key."""

    roles: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)

    def value(self, name: str, value: Any) -> str:
        """Return the value of a field; empty for nothing."""
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if value in (None, "", [], {}):
            return ""
        if name.startswith(f"{TRANSLATIONS}."):
            return _lines(
                f"{capfirst(TRANSLATED[part])}: {_flat(text)}" for part, text in value.items()
            )
        match name:
            case "owner_role":
                return self.roles.get(value, value)
            case "anchor_step":
                return self.title(value)
            case "depends_on":
                return ", ".join(map(self.title, value))
            case "condition":
                return condition_in_words(value)
            case "checklist":
                return _lines(value)
        known = _choices(name)
        if isinstance(value, list):
            return ", ".join(str(known.get(each, each)) for each in value)
        return str(known.get(value, value))

    def title(self, key: str) -> str:
        """Return what a step is called."""
        return self.titles.get(key, key)

    def timing(self, fields: Mapping[str, Any]) -> str:
        """Return when a step falls due, such as "2 working days after the start"."""
        event = self._event(fields)
        offset = fields.get("offset") or 0
        if not offset:
            return _("On the day of %(event)s") % {"event": event}
        said = (
            _("%(distance)s after %(event)s") if offset > 0 else _("%(distance)s before %(event)s")
        )
        return said % {"distance": _distance(abs(offset), fields.get("unit", "")), "event": event}

    def _event(self, fields: Mapping[str, Any]) -> str:
        if fields.get("anchor") == Anchor.STEP_END:
            title = self.title(fields.get("anchor_step", ""))
            return _("the end of “%(step)s”") % {"step": title}
        return _event(fields.get("anchor", ""))


def roles_by_code() -> dict[str, str]:
    """Return the names of the organization's roles, those in use."""
    return dict(Role.objects.filter(archived_at=None).order_by("name").values_list("code", "name"))


def label(name: str) -> str:
    """Return what a field is called."""
    language = name.removeprefix(f"{TRANSLATIONS}.")
    if language != name:
        return _("Translation: %(language)s") % {"language": language}
    if name in HEADER_FIELDS:
        return capfirst(str(HEADER_LABELS[name]))
    if name not in STEP_FIELDS:
        return name
    return capfirst(str(Step._meta.get_field(name).verbose_name))  # type: ignore[union-attr]


def condition_in_words(condition: Mapping[str, Any]) -> str:
    """Return for which accounts a step is, one line for each thing it asks for."""
    said = []
    for name, wanted in condition.items():
        if name == ATTRIBUTES:
            said += [f"{key}: {', '.join(values)}" for key, values in wanted.items()]
            continue
        title, choices = PARTS.get(name, (_("languages"), []))
        known = dict(choices)
        said.append(
            f"{capfirst(str(title))}: {', '.join(str(known.get(each, each)) for each in wanted)}"
        )
    return _lines(said)


@cache
def _choices(name: str) -> Mapping[Any, Any]:
    if name not in STEP_FIELDS:
        return {}
    found: Any = Step._meta.get_field(name)
    base = found.base_field if isinstance(found, ArrayField) else found
    return dict(base.flatchoices)


def _event(anchor: str) -> str:
    events = {
        Anchor.RUN_START: _("the start"),
        Anchor.CONTRACT_START: _("the start of the contract"),
        Anchor.NOTICE_DEADLINE: _("the notice deadline"),
        Anchor.RENEWAL: _("the renewal date"),
        Anchor.EVENT: _("the event"),
    }
    return events.get(Anchor(anchor), "") if anchor in dict(ANCHORS) else ""


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


def _flat(text: Any) -> str:
    return ", ".join(text) if isinstance(text, list) else str(text)


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)
