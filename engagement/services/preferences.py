"""Which letters members want, and how they say so without signing in."""

from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from engagement.choices import LetterKind
from engagement.models import LetterPreference
from tenants.letters import address
from tenants.models import Membership
from toolkit.errors import DomainError
from toolkit.storage import store

SALT = "engagement.letters"


class NoSuchLetters(DomainError):
    """A link says whose letters are meant, and this one does not, or not any more."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """What the link at the end of a letter says: whose letters of which kind are meant."""

    organization_id: UUID
    membership_id: UUID
    kind: LetterKind

    def token(self) -> str:
        """Return it as part of an address, signed; it never runs out."""
        said = [self.organization_id.hex, self.membership_id.hex, self.kind.value]
        return signing.dumps(said, salt=SALT)

    def address(self) -> str:
        """Return the address that a letter holds."""
        return address("letters", self.token())

    @classmethod
    def read(cls, token: str) -> "WayOut":
        """Return what a link says.

        :raises NoSuchLetters: if we never signed it.
        """
        try:
            organization_id, membership_id, kind = signing.loads(token, salt=SALT)
            return cls(UUID(organization_id), UUID(membership_id), LetterKind(kind))
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise NoSuchLetters(_("This link is not one of ours.")) from error


def preference_of(membership: Membership) -> LetterPreference:
    """Return what a member wants; unsaved while she has said nothing."""
    found = LetterPreference.objects.filter(membership=membership).first()
    return found or LetterPreference(membership=membership)


@transaction.atomic
def save_preference(preference: LetterPreference) -> LetterPreference:
    """Save what a member wants."""
    return store(preference)


@transaction.atomic
def remove_preference(preference: LetterPreference) -> None:
    """Forget what a member wants: she gets all letters, as in the beginning."""
    preference.delete()


@transaction.atomic
def switch_letters(way_out: WayOut, *, wanted: bool) -> LetterPreference:
    """Write a member letters of a kind no more, or again. Her organization is in force.

    Saying it twice changes nothing.

    :raises NoSuchLetters: if there is no such member any more.
    """
    members = Membership.objects.filter(pk=way_out.membership_id)
    if not members.select_for_update(no_key=True).values_list("pk").first():
        raise NoSuchLetters(_("You are no member any more, so you are not written."))
    preference = preference_of(members.get())
    if getattr(preference, way_out.kind) != wanted:
        setattr(preference, way_out.kind, wanted)
        save_preference(preference)
    return preference
