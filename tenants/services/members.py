"""Every write on members."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from tenants.choices import Role
from tenants.models import Membership, User
from tenants.services.passwords import hashed
from toolkit.errors import DomainError
from toolkit.storage import store


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is to become a member; without a name, the address has to do."""

    email: str
    name: str = ""
    role: Role = Role.CSM

    @property
    def shown_name(self) -> str:
        """What she is called until she says it herself."""
        return self.name or self.email.partition("@")[0]


class AlreadyMember(DomainError):
    """This person belongs to the organization."""


class MemberInactive(DomainError):
    """An inactive member has no way in."""


class LastAdmin(DomainError):
    """Without this member nobody could manage members any more."""


@transaction.atomic
def add_member(
    *, email: str, name: str, role: Role, password: str | None = None, language: str = "en"
) -> Membership:
    """Make a person a member of the organization in force.

    A user who exists keeps her password: she may belong to several organizations.

    :raises AlreadyMember: if she is one.
    :raises ValidationError: if the password is too easy to guess, or the address is none.
    """
    email = email.lower()
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User(email=email, name=name, language=language)
        user.password = make_password(None) if password is None else hashed(password, user)
        user.full_clean(validate_unique=False)
        user.save(force_insert=True)
    return new_member(Person(email=email, name=name, role=role), user=user)


def new_member(person: Person, *, user: User | None = None) -> Membership:
    """Make a person a member; without a user she has not joined yet.

    :raises AlreadyMember: if the organization knows the address.
    """
    email = person.email.lower()
    if Membership.objects.filter(email=email).exists():
        raise AlreadyMember(_("%(email)s is a member already.") % {"email": email})
    return store(Membership(user=user, email=email, name=person.shown_name, role=person.role))


@transaction.atomic
def prepare_members(people: Iterable[Person]) -> dict[str, Membership]:
    """Return a member for every person, by address; who is none yet becomes one without a user.

    She may own accounts, and joins when she is invited and accepts. Who is a member already is
    left as she is. An address that stands twice is one person: the first.
    """
    wanted = {person.email.lower(): person for person in reversed(list(people))}
    members = [
        Membership(email=email, name=person.shown_name, role=person.role)
        for email, person in sorted(wanted.items())
    ]
    for member in members:
        member.clean_fields()
    Membership.objects.bulk_create(members, ignore_conflicts=True)
    return {member.email: member for member in Membership.objects.filter(email__in=wanted)}


def settle_in(*, membership_id: UUID, at: datetime) -> bool:
    """Note that a member knows her way about; return whether she did not before."""
    new = Membership.objects.filter(pk=membership_id, settled_in_at=None)
    return bool(new.update(settled_in_at=at))


@transaction.atomic
def save_member(membership: Membership) -> Membership:
    """Save a member's role, and whether she may sign in here.

    Who may not has no way in from now on: her keys are revoked and her invitation is withdrawn,
    for good. Her sessions end here, and nowhere else.

    :raises LastAdmin: if no active admin would be left.
    """
    admins = Membership.objects.filter(role=Role.ADMIN, is_active=True, user__isnull=False)
    stays = membership.role == Role.ADMIN and membership.is_active
    # Locked, so that two admins cannot take each other's role at once.
    locked = admins.order_by("pk").select_for_update()
    if not stays and [admin.pk for admin in locked] == [membership.pk]:
        raise LastAdmin(_("%(name)s is the last admin.") % {"name": membership})
    store(membership)
    if not membership.is_active:
        membership.api_keys.filter(revoked_at=None).update(
            revoked_at=Now(), version=F("version") + 1
        )
        membership.invitations.filter(accepted_at=None, withdrawn_at=None).update(
            withdrawn_at=Now()
        )
    return membership
