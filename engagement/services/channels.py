"""Chats that hear of the work: kept, tried out, and told."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet, Sum

from accounts.models import Account
from engagement import chat_words
from engagement.chat_words import RegionDay
from engagement.digest import Morning
from engagement.due import Todays
from engagement.models import ChatChannel, MarketPass, Notice, RegionPlanning, SummaryDay, Task
from engagement.services.arrays import array_of
from outbox import channels
from outbox.models import WebhookDelivery, WebhookEndpoint
from regions.hours import instant, load_zone
from tenants.context import current_organization, tenant_cursor
from toolkit.conditions import one_of
from toolkit.storage import store

TEST = "chat.test"
SUMMARY = "chat.summary"
HAND_OVERS = "chat.hand_overs"
RUN_STARTS = "chat.run_starts"

# Whoever moves the day on tells it; the second of two finds it moved on.
CLAIM = """
INSERT INTO engagement_summaryday (id, organization_id, channel_id, region_id, day, told_at)
SELECT uuid7(), %(organization)s, claimed.channel_id, claimed.region_id, claimed.day, %(now)s
FROM unnest(%(channels)s::uuid[], %(regions)s::uuid[], %(days)s::date[])
    AS claimed (channel_id, region_id, day)
ORDER BY claimed.channel_id, claimed.region_id
ON CONFLICT (organization_id, channel_id, region_id)
DO UPDATE SET day = excluded.day, told_at = excluded.told_at
WHERE engagement_summaryday.day < excluded.day
RETURNING channel_id, region_id
"""


@transaction.atomic
def save_channel(channel: ChatChannel) -> ChatChannel:
    """Keep a channel, with its address where one is given.

    :raises InvalidInput: without an address, or for one to which nothing is sent.
    """
    if channel._state.adding:
        channel.endpoint = WebhookEndpoint(kind=channel.kind)
    endpoint = channel.endpoint
    endpoint.description, endpoint.is_active = channel.name, channel.is_active
    channels.save_chat(endpoint, url=channel.url)
    channel.url = ""
    return store(channel)


@transaction.atomic
def remove_channel(channel: ChatChannel, *, at: dt.datetime) -> None:
    """Post nothing there any more; what was posted is still told. ``at`` is UTC."""
    endpoint = channel.endpoint
    channel.delete()
    channels.remove_chat(endpoint, at=at)


@transaction.atomic
def try_channel(channel: ChatChannel) -> WebhookDelivery:
    """Post a message that tells of nothing.

    :raises EndpointInactive: if the channel is switched off.
    """
    return channels.post_now(TEST, channel.endpoint, chat_words.test(channel))


def tell_hand_overs(given: Sequence[tuple[Notice, Task]]) -> int:
    """Post who gave which tasks to whom, as part of this transaction; return how many messages.

    One for each channel and pair of members.
    """
    if not given:
        return 0
    listening = _listening().filter(hand_overs=True)
    posted = []
    for channel in listening:
        for by, to, tasks in _by_pair(channel, given):
            message = chat_words.hand_over(channel, by=by, to=to, tasks=tasks)
            posted.append((channel.endpoint_id, channel.kind, message))
    return len(channels.post(HAND_OVERS, posted))


def tell_run_starts(trigger: str, *, accounts: Iterable[UUID]) -> int:
    """Post for which accounts a trigger started its playbook, as part of this transaction.

    :returns: how many messages that takes: one for each channel that hears of any of them.
    """
    listening = list(_listening().filter(run_starts=True))
    if not listening:
        return 0
    started = Account.objects.filter(one_of("pk", list(accounts))).order_by("name", "pk")
    names = list(started.values_list("name", "market__region"))
    posted = []
    for channel in listening:
        heard = [name for name, region in names if channel.region_id in (None, region)]
        if heard:
            message = chat_words.run_starts(channel, trigger=trigger, accounts=heard)
            posted.append((channel.endpoint_id, channel.kind, message))
    return len(channels.post(RUN_STARTS, posted))


@transaction.atomic
def write_due_summaries(*, now: dt.datetime) -> int:
    """Tell channels the morning of each region whose time has come; return how many messages.

    Once for each local day of the region, and not of days on which nobody looked; a morning
    without anything to tell is not told. ``now`` is UTC. The number of queries does not grow with
    channels and regions, and two workers at once tell each morning once.
    """
    due = _claim(_due(now), now)
    if not due:
        return 0
    mornings = _figures({each.planning.region_id: each for each in due}.values(), now)
    posted = [
        (each.channel.endpoint_id, each.channel.kind, chat_words.summary(each.channel, morning))
        for each in due
        if not (morning := mornings[each.planning.region_id]).is_quiet
    ]
    return len(channels.post(SUMMARY, posted))


@dataclass(frozen=True, slots=True)
class _Due:
    channel: ChatChannel
    planning: RegionPlanning
    day: dt.date


def _listening() -> QuerySet[ChatChannel]:
    """Return the channels that are posted to, in one order."""
    return ChatChannel.objects.filter(is_active=True, endpoint__is_active=True).order_by("pk")


def _by_pair(
    channel: ChatChannel, given: Iterable[tuple[Notice, Task]]
) -> list[tuple[str, str, list[Task]]]:
    """Return of what a channel hears: who gave, to whom, and what."""
    found: dict[tuple[UUID, UUID], list[Task]] = defaultdict(list)
    names: dict[UUID, str] = {}
    for notice, task in given:
        if channel.region_id in (None, task.account.market.region_id):
            found[notice.by_id, notice.membership_id].append(task)
            names |= {notice.by_id: notice.by.name, notice.membership_id: notice.membership.name}
    return [
        (names[by], names[to], sorted(tasks, key=lambda task: (task.due_date, task.pk)))
        for (by, to), tasks in found.items()
    ]


def _due(now: dt.datetime) -> list[_Due]:
    """Return whom to tell of which local day of which region."""
    listening = list(_listening().filter(summaries=True))
    if not listening:
        return []
    told = {(each.channel_id, each.region_id): each.day for each in SummaryDay.objects.all()}
    plannings = list(RegionPlanning.objects.select_related("region").order_by("pk"))
    due = []
    for channel in listening:
        for planning in plannings:
            if channel.region_id not in (None, planning.region_id):
                continue
            last = told.get((channel.pk, planning.region_id))
            morning = Morning(load_zone(planning.time_zone), channel.summary_at, last)
            day = morning.due_on(now)
            if day is not None:
                due.append(_Due(channel, planning, day))
    return due


def _claim(due: Sequence[_Due], now: dt.datetime) -> list[_Due]:
    """Return what nobody else tells."""
    if not due:
        return []
    with tenant_cursor() as cursor:
        cursor.execute(
            CLAIM,
            {
                "organization": current_organization(),
                "now": now,
                "channels": array_of(each.channel.pk for each in due),
                "regions": array_of(each.planning.region_id for each in due),
                "days": array_of(each.day for each in due),
            },
        )
        claimed = set(cursor.fetchall())
    return [each for each in due if (each.channel.pk, each.planning.region_id) in claimed]


def _figures(due: Iterable[_Due], now: dt.datetime) -> dict[UUID, RegionDay]:
    """Return the morning of each region, in three queries."""
    due = list(due)
    planned, waiting = _planned(due, now), _waiting(due, now)
    return {
        each.planning.region_id: RegionDay(
            region=each.planning.region.name,
            day=each.day,
            has_failed=bool(each.planning.failure),
            **planned.get(each.planning.region_id, {}),
            **waiting.get(each.planning.region_id, {}),
        )
        for each in due
    }


def _planned(due: Sequence[_Due], now: dt.datetime) -> dict[UUID, dict[str, int]]:
    """Return what passes planned in each region since its local midnight."""
    since = Q()
    for each in due:
        midnight = instant(each.day, 0, load_zone(each.planning.time_zone))
        since |= Q(market__region=each.planning.region_id, at__gte=midnight, at__lte=now)
    passes = MarketPass.objects.filter(since).order_by().values(region=F("market__region"))
    rows = passes.annotate(all=Sum("planned"), elsewhere=Sum("moved"), past=Sum("late"))
    return {
        row["region"]: {"planned": row["all"], "moved": row["elsewhere"], "late": row["past"]}
        for row in rows
    }


def _waiting(due: Sequence[_Due], now: dt.datetime) -> dict[UUID, dict[str, int]]:
    """Return what is due today and what is overdue, by the day that each task goes by."""
    todays = Todays.at(now)
    today, overdue = todays.today(), todays.late()
    regions = [each.planning.region_id for each in due]
    tasks = Task.objects.to_do().filter(today | overdue, account__market__region__in=regions)
    rows = tasks.order_by().values(region=F("account__market__region"))
    return {
        row["region"]: {"due": row["on_day"], "overdue": row["before"]}
        for row in rows.annotate(
            on_day=Count("pk", filter=today), before=Count("pk", filter=overdue)
        )
    }
