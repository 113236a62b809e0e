"""What rules and their parameters say to people."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from governance import choices
from governance.findings import Finding
from governance.guardrails import Problem

Words = Mapping[str, Callable[[Finding], str]]

_LABELS = {
    value: label for value, label in (*choices.STEP_KINDS, *choices.STAKEHOLDERS, *choices.MOTIONS)
}


def say(finding: Finding, more: Words | None = None) -> str:
    """Return what was found, in one sentence; ``more`` are the words for rules of other apps.

    What the rule protects is the organization's own sentence: see ``finding.protects``.
    """
    words = {**WORDS, **(more or {})}
    return words.get(finding.rule, _unworded)(finding)


def say_problem(problem: Problem) -> str:
    """Return why a parameter is not taken."""
    details = {
        "least": _number(problem.least),
        "most": _number(problem.most),
        "among": ", ".join(problem.among),
    }
    if problem.code == "unknown":
        hint = _("Did you mean %(among)s?") % details if problem.among else ""
        return f"{_('This kind of guardrail takes no such parameter.')} {hint}".rstrip()
    return _PROBLEMS[problem.code]() % details


def _step_required(finding: Finding) -> str:
    if finding.field:
        return _("The step “%(step)s” is optional, but it is required.") % _names(finding)
    return _("The step “%(step)s” is missing.") % _names(finding)


def _step_dropped(finding: Finding) -> str:
    return _("The step “%(step)s” is required in the global playbook and cannot be dropped.") % (
        _names(finding)
    )


def _step_made_optional(finding: Finding) -> str:
    return _("The step “%(step)s” is required in the global playbook and cannot be optional.") % (
        _names(finding)
    )


def _outcome_changed(finding: Finding) -> str:
    return _(
        "The outcome of the step “%(step)s” is not the one of the global playbook. How, who and "
        "when are local, the outcome for the customer is not."
    ) % _names(finding)


def _field_locked(finding: Finding) -> str:
    return _(
        "“%(field)s” of the step “%(step)s” is locked: it is %(value)s instead of %(limit)s."
    ) % _names(finding)


def _field_bounded(finding: Finding) -> str:
    return _("“%(field)s” of the step “%(step)s” is %(value)s; allowed is %(limit)s.") % (
        _names(finding) | {"limit": _bounds(finding.limit)}
    )


def _expansion_share(finding: Finding) -> str:
    return _("%(value)s %% of the steps look for expansion; at most %(limit)s %% may.") % _names(
        finding
    )


def _owner_role(finding: Finding) -> str:
    return _("The step “%(step)s” has no owner role.") % _names(finding)


def _sponsor_reached(finding: Finding) -> str:
    return _("Decisions are made at the top here, and no step reaches a senior sponsor.")


def _group_gathered(finding: Finding) -> str:
    return _("A group decides here, and no step gathers it.")


def _first_contact(finding: Finding) -> str:
    if not finding.step:
        return _("No step contacts the customer after the start.")
    return _(
        "The first contact, “%(step)s”, comes %(value)s business days after the start; at most "
        "%(limit)s may pass."
    ) % _names(finding)


def _kind_before(finding: Finding) -> str:
    return _(
        "The step “%(step)s” (%(value)s) needs a step of another kind before it: %(limit)s."
    ) % _names(finding)


def _total_length(finding: Finding) -> str:
    return _(
        "The step “%(step)s” comes %(value)s days after the first one; at most %(limit)s may pass."
    ) % _names(finding)


def _touches_per_week(finding: Finding) -> str:
    return _(
        "%(value)s contacts fall within seven days, and “%(step)s” is one too many: at most "
        "%(limit)s may."
    ) % _names(finding)


def _unworded(finding: Finding) -> str:
    return _("The rule “%(rule)s” does not hold.") % {"rule": finding.rule}


WORDS: Words = {
    "step_required": _step_required,
    "step_dropped": _step_dropped,
    "step_made_optional": _step_made_optional,
    "outcome_changed": _outcome_changed,
    "field_locked": _field_locked,
    "field_bounded": _field_bounded,
    "expansion_share": _expansion_share,
    "owner_role": _owner_role,
    "sponsor_reached": _sponsor_reached,
    "group_gathered": _group_gathered,
    "first_contact": _first_contact,
    "kind_before": _kind_before,
    "total_length": _total_length,
    "touches_per_week": _touches_per_week,
}
"""How each rule says that it does not hold."""

_PROBLEMS: dict[str, Callable[[], str]] = {
    "missing": lambda: _("This kind of guardrail needs this parameter."),
    "not_object": lambda: _("Give the parameters by name."),
    "not_whole": lambda: _("Give a whole number."),
    "not_number": lambda: _("Give a number."),
    "out_of_range": lambda: _("Give a number from %(least)s to %(most)s."),
    "not_text": lambda: _("Give a text."),
    "not_name": lambda: _(
        "Give a key or the name of a field: letters, digits, _, - and ., at most %(most)s."
    ),
    "not_list_of_text": lambda: _("Give a list of texts."),
    "wrong_count": lambda: _("Give %(least)s to %(most)s values."),
    "word_unfit": lambda: _("Each value is a text of at most %(most)s characters."),
    "twice": lambda: _("Give each value once."),
    "not_among": lambda: _("Give one of these: %(among)s."),
    "not_both": lambda: _("Give this or the other one, not both."),
    "no_bound": lambda: _("Give a minimum, a maximum, or the values that are allowed."),
    "below_minimum": lambda: _("The maximum is below the minimum."),
    "same": lambda: _("A kind cannot come before itself. Choose another one."),
}


def _names(finding: Finding) -> dict[str, Any]:
    return {
        "step": finding.step,
        "field": finding.field,
        "value": _shown(finding.value),
        "limit": _shown(finding.limit),
    }


def _shown(value: Any) -> str:
    match value:
        case None | "":
            return _("empty")
        case bool():
            return _("yes") if value else _("no")
        case list() | tuple():
            return ", ".join(_shown(each) for each in value) or _("empty")
    return str(_LABELS.get(value, value) if isinstance(value, str) else value)


def _bounds(limit: Any) -> str:
    match limit:
        case {"allowed": allowed}:
            return _shown(allowed)
        case {"minimum": low, "maximum": high}:
            return _("%(low)s to %(high)s") % {"low": low, "high": high}
        case {"minimum": low}:
            return _("at least %(low)s") % {"low": low}
        case {"maximum": high}:
            return _("at most %(high)s") % {"high": high}
    return _shown(limit)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
