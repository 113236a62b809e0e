"""Every write on organizations, members and keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.text import slugify
from django.utils.translation import gettext as _

from tenants.authentication import hash_key, new_key
from tenants.choices import Role, Scope
from tenants.context import acting_for
from tenants.models import ApiKey, Membership, Organization, User
from toolkit.errors import DomainError
from toolkit.storage import store
from toolkit.uuid7 import uuid7


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is to become a member; without a name, the address has to do."""

    email: str
    name: str = ""
    role: Role = Role.CSM


class SlugTaken(DomainError):
    """Another organization has this slug."""


class AlreadyMember(DomainError):
    """This person belongs to the organization."""


class LastAdmin(DomainError):
    """Without this member nobody could manage members any more."""


def create_organization(*, name: str, slug: str = "", door: str = "command") -> Organization:
    """Create an organization; the slug follows from the name when none is given.

    :raises SlugTaken: if the slug is in use.
    """
    organization = Organization(id=uuid7(), name=name, slug=slug or slugify(name)[:60])
    try:
        with acting_for(organization.pk, door=door):
            organization.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken(
            _("The slug “%(slug)s” is in use.") % {"slug": organization.slug}
        ) from error
    return organization


@transaction.atomic
def add_member(
    *, email: str, name: str, role: Role, password: str | None = None, language: str = "en"
) -> Membership:
    """Make a person a member of the organization in force.

    A user who exists keeps her password: she may belong to several organizations.

    :raises AlreadyMember: if she is one.
    """
    email = email.lower()
    if Membership.objects.filter(email=email).exists():
        raise AlreadyMember(_("%(email)s is a member already.") % {"email": email})
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User(email=email, name=name, language=language)
        user.set_password(password)
        user.save(force_insert=True)
    return store(Membership(user=user, email=email, name=name, role=role))


@transaction.atomic
def prepare_members(people: Iterable[Person]) -> dict[str, Membership]:
    """Return a member for every person, by address; who is none yet becomes one without a user.

    She may own accounts, and joins when she is invited and accepts. Who is a member already is
    left as she is. An address that stands twice is one person: the first.
    """
    wanted = {person.email.lower(): person for person in reversed(list(people))}
    members = [
        Membership(email=email, name=person.name or email.partition("@")[0], role=person.role)
        for email, person in sorted(wanted.items())
    ]
    for member in members:
        member.clean_fields()
    Membership.objects.bulk_create(members, ignore_conflicts=True)
    return {member.email: member for member in Membership.objects.filter(email__in=wanted)}


@transaction.atomic
def save_member(membership: Membership) -> Membership:
    """Save a member's role, and whether she may sign in here.

    :raises LastAdmin: if no active admin would be left.
    """
    admins = Membership.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")
    stays = membership.role == Role.ADMIN and membership.is_active
    # Locked, so that two admins cannot take each other's role at once.
    if not stays and [admin.pk for admin in admins.select_for_update()] == [membership.pk]:
        raise LastAdmin(_("%(name)s is the last admin.") % {"name": membership})
    return store(membership)


def create_api_key(
    *, membership: Membership, name: str, scope: Scope, expires_at: datetime | None = None
) -> tuple[ApiKey, str]:
    """Create a key and return it with its text, which is not stored and never shown again."""
    text = new_key()
    key = ApiKey.objects.create(
        membership=membership,
        name=name,
        scope=scope,
        prefix=text[:8],
        hash=hash_key(text),
        expires_at=expires_at,
    )
    return key, text


def revoke_api_key(*, key: ApiKey, at: datetime) -> None:
    """Refuse the key from now on."""
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(
        revoked_at=at, version=F("version") + 1
    )
