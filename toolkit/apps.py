"""Registers the templates and template tags that every app shares."""

from django.apps import AppConfig


class ToolkitConfig(AppConfig):
    """Bases without models."""

    name = "toolkit"
