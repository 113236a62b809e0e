"""Mails in copy: found out whom they are about, and logged as meetings, each once."""

import base64
import binascii
import datetime as dt
import hmac
from uuid import UUID

import structlog
from django.conf import settings
from django.db import connection
from django.utils.crypto import salted_hmac

from accounts.choices import Channel
from accounts.models import Account, Contact
from engagement.choices import MailResult, MeetingSource
from engagement.mail_reading import Mail, tokens_in
from engagement.models import IncomingMail, Meeting
from engagement.services.meetings import log_meeting
from regions.working_time import working_time
from tenants.context import acting_for
from tenants.models import Membership
from toolkit.errors import DomainError, InvalidInput

log = structlog.get_logger(__name__)

SALT = "engagement.mail-address"
SIGNATURE_BYTES = 6
ID_BYTES = 16
LONGEST_REASON = 500


def address_of(account: Account) -> str:
    """Return the address to which mails about an account are copied; nothing without a mailbox.

    It is as secret as the account: who knows it and writes from a known address is believed.
    """
    if not settings.IMAP_ADDRESS:
        return ""
    local, _, domain = settings.IMAP_ADDRESS.rpartition("@")
    signed = account.pk.bytes + _signature(account.pk, settings.SECRET_KEY)
    token = base64.b32encode(signed).decode().rstrip("=").lower()
    return f"{local}+{token}@{domain}"


def account_in(token: str) -> UUID | None:
    """Return the account whose address we made, None for any other."""
    try:
        signed = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    if len(signed) != ID_BYTES + SIGNATURE_BYTES:
        return None
    account_id, signature = UUID(bytes=signed[:ID_BYTES]), signed[ID_BYTES:]
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    ours = any(hmac.compare_digest(signature, _signature(account_id, key)) for key in keys)
    return account_id if ours else None


def take_in_mail(mail: Mail, *, at: dt.datetime) -> list[MailResult]:
    """Log a mail for each account that it is in copy to; ``at`` is UTC.

    Taking it in again, or twice at once, changes nothing. The answer is empty where it is for
    no account.
    """
    results = []
    for token in tokens_in(mail.recipients, settings.IMAP_ADDRESS):
        account_id = account_in(token)
        organization_id = account_id and _organization_of(account_id)
        if account_id is None or organization_id is None:
            continue
        with acting_for(organization_id, door="mail"):
            results.append(_take_in(account_id, mail, at))
    return results


def _signature(account_id: UUID, key: str) -> bytes:
    digest = salted_hmac(SALT, account_id.hex, secret=key, algorithm="sha256").digest()
    return digest[:SIGNATURE_BYTES]


def _organization_of(account_id: UUID) -> UUID | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT organization_of_account(%s)", [account_id])
        found: UUID | None = cursor.fetchone()[0]
    return found


def _take_in(account_id: UUID, mail: Mail, at: dt.datetime) -> MailResult:
    row = IncomingMail(
        account_id=account_id,
        message_id=mail.message_id,
        sender=mail.sender[:320],
        subject=mail.subject,
        sent_at=mail.sent_at,
        received_at=at,
        result=MailResult.REFUSED,
    )
    # Whoever is second waits here for the first one, and finds it there.
    IncomingMail.objects.bulk_create([row], ignore_conflicts=True)
    if not IncomingMail.objects.filter(pk=row.pk).exists():
        return MailResult.KNOWN
    account = Account.objects.select_related("market").get(pk=account_id)
    row.result = _judge(mail, account)
    if row.result == MailResult.LOGGED:
        _log(row, mail, account, at)
    row.save(update_fields=["result", "reason", "meeting"])
    return MailResult(row.result)


def _judge(mail: Mail, account: Account) -> MailResult:
    """Return whether a mail counts: a known person wrote it, to or as the customer."""
    if mail.is_automatic:
        return MailResult.AUTOMATIC
    if settings.IMAP_AUTHSERV_ID and not mail.is_authentic:
        return MailResult.NOT_AUTHENTIC
    if _member(mail) is None and _contact((mail.sender,), account) is None:
        return MailResult.UNKNOWN_SENDER
    if not _outsiders(mail):
        return MailResult.NOBODY_THERE
    return MailResult.LOGGED


def _log(row: IncomingMail, mail: Mail, account: Account, at: dt.datetime) -> None:
    time = working_time(account.market)
    sent_at = min(mail.sent_at or at, at)
    meeting = Meeting(
        account=account,
        held_on=sent_at.astimezone(time.zone).date(),
        channel=Channel.EMAIL,
        contact=_contact((mail.sender, *mail.recipients), account),
        participants=", ".join(_outsiders(mail))[:500],
        note=mail.subject,
        external_id=mail.message_id,
    )
    try:
        logged = log_meeting(meeting, by=_member(mail), at=at, source=MeetingSource.MAIL)
    except DomainError as error:
        said = " ".join(error.errors.values()) if isinstance(error, InvalidInput) else str(error)
        row.result, row.reason = MailResult.REFUSED, said[:LONGEST_REASON]
    else:
        row.meeting = logged.meeting


def _member(mail: Mail) -> Membership | None:
    found = Membership.objects.filter(email__iexact=mail.sender, is_active=True)
    return found.first() if mail.sender else None


def _contact(addresses: tuple[str, ...], account: Account) -> Contact | None:
    """Return the contact of an account who takes part, the first to turn to before others."""
    taking_part = set(addresses)
    contacts = Contact.objects.filter(account=account).exclude(email="")
    return next((each for each in contacts if each.email.lower() in taking_part), None)


def _outsiders(mail: Mail) -> list[str]:
    """Return who takes part beside members and our own mailbox."""
    local, _at, domain = settings.IMAP_ADDRESS.lower().rpartition("@")
    taking_part = [
        each
        for each in dict.fromkeys((mail.sender, *mail.recipients))
        if not (each.partition("+")[0].partition("@")[0] == local and each.endswith(f"@{domain}"))
    ]
    members = set(Membership.objects.filter(email__in=taking_part).values_list("email", flat=True))
    return [each for each in taking_part if each not in members]
