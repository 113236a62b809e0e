"""Telling members by mail what others did that concerns them, gathered for ten minutes."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from django.db import transaction

from engagement import letters
from engagement.choices import LetterKind, NoticeKind
from engagement.letters import Reader
from engagement.mentions import mentioned
from engagement.models import LetterPreference, Notice, Task
from engagement.querysets import TO_DO
from engagement.services.channels import tell_hand_overs
from engagement.services.preferences import WayOut
from tenants.context import current_organization
from tenants.letters import Draft
from tenants.letters import send as send_letters
from tenants.models import Membership, Organization

GATHERED = dt.timedelta(minutes=10)
"""As long as an action can be taken back: what was taken back is not told."""

_LETTERS = {
    NoticeKind.HAND_OVER: (LetterKind.HAND_OVERS, letters.hand_overs),
    NoticeKind.MENTION: (LetterKind.MENTIONS, letters.mentions),
}


def notice_hand_overs(
    tasks: Iterable[Task], *, to: Membership, by: Membership, at: dt.datetime
) -> None:
    """Note that ``to`` is to be told of tasks that ``by`` gave her, in one statement.

    Who takes a task herself knows it. ``at`` is UTC.
    """
    if to.pk != by.pk:
        _note(((to.pk, task.pk) for task in tasks), NoticeKind.HAND_OVER, by=by, at=at)


def notice_mentions(*tasks: Task, by: Membership, at: dt.datetime) -> None:
    """Note that whom the one note of ``tasks`` names is to be told, but for who wrote it."""
    note = tasks[0].note if tasks else ""
    if "@" not in note:
        return
    people = Membership.objects.filter(is_active=True).exclude(user=None).exclude(pk=by.pk)
    meant = mentioned(note, people.values_list("pk", "name"))
    told = ((who, task.pk) for task in tasks for who in sorted(meant))
    _note(told, NoticeKind.MENTION, by=by, at=at)


@transaction.atomic
def write_due_notices(*, now: dt.datetime) -> int:
    """Write each member one letter of each kind that has waited long enough; return how many.

    Chats that listen are told of hand-overs, too. Two workers at once write each letter once: who
    takes the notices away writes it.
    """
    ripe = Notice.objects.filter(noted_at__lte=now - GATHERED).values("membership")
    # In one order, so that two workers wait for each other and not in a circle.
    waiting = Notice.objects.filter(membership__in=ripe).select_for_update(of=("self",))
    notices = list(waiting.select_related("membership__user", "by").order_by("pk"))
    if not notices:
        return 0
    holding = _holding(notices)
    drafts = _drafts(holding)
    tell_hand_overs([each for each in holding if each[0].kind == NoticeKind.HAND_OVER])
    Notice.objects.filter(pk__in=[notice.pk for notice in notices]).delete()
    send_letters(drafts)
    return len(drafts)


def _holding(notices: Sequence[Notice]) -> list[tuple[Notice, Task]]:
    """Return of which tasks the notices are, where they still hold, in one query."""
    tasks = Task.objects.for_letters().in_bulk({notice.task for notice in notices})
    found = ((notice, tasks.get(notice.task)) for notice in notices)
    return [
        (notice, task) for notice, task in found if task is not None and _still_holds(notice, task)
    ]


def _drafts(holding: Sequence[tuple[Notice, Task]]) -> list[Draft]:
    """Return a letter for each member and kind, where she wants it, in two queries."""
    organization = Organization.objects.get(pk=current_organization())
    unwanted = _unwanted([notice for notice, _task in holding])
    by_letter: dict[tuple[UUID, str], list[tuple[Notice, Task]]] = defaultdict(list)
    for notice, task in holding:
        key = (notice.membership_id, notice.kind)
        if key not in unwanted:
            by_letter[key].append((notice, task))
    drafts = []
    for (_member, kind), found in by_letter.items():
        letter_kind, word = _LETTERS[NoticeKind(kind)]
        reader = reader_of(found[0][0].membership, organization, letter_kind)
        drafts.append(word(reader, found))
    return drafts


def reader_of(membership: Membership, organization: Organization, kind: LetterKind) -> Reader:
    """Return for whom a letter is, and how she says that she wants no more of its kind."""
    assert membership.user is not None
    return Reader(
        to=membership.email,
        name=membership.name,
        language=membership.user.language,
        organization=organization.name,
        unsubscribe=WayOut(organization.pk, membership.pk, kind).address(),
    )


def _unwanted(notices: Sequence[Notice]) -> set[tuple[UUID, str]]:
    """Return who wants no letters of which kind."""
    preferences = LetterPreference.objects.filter(
        membership__in={notice.membership_id for notice in notices}
    )
    return {
        (preference.membership_id, kind.value)
        for preference in preferences
        for kind, (letter_kind, _word) in _LETTERS.items()
        if not getattr(preference, letter_kind)
    }


def _still_holds(notice: Notice, task: Task) -> bool:
    """Return whether a member is still there to be told, and what was done was not undone."""
    member = notice.membership
    if not member.is_active or member.user is None or not member.user.is_active:
        return False
    if notice.kind == NoticeKind.HAND_OVER:
        return task.owner_id == member.pk and task.status in TO_DO
    return bool(mentioned(task.note, [(member.pk, member.name)]))


def _note(
    concerned: Iterable[tuple[UUID, UUID]], kind: NoticeKind, *, by: Membership, at: dt.datetime
) -> None:
    Notice.objects.bulk_create(
        [
            Notice(membership_id=member, task=task, kind=kind, by=by, noted_at=at)
            for member, task in concerned
        ],
        ignore_conflicts=True,
    )
