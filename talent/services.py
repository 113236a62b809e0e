"""Every write on roles and people's calendars, and how they are read."""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from regions import shared_days
from regions.models import Market
from regions.working_time import working_time
from talent.models import Leave, Role, WorkProfile
from talent.signals import availability_changed
from talent.starting import starting_codes, starting_roles
from tenants.models import Membership
from toolkit import consequences
from toolkit.errors import DomainError
from toolkit.storage import store


class RoleArchived(DomainError):
    """An archived role is given to no new step."""


@transaction.atomic
def save_role(role: Role) -> Role:
    """Save a new or changed role."""
    return store(role)


@transaction.atomic
def archive_role(role: Role, *, at: dt.datetime) -> Role:
    """Offer a role no longer; steps that name it go on naming it.

    :raises RoleArchived: if it is archived already.
    """
    if role.archived_at is not None:
        raise RoleArchived(_("%(role)s is archived already.") % {"role": role})
    role.archived_at = at
    return save_role(role)


@transaction.atomic
def restore_role(role: Role) -> Role:
    """Offer an archived role again."""
    role.archived_at = None
    return save_role(role)


@transaction.atomic
def adopt_starting_roles() -> list[Role]:
    """Save the shipped roles whose code no role has yet, archived ones included."""
    missing = _missing_codes()
    return [save_role(role) for role in starting_roles() if role.code in missing]


def lacks_starting_roles() -> bool:
    """Return whether there is a shipped role to adopt."""
    return bool(_missing_codes())


def _missing_codes() -> set[str]:
    shipped = starting_codes()
    taken = Role.objects.filter(code__in=shipped).values_list("code", flat=True)
    return set(shipped) - set(taken)


@transaction.atomic
def save_work_profile(profile: WorkProfile) -> WorkProfile:
    """Save a member's home market; planning follows."""
    store(profile)
    _announce(profile.membership)
    return profile


@transaction.atomic
def remove_work_profile(profile: WorkProfile) -> None:
    """Forget a member's home market."""
    profile.delete()
    _announce(profile.membership)


@transaction.atomic
def set_home_market(*, membership: Membership, market: Market | None) -> None:
    """Make a market's calendar and zone a member's own, or none; what is so already stays."""
    profile = WorkProfile.objects.filter(membership=membership).first()
    if market is None:
        if profile is not None:
            remove_work_profile(profile)
    elif profile is None:
        save_work_profile(WorkProfile(membership=membership, home_market=market))
    elif profile.home_market_id != market.pk:
        profile.home_market = market
        save_work_profile(profile)


@transaction.atomic
def save_leave(leave: Leave) -> Leave:
    """Save days on which a member is away; planning follows."""
    store(leave)
    _announce(leave.membership)
    return leave


@transaction.atomic
def remove_leave(leave: Leave) -> None:
    """Take back a leave; planning follows."""
    leave.delete()
    _announce(leave.membership)


def availabilities(membership_ids: Iterable[UUID]) -> dict[UUID, shared_days.Availability]:
    """Return when each member works, in two queries; a member without home market is left out."""
    ids = list(membership_ids)
    leaves: dict[UUID, list[shared_days.Leave]] = {}
    for membership_id, start, end in Leave.objects.filter(membership__in=ids).values_list(
        "membership_id", "start", "end"
    ):
        leaves.setdefault(membership_id, []).append(shared_days.Leave(start, end))
    profiles = WorkProfile.objects.filter(membership__in=ids).select_related("home_market")
    return {
        profile.membership_id: shared_days.Availability(
            working_time(profile.home_market).calendar,
            tuple(leaves.get(profile.membership_id, ())),
        )
        for profile in profiles
    }


def minutes_a_day(membership_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how much planned work fills a working day of each member who has a home market."""
    profiles = WorkProfile.objects.filter(membership__in=list(membership_ids))
    return dict(profiles.values_list("membership_id", "minutes_a_day"))


def _announce(membership: Membership) -> None:
    consequences.draw(_tell, membership)


def _tell(memberships: list[Membership]) -> None:
    for membership in memberships:
        availability_changed.send(sender=Membership, membership=membership)
