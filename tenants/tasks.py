"""Celery entry points: ids in, one service call."""

from celery import shared_task

from tenants import services
from tenants.idempotency import forget_kept_answers


@shared_task
def forget_old_answers(**_: object) -> int:
    """Forget what requests were answered more than a day ago; safe to run twice."""
    return forget_kept_answers()


@shared_task
def answer_password_requests(**_: object) -> None:
    """Write to those who forgot their passwords; safe to run twice."""
    services.answer_password_requests()
