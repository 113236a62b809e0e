"""Pages that a signed link opens for who does not sign in."""

from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View

from tenants.limits import attempt, client_address
from toolkit.errors import DomainError
from workspace.views.sign_in import too_many

AGAIN = "again"
HEADERS = {"Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}


def sealed(response: HttpResponseBase) -> HttpResponseBase:
    """Keep the address of a page, which is a secret, from other sites and from search engines."""
    for name, value in HEADERS.items():
        response.headers[name] = value
    return response


# A mail program that is asked to unsubscribe knows no cookie; the link itself is what it may do.
# Source: RFC 8058 section 3.
@method_decorator([never_cache, csrf_exempt], name="dispatch")
class WayOutView(View):
    """Lets a reader say, without signing in, that she wants no more mails of a kind, or again.

    Looking changes nothing: mail scanners look, too. ``kind`` names templates and the limit.
    """

    kind: str
    template: str
    not_ours: type[DomainError]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in the organization of the mail; say so when the link is none of ours."""
        asker = str(client_address(request))
        if not attempt(settings.SHARED_PAGE_RATE_LIMIT, self.kind, asker):
            return sealed(too_many(request, minutes=1, outside=True))
        try:
            with self.open(kwargs.pop("token")):
                return sealed(super().dispatch(request, *args, **kwargs))
        except self.not_ours as error:
            over = f"workspace/{self.kind}/over.html"
            return sealed(render(request, over, {"reason": error}, status=410))

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask."""
        return self._page("ask")

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write no more of them, or again."""
        wanted = AGAIN in request.POST
        self.switch(wanted=wanted)
        return self._page("again" if wanted else "done")

    def open(self, token: str) -> AbstractContextManager[None]:
        """Read the link, and act in its organization.

        :raises DomainError: ``not_ours``, if we never signed it.
        """
        raise NotImplementedError

    def switch(self, *, wanted: bool) -> None:
        """Note what the reader wants.

        :raises DomainError: ``not_ours``, if nobody is meant any more.
        """
        raise NotImplementedError

    def about(self) -> dict[str, Any]:
        """Return whose mails the page is about, and which."""
        raise NotImplementedError

    def _page(self, state: str) -> HttpResponse:
        template = f"workspace/{self.kind}/{self.template}.html"
        return render(self.request, template, {"state": state, **self.about()})
