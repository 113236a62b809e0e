"""Publishing a localization: what it makes of its market, or of all markets of its region."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from governance.findings import errors
from playbooks.changes import Change, Layer, Level
from playbooks.documents import layer_of
from playbooks.models import (
    Edition,
    LocalChange,
    Localization,
    LocalizationRevision,
    PlaybookVersion,
)
from playbooks.models.playbook import FINAL
from playbooks.rebase import Conflict, rebase
from playbooks.records import change_record
from playbooks.resolution import Resolved
from playbooks.services.bases import latest_revision
from playbooks.services.drafts import lock_for_work
from playbooks.services.editions import MarketEdition, Press, keep_editions, resolve_version
from playbooks.services.local_changes import changes_of
from playbooks.services.reading import editions_in_force
from playbooks.services.rebasing import RebaseConflicts, SettledMarkets, checked_settlements
from playbooks.wording import Flawed
from regions.models import Market
from tenants.models import Membership
from toolkit.errors import DomainError
from toolkit.storage import StaleVersion, store


class BaseNotPublished(DomainError):
    """A localization is published once the version it rests on is."""


class RegionRestsElsewhere(DomainError):
    """Region and market have to rest on the same version of the playbook."""


class MarketsAhead(DomainError):
    """A market carries out a newer version than the localization rests on."""


def check_localization(
    localization: Localization, *, at: dt.datetime, settled: SettledMarkets | None = None
) -> list[MarketEdition]:
    """Return what publishing would make of each market concerned, with all findings.

    :raises RegionRestsElsewhere: if the region's localization rests on another version.
    :raises RebaseConflicts: if a market of the region is in conflict with the new version.
    :raises MarketsAhead: if a market would return to an older version.
    """
    return _Publication(localization, at, settled or {}).made


@transaction.atomic
def publish_localization(
    localization: Localization,
    *,
    by: Membership,
    at: dt.datetime,
    settled: SettledMarkets | None = None,
) -> list[Edition]:
    """Publish a localization: its market, or all markets of its region, get new editions.

    All or nothing: every rule that is broken anywhere is told at once. The localizations of its
    markets follow a region; ``settled`` says, by the market's code, what becomes of that in which
    they are in conflict with it.

    :raises PlaybookArchived: for an archived playbook.
    :raises BaseNotPublished: if the version that it rests on is not published.
    :raises RegionRestsElsewhere: if the region's localization rests on another version.
    :raises RebaseConflicts: if a market of the region is in conflict with the new version.
    :raises MarketsAhead: if a market would return to an older version.
    :raises Flawed: if an edition breaks a rule.
    """
    lock_for_work(localization.playbook)
    seen = localization.version
    stored = Localization.objects.select_for_update(no_key=True).get(pk=localization.pk)
    if stored.version != seen:
        raise StaleVersion(localization)
    if localization.base.status not in FINAL:
        raise BaseNotPublished(
            _("Publish version %(number)d of the playbook first.")
            % {"number": localization.base.number}
        )
    publication = _Publication(localization, at, settled or {}, by)
    flaws = [flaw for each in publication.made for flaw in errors(each.findings)]
    if flaws:
        raise Flawed(flaws)
    store(localization)
    return publication.keep()


class _Publication:
    """What publishing a localization makes of each market, and the revisions that it needs."""

    def __init__(
        self,
        localization: Localization,
        now: dt.datetime,
        settled: SettledMarkets,
        by: Membership | None = None,
    ) -> None:
        self.localization = localization
        self.by = by
        self.settled = {
            code: checked_settlements(each, by=by, at=now) for code, each in settled.items()
        }
        self.press = Press(localization.base, now)
        level = Level.REGION if localization.region_id else Level.MARKET
        self.layer = Layer(level, changes_of(localization))
        self.followers: list[_Follower] = []
        self.made = self._of_region() if localization.region_id else [self._of_market()]
        self._refuse_going_back()

    def keep(self) -> list[Edition]:
        """Store the revisions and the editions."""
        own = {self.localization: self.layer.changes}
        followed = {each.localization: each.changes for each in self.followers}
        kept = _new_revisions(own | followed, self.localization.base, self.by)
        _move_working_copies(self.followers, self.localization.base)
        by_market = {each.localization.market_id: each for each in kept}
        made = [
            replace(
                each,
                region_revision=kept[0] if self.localization.region_id else each.region_revision,
                market_revision=by_market.get(each.market.pk, each.market_revision),
            )
            for each in self.made
        ]
        return keep_editions(self.press, made)

    def _refuse_going_back(self) -> None:
        """Let no market return to an older version than it carries out.

        :raises MarketsAhead: if one would.
        """
        numbers = {
            edition.market_id: edition.playbook_version.number
            for edition in editions_in_force(self.localization.playbook)
        }
        ahead = [
            each.market
            for each in self.made
            if numbers.get(each.market.pk, 0) > self.localization.base.number
        ]
        if ahead:
            raise MarketsAhead(
                _("Rebase this localization: a newer version is carried out in %(markets)s.")
                % {"markets": ", ".join(map(str, ahead))}
            )

    def _of_market(self) -> MarketEdition:
        market = self.localization.market
        assert market is not None
        region = latest_revision(self.localization.playbook, market.region)
        if region and region.base_id != self.localization.base_id:
            raise RegionRestsElsewhere(
                _("The localization of %(region)s rests on version %(number)d: rebase this one.")
                % {"region": market.region, "number": region.base.number}
            )
        layers = (layer_of(Level.REGION, region), self.layer)
        return self.press.make(market, layers, region_revision=region)

    def _of_region(self) -> list[MarketEdition]:
        region = self.localization.region
        assert region is not None
        before = _Bases(layer_of(Level.REGION, latest_revision(self.localization.playbook, region)))
        after = self.press.resolve(self.layer)
        revisions = self._market_revisions()
        conflicts: dict[str, Sequence[Conflict]] = {}
        made: list[MarketEdition] = []
        for market in Market.objects.filter(region=region).order_by("code"):
            revision = revisions.get(market.pk)
            changes: tuple[Change, ...] = ()
            if revision:
                published = layer_of(Level.MARKET, revision).changes
                rebased = rebase(
                    published,
                    before=before.of(revision.base),
                    after=after,
                    settled=self.settled.get(market.code),
                )
                changes = rebased.changes
                if rebased.conflicts:
                    conflicts[market.code] = rebased.conflicts
                if revision.base_id != self.localization.base_id or changes != published:
                    self.followers.append(
                        _Follower(market.pk, revision.localization, published, changes)
                    )
            layers = (self.layer, Layer(Level.MARKET, changes))
            made.append(self.press.make(market, layers, market_revision=revision))
        if conflicts:
            raise RebaseConflicts(conflicts)
        return made

    def _market_revisions(self) -> dict[UUID | None, LocalizationRevision]:
        """Return what each market of the region published last, in one query."""
        revisions = (
            LocalizationRevision.objects.filter(
                localization__playbook=self.localization.playbook_id,
                localization__market__region=self.localization.region,
            )
            .select_related("base__playbook", "localization")
            .order_by("localization_id", "-number")
            .distinct("localization_id")
        )
        return {each.localization.market_id: each for each in revisions}


@dataclass(frozen=True, slots=True)
class _Follower:
    """A market localization that goes along with its region."""

    market: UUID
    localization: Localization
    published: tuple[Change, ...]
    changes: tuple[Change, ...]


class _Bases:
    """What market localizations rested on so far, resolved once for each version."""

    def __init__(self, region: Layer) -> None:
        self._region = region
        self._known: dict[UUID, Resolved] = {}

    def of(self, version: PlaybookVersion) -> Resolved:
        if version.pk not in self._known:
            self._known[version.pk] = resolve_version(version, self._region)
        return self._known[version.pk]


def _move_working_copies(followers: Sequence[_Follower], base: PlaybookVersion) -> None:
    """Let what is worked on in the markets follow, too, where nothing unpublished is in it.

    Where somebody is at work, she rebases by hand and sees what is in conflict.
    """
    copies = Localization.objects.filter(pk__in=[each.localization.pk for each in followers])
    # Held until the end, so that nobody's edit slips in between.
    list(copies.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    rows: dict[UUID, list[LocalChange]] = defaultdict(list)
    for row in LocalChange.objects.filter(localization__in=copies):
        rows[row.localization_id].append(row)
    moved: list[UUID] = []
    moot: list[UUID] = []
    settled: list[LocalChange] = []
    for each in followers:
        own = rows[each.localization.pk]
        if _by_place(row.change for row in own) != _by_place(each.published):
            continue
        moved.append(each.localization.pk)
        kept = _by_place(each.changes)
        for row in own:
            change = kept.get(row.change.place)
            if change is None:
                moot.append(row.pk)
            elif change != row.change:
                settled.append(_settled(row, change))
    LocalChange.objects.filter(pk__in=moot).delete()
    LocalChange.objects.bulk_update(settled, ["value", "author", "since"])
    copies.filter(pk__in=moved).update(base=base, version=F("version") + 1)


def _settled(row: LocalChange, change: Change) -> LocalChange:
    """Return a change with the value that somebody settled on, who signs it."""
    row.value = change.value
    row.author_id = UUID(change.author) if change.author else None
    row.since = dt.datetime.fromisoformat(change.since)
    return row


def _by_place(changes: Iterable[Change]) -> dict[tuple[str, str], Change]:
    return {change.place: change for change in changes}


def _new_revisions(
    changes: Mapping[Localization, Sequence[Change]], base: PlaybookVersion, by: Membership | None
) -> list[LocalizationRevision]:
    """Store what localizations publish, each as the next of its own, in a fixed number of queries.

    The caller holds the playbook's lock.
    """
    last = dict(
        LocalizationRevision.objects.filter(localization__in=changes)
        .values_list("localization")
        .annotate(last=Max("number"))
        .order_by()
    )
    return LocalizationRevision.objects.bulk_create(
        LocalizationRevision(
            localization=localization,
            number=last.get(localization.pk, 0) + 1,
            base=base,
            changes=[change_record(change) for change in own],
            published_by=by,
        )
        for localization, own in changes.items()
    )
