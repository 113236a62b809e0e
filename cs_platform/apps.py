"""Start-up of the project."""

from django.apps import AppConfig

from cs_platform.celery import app as celery_app


class PlatformConfig(AppConfig):
    """Settings, root URLs, Celery application, embedded servers."""

    name = "cs_platform"
    celery_app = celery_app
