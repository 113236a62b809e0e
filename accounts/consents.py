"""Consent to automatic messages: noted by members, and withdrawn by the person herself."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.choices import ConsentSource, ConsentState
from accounts.models import Account, Contact, ContactConsent
from accounts.signals import consent_withdrawn
from tenants.letters import address
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput

SALT = "accounts.consent"


class NoSuchMessages(DomainError):
    """A link says whose messages are meant, and this one does not, or not any more."""


@dataclass(frozen=True, slots=True)
class WayOut:
    """What the link at the end of a message says: who is written, by whom, for which account."""

    organization_id: UUID
    account_id: UUID
    email: str

    def token(self) -> str:
        """Return it as part of an address, signed; it never runs out."""
        said = [self.organization_id.hex, self.account_id.hex, self.email]
        return signing.dumps(said, salt=SALT)

    def address(self) -> str:
        """Return the address that a message holds."""
        return address("messages", self.token())

    @classmethod
    def read(cls, token: str) -> "WayOut":
        """Return what a link says.

        :raises NoSuchMessages: if we never signed it.
        """
        try:
            organization_id, account_id, email = signing.loads(token, salt=SALT)
            return cls(UUID(organization_id), UUID(account_id), str(email))
        except (signing.BadSignature, ValueError, TypeError, AttributeError) as error:
            raise NoSuchMessages(_("This link is not one of ours.")) from error


def consents_of(addresses: Iterable[str]) -> dict[str, ContactConsent]:
    """Return what holds for each address in lower case, in one query; nothing where none is known.

    Who noted it is loaded with it.
    """
    latest = ContactConsent.objects.latest_of(filter(None, addresses))
    return {consent.email: consent for consent in latest.select_related("noted_by")}


@transaction.atomic
def note_consent(
    *,
    contact: Contact,
    state: str,
    how: str,
    by: Membership | None,
    at: dt.datetime,
    source: ConsentSource = ConsentSource.HAND,
) -> ContactConsent:
    """Note that a contact gave or withdrew her consent, and how she said so. ``at`` is UTC.

    :raises InvalidInput: without saying how, or for a contact without an address.
    """
    if not contact.email:
        raise InvalidInput({"contact": _("No e-mail address of this person is known.")})
    if not how.strip():
        raise InvalidInput({"how": _("Say how the person told you.")})
    return _note(
        ContactConsent(
            account=contact.account,
            email=contact.email.lower(),
            name=contact.name,
            state=state,
            source=source,
            how=how.strip(),
            noted_at=at,
            noted_by=by,
        )
    )


@transaction.atomic
def answer_by_link(way_out: WayOut, *, wanted: bool, at: dt.datetime) -> None:
    """Write the person behind a link no more, or again. Her organization is in force.

    Saying it twice changes nothing. ``at`` is UTC.

    :raises NoSuchMessages: if the organization has no such account.
    """
    account = Account.objects.filter(pk=way_out.account_id).first()
    if account is None:
        raise NoSuchMessages(_("This link is not one of ours."))
    state = ConsentState.GIVEN if wanted else ConsentState.WITHDRAWN
    lock_address(way_out.email)
    known = consents_of([way_out.email]).get(way_out.email)
    if known is not None and known.state == state:
        return
    known_as = account.contacts.filter(email__iexact=way_out.email).values_list("name", flat=True)
    _note(
        ContactConsent(
            account=account,
            email=way_out.email,
            name=known_as.first() or (known.name if known else way_out.email),
            state=state,
            source=ConsentSource.LINK,
            noted_at=at,
        )
    )


def lock_address(email: str) -> None:
    """Let one at a time write to an address, or hear that nobody may any more."""
    rows = Contact.objects.select_for_update(of=("self",), no_key=True).filter(email__iexact=email)
    list(rows.order_by("pk").values_list("pk"))


def _note(consent: ContactConsent) -> ContactConsent:
    lock_address(consent.email)
    consent.full_clean(validate_unique=False)
    consent.save(force_insert=True)
    if consent.state == ConsentState.WITHDRAWN:
        consent_withdrawn.send(sender=ContactConsent, address=consent.email)
    return consent
