"""What every page shows of who is signed in."""

from typing import Any

from django.http import HttpRequest


def identity(request: HttpRequest) -> dict[str, Any]:
    """Return the membership in force and the others of this user."""
    return {
        "identity": getattr(request, "identity", None),
        "memberships": getattr(request, "memberships", []),
    }
