"""Every write of layer 1, the guardrails in force, and the starting set."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance import guardrails as rules
from governance import starting
from governance.models import (
    GovernanceSettings,
    Guardrail,
    KpiDefinition,
    KpiTarget,
    Philosophy,
    Principle,
    VoiceTrait,
    VoiceVariation,
)
from governance.vocabulary import Motion, Severity
from governance.wording import say_problem
from tenants.context import current_organization
from tenants.models import Membership, Organization
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import store

ArchivedT = TypeVar("ArchivedT", Principle, KpiDefinition)
NamedT = TypeVar("NamedT", Principle, VoiceTrait, KpiDefinition, Guardrail)


class NewerPhilosophy(DomainError):
    """Somebody published another text in between."""


class TraitVaries(DomainError):
    """A trait that markets vary can neither hold everywhere nor be removed."""


@dataclass(frozen=True)
class Adopted:
    """What of the starting set was added."""

    philosophy: Philosophy | None = None
    principles: list[Principle] = field(default_factory=list)
    voice_traits: list[VoiceTrait] = field(default_factory=list)
    kpis: list[KpiDefinition] = field(default_factory=list)
    guardrails: list[Guardrail] = field(default_factory=list)

    def __len__(self) -> int:
        rows = (*self.principles, *self.voice_traits, *self.kpis, *self.guardrails)
        return len(rows) + (self.philosophy is not None)


def current_philosophy() -> Philosophy | None:
    """Return the text that holds, if there is one."""
    return Philosophy.objects.order_by("-number").first()


@transaction.atomic
def publish_philosophy(
    *, text: str, by: Membership, at: dt.datetime, after: int | None = None
) -> Philosophy:
    """Publish a text as the next number; it holds from now on.

    ``after`` is the number that the author had before her, 0 for none.

    :raises NewerPhilosophy: if it is not the newest any more.
    """
    # One after the other, so that numbers are dense.
    Organization.objects.select_for_update(no_key=True).get(pk=current_organization())
    newest = Philosophy.objects.order_by("-number").values_list("number", flat=True).first() or 0
    if after is not None and after != newest:
        raise NewerPhilosophy(
            _("Somebody published another text after you opened this. Read it and try again.")
        )
    return store(Philosophy(number=newest + 1, text=text, published_by=by, published_at=at))


def save_principle(principle: Principle) -> Principle:
    """Save a new or changed principle."""
    return store(principle)


def archive_principle(principle: Principle, *, at: dt.datetime) -> Principle:
    """Take a principle out of what is read; it can be brought back."""
    return _archive(principle, at)


def restore_principle(principle: Principle) -> Principle:
    """Bring an archived principle back."""
    return _archive(principle, None)


@transaction.atomic
def save_voice_trait(trait: VoiceTrait) -> VoiceTrait:
    """Save a new or changed trait.

    :raises TraitVaries: if it is to hold everywhere while a market varies it.
    """
    store(trait)
    if not trait.is_local and trait.variations.exists():
        raise TraitVaries(_("Markets vary this trait. Remove their variations first."))
    return trait


@transaction.atomic
def remove_voice_trait(trait: VoiceTrait) -> None:
    """Remove a trait that no market varies.

    :raises TraitVaries: if one does.
    """
    if trait.variations.exists():
        raise TraitVaries(_("Markets vary this trait. Remove their variations first."))
    trait.delete()


@transaction.atomic
def save_voice_variation(variation: VoiceVariation) -> VoiceVariation:
    """Save how a trait sounds in a market.

    :raises InvalidInput: for a trait that holds everywhere.
    """
    store(variation)
    # Held until the end, so that nobody makes it hold everywhere meanwhile.
    trait = VoiceTrait.objects.select_for_update(no_key=True).get(pk=variation.trait_id)
    if not trait.is_local:
        raise InvalidInput({"trait": _("This trait holds everywhere; no market may vary it.")})
    return variation


def remove_voice_variation(variation: VoiceVariation) -> None:
    """Let a trait sound in a market as everywhere else."""
    variation.delete()


def save_kpi(kpi: KpiDefinition) -> KpiDefinition:
    """Save a new or changed definition."""
    return store(kpi)


def archive_kpi(kpi: KpiDefinition, *, at: dt.datetime) -> KpiDefinition:
    """Stop watching a KPI; its targets stay."""
    return _archive(kpi, at)


def restore_kpi(kpi: KpiDefinition) -> KpiDefinition:
    """Watch an archived KPI again."""
    return _archive(kpi, None)


def save_kpi_target(target: KpiTarget) -> KpiTarget:
    """Save what a KPI should be in a market."""
    return store(target)


def remove_kpi_target(target: KpiTarget) -> None:
    """Measure a market by the target for all again."""
    target.delete()


def save_guardrail(guardrail: Guardrail) -> Guardrail:
    """Save a new or changed guardrail, whose kind checks its parameters.

    :raises InvalidInput: for parameters that the kind cannot take, each by its path.
    """
    if guardrail.kind in rules.KINDS:  # another one is refused like any wrong choice
        guardrail.parameters = rules.values_of(_rule(guardrail))
    return store(guardrail)


def remove_guardrail(guardrail: Guardrail) -> None:
    """Remove a guardrail; one that may be needed again is switched off instead."""
    guardrail.delete()


def guardrails_for(motion: str, playbook_key: str) -> list[rules.Guardrail]:
    """Return the guardrails in force for a playbook, in one query."""
    everywhere = Q(motion="", playbook_key="")
    here = everywhere | Q(motion=motion) | Q(playbook_key=playbook_key)
    return [in_force(row) for row in Guardrail.objects.filter(here, is_active=True)]


def in_force(guardrail: Guardrail) -> rules.Guardrail:
    """Return the pure form of a guardrail."""
    return rules.Guardrail(
        rule=_rule(guardrail),
        severity=Severity(guardrail.severity),
        protects=guardrail.protects,
        id=guardrail.pk,
        motion=Motion(guardrail.motion) if guardrail.motion else None,
        playbook=guardrail.playbook_key,
    )


def settings_in_force() -> GovernanceSettings:
    """Return the organization's settings, or the defaults, which are not saved."""
    return GovernanceSettings.objects.first() or GovernanceSettings()


def save_settings(settings: GovernanceSettings) -> GovernanceSettings:
    """Save how playbooks are approved."""
    return store(settings)


@transaction.atomic
def adopt_starting_set(*, by: Membership, at: dt.datetime) -> Adopted:
    """Save what the organization lacks of the shipped set; what is there stays as it is.

    What was archived or changed is not lacking: rows are known by their key or name.
    """
    # One after the other: two who start at once must not get everything twice.
    Organization.objects.select_for_update(no_key=True).get(pk=current_organization())
    text = None
    if current_philosophy() is None:
        text = publish_philosophy(text=starting.starting_philosophy(), by=by, at=at)
    return Adopted(
        philosophy=text,
        principles=[
            save_principle(each) for each in _missing(starting.starting_principles(), "title")
        ],
        voice_traits=[
            save_voice_trait(each) for each in _missing(starting.starting_voice(), "key")
        ],
        kpis=[save_kpi(each) for each in _missing(starting.starting_kpis(), "key")],
        guardrails=[
            save_guardrail(each) for each in _missing(starting.starting_guardrails(), "name")
        ],
    )


def lacks_starting_set() -> bool:
    """Return whether something of the shipped set is missing."""
    return (
        current_philosophy() is None
        or bool(_missing(starting.starting_principles(), "title"))
        or bool(_missing(starting.starting_voice(), "key"))
        or bool(_missing(starting.starting_kpis(), "key"))
        or bool(_missing(starting.starting_guardrails(), "name"))
    )


def _missing(shipped: Iterable[NamedT], name: str) -> list[NamedT]:
    rows = list(shipped)
    own: Any = type(rows[0]).objects
    known = {str(value).casefold() for value in own.values_list(name, flat=True)}
    return [row for row in rows if str(getattr(row, name)).casefold() not in known]


def _archive(row: ArchivedT, at: dt.datetime | None) -> ArchivedT:
    row.archived_at = at
    return store(row)


def _rule(guardrail: Guardrail) -> rules.Kind:
    try:
        return rules.kind_of(guardrail.kind, guardrail.parameters)
    except rules.UnfitParameters as error:
        raise InvalidInput(
            {
                ".".join(filter(None, ("parameters", name))): say_problem(problem)
                for name, problem in error.problems.items()
            }
        ) from error
