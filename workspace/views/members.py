"""What every page needs: a member, her time zone, and the organization in force."""

import datetime as dt
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST
from django.views.generic import View
from django_htmx.http import HttpResponseClientRefresh

from regions.access import works_in
from regions.hours import load_zone
from regions.models import Market
from talent.models import WorkProfile
from tenants.authentication import SESSION_KEY, Identity
from tenants.models import Membership
from tenants.permissions import Right, identity_of, may


class MemberView(LoginRequiredMixin, View):
    """A page for members of an organization; times are those of the member's home market.

    ``now`` is read once, so that the whole page speaks of one instant.
    """

    now: dt.datetime
    identity: Identity

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer a member; tell a person who is none."""
        if not request.user.is_authenticated:
            # A part of a page must not become the sign-in page.
            return (
                HttpResponseClientRefresh() if wants_part(request) else self.handle_no_permission()
            )
        identity = identity_of(request)
        if identity is None:
            return render(request, "workspace/no_organization.html", status=403)
        self.identity, self.now = identity, timezone.now()
        self.admit()
        with timezone.override(self._zone()):
            response = super().dispatch(request, *args, **kwargs)
        patch_vary_headers(response, ["HX-Request"])
        return response

    def admit(self) -> None:
        """Let every member in.

        :raises PermissionDenied: where a page is not for her.
        """

    def require(self, right: Right) -> None:
        """Refuse a member without ``right``.

        :raises PermissionDenied: if she lacks it.
        """
        if not may(self.identity, right):
            raise PermissionDenied

    @property
    def member(self) -> Membership:
        """The member who acts."""
        return Membership.objects.get(pk=self.identity.membership_id)

    def require_in(self, market: Market, right: Right) -> None:
        """Refuse a member without ``right``, and one who does not work in a market.

        :raises PermissionDenied: then.
        """
        self.require(right)
        if not works_in(self.identity, market):
            raise PermissionDenied

    def _zone(self) -> dt.tzinfo:
        home = WorkProfile.objects.filter(membership=self.identity.membership_id).values_list(
            "home_market__time_zone", flat=True
        )
        return next((load_zone(name) for name in home), dt.UTC)


def wants_part(request: HttpRequest) -> bool:
    """Return whether htmx asks for a part of the page, and not to bring a page back."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.history_restore_request


def way_back(request: HttpRequest) -> str:
    """Return the page to go back to after an action: one of ours, else Today."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if htmx := request.htmx:  # type: ignore[attr-defined]
        wanted = wanted or htmx.current_url_abs_path or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if ours and urlsplit(wanted).path else reverse("workspace:today")


@login_required
@require_POST
def switch_organization(request: HttpRequest) -> HttpResponse:
    """Put another of the user's organizations in force; pages still open elsewhere go stale."""
    wanted = request.POST.get("organization", "")
    memberships: list[Identity] = request.memberships  # type: ignore[attr-defined]
    if wanted not in {str(identity.organization_id) for identity in memberships}:
        raise Http404
    request.session[SESSION_KEY] = wanted
    rotate_token(request)
    return redirect("workspace:today")
