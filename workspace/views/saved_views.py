"""Lists kept under a name."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from engagement import services
from engagement.models import SavedView
from regions.access import works_in
from tenants.permissions import Right
from toolkit.errors import DomainError
from workspace.forms import ViewForm
from workspace.templatetags.workspace import view_address
from workspace.views.members import MemberView, way_back


class NewViewView(MemberView):
    """Keeps the list that a member looks at."""

    prefix: str | None = None

    def admit(self) -> None:
        """Let those in who work on tasks.

        :raises PermissionDenied: for a member who only reads.
        """
        self.require(Right.WORK)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save it and show it under its name."""
        return self.save(request, SavedView())

    def save(self, request: HttpRequest, view: SavedView) -> HttpResponse:
        """Save a view as the form says, or tell why not."""
        form = ViewForm(request.POST, role=self.identity.role, prefix=self.prefix)
        if not form.is_valid():
            return self._refused(
                " ".join(str(each) for said in form.errors.values() for each in said)
            )
        member = self.member
        try:
            saved = services.save_view(form.put_into(view), by=member)
        except ValidationError as error:
            return self._refused(" ".join(error.messages))
        except DomainError as error:
            return self._refused(str(error))
        messages.success(request, _("Kept as “%(name)s”.") % {"name": saved.name})
        return HttpResponseRedirect(view_address(saved))

    def _refused(self, reason: str) -> HttpResponse:
        messages.error(self.request, reason)
        return redirect(way_back(self.request))


class ViewView(NewViewView):
    """Changes a view, or forgets it."""

    prefix = "change"

    def post(self, request: HttpRequest, pk: UUID) -> HttpResponse:  # type: ignore[override]
        """Save it with the filters that the list has now, or forget it."""
        view = self._own(pk)
        if "forget" not in request.POST:
            return self.save(request, view)
        services.remove_view(view)
        messages.success(request, _("Forgotten: “%(name)s”.") % {"name": view.name})
        return redirect(reverse("workspace:today"))

    def _own(self, pk: UUID) -> SavedView:
        """Return a view that the member may change.

        :raises Http404: if there is none with this id.
        """
        everywhere = works_in(self.identity, None)
        views = SavedView.objects.seen_by(self.identity.membership_id, works_everywhere=everywhere)
        if not everywhere:
            views = views.filter(owner=self.identity.membership_id)
        return get_object_or_404(views, pk=pk)
