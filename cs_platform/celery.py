"""The Celery application of workers and beat."""

import os

from celery import Celery
from celery.signals import setup_logging, worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cs_platform.settings.production")

app = Celery("cs_platform")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logging(**_: object) -> None:
    """Leave logging as the settings made it."""


@worker_ready.connect
def catch_up(**_: object) -> None:
    """Plan and send what fell due while no worker was there, without waiting for the next tick."""
    app.send_task("engagement.tasks.plan_due_regions")
    app.send_task("outbox.tasks.sweep_letters")
    app.send_task("outbox.tasks.sweep_deliveries")
