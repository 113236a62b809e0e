"""Every write on organizations."""

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from tenants.context import acting_for
from tenants.models import Membership, Organization
from tenants.services.invitations import Ticket, invite_person
from tenants.services.members import Person, add_member
from toolkit.errors import DomainError, InvalidInput
from toolkit.uuid7 import uuid7


@dataclass(frozen=True, slots=True)
class Founding:
    """A new organization, its first admin, and the ticket with which she joins, if she has to."""

    organization: Organization
    admin: Membership
    ticket: Ticket | None


class SlugTaken(DomainError):
    """Another organization has this slug."""


def create_organization(*, name: str, slug: str = "", door: str = "command") -> Organization:
    """Create an organization; the slug follows from the name when none is given.

    :raises SlugTaken: if the slug is in use.
    :raises InvalidInput: if the name has no letters to make one of.
    """
    slug = slug or slugify(name)[:60].strip("-")
    if not slug:
        raise InvalidInput({"slug": _("Give a short name, in small Latin letters and digits.")})
    organization = Organization(id=uuid7(), name=name, slug=slug)
    try:
        with acting_for(organization.pk, door=door):
            organization.save(force_insert=True)
    except IntegrityError as error:
        raise SlugTaken(
            _("The slug “%(slug)s” is in use.") % {"slug": organization.slug}
        ) from error
    return organization


@transaction.atomic
def found_organization(
    *,
    name: str,
    slug: str = "",
    admin: Person,
    language: str,
    password: str | None = None,
    at: dt.datetime,
    door: str,
) -> Founding:
    """Create an organization and invite its first admin; all of it or nothing.

    With a ``password``, for scripts, she joins at once and nobody writes to her. Who signs in
    elsewhere already keeps the one she has.

    :raises SlugTaken: if the slug is in use.
    :raises ValidationError: if the password is too easy to guess, or the address is none.
    """
    organization = create_organization(name=name, slug=slug, door=door)
    with acting_for(organization.pk, door=door):
        if password is None:
            membership, ticket = invite_person(admin, by=None, at=at, language=language)
            return Founding(organization, membership, ticket)
        member = add_member(
            email=admin.email,
            name=admin.shown_name,
            role=admin.role,
            password=password,
            language=language,
        )
        return Founding(organization, member, ticket=None)
