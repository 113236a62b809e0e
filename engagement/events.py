"""What webhooks are told of tasks and runs."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from engagement.models import Meeting, Task
from outbox import events, webhooks


def declare() -> None:
    """Let webhooks ask for what becomes of tasks and runs."""
    events.declare(
        task_completed=_("A task was done"),
        task_moved=_("A task was moved to another day"),
        task_not_applicable=_("A task was closed as not applicable"),
        task_handed_over=_("A task was handed over"),
        run_started=_("A playbook was started for an account"),
        run_ended=_("A run ended: done or cancelled"),
        meeting_logged=_("A meeting with a customer was logged"),
    )


def tell(event_type: str, *tasks: Task) -> None:
    """Tell of tasks as they are stored now."""
    webhooks.announce(
        event_type,
        *(
            {"id": str(task.pk), "version": task.version, "account": str(task.account_id)}
            for task in tasks
        ),
    )


def tell_run(event_type: str, accounts: Mapping[UUID, UUID]) -> None:
    """Tell of runs, given by the account of each."""
    if accounts and webhooks.is_wanted(event_type):
        told = ({"id": str(run), "account": str(account)} for account, run in accounts.items())
        webhooks.announce(event_type, *told)


def tell_meeting(meeting: Meeting) -> None:
    """Tell of a meeting, and of the check-in that it counts as."""
    webhooks.announce(
        "meeting.logged",
        {
            "id": str(meeting.pk),
            "version": meeting.version,
            "account": str(meeting.account_id),
            "task": str(meeting.task_id) if meeting.task_id else None,
        },
    )
