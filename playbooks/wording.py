"""What the findings and conflicts of playbooks say to people."""

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.choices import Tier
from governance import wording
from governance.findings import Finding
from playbooks import budget, checks, resolution
from playbooks.rebase import Conflict, ConflictKind
from toolkit.errors import DomainError


def say(finding: Finding) -> str:
    """Return what was found, in one sentence."""
    return wording.say(finding, WORDS)


def say_conflict(conflict: Conflict) -> str:
    """Return what is in conflict, in one sentence."""
    known = {"step": conflict.step, "field": conflict.field}
    match conflict.kind:
        case ConflictKind.STEP_GONE:
            return _("The step “%(step)s” is changed here, and the new version has it no more.") % (
                known
            )
        case ConflictKind.ADDED_BOTH:
            return _("The step “%(step)s” is added here, and the new version has one, too.") % known
    return (
        _("“%(field)s” of the step “%(step)s” is changed here, and by the new version, too.")
        % known
    )


class Flawed(DomainError):
    """What was to be published breaks rules; ``findings`` are all of them."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.extensions = {"findings": [finding_record(each) for each in findings]}
        count = len(findings)
        super().__init__(
            ngettext(
                "%(count)d rule is broken: %(said)s",
                "%(count)d rules are broken: %(said)s",
                count,
            )
            % {"count": count, "said": " ".join(map(say, findings))}
        )


def finding_record(finding: Finding) -> dict[str, object]:
    """Return a finding as answers and editions carry it."""
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "market": finding.market,
        "step": finding.step,
        "field": finding.field,
        "value": finding.value,
        "limit": finding.limit,
        "detail": say(finding),
        "protects": finding.protects,
        "guardrail": str(finding.guardrail) if finding.guardrail else None,
    }


def _names(finding: Finding) -> dict[str, object]:
    return {
        "step": finding.step,
        "field": finding.field,
        "value": finding.value,
        "limit": finding.limit,
    }


def _with_hint(finding: Finding, said: str) -> str:
    hint = _("Did you mean “%(limit)s”?") % _names(finding) if finding.limit else ""
    return f"{said % _names(finding)} {hint}".rstrip()


def _no_steps(_finding: Finding) -> str:
    return _("There is no step.")


def _unknown_step(finding: Finding) -> str:
    return _with_hint(
        finding, _("The step “%(step)s” needs “%(value)s” (%(field)s), which is not there.")
    )


def _cycle(finding: Finding) -> str:
    ring = " → ".join(map(str, finding.value or ()))
    return _("Steps wait for each other in a ring (%(field)s): %(ring)s.") % {
        "field": finding.field,
        "ring": ring,
    }


def _anchor_incomplete(finding: Finding) -> str:
    return _(
        "The step “%(step)s” must name the step that it counts from, if it counts from the end of "
        "one, and only then."
    ) % _names(finding)


def _too_far(finding: Finding) -> str:
    return _(
        "The step “%(step)s” lies more than five years from the event that it counts from."
    ) % _names(finding)


def _due_before(finding: Finding) -> str:
    return _("The step “%(step)s” is due before “%(value)s”, which it waits for.") % _names(finding)


def _unknown_placeholder(finding: Finding) -> str:
    return _with_hint(
        finding,
        _("The message of the step “%(step)s” (%(field)s) asks for “%(value)s”: nobody knows it."),
    )


def _bad_template(finding: Finding) -> str:
    return _(
        "The message of the step “%(step)s” (%(field)s) cannot be read: write a placeholder as "
        "{contact_name}, and a brace twice."
    ) % _names(finding)


def _unknown_role(finding: Finding) -> str:
    return _with_hint(
        finding, _("The step “%(step)s” is owned by “%(value)s”, which is none of your roles.")
    )


def _unknown_attribute(finding: Finding) -> str:
    return _with_hint(
        finding,
        _("The step “%(step)s” asks for the attribute “%(value)s”, which accounts do not have."),
    )


def _step_is_gone(finding: Finding) -> str:
    return _("The step “%(step)s” is changed here, but it is not there.") % _names(finding)


def _step_exists(finding: Finding) -> str:
    return _("The step “%(step)s” is added here, but it is there already.") % _names(finding)


def _not_dropped(finding: Finding) -> str:
    return _("The step “%(step)s” is brought back here, but nobody left it out.") % _names(finding)


def _budget_exceeded(finding: Finding) -> str:
    most, days = finding.limit
    return _(
        "From the step “%(step)s” on, customers of %(tier)s are touched up to %(value)d times in "
        "%(days)d days, cadences included; the contact budget has %(most)d."
    ) % {
        "step": finding.step,
        "tier": Tier(finding.field).label,
        "value": finding.value,
        "days": days,
        "most": most,
    }


def _rhythm_exceeds_budget(finding: Finding) -> str:
    most, days = finding.limit
    return _(
        "The cadence alone touches customers of %(tier)s up to %(value)d times in %(days)d days; "
        "the contact budget has %(most)d."
    ) % {"tier": Tier(finding.field).label, "value": finding.value, "days": days, "most": most}


WORDS: Mapping[str, Callable[[Finding], str]] = {
    checks.NO_STEPS: _no_steps,
    checks.UNKNOWN_STEP: _unknown_step,
    checks.CYCLE: _cycle,
    checks.ANCHOR_INCOMPLETE: _anchor_incomplete,
    checks.TOO_FAR: _too_far,
    checks.DUE_BEFORE: _due_before,
    checks.UNKNOWN_PLACEHOLDER: _unknown_placeholder,
    checks.BAD_TEMPLATE: _bad_template,
    checks.UNKNOWN_ROLE: _unknown_role,
    checks.UNKNOWN_ATTRIBUTE: _unknown_attribute,
    resolution.STEP_IS_GONE: _step_is_gone,
    resolution.STEP_EXISTS: _step_exists,
    resolution.NOT_DROPPED: _not_dropped,
    budget.BUDGET_EXCEEDED: _budget_exceeded,
    budget.RHYTHM_EXCEEDS_BUDGET: _rhythm_exceeds_budget,
}
