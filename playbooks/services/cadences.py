"""Every write on cadences, and which one holds where."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.services import check_period
from governance.findings import Finding, errors
from governance.vocabulary import Motion
from playbooks.budget import Budget, judge_budget, judge_rhythm
from playbooks.documents import edition_contents
from playbooks.facts import edition_facts
from playbooks.models import Cadence, CadenceRevision
from playbooks.services.budgets import ContactRules, load_of
from playbooks.services.reading import editions_in_force
from playbooks.signals import cadence_changed
from playbooks.starting import starting_cadences
from playbooks.wording import Flawed
from regions.models import Market
from tenants.context import acting
from toolkit import consequences
from toolkit.errors import InvalidInput
from toolkit.storage import store

CONTENT = (
    *("tier", "stage", "region_id", "market_id", "title", "benefit", "every", "unit"),
    *("weekdays", "working_day", "mode", "channel", "duration_minutes", "tolerance_days"),
    *("reason", "source", "archived_at"),
)
"""What a version of a cadence keeps."""


@transaction.atomic
def save_cadence(cadence: Cadence) -> Cadence:
    """Save a new or changed cadence; planning follows.

    :raises InvalidInput: for a rhythm of more than ten years, or a place without a reason.
    :raises Flawed: if it touches customers more often than before and than a budget allows.
    """
    check_period(cadence.every, cadence.unit)
    if (cadence.region_id or cadence.market_id) and not cadence.reason.strip():
        raise InvalidInput({"reason": _("Say why it differs from the global cadence.")})
    cadence.weekdays = sorted(set(cadence.weekdays))
    before = Cadence.objects.filter(pk=cadence.pk, archived_at=None).first()
    store(cadence)
    if before is None or _asks_for_more(before, cadence):
        flaws = errors(cadence_findings(cadence))
        if flaws:
            raise Flawed(flaws)
    _keep_revision(cadence)
    consequences.draw(_tell, cadence)
    return cadence


@transaction.atomic
def adopt_starting_cadences() -> list[Cadence]:
    """Save the shipped cadence for every tier and stage that has no global one yet."""
    taken = set(
        Cadence.objects.filter(archived_at=None, region=None, market=None).values_list(
            "tier", "stage"
        )
    )
    missing = [each for each in starting_cadences() if (each.tier, each.stage) not in taken]
    return [save_cadence(cadence) for cadence in missing]


@transaction.atomic
def archive_cadence(cadence: Cadence, *, at: dt.datetime) -> Cadence:
    """Stop planning by a cadence; the next wider one holds instead."""
    cadence.archived_at = at
    return save_cadence(cadence)


def cadence_findings(cadence: Cadence) -> list[Finding]:
    """Return where a cadence touches customers too often, alone or beside the playbooks in force.

    In a number of queries that does not grow with the markets.
    """
    rules = ContactRules()
    if cadence.archived_at or not rules.has_budgets:
        return []
    found: list[Finding] = []
    budgets: dict[UUID, Budget] = {}
    for market in _markets_of(cadence).order_by("code"):
        budget = rules.budget(market, cadence.tier)
        if budget:
            budgets[market.pk] = budget
            found.extend(judge_rhythm(load_of(cadence), budget, market=market.code))
    editions = editions_in_force().filter(market__in=budgets).prefetch_related("steps")
    for edition in editions:
        version = edition.playbook_version
        if _is_for(version.tiers, cadence.tier) and _is_for(version.stages, cadence.stage):
            facts = edition_facts(
                edition_contents(edition).steps,
                playbook=edition.playbook.key,
                motion=Motion(edition.playbook.motion),
                base={},
                market=edition.market.code,
            )
            found.extend(judge_budget(facts, budgets[edition.market_id], [load_of(cadence)]))
    return found


def _asks_for_more(before: Cadence, after: Cadence) -> bool:
    """Return whether a change may touch anybody more often than before.

    What does not, is taken even where a budget that came later is exceeded: it can be the way back.
    """
    places = ((each.tier, each.stage, each.region_id, each.market_id) for each in (before, after))
    return len(set(places)) > 1 or load_of(after).by_day > load_of(before).by_day


def _markets_of(cadence: Cadence) -> QuerySet[Market]:
    """Return the markets in which a cadence holds, or would without a more specific one."""
    if cadence.market_id:
        return Market.objects.filter(pk=cadence.market_id)
    if cadence.region_id:
        return Market.objects.filter(region=cadence.region_id)
    return Market.objects.all()


def _is_for(audience: Sequence[str], value: str) -> bool:
    return not audience or value in audience


def cadence_content(cadence: Cadence) -> dict[str, Any]:
    """Return what a cadence says, as JSON, by the names of its fields."""
    return {
        name: str(value) if isinstance(value, UUID | dt.datetime) else value
        for name, value in ((name, getattr(cadence, name)) for name in CONTENT)
    }


def _keep_revision(cadence: Cadence) -> None:
    CadenceRevision.objects.create(
        cadence=cadence,
        number=cadence.version,
        content=cadence_content(cadence),
        author_id=acting().membership_id,
    )


def _tell(cadences: list[Cadence]) -> None:
    for cadence in cadences:
        cadence_changed.send(sender=Cadence, cadence=cadence)


class CadenceTable:
    """Which cadence holds for a market, tier and stage: market before region before global."""

    def __init__(self, cadences: Iterable[Cadence]) -> None:
        self._by_place = {
            (cadence.market_id or cadence.region_id, cadence.tier, cadence.stage): cadence
            for cadence in cadences
        }

    def find(self, market: Market, tier: str, stage: str) -> Cadence | None:
        """Return the cadence that holds, or None where nothing is planned."""
        places: tuple[UUID | None, ...] = (market.pk, market.region_id, None)
        for place in places:
            if cadence := self._by_place.get((place, tier, stage)):
                return cadence
        return None


def cadence_table() -> CadenceTable:
    """Load the cadences that hold in the organization in force."""
    return CadenceTable(Cadence.objects.filter(archived_at=None))
