"""Start-up of the app."""

from django.apps import AppConfig


class WorkspaceConfig(AppConfig):
    """The pages."""

    name = "workspace"
