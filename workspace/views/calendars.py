"""A member's calendar: its address on her profile, and what programs read there."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from engagement import ical, services
from tenants.context import acting_for
from tenants.limits import attempt, client_address
from tenants.permissions import member_of
from workspace.views.profile import ProfilePage
from workspace.views.sign_in import too_many

CONTENT_TYPE = "text/calendar; charset=utf-8"


class FeedView(View):
    """What a calendar program reads, without signing in: the address is the secret.

    An address that is wrong, replaced or switched off, and that of who is no member any more,
    are answered alike.
    """

    http_method_names = ["get", "head", "options"]

    def get(self, request: HttpRequest, secret: str) -> HttpResponse:
        """Answer with the calendar, or that it is as the program has it.

        :raises Http404: if no calendar is there.
        """
        ticket = services.open_feed(secret)
        if ticket is None:
            guesser = client_address(request) or ""
            if attempt(settings.SECRET_RATE_LIMIT, "calendar", guesser):
                raise Http404
            return too_many(request, minutes=60)
        if not attempt(settings.CALENDAR_RATE_LIMIT, "calendar-of", str(ticket.feed_id)):
            return too_many(request, minutes=60)
        with acting_for(
            ticket.organization_id, membership_id=ticket.membership_id, door="calendar"
        ):
            told = services.read_feed(ticket, now=timezone.now())
        known = (told.name, told.language, told.entries)
        etag = quote_etag(ical.fingerprint(*known))
        response = get_conditional_response(request, etag=etag)
        if response is None:
            response = HttpResponse(ical.calendar(*known), content_type=CONTENT_TYPE)
            response.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
        response.headers["ETag"] = etag
        response.headers["Content-Language"] = told.language
        patch_cache_control(response, private=True, no_cache=True)
        return response


@method_decorator(never_cache, name="dispatch")
class MakeFeedView(ProfilePage):
    """A new address for her calendar, shown in this answer only."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Make it, or replace the one of before."""
        member = member_of(request)
        feed = services.feed_of(member)
        if feed is None:
            _feed, address = services.make_feed(member, at=self.now)
        else:
            _feed, address = services.renew_feed(feed, at=self.now)
        return self.page(feed_address=address)


class RemoveFeedView(ProfilePage):
    """No calendar any more."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Switch it off; twice is as good as once."""
        feed = services.feed_of(member_of(request))
        if feed is not None:
            services.remove_feed(feed)
        messages.success(request, _("Your calendar is switched off."))
        return redirect("workspace:profile")
