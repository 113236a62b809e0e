"""The operator's page: lets an organization in, and never says which others there are."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.generic import View

from outbox.models import Letter
from tenants import services
from tenants.choices import Role
from tenants.context import acting_for
from tenants.limits import attempt, client_address
from tenants.models import Membership, Organization
from toolkit.errors import DomainError
from workspace.forms import OrganizationForm
from workspace.views.sign_in import too_many

SALT = "workspace.operator"
SHOWN_FOR = dt.timedelta(hours=1)


@method_decorator(never_cache, name="dispatch")
class OperatorPage(View):
    """A page that is there only where an operator has a key."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer, if there is a key.

        :raises Http404: if there is none.
        """
        if not settings.OPERATOR_KEY:
            raise Http404
        return super().dispatch(request, *args, **kwargs)


class OperatorView(OperatorPage):
    """Makes an organization and invites its first admin."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the key, the organization and its admin."""
        return self._page(OrganizationForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Create both or neither."""
        if not attempt(settings.SECRET_RATE_LIMIT, "operator", str(client_address(request))):
            return too_many(request, minutes=60)
        form = OrganizationForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        values = form.cleaned_data
        try:
            founding = services.found_organization(
                name=values["name"],
                slug=values["slug"],
                admin=services.Person(
                    values["admin_email"], name=values["admin_name"], role=Role.ADMIN
                ),
                language=values["language"],
                at=timezone.now(),
                door="operator",
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
            return self._page(form, status=422)
        except DomainError as error:
            form.add_error("slug", str(error))
            return self._page(form, status=409)
        made = [founding.organization.pk.hex, founding.admin.pk.hex]
        return redirect("workspace:operator-made", token=signing.dumps(made, salt=SALT))

    def _page(self, form: OrganizationForm, *, status: int = 200) -> HttpResponse:
        return render(self.request, "workspace/operator/form.html", {"form": form}, status=status)


class MadeView(OperatorPage):
    """What became of the invitation, for the hour after it was sent."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Say whether the letter has left and the admin has joined.

        :raises Http404: if nobody was given this address, or too long ago.
        """
        try:
            organization_id, membership_id = signing.loads(token, salt=SALT, max_age=SHOWN_FOR)
        except signing.BadSignature as error:
            raise Http404 from error
        with acting_for(UUID(organization_id), door="operator"):
            admin = Membership.objects.get(pk=membership_id)
            context = {
                "organization": Organization.objects.get(pk=organization_id),
                "admin": admin,
                "letter": Letter.objects.filter(to=admin.email).order_by("pk").last(),
            }
            return render(request, "workspace/operator/made.html", context)
