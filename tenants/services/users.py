"""Every write on what a person is everywhere: her language, her address, her sessions."""

from uuid import UUID

from django.core import signing
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from tenants import letters
from tenants.context import acting_for
from tenants.models import Membership, Organization, User
from tenants.services.passwords import fingerprint
from toolkit.errors import DomainError, InvalidInput
from toolkit.storage import store

ADDRESS_SECONDS = 24 * 3600
SALT = "tenants.address"


class ConfirmationOver(DomainError):
    """The link was used or is too old, or is for somebody else, or never was one."""


class AddressTaken(DomainError):
    """Somebody else has this address."""


@transaction.atomic
def save_profile(*, user: User, membership: Membership, name: str, language: str) -> None:
    """Save what a person is called in this organization, and in which language she reads.

    Her other organizations go on calling her what they call her.
    """
    if membership.name != name:
        membership.name = name
        store(membership)
    user.name, user.language = name, language
    user.clean_fields()
    user.save(update_fields=["name", "language"])


def sign_out_everywhere(user: User) -> None:
    """End every session of a user."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


@transaction.atomic
def request_new_address(*, user: User, email: str) -> None:
    """Write to a new address and to the old one; nothing changes until the new one answers.

    Whether somebody has the address already is told to its mailbox alone.

    :raises InvalidInput: if it is the address that she has.
    """
    email = email.lower()
    if email == user.email:
        raise InvalidInput({"email": _("This is your address already.")})
    token = signing.dumps([user.pk.hex, email, fingerprint(user)], salt=SALT)
    asked = letters.confirm_address(to=email, name=user.name, token=token, language=user.language)
    taken = letters.address_taken(to=email, language=user.language)
    letters.send(
        [
            taken if User.objects.filter(email=email).exists() else asked,
            letters.address_notice(
                to=user.email, name=user.name, new=email, language=user.language
            ),
        ]
    )


def address_to_confirm(token: str, *, user: User) -> str:
    """Return the address that a link of ``user`` is for.

    :raises ConfirmationOver: if the link does not work any more, or is another person's.
    """
    try:
        user_id, email, seen = signing.loads(token, salt=SALT, max_age=ADDRESS_SECONDS)
    except signing.BadSignature as error:
        raise ConfirmationOver(_("This link does not work any more.")) from error
    if UUID(user_id) != user.pk or not constant_time_compare(seen, fingerprint(user)):
        raise ConfirmationOver(_("This link does not work any more."))
    return str(email)


@transaction.atomic
def confirm_new_address(token: str, *, user: User) -> None:
    """Let a user sign in with her new address, and every organization of hers know it.

    :raises ConfirmationOver: if the link does not work any more, or is another person's.
    :raises AddressTaken: if somebody else has the address by now, in one of them or at all.
    """
    user = User.objects.select_for_update().get(pk=user.pk)
    old, new = user.email, address_to_confirm(token, user=user)
    letters.send([letters.address_changed(to=old, name=user.name, new=new, language=user.language)])
    user.email = new
    try:
        with transaction.atomic():
            user.save(update_fields=["email"])
    except IntegrityError as error:
        raise AddressTaken(_("Somebody else signs in as %(email)s.") % {"email": new}) from error
    for membership_id, organization_id in _every_membership_of(user):
        with acting_for(organization_id, membership_id=membership_id, door="page"):
            _rename(membership_id, new)


def _rename(membership_id: UUID, email: str) -> None:
    """Write a new address into one organization's list of members."""
    if Membership.objects.filter(email=email).exclude(pk=membership_id).exists():
        organization = Organization.objects.get()
        raise AddressTaken(
            _("%(organization)s knows somebody else as %(email)s.")
            % {"organization": organization, "email": email}
        )
    membership = Membership.objects.get(pk=membership_id)
    membership.email = email
    store(membership)


def _every_membership_of(user: User) -> list[tuple[UUID, UUID]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM every_membership_of_user(%s)", [user.pk])
        return list(cursor.fetchall())
