"""From a draft to the published version: submitted, approved or sent back, published, retired."""

import datetime as dt
from collections import defaultdict
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from governance.findings import Finding, errors
from governance.services import settings_in_force
from playbooks.changes import Level
from playbooks.choices import VersionStatus
from playbooks.documents import layer_of
from playbooks.models import Edition, LocalizationRevision, Playbook, PlaybookVersion
from playbooks.services.bases import region_revisions
from playbooks.services.drafts import VersionNotDraft, lock_for_work, lock_playbook
from playbooks.services.editions import MarketEdition, Press, keep_editions
from playbooks.wording import Flawed
from regions.models import Market
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import StaleVersion, store


class NotInReview(DomainError):
    """Only what was submitted is approved or sent back."""


class NotPublished(DomainError):
    """Only a published version is retired."""


class SecondPersonNeeded(DomainError):
    """The organization asks for somebody else than the author to approve."""


def check_version(version: PlaybookVersion, *, at: dt.datetime) -> list[Finding]:
    """Return all that is wrong with a version, by itself and in the markets that follow it."""
    found, _made = _judge(Press(version, at))
    return found


@transaction.atomic
def submit_version(version: PlaybookVersion, *, by: Membership, at: dt.datetime) -> PlaybookVersion:
    """Hand a draft in for review.

    :raises VersionNotDraft: if it is no draft.
    :raises Flawed: if it could not be published.
    """
    _require(version, VersionStatus.DRAFT, VersionNotDraft)
    _refuse_flawed(check_version(version, at=at))
    version.status = VersionStatus.IN_REVIEW.value
    version.submitted_by, version.submitted_at, version.decision_comment = by, at, ""
    return store(version)


@transaction.atomic
def reject_version(version: PlaybookVersion, *, by: Membership, comment: str) -> PlaybookVersion:
    """Send a version back to its author, who reads why.

    :raises NotInReview: if it was not submitted.
    :raises InvalidInput: without a comment.
    """
    _require(version, VersionStatus.IN_REVIEW, NotInReview)
    if not comment.strip():
        raise InvalidInput({"comment": _("Say what is to be changed.")})
    version.status = VersionStatus.DRAFT.value
    version.decided_by, version.decision_comment = by, comment
    return store(version)


@transaction.atomic
def publish_version(version: PlaybookVersion, *, by: Membership, at: dt.datetime) -> list[Edition]:
    """Publish a draft, or approve what was submitted; return the editions that follow at once.

    Markets without a localization get theirs here; localized ones lag until they are rebased.

    :raises PlaybookArchived: for a version of an archived playbook.
    :raises VersionNotDraft: if it is published or retired already.
    :raises SecondPersonNeeded: if the organization asks for another person than the author.
    :raises Flawed: if it, or what a market would make of it, breaks a rule.
    """
    lock_for_work(version.playbook)
    _require_approval(version, by)
    press = Press(version, at)
    found, made = _judge(press)
    _refuse_flawed(found)
    for older in version.playbook.versions.filter(status=VersionStatus.PUBLISHED):
        retire_version(older, at=at)
    version.status = VersionStatus.PUBLISHED.value
    version.published_at, version.decided_by = at, by
    store(version)
    return keep_editions(press, made)


@transaction.atomic
def retire_version(version: PlaybookVersion, *, at: dt.datetime) -> PlaybookVersion:
    """Take a published version out of use; what runs goes on.

    :raises NotPublished: if it is not published.
    """
    if version.status != VersionStatus.PUBLISHED:
        raise NotPublished(_("This version is not published."))
    version.status, version.retired_at = VersionStatus.RETIRED.value, at
    return store(version)


@transaction.atomic
def restore_playbook(playbook: Playbook, *, at: dt.datetime) -> Playbook:
    """Work with an archived playbook again; markets that were added meanwhile get its edition."""
    playbook.archived_at = None
    store(playbook)
    provide_editions(list(Market.objects.all()), at=at, playbook=playbook)
    return playbook


@transaction.atomic
def provide_editions(
    markets: list[Market], *, at: dt.datetime, playbook: Playbook | None = None
) -> list[Edition]:
    """Give new markets an edition of every published playbook, if it breaks no rule there.

    It is that of their region, where the region has published a localization. ``playbook`` is
    the only one to look at.
    """
    editions: list[Edition] = []
    published = PlaybookVersion.objects.filter(
        status=VersionStatus.PUBLISHED, playbook__archived_at=None
    ).select_related("playbook")
    if playbook:
        published = published.filter(playbook=playbook)
    for version in published:
        lock_playbook(version.playbook)
        has = set(version.playbook.editions.values_list("market", flat=True))
        missing = [market for market in markets if market.pk not in has]
        editions += _editions_of_new_markets(version, missing, at)
    return editions


def _editions_of_new_markets(
    version: PlaybookVersion, markets: list[Market], at: dt.datetime
) -> list[Edition]:
    of_regions = region_revisions(version.playbook)
    presses = {version.pk: Press(version, at)}
    made: dict[UUID, list[MarketEdition]] = defaultdict(list)
    for market in markets:
        revision = of_regions.get(market.region_id)
        base = revision.base if revision else version
        press = presses.setdefault(base.pk, Press(base, at))
        layers = [layer_of(Level.REGION, revision)]
        made[base.pk].append(press.make(market, layers, region_revision=revision))
    editions: list[Edition] = []
    for pk, press in presses.items():
        editions += keep_editions(press, [each for each in made[pk] if not errors(each.findings)])
    return editions


def _judge(press: Press) -> tuple[list[Finding], list[MarketEdition]]:
    """Return what is wrong, and the editions of the markets that follow without a localization."""
    found = press.judge_version()
    if errors(found):
        return found, []
    localized = _localized_markets(press.version)
    markets = Market.objects.exclude(pk__in=localized).order_by("code")
    made = [press.make(market) for market in markets]
    # What is said of all is not said again of each; a rule may be graver in one market, though.
    local = [
        finding
        for each in made
        for finding in each.findings
        if replace(finding, market="") not in found
    ]
    return [*found, *local], made


def _localized_markets(version: PlaybookVersion) -> set[UUID]:
    """Return the markets in which a localization of their own or of their region is published."""
    revisions = LocalizationRevision.objects.filter(localization__playbook=version.playbook)
    here = Q(localizations__revisions__in=revisions) | Q(
        region__localizations__revisions__in=revisions
    )
    return set(Market.objects.filter(here).values_list("pk", flat=True))


def _refuse_flawed(found: list[Finding]) -> None:
    flaws = errors(found)
    if flaws:
        raise Flawed(flaws)


def _require(version: PlaybookVersion, status: VersionStatus, error: type[DomainError]) -> None:
    stored = PlaybookVersion.objects.select_for_update(no_key=True).get(pk=version.pk)
    if stored.status != status:
        raise error(
            _("Version %(number)d is %(status)s.")
            % {"number": version.number, "status": stored.get_status_display()}
        )
    if stored.version != version.version:
        raise StaleVersion(version)


def _require_approval(version: PlaybookVersion, by: Membership) -> None:
    if version.status not in (VersionStatus.DRAFT, VersionStatus.IN_REVIEW):
        raise VersionNotDraft(
            _("Version %(number)d is %(status)s.")
            % {"number": version.number, "status": version.get_status_display()}
        )
    if not settings_in_force().second_person_approves:
        return
    if version.status != VersionStatus.IN_REVIEW:
        raise SecondPersonNeeded(_("Submit the version first: a second person approves it."))
    if by.pk in (version.created_by_id, version.submitted_by_id):
        raise SecondPersonNeeded(_("Somebody else than the author has to approve this version."))
