"""How people become members: invited by mail, joined through the link in it."""

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from tenants import letters
from tenants.context import current_organization
from tenants.models import Invitation, Membership, Organization, User
from tenants.services.members import AlreadyMember, MemberInactive, Person, new_member
from tenants.services.passwords import hashed
from toolkit.errors import DomainError
from toolkit.storage import store

LIFETIME = dt.timedelta(days=14)
SALT = "tenants.invitation"


class AlreadyJoined(DomainError):
    """A member who has joined needs no invitation."""


class NoInvitation(DomainError):
    """There is no open invitation to withdraw."""


class InvitationOver(DomainError):
    """The link was used, replaced, withdrawn or is too old, or never was one."""


class InvitationForSomebodyElse(DomainError):
    """Another person is signed in than the one invited."""


class AddressKnown(DomainError):
    """Somebody signs in with this address already, and is to do so before joining."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the link of an invitation says. Its secret is for the person invited alone."""

    organization_id: UUID
    membership_id: UUID
    nonce: str

    def token(self) -> str:
        """Return the ticket as part of an address, signed."""
        said = [self.organization_id.hex, self.membership_id.hex, self.nonce]
        return signing.dumps(said, salt=SALT)

    @classmethod
    def read(cls, token: str) -> "Ticket":
        """Return the ticket that a link carries.

        :raises InvitationOver: if we never signed it.
        """
        try:
            organization_id, membership_id, nonce = signing.loads(token, salt=SALT)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise InvitationOver(_("This is no invitation.")) from error
        return cls(UUID(organization_id), UUID(membership_id), nonce)


@dataclass(frozen=True, slots=True)
class NewUser:
    """What a person says of herself who signs in for the first time."""

    name: str
    password: str
    language: str


@transaction.atomic
def invite_person(
    person: Person, *, by: Membership | None, at: dt.datetime, language: str
) -> tuple[Membership, Ticket]:
    """Make a person a member who has not joined yet, and write to her.

    The answer is the same whether she has signed in elsewhere or not.

    :raises AlreadyMember: if the organization knows the address.
    """
    membership = new_member(person)
    return membership, invite_member(membership, by=by, at=at, language=language)


@transaction.atomic
def invite_member(
    membership: Membership, *, by: Membership | None, at: dt.datetime, language: str
) -> Ticket:
    """Invite a member, or invite her again: links of earlier letters stop working.

    :raises AlreadyJoined: if she has joined.
    :raises MemberInactive: if she may not.
    """
    if membership.has_joined:
        raise AlreadyJoined(_("%(name)s has joined already.") % {"name": membership})
    if not membership.is_active:
        raise MemberInactive(_("%(name)s is inactive.") % {"name": membership})
    tickets = invite_members([membership], by=by, at=at, language=language)
    if not tickets:
        raise AlreadyJoined(_("%(name)s has joined already.") % {"name": membership})
    return tickets[0]


@transaction.atomic
def invite_members(
    memberships: Iterable[Membership], *, by: Membership | None, at: dt.datetime, language: str
) -> list[Ticket]:
    """Invite all of them in a few statements; who has joined or is inactive is left out."""
    wanted = Membership.objects.filter(
        pk__in=[membership.pk for membership in memberships], user=None, is_active=True
    )
    # Locked, so that nobody joins, and nobody else invites them, in between.
    invited = list(wanted.select_for_update().order_by("pk"))
    tickets = [
        Ticket(current_organization(), membership.pk, secrets.token_urlsafe(24))
        for membership in invited
    ]
    Invitation.objects.bulk_create(
        [
            Invitation(
                membership_id=ticket.membership_id,
                sent_by=by,
                language=language,
                nonce_hash=_hash(ticket.nonce),
                sent_at=at,
                expires_at=at + LIFETIME,
            )
            for ticket in tickets
        ],
        update_conflicts=True,
        unique_fields=["organization", "membership"],
        update_fields=[
            "sent_by",
            "language",
            "nonce_hash",
            "sent_at",
            "expires_at",
            "withdrawn_at",
        ],
    )
    organization = Organization.objects.get(pk=current_organization())
    letters.send(
        [
            letters.invitation(
                to=membership.email,
                name=membership.name,
                organization=organization.name,
                by=by.name if by else "",
                token=ticket.token(),
                days=LIFETIME.days,
                language=language,
            )
            for membership, ticket in zip(invited, tickets, strict=True)
        ]
    )
    return tickets


def withdraw_invitation(membership: Membership, *, at: dt.datetime) -> None:
    """Let the link of the letter stop working; the member stays, and may be invited again.

    :raises NoInvitation: if none is open.
    """
    still_open = Invitation.objects.filter(
        membership=membership, accepted_at=None, withdrawn_at=None
    )
    if not still_open.update(withdrawn_at=at):
        raise NoInvitation(_("No invitation of %(name)s is open.") % {"name": membership})


def find_invitation(ticket: Ticket, *, at: dt.datetime) -> Invitation:
    """Return the open invitation of a ticket, whose organization is in force.

    :raises InvitationOver: if the link does not work any more.
    """
    found = Invitation.objects.select_related("membership", "organization", "sent_by").filter(
        membership=ticket.membership_id,
        membership__user=None,
        membership__is_active=True,
        accepted_at=None,
        withdrawn_at=None,
        expires_at__gt=at,
    )
    invitation = found.first()
    if invitation is None or not constant_time_compare(invitation.nonce_hash, _hash(ticket.nonce)):
        raise InvitationOver(_("This invitation does not work any more."))
    return invitation


def who_invited(ticket: Ticket) -> Invitation | None:
    """Return the invitation of a ticket, open or not, to tell whom to ask for a new one."""
    found = Invitation.objects.select_related("organization", "sent_by")
    return found.filter(membership=ticket.membership_id).first()


@transaction.atomic
def join(ticket: Ticket, *, user: User, name: str, at: dt.datetime) -> Membership:
    """Let a user who is signed in accept; what she is called here she may say anew.

    :raises InvitationOver: if the link does not work any more.
    :raises InvitationForSomebodyElse: if she has another address than the one invited.
    :raises AlreadyMember: if she belongs to the organization with another address.
    """
    invitation = _take(ticket, at)
    membership = invitation.membership
    if user.email != membership.email:
        raise InvitationForSomebodyElse(
            _("This invitation is for %(email)s.") % {"email": membership.email}
        )
    if Membership.objects.filter(user=user).exists():
        raise AlreadyMember(_("%(email)s is a member already.") % {"email": user.email})
    return _join(invitation, user, name, at)


@transaction.atomic
def join_as_new_user(ticket: Ticket, *, new: NewUser, at: dt.datetime) -> Membership:
    """Let a person accept who signs in for the first time.

    :raises InvitationOver: if the link does not work any more.
    :raises AddressKnown: if somebody signs in with this address already.
    :raises ValidationError: if the password is too easy to guess.
    """
    invitation = _take(ticket, at)
    user = User(email=invitation.membership.email, name=new.name, language=new.language)
    user.password = hashed(new.password, user)
    user.full_clean(validate_unique=False)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise AddressKnown(_("You have a password here already: sign in first.")) from error
    return _join(invitation, user, new.name, at)


def _take(ticket: Ticket, at: dt.datetime) -> Invitation:
    """Return the open invitation, its member locked: a link works once."""
    members = Membership.objects.filter(pk=ticket.membership_id)
    members.select_for_update().values_list("pk").first()
    return find_invitation(ticket, at=at)


def _join(invitation: Invitation, user: User, name: str, at: dt.datetime) -> Membership:
    membership = invitation.membership
    membership.user = user
    membership.name = name
    store(membership)
    invitation.accepted_at = at
    invitation.save(update_fields=["accepted_at"])
    return membership


def _hash(nonce: str) -> str:
    return salted_hmac(SALT, nonce, algorithm="sha256").hexdigest()
