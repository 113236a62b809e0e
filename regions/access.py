"""Where a member may write: admins and leaders everywhere, the others where they work."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request

from regions.models import Assignment, Market, Region
from tenants.authentication import Identity
from tenants.choices import Role
from tenants.models import Membership
from tenants.permissions import MembershipPermission, identity_of

EVERYWHERE = (Role.ADMIN, Role.LEADER)

Place = Market | Region | None
"""None is the whole organization."""


def works_in(identity: Identity, place: Place) -> bool:
    """Return whether a member works in a market or region; a region includes its markets."""
    if identity.role in EVERYWHERE:
        return True
    match place:
        case Market():
            here = Q(market=place.pk) | Q(region=place.region_id)
        case Region():
            here = Q(region=place.pk)
        case _:
            return False
    return Assignment.objects.filter(here, membership=identity.membership_id).exists()


def markets_of_work(member: Membership) -> frozenset[UUID] | None:
    """Return the markets in which a member may write; None for all, those to come included."""
    if member.role in EVERYWHERE:
        return None
    assignments = Assignment.objects.filter(membership=member)
    here = Q(assignments__in=assignments) | Q(region__assignments__in=assignments)
    return frozenset(Market.objects.filter(here).values_list("pk", flat=True))


def works_there(request: HttpRequest | Request, place_of: Callable[[], Place]) -> bool:
    """Return whether the asking member works in a place; looked up once a request for each.

    Who works everywhere is not asked for the place.
    """
    identity = identity_of(request)
    if identity is None or identity.role in EVERYWHERE:
        return identity is not None
    place = place_of()
    asked = getattr(request, "_request", request)
    known: dict[object, bool] = asked.__dict__.setdefault("_works_in", {})
    # A market that is being moved is in two regions, one after the other.
    key = (type(place), getattr(place, "pk", None), getattr(place, "region_id", None))
    if key not in known:
        known[key] = works_in(identity, place)
    return known[key]


class WorksThere(MembershipPermission):
    """Writing also needs to work in the place that the view's ``place_of`` finds for a row."""

    def has_object_permission(self, request: Request, view: Any, obj: Any) -> bool:
        """Return whether the row may be read or, where the member works, written."""
        return request.method in SAFE_METHODS or works_there(request, lambda: view.place_of(obj))
