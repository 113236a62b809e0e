"""The admin's start page: how planning goes."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from engagement.overview import latest_passes, region_overviews
from tenants.permissions import identity_of


def planning_overview(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add each region's planning and the latest pass over each market."""
    if identity_of(request) is not None:
        context |= {
            "regions": region_overviews(now=timezone.now()),
            "passes": latest_passes(),
        }
    return context
