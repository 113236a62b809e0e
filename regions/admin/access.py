"""Admins of what belongs to a place: a regional manager writes where she works."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest

from regions.access import Place, works_there
from tenants.admin import ModelT, TenantAdmin
from tenants.permissions import identity_of

if TYPE_CHECKING:
    from django.db import models


class InPlaceAdmin(TenantAdmin[ModelT]):
    """Asks where the member works, once a request for each place."""

    def place_of(self, obj: Any) -> Place:
        """Return the place that a row belongs to: its market, unless an admin says otherwise."""
        place: Place = obj.market
        return place

    def works_here(self, request: HttpRequest, obj: "models.Model | None") -> bool:
        """Return whether the member works in the place of ``obj``."""
        if obj is None:
            return identity_of(request) is not None
        return works_there(request, lambda: self.place_of(obj))


class EverywhereAdmin(InPlaceAdmin[ModelT]):
    """What is the same in every market: written by who works everywhere."""

    def place_of(self, obj: Any) -> Place:
        """Return the whole organization."""
        return None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the member answers for the whole organization."""
        return super().has_add_permission(request) and works_there(request, lambda: None)
