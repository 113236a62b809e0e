"""Housekeeping that belongs to no organization."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore


@shared_task
def clear_expired_sessions(**_: object) -> None:
    """Delete the sessions that ran out; safe to run twice."""
    SessionStore.clear_expired()
