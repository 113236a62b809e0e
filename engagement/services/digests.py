"""The letter of the morning: each member is told once a local day what her work is."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from engagement import letters
from engagement.choices import LetterKind, TaskStatus
from engagement.digest import Morning, latest_today, part_of, works_on
from engagement.letters import Told
from engagement.models import DigestDay, LetterPreference, Task
from engagement.services.arrays import array_of
from engagement.services.channels import write_due_summaries
from engagement.services.notices import reader_of, write_due_notices
from regions.hours import load_zone
from regions.models import Market
from regions.shared_days import Availability
from regions.shared_days import Leave as DaysAway
from regions.working_time import prepare_working_times, today_in, working_time
from talent.models import Leave, WorkProfile
from tenants.context import acting_for, current_organization, tenant_cursor
from tenants.letters import send as send_letters
from tenants.models import Membership, Organization

MOST_READERS = 200
"""How many members one transaction writes to."""
A_DAY = dt.timedelta(days=1)
LONGEST_AGO = dt.timedelta(days=7)
"""What moved before is no news."""

# Whoever moves a member's day on writes to her; the second of two finds it moved on.
CLAIM = """
INSERT INTO engagement_digestday (id, organization_id, membership_id, day, told_at)
SELECT uuid7(), %(organization)s, claimed.membership_id, claimed.day, %(now)s
FROM unnest(%(members)s::uuid[], %(days)s::date[]) AS claimed (membership_id, day)
ORDER BY claimed.membership_id
ON CONFLICT (organization_id, membership_id)
DO UPDATE SET day = excluded.day, told_at = excluded.told_at
WHERE engagement_digestday.day < excluded.day
RETURNING membership_id
"""


@dataclass(frozen=True, slots=True)
class _Due:
    """A member to be told of a local day, and since when changes are news to her."""

    member: Membership
    day: dt.date
    since: dt.datetime


def organizations_with_members() -> list[UUID]:
    """Return the organizations in which somebody can be written to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM organizations_with_members()")
        return [organization_id for (organization_id,) in cursor.fetchall()]


def write_member_letters(*, organization_id: UUID, now: dt.datetime) -> int:
    """Write what is due to the members and chats of one organization; return how many letters.

    A series of transactions: call this outside of one. ``now`` is UTC.
    """
    with acting_for(organization_id, door="worker"):
        written = write_due_notices(now=now)
    with acting_for(organization_id, door="worker"):
        write_due_summaries(now=now)
    looked_after = MOST_READERS
    while looked_after == MOST_READERS:
        with acting_for(organization_id, door="worker"):
            looked_after, count = write_due_digests(now=now)
        written += count
    return written


@transaction.atomic
def write_due_digests(*, now: dt.datetime, most: int = MOST_READERS) -> tuple[int, int]:
    """Tell members whose local morning has come what is due, overdue or moved.

    A member without anything to do is written nothing. After downtime only today is told, and
    two workers at once write each letter once. ``now`` is UTC. The number of queries does not
    grow with members and tasks.

    :returns: how many members were looked after, and how many letters that took.
    """
    due = _claim(_due_members(now)[:most], now)
    if not due:
        return 0, 0
    organization = Organization.objects.get(pk=current_organization())
    found = _tell(due, now)
    drafts = [
        letters.digest(
            reader_of(each.member, organization, LetterKind.DIGEST),
            day=each.day,
            told=found[each.member.pk],
        )
        for each in due
        if each.member.pk in found
    ]
    send_letters(drafts)
    return len(due), len(drafts)


def _due_members(now: dt.datetime) -> list[_Due]:
    """Return whose morning has come on a day on which they work."""
    members = Membership.objects.filter(is_active=True, user__is_active=True)
    preferences = {each.membership_id: each for each in LetterPreference.objects.all()}
    told = {each.membership_id: each for each in DigestDay.objects.all()}
    homes = _homes()
    usual = Market.objects.filter(is_home=True).first()
    come: list[tuple[_Due, Market | None]] = []
    for member in members.select_related("user").order_by("pk"):
        preference = preferences.get(member.pk) or LetterPreference()
        if not preference.digest:
            continue
        home, last = homes.get(member.pk, usual), told.get(member.pk)
        morning = Morning(
            zone=load_zone(home.time_zone if home else "UTC"),
            at=preference.digest_at,
            told=last.day if last else None,
        )
        day = morning.due_on(now)
        if day is not None:
            since = max(last.told_at, now - LONGEST_AGO) if last else now - A_DAY
            come.append((_Due(member, day, since), home))
    return _at_work(come)


def _homes() -> dict[UUID, Market]:
    profiles = WorkProfile.objects.select_related("home_market")
    return {profile.membership_id: profile.home_market for profile in profiles}


def _at_work(come: Sequence[tuple[_Due, Market | None]]) -> list[_Due]:
    """Keep who works on the day in question."""
    prepare_working_times(home for _due, home in come if home)
    away: dict[UUID, list[DaysAway]] = defaultdict(list)
    leaves = Leave.objects.filter(membership__in=[due.member.pk for due, _home in come])
    for membership_id, start, end in leaves.values_list("membership_id", "start", "end"):
        away[membership_id].append(DaysAway(start, end))

    def works(due: _Due, home: Market | None) -> bool:
        leave = tuple(away[due.member.pk])
        if any(each.start <= due.day <= each.end for each in leave):
            return False
        return works_on(due.day, Availability(working_time(home).calendar) if home else None)

    return [due for due, home in come if works(due, home)]


def _claim(due: Sequence[_Due], now: dt.datetime) -> list[_Due]:
    """Return those whom nobody else tells of the day."""
    if not due:
        return []
    with tenant_cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "organization": current_organization(),
                "now": now,
                "members": array_of(each.member.pk for each in due),
                "days": array_of(each.day for each in due),
            },
        )
        claimed = {membership_id for (membership_id,) in cursor.fetchall()}
    return [each for each in due if each.member.pk in claimed]


def _tell(due: Sequence[_Due], now: dt.datetime) -> dict[UUID, list[Told]]:
    """Return what each member is told, the most urgent first, in one query."""
    since = {each.member.pk: each.since for each in due}
    earliest = min(since.values())
    news = Q(status=TaskStatus.SNOOZED, touched_at__gte=earliest) | Q(moves__isnull=False) & (
        Q(planned_by__at__gte=earliest) | Q(run__started_at__gte=earliest)
    )
    tasks = Task.objects.to_do().filter(
        Q(due_date__lte=latest_today(now)) | news, owner__in=list(since)
    )
    found: dict[UUID, list[Told]] = defaultdict(list)
    for task in tasks.for_letters().order_by("due_date", "due_at", "pk"):
        assert task.owner_id is not None
        today = today_in(task.due_market, now)
        moved = _has_moved(task, since[task.owner_id])
        part = part_of(task.due_date, today=today, has_moved=moved)
        if part is not None:
            found[task.owner_id].append(Told(task, part, moved))
    return found


def _has_moved(task: Task, since: dt.datetime) -> bool:
    """Return whether a task was given another day than its own since an instant."""
    if task.status == TaskStatus.SNOOZED:
        return task.touched_at is not None and task.touched_at >= since
    if not task.moves:
        return False
    if task.planned_by:
        return task.planned_by.at >= since
    return task.run is not None and task.run.started_at >= since
