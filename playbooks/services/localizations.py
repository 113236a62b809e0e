"""What a region or a market changes: written, checked, published, and moved to newer versions."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from typing import Any, TypeAlias
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Max
from django.utils.translation import gettext as _

from governance.findings import errors
from playbooks.changes import HEADER, Action, Change, Layer, Level, nested
from playbooks.choices import VersionStatus
from playbooks.documents import layer_of
from playbooks.fields import read_change, read_step
from playbooks.models import (
    Edition,
    LocalChange,
    Localization,
    LocalizationRevision,
    Playbook,
    PlaybookVersion,
)
from playbooks.models.playbook import EDITED, FINAL
from playbooks.rebase import Choice, Conflict, Rebased, Settlement, rebase
from playbooks.records import change_record
from playbooks.resolution import Resolved
from playbooks.services.drafts import lock_playbook
from playbooks.services.editions import MarketEdition, Press, keep_editions, resolve_version
from playbooks.wording import Flawed, say_conflict
from regions.models import CulturalStatement, Market, Region
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import StaleVersion, store

MOST_CHANGES = 500

Settled: TypeAlias = Mapping[tuple[str, str], Settlement]
"""What a person decided, by step and field."""

SettledMarkets: TypeAlias = Mapping[str, Settled]
"""The same by the code of a market."""


class NothingToLocalize(DomainError):
    """There is no version that a place could change."""


class BaseNotPublished(DomainError):
    """A localization is published once the version it rests on is."""


class RegionRestsElsewhere(DomainError):
    """Region and market have to rest on the same version of the playbook."""


class NothingNewer(DomainError):
    """The localization rests on the newest version that it could rest on."""


class RebaseConflicts(DomainError):
    """The new version and localizations changed the same things; a person settles them.

    ``conflicts`` are by place: the code of a market, or of the region itself.
    """

    def __init__(self, conflicts: Mapping[str, Sequence[Conflict]]) -> None:
        self.conflicts = conflicts
        found = [(place, each) for place, several in conflicts.items() for each in several]
        self.extensions = {"conflicts": [conflict_record(place, each) for place, each in found]}
        super().__init__(" ".join(f"{place}: {say_conflict(each)}" for place, each in found))


def conflict_record(place: str, conflict: Conflict) -> dict[str, object]:
    """Return a conflict as answers carry it."""
    return {
        "place": place,
        "kind": conflict.kind.value,
        "step": conflict.step,
        "field": conflict.field,
        "before": conflict.before,
        "after": conflict.after,
        "local": conflict.local,
        "detail": say_conflict(conflict),
    }


def base_for(playbook: Playbook, place: Market | Region) -> PlaybookVersion:
    """Return the version that a new localization rests on: that of the region, or the published.

    Before the first one is published, it is the draft.

    :raises NothingToLocalize: if there is none of them.
    """
    if isinstance(place, Market):
        of_region = latest_revision(playbook, place.region)
        if of_region:
            return of_region.base
    versions = playbook.versions.order_by("-number")
    found = (
        versions.filter(status=VersionStatus.PUBLISHED).first()
        or versions.filter(status__in=EDITED).first()
    )
    if found is None:
        raise NothingToLocalize(
            _("No version of %(playbook)s can be localized.") % {"playbook": playbook}
        )
    return found


def latest_revision(playbook: Playbook, place: Market | Region) -> LocalizationRevision | None:
    """Return what a place published last."""
    here = {"market": place} if isinstance(place, Market) else {"region": place}
    return (
        LocalizationRevision.objects.filter(
            **{f"localization__{name}": value for name, value in here.items()},
            localization__playbook=playbook,
        )
        .select_related("base__playbook", "localization")
        .order_by("-number")
        .first()
    )


@transaction.atomic
def open_localization(
    localization: Localization,
    *,
    by: Membership | None,
    at: dt.datetime,
    changes: Sequence[Mapping[str, Any]] = (),
) -> Localization:
    """Save a new localization, with its changes.

    :raises NothingToLocalize: if the playbook has no version to rest on.
    :raises InvalidInput: for changes that cannot be taken, each by its path.
    """
    localization.base = base_for(localization.playbook, localization.place)
    store(localization)
    _replace_changes(localization, changes, by=by, at=at)
    return localization


@transaction.atomic
def save_localization(
    localization: Localization,
    *,
    by: Membership | None,
    at: dt.datetime,
    changes: Sequence[Mapping[str, Any]] | None = None,
) -> Localization:
    """Save a localization, and with ``changes`` all of them: those that are not named go.

    A change is written as ``{"action", "step", "field", "value", "reason_kind", "reason",
    "evidence", "statement"}``; one that stays as it is keeps its author and its time.

    :raises InvalidInput: for changes that cannot be taken, each by its path.
    """
    store(localization)
    if changes is not None:
        _replace_changes(localization, changes, by=by, at=at)
    return localization


@transaction.atomic
def remove_localization(localization: Localization) -> None:
    """Remove a localization that was never published; a published one is emptied instead.

    :raises ProtectedError: if it was published.
    """
    localization.delete()


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


@transaction.atomic
def rebase_localization(
    localization: Localization,
    *,
    by: Membership,
    at: dt.datetime,
    settled: Settled | None = None,
) -> Localization:
    """Move a localization to the newest version that it can rest on. It is published separately.

    Untouched fields follow, changed ones stay, and what is in conflict is settled by ``settled``.

    :raises NothingNewer: if it rests on that version already.
    :raises RebaseConflicts: if something is in conflict and not settled; then nothing changes.
    :raises InvalidInput: if a settlement's value cannot be taken.
    """
    onto = newer_base(localization)
    if onto is None:
        raise NothingNewer(
            _("This localization rests on version %(number)d, the newest that it can rest on.")
            % {"number": localization.base.number}
        )
    rebased = rebase_onto(localization, onto, settled=_checked(settled or {}))
    if rebased.conflicts:
        raise RebaseConflicts({localization.place.code: rebased.conflicts})
    localization.base = onto
    store(localization)
    _store_changes(localization, rebased.changes, by=by, at=at)
    return localization


def newer_base(localization: Localization) -> PlaybookVersion | None:
    """Return the version that a localization could be moved to, None if there is no newer one."""
    base = base_for(localization.playbook, localization.place)
    return base if base.number > localization.base.number else None


def rebase_onto(
    localization: Localization,
    onto: PlaybookVersion,
    *,
    settled: Settled | None = None,
) -> Rebased:
    """Return what becomes of the changes of a localization on another version."""
    region: Layer = layer_of(Level.REGION, None)
    if localization.market:
        of_region = latest_revision(localization.playbook, localization.market.region)
        region = layer_of(Level.REGION, of_region)
    return rebase(
        _changes_of(localization),
        before=resolve_version(localization.base, region),
        after=resolve_version(onto, region),
        settled=settled,
    )


class _Publication:
    """What publishing a localization makes of each market, and the revisions that it needs."""

    def __init__(
        self, localization: Localization, now: dt.datetime, settled: SettledMarkets
    ) -> None:
        self.localization = localization
        self.settled = {code: _checked(each) for code, each in settled.items()}
        self.press = Press(localization.base, now)
        level = Level.REGION if localization.region_id else Level.MARKET
        self.layer = Layer(level, _changes_of(localization))
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


def _changes_of(localization: Localization) -> tuple[Change, ...]:
    return tuple(row.change for row in localization.changes.all())


def _replace_changes(
    localization: Localization,
    changes: Sequence[Mapping[str, Any]],
    *,
    by: Membership | None,
    at: dt.datetime,
) -> None:
    """Make the changes of a localization those that are given.

    :raises InvalidInput: for what cannot be taken, each by its path.
    """
    if len(changes) > MOST_CHANGES:
        raise InvalidInput(
            {"changes": _("A localization has %(most)d changes at most.") % {"most": MOST_CHANGES}}
        )
    reader = _ChangeReader(localization)
    read: dict[tuple[str, str], LocalChange] = {}
    errors_found: dict[str, object] = {}
    for index, values in enumerate(changes):
        path = f"changes[{index}]"
        try:
            row = reader.read(values)
        except ValidationError as error:
            for name, said in error.message_dict.items():
                errors_found[f"{path}.{name}"] = " ".join(said)
            continue
        if (row.step, row.field) in read:
            errors_found[path] = _("This is changed already.")
        read[row.step, row.field] = row
    if errors_found:
        raise InvalidInput(errors_found)
    _write_changes(localization, read.values(), by=by, at=at)


def _store_changes(
    localization: Localization,
    changes: Iterable[Change],
    *,
    by: Membership | None,
    at: dt.datetime,
) -> None:
    rows = [
        LocalChange(
            localization=localization,
            action=change.action.value,
            step=change.step,
            field=change.field,
            value=change.value,
            reason_kind=change.reason.kind.value,
            reason=change.reason.text,
            evidence=change.reason.evidence,
            statement_id=UUID(change.reason.statement) if change.reason.statement else None,
        )
        for change in changes
    ]
    _write_changes(localization, rows, by=by, at=at)


def _write_changes(
    localization: Localization,
    rows: Iterable[LocalChange],
    *,
    by: Membership | None,
    at: dt.datetime,
) -> None:
    """Store changes; one that is as it was keeps its author and its time."""
    known = {(row.step, row.field): row for row in localization.changes.all()}
    fresh: list[LocalChange] = []
    kept: set[UUID] = set()
    for row in rows:
        before = known.get((row.step, row.field))
        if before and _says_the_same(before, row):
            kept.add(before.pk)
            continue
        row.localization, row.author, row.since = localization, by, at
        fresh.append(row)
    localization.changes.exclude(pk__in=kept).delete()
    LocalChange.objects.bulk_create(fresh)


def _says_the_same(one: LocalChange, other: LocalChange) -> bool:
    names = ("action", "value", "reason_kind", "reason", "evidence", "statement_id")
    return all(getattr(one, name) == getattr(other, name) for name in names)


class _ChangeReader:
    """Reads the changes of one localization, and knows the steps that they may speak of."""

    def __init__(self, localization: Localization) -> None:
        self._localization = localization

    @cached_property
    def _steps(self) -> frozenset[str]:
        steps = set(self._localization.base.steps.values_list("key", flat=True))
        market = self._localization.market
        of_region = latest_revision(self._localization.playbook, market.region) if market else None
        for change in layer_of(Level.REGION, of_region).changes:
            steps.add(change.step)
        # What is there already stays, though its step be gone: publishing tells.
        return frozenset(steps | {row.step for row in self._localization.changes.all()} - {HEADER})

    def read(self, values: Mapping[str, Any]) -> LocalChange:
        """Return a change as a row that is not saved yet.

        :raises ValidationError: by field, for what cannot be taken.
        """
        row = LocalChange(
            localization=self._localization,
            action=values.get("action", ""),
            step=values.get("step", ""),
            field=values.get("field", ""),
            value=values.get("value"),
            reason_kind=values.get("reason_kind", ""),
            reason=values.get("reason", "").strip(),
            evidence=values.get("evidence", ""),
            statement_id=self._statement(values.get("statement")),
            since=dt.datetime.min.replace(tzinfo=dt.UTC),
        )
        row.clean_fields(exclude=["localization", "statement"])
        self._check_step(row)
        row.value = self._value(row)
        return row

    def _check_step(self, row: LocalChange) -> None:
        if row.step == HEADER:
            if row.action != Action.SET:
                raise ValidationError({"step": _("Name the step.")})
        elif row.action != Action.ADD and row.step not in self._steps:
            close = get_close_matches(row.step, self._steps, n=1)
            hint = _("Did you mean “%(limit)s”?") % {"limit": close[0]} if close else ""
            said = _("There is no step “%(step)s”.") % {"step": row.step}
            raise ValidationError({"step": f"{said} {hint}".rstrip()})

    def _value(self, row: LocalChange) -> Any:
        match row.action:
            case Action.SET:
                if not row.field:
                    raise ValidationError({"field": _("Name the field that is changed.")})
                return _by_path("value", lambda: read_change(row.step, {row.field: row.value}))[
                    row.field
                ]
            case Action.ADD:
                if not isinstance(row.value, dict):
                    raise ValidationError({"value": _("Give the fields of the step.")})
                written = nested(row.value)
                return _by_path("value", lambda: read_step(written))
        if row.field or row.value is not None:
            raise ValidationError({"value": _("A whole step is left out or brought back.")})
        return None

    def _statement(self, given: object) -> UUID | None:
        if not given:
            return None
        pk = given.pk if isinstance(given, CulturalStatement) else UUID(str(given))
        known = CulturalStatement.objects.filter(pk=pk)
        if self._localization.market_id:
            known = known.filter(market=self._localization.market_id)
        if not known.exists():
            raise ValidationError({"statement": _("The market's profile has no such report.")})
        return pk


def _by_path(path: str, read: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Return what was read; what was refused is named below ``path``."""
    try:
        return read()
    except ValidationError as error:
        raise ValidationError(
            {f"{path}.{name}": said for name, said in error.message_dict.items()}
        ) from error


def _checked(settled: Settled) -> Settled:
    """Return settlements with the values that people gave, checked.

    :raises InvalidInput: if one cannot be taken.
    """
    checked = dict(settled)
    for (step, field), settlement in settled.items():
        if settlement.choice is not Choice.VALUE:
            continue
        try:
            value = read_change(step, {field: settlement.value})[field]
        except ValidationError as error:
            said = {f"{step}.{name}": " ".join(each) for name, each in error.message_dict.items()}
            raise InvalidInput(said) from error
        checked[step, field] = Settlement(Choice.VALUE, value)
    return checked
