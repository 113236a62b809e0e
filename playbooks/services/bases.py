"""What a localization rests on: a version of the playbook, and what a place published last."""

from uuid import UUID

from django.utils.translation import gettext as _

from playbooks.choices import VersionStatus
from playbooks.models import Localization, LocalizationRevision, Playbook, PlaybookVersion
from playbooks.models.playbook import EDITED, FINAL
from regions.models import Market, Region
from toolkit.errors import DomainError


class NothingToLocalize(DomainError):
    """There is no version that a place could change."""


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


def latest_revision(
    playbook: Playbook, place: Market | Region, *, base: PlaybookVersion | None = None
) -> LocalizationRevision | None:
    """Return what a place published last; with ``base``, last on that version."""
    where = {"market": place} if isinstance(place, Market) else {"region": place}
    localizations = Localization.objects.filter(playbook=playbook, **where)
    revisions = LocalizationRevision.objects.filter(localization__in=localizations)
    if base:
        revisions = revisions.filter(base=base)
    return revisions.select_related("base__playbook", "localization").order_by("-number").first()


def region_revisions(playbook: Playbook) -> dict[UUID | None, LocalizationRevision]:
    """Return what each region published last, in one query."""
    revisions = (
        LocalizationRevision.objects.filter(
            localization__playbook=playbook, localization__region__isnull=False
        )
        .select_related("base__playbook", "localization")
        .order_by("localization_id", "-number")
        .distinct("localization_id")
    )
    return {each.localization.region_id: each for each in revisions}


def newer_base(localization: Localization) -> PlaybookVersion | None:
    """Return the version that a localization could be moved to, None if there is no newer one.

    A draft is none: it may be thrown away.
    """
    base = base_for(localization.playbook, localization.place)
    is_newer = base.number > localization.base.number and base.status in FINAL
    return base if is_newer else None
