"""What a localization rests on: a version of the playbook, and what a place published last."""

from django.utils.translation import gettext as _

from playbooks.choices import VersionStatus
from playbooks.models import Localization, LocalizationRevision, Playbook, PlaybookVersion
from playbooks.models.playbook import EDITED
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


def newer_base(localization: Localization) -> PlaybookVersion | None:
    """Return the version that a localization could be moved to, None if there is no newer one."""
    base = base_for(localization.playbook, localization.place)
    return base if base.number > localization.base.number else None
