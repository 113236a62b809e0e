"""Agreements shared with customers: links, what a customer proposes, and what becomes of it."""

import datetime as dt
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import get_supported_language_variant
from django.utils.translation import gettext as _

from accounts import events
from accounts.choices import ProposalStatus
from accounts.models import Account, AgreementLink, AgreementProposal, Contact, WorkingAgreement
from accounts.services import check_period, require_in_use, save_agreement
from regions.working_time import working_time
from tenants import letters
from tenants.context import current_organization
from tenants.models import Membership, Organization
from toolkit import consequences
from toolkit.errors import DomainError, InvalidInput, require_reason
from toolkit.storage import StaleVersion, store, validate

LIFETIME = dt.timedelta(days=60)
SALT = "accounts.agreement-link"
FALLBACK_LANGUAGE = "en"
PARTS: Mapping[str, tuple[str, ...]] = {
    "rhythm": ("every", "unit"),
    "weekdays": ("weekdays",),
    "hours": ("hours_from", "hours_to"),
    "channel": ("channel",),
    "language": ("language",),
    "decides": ("decides",),
    "escalation": ("escalation",),
}
"""What is accepted as a whole, with the fields of an agreement that belong to it."""
FIELDS = tuple(field for fields in PARTS.values() for field in fields)


class LinkOver(DomainError):
    """The link is too old, was revoked, or never was one."""


class ProposalDecided(DomainError):
    """Somebody decided on the proposal first."""


class NothingProposed(DomainError):
    """The customer changed nothing and wrote nothing."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """What a link says; the secret is the contact's alone."""

    organization_id: UUID
    link_id: UUID
    nonce: str

    def token(self) -> str:
        """Return the ticket as part of an address, signed."""
        return signing.dumps([self.organization_id.hex, self.link_id.hex, self.nonce], salt=SALT)

    @classmethod
    def read(cls, token: str) -> "Ticket":
        """Return the ticket that a link carries.

        :raises LinkOver: if we never signed it.
        """
        try:
            organization_id, link_id, nonce = signing.loads(token, salt=SALT)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise LinkOver(_("This link does not work.")) from error
        return cls(UUID(organization_id), UUID(link_id), nonce)


def language_for(contact: Contact, agreement: WorkingAgreement | None) -> str:
    """Return the first language of the site that contact, agreement or market speak."""
    agreed = agreement.language if agreement else ""
    for tag in (contact.language, agreed, *contact.account.market.languages):
        try:
            return get_supported_language_variant(tag.lower())
        except LookupError:
            continue
    return FALLBACK_LANGUAGE


@transaction.atomic
def share_agreement(
    *, contact: Contact, by: Membership, at: dt.datetime, mail: bool = False
) -> Ticket:
    """Make a link for a contact, and write to her if wanted. Earlier links of hers end.

    ``at`` is UTC; the link works for ``LIFETIME``.

    :raises AccountArchived: for an account that nobody works on.
    :raises InvalidInput: if there is no address to write to.
    """
    account = contact.account
    require_in_use(account)
    if mail and not contact.email:
        raise InvalidInput({"contact": _("No e-mail address of this person is known.")})
    _revoke(AgreementLink.objects.filter(contact=contact), at)
    nonce = secrets.token_urlsafe(24)
    link = store(
        AgreementLink(
            account=account,
            contact=contact,
            contact_name=contact.name,
            nonce_hash=_hash(nonce),
            made_by=by,
            made_at=at,
            expires_at=at + LIFETIME,
        )
    )
    ticket = Ticket(current_organization(), link.pk, nonce)
    if mail:
        letters.send([_letter(ticket, contact, by)])
    return ticket


def revoke_link(link: AgreementLink, *, at: dt.datetime) -> None:
    """Let a link stop working."""
    _revoke(AgreementLink.objects.filter(pk=link.pk), at)


def open_links(account: Account, *, at: dt.datetime) -> list[AgreementLink]:
    """Return the links of an account that work, the newest first."""
    return list(AgreementLink.objects.working(at=at).filter(account=account).order_by("-made_at"))


def find_link(ticket: Ticket, *, at: dt.datetime) -> AgreementLink:
    """Return the link of a ticket, whose organization is in force.

    :raises LinkOver: if it does not work any more.
    """
    found = AgreementLink.objects.select_related(
        "account__market", "contact__account__market", "made_by", "organization"
    )
    link = found.working(at=at).filter(pk=ticket.link_id).first()
    if link is None or not constant_time_compare(link.nonce_hash, _hash(ticket.nonce)):
        raise LinkOver(_("This link does not work any more."))
    return link


@transaction.atomic
def propose_correction(
    link: AgreementLink,
    *,
    values: Mapping[str, Any],
    remark: str,
    seen_version: int,
    at: dt.datetime,
) -> AgreementProposal:
    """Keep what a customer wants to be agreed: it takes the place of her earlier proposal.

    ``values`` are fields of an agreement; what is as agreed is no change.

    :raises NothingProposed: if nothing is to be changed and nothing was written.
    :raises StaleVersion: if the agreement is another than the one that she saw.
    :raises ValidationError: for values that no agreement can have.
    :raises InvalidInput: for a rhythm of more than ten years.
    """
    account = Account.objects.select_for_update(of=("self",), no_key=True).get(pk=link.account_id)
    agreement = _agreement_of(account)
    if _version(agreement) != seen_version:
        raise StaleVersion(agreement)
    changes = {
        name: value
        for name, value in values.items()
        if name in FIELDS and value != getattr(agreement, name)
    }
    if not changes and not remark.strip():
        raise NothingProposed(_("Change something, or write a remark."))
    for name, value in changes.items():
        setattr(agreement, name, value)
    check_period(agreement.every, agreement.unit)
    validate(agreement)
    AgreementProposal.objects.filter(
        account=account, contact=link.contact_id, status=ProposalStatus.OPEN
    ).update(status=ProposalStatus.REPLACED, decided_at=at)
    proposal = store(
        AgreementProposal(
            account=account,
            contact=link.contact,
            proposed_by=link.contact_name,
            proposed_at=at,
            based_on=seen_version,
            changes=changes,
            remark=remark.strip(),
        )
    )
    consequences.draw(events.proposed, account.pk)
    return proposal


@transaction.atomic
def accept_proposal(
    proposal: AgreementProposal,
    *,
    parts: Collection[str],
    seen_version: int,
    by: Membership,
    at: dt.datetime,
) -> WorkingAgreement:
    """Agree to the chosen parts of a proposal; planning follows.

    ``seen_version`` is that of the agreement that the member compared with, 0 if there was none.

    :raises ProposalDecided: if somebody decided first.
    :raises StaleVersion: if the agreement changed since the member looked at it.
    :raises InvalidInput: if there is no such part, or none was chosen of several.
    """
    locked = _lock_open(proposal)
    agreement = _agreement_of(locked.account)
    if _version(agreement) != seen_version:
        raise StaleVersion(agreement)
    offered = parts_of(locked)
    if set(parts) - set(offered) or (offered and not parts):
        raise InvalidInput({"parts": _("Choose at least one of the proposed changes.")})
    for part in parts:
        for name in PARTS[part]:
            if name in locked.changes:
                setattr(agreement, name, locked.changes[name])
    agreement.agreed_with = locked.contact
    agreement.agreed_on = working_time(locked.account.market).today(at)
    saved = save_agreement(agreement)
    locked.accepted = [part for part in offered if part in parts]
    _decide(locked, ProposalStatus.ACCEPTED, by, at)
    return saved


@transaction.atomic
def decline_proposal(
    proposal: AgreementProposal, *, reason: str, by: Membership, at: dt.datetime
) -> AgreementProposal:
    """Leave the agreement as it is.

    :raises ProposalDecided: if somebody decided first.
    :raises InvalidInput: without a reason.
    """
    require_reason(reason)
    locked = _lock_open(proposal)
    locked.reason = reason
    return _decide(locked, ProposalStatus.DECLINED, by, at)


def parts_of(proposal: AgreementProposal) -> list[str]:
    """Return the parts of an agreement that a proposal changes, in their order."""
    return [part for part, fields in PARTS.items() if proposal.changes.keys() & set(fields)]


def _lock_open(proposal: AgreementProposal) -> AgreementProposal:
    locked = (
        AgreementProposal.objects.select_for_update(of=("self",))
        .select_related("account__market", "contact", "decided_by")
        .get(pk=proposal.pk)
    )
    if locked.status != ProposalStatus.OPEN:
        raise ProposalDecided(
            _("%(name)s decided on this already.") % {"name": locked.decided_by}
            if locked.decided_by
            else _("The customer has proposed something else since.")
        )
    return locked


def _decide(
    proposal: AgreementProposal, status: ProposalStatus, by: Membership, at: dt.datetime
) -> AgreementProposal:
    proposal.status, proposal.decided_by, proposal.decided_at = status, by, at
    return store(proposal)


def _agreement_of(account: Account) -> WorkingAgreement:
    found = WorkingAgreement.objects.filter(account=account).first()
    return found or WorkingAgreement(account=account)


def _version(agreement: WorkingAgreement) -> int:
    """Return the version that a reader sees: 0 where nothing is agreed."""
    return 0 if agreement._state.adding else agreement.version


def _revoke(links: QuerySet[AgreementLink], at: dt.datetime) -> None:
    links.filter(revoked_at=None).update(revoked_at=at, version=F("version") + 1)


def _letter(ticket: Ticket, contact: Contact, by: Membership) -> letters.Draft:
    agreement = WorkingAgreement.objects.filter(account=contact.account_id).first()
    return letters.agreement_shared(
        to=contact.email,
        name=contact.name,
        organization=Organization.objects.get(pk=current_organization()).name,
        by=by.name,
        token=ticket.token(),
        days=LIFETIME.days,
        language=language_for(contact, agreement),
    )


def _hash(nonce: str) -> str:
    return salted_hmac(SALT, nonce, algorithm="sha256").hexdigest()
