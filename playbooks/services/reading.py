"""What is in force where, and which markets lag behind."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from playbooks.choices import VersionStatus
from playbooks.documents import edition_contents
from playbooks.drift import Drift, drift_of
from playbooks.models import Edition, LocalizationRevision, Playbook, PlaybookVersion
from regions.models import Market


class Standing(StrEnum):
    """How a market's edition stands to what is published."""

    CURRENT = "current"
    BEHIND = "behind"
    """A newer global version is published: its localization is to be rebased and published."""
    REGION_MOVED = "region_moved"
    """Its region published a localization that the edition does not hold."""
    NONE = "none"
    """It has no edition yet."""


@dataclass(frozen=True, slots=True)
class MarketState:
    """How one market stands: its edition, how far behind it is, and how far it drifted."""

    market: Market
    edition: Edition | None
    standing: Standing
    versions_behind: int
    drift: Drift | None


def editions_in_force(
    playbook: Playbook | None = None, market: Market | None = None
) -> QuerySet[Edition]:
    """Return the newest edition of every playbook and market, in the order of markets."""
    editions = Edition.objects.select_related("market", "playbook", "playbook_version")
    if playbook:
        editions = editions.filter(playbook=playbook)
    if market:
        editions = editions.filter(market=market)
    newest_first = editions.order_by("playbook_id", "market_id", "-number")
    return newest_first.distinct("playbook_id", "market_id")


def edition_in_force(playbook: Playbook, market: Market) -> Edition | None:
    """Return what a market carries out now."""
    return editions_in_force(playbook, market).first()


def market_states(playbook: Playbook) -> list[MarketState]:
    """Return how every market stands to a playbook, by name, in a fixed number of queries."""
    published = playbook.versions.filter(status=VersionStatus.PUBLISHED).first()
    numbers = list(playbook.versions.values_list("number", "status"))
    editions = {
        edition.market_id: edition
        for edition in editions_in_force(playbook).prefetch_related("steps")
    }
    regions = _region_revisions(playbook)
    return [
        _state(market, editions.get(market.pk), published, numbers, regions.get(market.region_id))
        for market in Market.objects.select_related("region").order_by("name", "pk")
    ]


def _state(
    market: Market,
    edition: Edition | None,
    published: PlaybookVersion | None,
    numbers: Iterable[tuple[int, str]],
    region_revision: UUID | None,
) -> MarketState:
    if edition is None:
        return MarketState(market, None, Standing.NONE, 0, None)
    own = edition.playbook_version.number
    newest = published.number if published else own
    behind = sum(1 for number, _status in numbers if own < number <= newest)
    standing = Standing.CURRENT
    if behind:
        standing = Standing.BEHIND
    elif region_revision != edition.region_revision_id:
        standing = Standing.REGION_MOVED
    return MarketState(market, edition, standing, behind, drift_of(edition_contents(edition)))


def _region_revisions(playbook: Playbook) -> dict[UUID | None, UUID]:
    """Return the newest revision of each region."""
    revisions = LocalizationRevision.objects.filter(
        localization__playbook=playbook, localization__region__isnull=False
    ).order_by("number")
    return dict(revisions.values_list("localization__region", "pk"))
