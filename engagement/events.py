"""What webhooks are told of tasks."""

from django.utils.translation import gettext_lazy as _

from engagement.models import Task
from outbox import events, webhooks


def declare() -> None:
    """Let webhooks ask for what people do with tasks."""
    events.declare(
        task_completed=_("A task was done"),
        task_moved=_("A task was moved to another day"),
        task_not_applicable=_("A task was closed as not applicable"),
        task_handed_over=_("A task was handed over"),
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
