"""Calendar feeds: a secret address for each member, and what it tells."""

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from engagement.choices import TaskStatus
from engagement.feed import (
    MOST_EVENTS,
    Entry,
    Event,
    Said,
    Telling,
    Window,
    tell,
    uid_of,
    window_around,
)
from engagement.models import CalendarEntry, CalendarFeed, Task
from engagement.wording import until_when, words_of
from regions.hours import load_zone
from talent.models import WorkProfile
from tenants.authentication import hash_key
from tenants.context import audit_covered_by
from tenants.letters import address, speaking
from tenants.models import Membership, Organization
from toolkit.storage import store

TOLD = (
    TaskStatus.WAITING,
    TaskStatus.OPEN,
    TaskStatus.SNOOZED,
    TaskStatus.PAUSED,
    TaskStatus.DONE,
)
"""What is work of hers, or was; the rest is no event, or none any more."""
UNCERTAIN = (TaskStatus.WAITING, TaskStatus.PAUSED)
DONE_MARK = "✓"
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class FeedTicket:
    """Whose calendar a secret address is."""

    organization_id: UUID
    membership_id: UUID
    feed_id: UUID


@dataclass(frozen=True, slots=True)
class FeedText:
    """What a feed tells: a named list of events, in a language."""

    name: str
    language: str
    entries: Sequence[Entry]


@transaction.atomic
def make_feed(membership: Membership, *, at: dt.datetime) -> tuple[CalendarFeed, str]:
    """Give a member a calendar feed; return it with its address, which is shown once.

    ``at`` is UTC.

    :raises ValidationError: if she has one already.
    """
    return _with_new_address(CalendarFeed(membership=membership), at)


@transaction.atomic
def renew_feed(feed: CalendarFeed, *, at: dt.datetime) -> tuple[CalendarFeed, str]:
    """Give a feed another address and return it, once; the one of before is over at once."""
    return _with_new_address(feed, at)


@transaction.atomic
def remove_feed(feed: CalendarFeed) -> None:
    """Let the address of a feed stop working, and forget what it told."""
    with audit_covered_by(feed.pk):
        CalendarEntry.objects.filter(feed=feed).delete()
    feed.delete()


def feed_of(membership: Membership) -> CalendarFeed | None:
    """Return the feed of a member, if she has one."""
    return CalendarFeed.objects.filter(membership=membership).first()


def open_feed(secret: str) -> FeedTicket | None:
    """Return whose calendar a secret opens, before any organization is known."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM member_of_calendar_feed(%s)", [hash_key(secret)])
        found = cursor.fetchone()
    return FeedTicket(*found) if found else None


@transaction.atomic
def read_feed(ticket: FeedTicket, *, now: dt.datetime) -> FeedText:
    """Return what a feed tells at ``now`` (UTC), and remember it.

    The number of queries does not grow with the tasks. Of two programs that read at once the
    second waits, and is told the same.
    """
    feeds = CalendarFeed.objects.select_for_update(of=("self",), no_key=True)
    feed = feeds.select_related("membership__user").get(pk=ticket.feed_id)
    member = feed.membership
    assert member.user is not None
    organization = Organization.objects.get(pk=ticket.organization_id)
    home = WorkProfile.objects.filter(membership=member).select_related("home_market").first()
    zone = load_zone(home.home_market.time_zone if home and home.home_market else "UTC")
    window = window_around(now.astimezone(zone).date())
    with speaking(member.user.language) as spoken:
        telling = _telling(feed, window, now)
        name = _("Work at %(organization)s") % {"organization": organization.name}
    _remember(feed, telling)
    return FeedText(name, spoken, telling.shown)


def _with_new_address(feed: CalendarFeed, at: dt.datetime) -> tuple[CalendarFeed, str]:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    feed.hash, feed.renewed_at = hash_key(secret), at
    return store(feed), address("calendar", secret)


def _telling(feed: CalendarFeed, window: Window, now: dt.datetime) -> Telling:
    told = [_entry_of(row) for row in CalendarEntry.objects.filter(feed=feed)]
    tasks = _tasks_of(feed.membership, window, [entry.event.task for entry in told])
    last = tasks[MOST_EVENTS - 1].due_date if len(tasks) > MOST_EVENTS else None
    return tell(
        told,
        [_event_of(task) for task in tasks[:MOST_EVENTS]],
        window=window,
        now=now,
        complete_until=last - dt.timedelta(days=1) if last else None,
    )


def _tasks_of(member: Membership, window: Window, told: Sequence[UUID]) -> list[Task]:
    """Return her tasks of these days, and those told before that have left them since."""
    within = Q(due_date__gte=window.first, due_date__lte=window.last)
    left = Q(pk__in=told, due_date__gt=window.last)
    tasks = Task.objects.filter(within | left, owner=member, status__in=TOLD)
    return list(tasks.for_letters().order_by("due_date", "pk")[: MOST_EVENTS + 1])


def _event_of(task: Task) -> Event:
    title, benefit = words_of(task)
    summary = f"{task.account.name}: {title}"
    if task.status == TaskStatus.DONE:
        summary = f"{DONE_MARK} {summary}"
    said = Said(
        summary=" ".join(summary.split()),
        description="\n".join(line for line in (benefit, until_when(task)) if line),
        url=address("account", str(task.account_id)),
        categories=(task.account.market.name,),
        is_certain=task.status not in UNCERTAIN,
    )
    uid = uid_of(task=task.pk, enrolment=task.enrolment_id, nominal=task.nominal_date)
    return Event(uid, task.pk, task.due_date, said)


def _entry_of(row: CalendarEntry) -> Entry:
    said = Said(**{**row.said, "categories": tuple(row.said["categories"])})
    event = Event(row.uid, row.task, row.day, said)
    return Entry(event, row.sequence, row.changed_at, row.is_cancelled)


def _remember(feed: CalendarFeed, telling: Telling) -> None:
    """Keep what was told, in two statements; what its tasks became is audited with them."""
    if not telling.changed and not telling.forgotten:
        return
    rows = [_row_of(feed, entry) for entry in telling.changed]
    with audit_covered_by(feed.pk):
        CalendarEntry.objects.filter(feed=feed, uid__in=telling.forgotten).delete()
        CalendarEntry.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["organization", "feed", "uid"],
            update_fields=["task", "day", "said", "sequence", "changed_at", "is_cancelled"],
        )


def _row_of(feed: CalendarFeed, entry: Entry) -> CalendarEntry:
    return CalendarEntry(
        feed=feed,
        uid=entry.event.uid,
        task=entry.event.task,
        day=entry.event.day,
        said=asdict(entry.event.said),
        sequence=entry.sequence,
        changed_at=entry.changed_at,
        is_cancelled=entry.is_cancelled,
    )
