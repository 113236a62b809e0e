"""Commands that do what a member may do, in her name."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError

from tenants.authentication import memberships_of
from tenants.context import acting_for
from tenants.models import Membership, User


@contextmanager
def acting_as(organization: str, email: str) -> Iterator[Membership]:
    """Act as the active member with an address in the organization with a slug.

    :raises CommandError: if there is none.
    """
    user = User.objects.filter(email=email.lower()).first()
    identities = memberships_of(user) if user else []
    found = next((each for each in identities if each.organization_slug == organization), None)
    if found is None:
        raise CommandError(f"No active member {email} in an organization {organization}.")
    with acting_for(found.organization_id, membership_id=found.membership_id, door="command"):
        yield Membership.objects.get(pk=found.membership_id)
