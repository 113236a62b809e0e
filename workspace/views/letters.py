"""The way out at the end of a letter. Looking changes nothing: mail scanners look, too."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from engagement import services
from engagement.choices import LetterKind
from tenants.context import acting_for
from tenants.models import Organization

AGAIN = "again"


# A mail program that is asked to unsubscribe knows no cookie; the link itself is what it may do.
# Source: RFC 8058 section 3.
@method_decorator([never_cache, csrf_exempt], name="dispatch")
class WayOutView(View):
    """Lets a reader say, without signing in, that she wants no more letters of a kind."""

    way_out: services.WayOut

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in the organization of the letter; say so when the link is none of ours."""
        try:
            self.way_out = services.WayOut.read(kwargs.pop("token"))
            with acting_for(
                self.way_out.organization_id,
                membership_id=self.way_out.membership_id,
                door="page",
            ):
                return super().dispatch(request, *args, **kwargs)
        except services.NoSuchLetters as error:
            return render(request, "workspace/letters/over.html", {"reason": error}, status=410)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask."""
        return self._page("ask")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write no more of them, or again."""
        wanted = AGAIN in request.POST
        services.switch_letters(self.way_out, wanted=wanted)
        return self._page("again" if wanted else "done")

    def _page(self, state: str) -> HttpResponse:
        context = {
            "state": state,
            "kind": LetterKind(self.way_out.kind).label,
            "organization": Organization.objects.get(pk=self.way_out.organization_id),
        }
        return render(self.request, "workspace/letters/page.html", context)
