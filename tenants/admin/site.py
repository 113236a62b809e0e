"""The admin: the workshop of those who lead. Analysts look at it; CSMs have pages of their own."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils.translation import gettext_lazy

from tenants.permissions import Right, identity_of, may

if TYPE_CHECKING:
    from django.contrib.admin import AdminSite
else:
    from unfold.sites import UnfoldAdminSite as AdminSite

# They would answer without asking which organization is in force, or for broken page numbers.
UNUSED_VIEWS = frozenset({"search", "view_on_site"})


class OrganizationAdminSite(AdminSite):
    """Lets in, by session, who may enter for the organization in force. Nobody is above that."""

    index_title = gettext_lazy("Planning overview")

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the membership in force may enter."""
        return request.user.is_authenticated and may(identity_of(request), Right.ENTER_ADMIN)

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Send a stranger to the one sign-in page.

        :raises PermissionDenied: for who is signed in already: signing in again would not help.
        """
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", request.path), settings.LOGIN_URL)

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        """Return what one app has. Of all apps no page tells: the menu is written by hand."""
        return super().get_app_list(request, app_label) if app_label else []

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Return the views in use."""
        return [url for url in super().get_urls() if getattr(url, "name", "") not in UNUSED_VIEWS]


def organization_name(request: HttpRequest) -> str:
    """Return what every page says about where one is."""
    identity = identity_of(request)
    return identity.organization_name if identity else ""


site = OrganizationAdminSite(name="admin")
site.disable_action("delete_selected")
