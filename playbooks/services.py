"""Every write on cadences, and which one holds where."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from accounts.services import check_period
from playbooks.models import Cadence
from playbooks.signals import cadence_changed
from playbooks.starting import starting_cadences
from regions.models import Market
from toolkit import consequences
from toolkit.storage import store


@transaction.atomic
def save_cadence(cadence: Cadence) -> Cadence:
    """Save a new or changed cadence; planning follows.

    :raises InvalidInput: for a rhythm of more than ten years.
    """
    check_period(cadence.every, cadence.unit)
    cadence.weekdays = sorted(set(cadence.weekdays))
    store(cadence)
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
