"""Publishing a localization: what it makes of its market, or of all markets of its region."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
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
from playbooks.services.drafts import lock_playbook
from playbooks.services.editions import MarketEdition, Press, keep_editions, resolve_version
from playbooks.services.local_changes import changes_of
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


def check_localization(
    localization: Localization, *, at: dt.datetime, settled: SettledMarkets | None = None
) -> list[MarketEdition]:
    """Return what publishing would make of each market concerned, with all findings.

    :raises RegionRestsElsewhere: if the region's localization rests on another version.
    :raises RebaseConflicts: if a market of the region is in conflict with the new version.
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

    :raises BaseNotPublished: if the version that it rests on is not published.
    :raises RegionRestsElsewhere: if the region's localization rests on another version.
    :raises RebaseConflicts: if a market of the region is in conflict with the new version.
    :raises Flawed: if an edition breaks a rule.
    """
    lock_playbook(localization.playbook)
    seen = localization.version
    stored = Localization.objects.select_for_update(no_key=True).get(pk=localization.pk)
    if stored.version != seen:
        raise StaleVersion(localization)
    if localization.base.status not in FINAL:
        raise BaseNotPublished(
            _("Publish version %(number)d of the playbook first.")
            % {"number": localization.base.number}
        )
    publication = _Publication(localization, at, settled or {})
    flaws = [flaw for each in publication.made for flaw in errors(each.findings)]
    if flaws:
        raise Flawed(flaws)
    store(localization)
    return publication.keep(by)


class _Publication:
    """What publishing a localization makes of each market, and the revisions that it needs."""

    def __init__(
        self, localization: Localization, now: dt.datetime, settled: SettledMarkets
    ) -> None:
        self.localization = localization
        self.settled = {code: checked_settlements(each) for code, each in settled.items()}
        self.press = Press(localization.base, now)
        level = Level.REGION if localization.region_id else Level.MARKET
        self.layer = Layer(level, changes_of(localization))
        self.followers: list[_Follower] = []
        self.made = self._of_region() if localization.region_id else [self._of_market()]

    def keep(self, by: Membership) -> list[Edition]:
        """Store the revisions and the editions."""
        own = _new_revision(self.localization, self.localization.base, self.layer.changes, by)
        if self.localization.market_id:
            made = [replace(each, market_revision=own) for each in self.made]
            return keep_editions(self.press, made)
        followed = {
            each.market: _new_revision(each.localization, self.localization.base, each.changes, by)
            for each in self.followers
        }
        _move_working_copies(self.followers, self.localization.base)
        made = [
            replace(
                each,
                region_revision=own,
                market_revision=followed.get(each.market.pk, each.market_revision),
            )
            for each in self.made
        ]
        return keep_editions(self.press, made)

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
            .select_related("base", "localization")
            .order_by("localization", "number")
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
    rows: dict[UUID, list[LocalChange]] = defaultdict(list)
    for row in LocalChange.objects.filter(
        localization__in=[each.localization for each in followers]
    ):
        rows[row.localization_id].append(row)
    moved: list[Localization] = []
    moot: list[LocalChange] = []
    for each in followers:
        own = rows[each.localization.pk]
        if _by_place(row.change for row in own) != _by_place(each.published):
            continue
        kept = {change.place for change in each.changes}
        moot += [row for row in own if (row.step, row.field) not in kept]
        moved.append(each.localization)
    LocalChange.objects.filter(pk__in=[row.pk for row in moot]).delete()
    Localization.objects.filter(pk__in=[each.pk for each in moved]).update(
        base=base, version=F("version") + 1
    )


def _by_place(changes: Iterable[Change]) -> dict[tuple[str, str], Change]:
    return {change.place: change for change in changes}


def _new_revision(
    localization: Localization,
    base: PlaybookVersion,
    changes: Iterable[Change],
    by: Membership,
) -> LocalizationRevision:
    last = localization.revisions.aggregate(last=Max("number"))["last"] or 0
    return LocalizationRevision.objects.create(
        localization=localization,
        number=last + 1,
        base=base,
        changes=[change_record(change) for change in changes],
        published_by=by,
    )
