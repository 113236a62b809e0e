"""Where the asking member works, for lists of many places."""

from django.http import HttpRequest

from regions.access import EVERYWHERE
from regions.models import Assignment, Market, Region
from tenants.permissions import identity_of


class Reach:
    """The places in which a member works, looked up once for all of them."""

    def __init__(self, request: HttpRequest) -> None:
        identity = identity_of(request)
        self._is_everywhere = identity is not None and identity.role in EVERYWHERE
        self._places: set[object] = set()
        if identity and not self._is_everywhere:
            own = Assignment.objects.filter(membership=identity.membership_id)
            for market, region in own.values_list("market_id", "region_id"):
                self._places |= {market, region}
            self._places.discard(None)

    def includes(self, place: Market | Region) -> bool:
        """Return whether the member works there; a region includes its markets."""
        around = place.region_id if isinstance(place, Market) else None
        return self._is_everywhere or bool(self._places & {place.pk, around})
