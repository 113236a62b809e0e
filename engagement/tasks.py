"""Celery entry points: ids in, one service call."""

import time
from uuid import UUID

import redis
import structlog
from celery import shared_task
from django.conf import settings
from django.utils import timezone
from kombu.exceptions import OperationalError

from engagement import services
from engagement.mail_reading import UnreadableMail, read_mail
from engagement.mailbox import Mailbox, MailboxTrouble, open_mailbox
from engagement.services.regions import Lease
from tenants.celery import OrganizationTask

log = structlog.get_logger(__name__)

MOST_REGIONS_A_TICK = 1000
PULSE_KEY = "planning:ticked-at"


@shared_task
def plan_due_regions(**_: object) -> None:
    """Lease what is due and send each region to a worker. What is lost here is leased again."""
    leases = services.lease_due_regions(
        seconds=settings.PLANNING_LEASE_SECONDS, most=MOST_REGIONS_A_TICK
    )
    _leave_pulse()
    if leases:
        latest = max(lease.late_seconds for lease in leases)
        log.info("regions are due", regions=len(leases), late_seconds=round(latest))
    for lease in leases:
        plan_region.delay(
            organization_id=str(lease.organization_id),
            region_id=str(lease.region_id),
            token=lease.token,
        )


def wake_planning() -> None:
    """Have what is due planned now. Without a broker the next tick finds it."""
    try:
        plan_due_regions.apply_async(retry=False)
    except OperationalError:
        log.warning("nobody could be woken for planning")


@shared_task(base=OrganizationTask, one_transaction=False)
def plan_region(*, organization_id: str, region_id: str, token: int, **_: object) -> None:
    """Plan one leased region; safe to run twice, and by two workers at once."""
    services.plan_leased_region(
        Lease(UUID(organization_id), UUID(region_id), token, late_seconds=0),
        now=timezone.now(),
        seconds=settings.PLANNING_LEASE_SECONDS,
    )


@shared_task
def sweep_member_letters(**_: object) -> None:
    """Have each organization look whose morning has come, and who is to be told of what."""
    for organization_id in services.organizations_with_members():
        write_member_letters.apply_async(
            kwargs={"organization_id": str(organization_id)},
            # By then the next sweep has found it again.
            expires=settings.MEMBER_LETTER_SWEEP_SECONDS,
        )


@shared_task(base=OrganizationTask, one_transaction=False)
def write_member_letters(*, organization_id: str, **_: object) -> None:
    """Write what is due to members; safe to run twice, and by two workers at once."""
    services.write_member_letters(organization_id=UUID(organization_id), now=timezone.now())


@shared_task
def sweep_messages(**_: object) -> None:
    """Have each organization look which digital steps are due."""
    for organization_id in services.organizations_with_members():
        send_due_messages.apply_async(
            kwargs={"organization_id": str(organization_id)},
            # By then the next sweep has found it again.
            expires=settings.MESSAGE_SWEEP_SECONDS,
        )


@shared_task(base=OrganizationTask, one_transaction=False)
def send_due_messages(*, organization_id: str, **_: object) -> None:
    """Send what digital steps are due to send; safe to run twice, and by two workers at once."""
    services.send_due_messages(organization_id=UUID(organization_id), now=timezone.now())


@shared_task
def read_mailbox(**_: object) -> None:
    """Take in what was sent in copy; safe to run twice, and by two workers at once."""
    if not settings.IMAP_URL:
        return
    try:
        with open_mailbox(settings.IMAP_URL) as mailbox:
            for uid in mailbox.unread():
                _take_in(mailbox, uid)
    except MailboxTrouble as trouble:
        log.warning("the mailbox cannot be read", reason=str(trouble))


def _take_in(mailbox: Mailbox, uid: str) -> None:
    """Take one mail in; one that is for no account stays in the mailbox, flagged."""
    headers = mailbox.headers(uid)
    try:
        mail = read_mail(headers, authority=settings.IMAP_AUTHSERV_ID)
        results = services.take_in_mail(mail, at=timezone.now())
    except UnreadableMail:
        results = []
    if not results:
        log.warning("a mail is for no account", uid=uid)
    mailbox.settle(uid, look_at=not results)


def _leave_pulse() -> None:
    """Tell the readiness probe that beat sends ticks and a worker takes them."""
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)
    client.set(PULSE_KEY, time.time())
