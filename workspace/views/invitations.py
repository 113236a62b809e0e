"""Accepting an invitation. Looking at it changes nothing: mail scanners look, too."""

import datetime as dt
from typing import Any

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import rotate_token
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.generic import View

from talent.services import set_home_market
from tenants import services
from tenants.authentication import SESSION_KEY
from tenants.context import acting_for
from tenants.models import Invitation, Membership, User
from toolkit.errors import DomainError
from workspace.forms import JoinForm, NewUserForm

PASSWORD_BACKEND = "django.contrib.auth.backends.ModelBackend"


@method_decorator(never_cache, name="dispatch")
class InvitationView(View):
    """Lets the person invited join, whether she has a password here already or not.

    The link went to her mailbox: who opens it may know whether the address is known.
    """

    now: dt.datetime
    ticket: services.Ticket
    invitation: Invitation

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Answer in the organization that invites; say so when the link does not work."""
        self.now = timezone.now()
        try:
            self.ticket = services.Ticket.read(kwargs.pop("token"))
        except services.InvitationOver:
            return self._over()
        with acting_for(
            self.ticket.organization_id, membership_id=self.ticket.membership_id, door="page"
        ):
            try:
                self.invitation = services.find_invitation(self.ticket, at=self.now)
            except services.InvitationOver:
                return self._over(services.who_invited(self.ticket))
            return super().dispatch(request, *args, **kwargs)

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show what there is to do."""
        user = self._user()
        member = self.invitation.membership
        if user is None:
            if User.objects.filter(email=member.email).exists():
                return self._page("sign_in")
            initial = {"name": member.name, "language": get_language()}
            return self._page("join", form=NewUserForm(initial=initial))
        if user.email != member.email:
            return self._page("somebody_else")
        return self._page("join", form=JoinForm(initial={"name": user.name}))

    def post(self, request: HttpRequest) -> HttpResponse:
        """Let her join, and put the organization in force."""
        user = self._user()
        form = NewUserForm(request.POST) if user is None else JoinForm(request.POST)
        if not form.is_valid():
            return self._page("join", form=form, status=422)
        try:
            member = self._join(user, form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
            return self._page("join", form=form, status=422)
        except DomainError as error:
            form.add_error(None, str(error))
            return self._page("join", form=form, status=409)
        if user is None:
            assert member.user is not None
            login(request, member.user, backend=PASSWORD_BACKEND)
        request.session[SESSION_KEY] = str(member.organization_id)
        rotate_token(request)
        return redirect("workspace:today")

    def _join(self, user: User | None, values: dict[str, Any]) -> Membership:
        if user is None:
            new = services.NewUser(values["name"], values["password"], values["language"])
            member = services.join_as_new_user(self.ticket, new=new, at=self.now)
        else:
            member = services.join(self.ticket, user=user, name=values["name"], at=self.now)
        set_home_market(membership=member, market=values.get("home_market"))
        return member

    def _user(self) -> User | None:
        return self.request.user if isinstance(self.request.user, User) else None

    def _page(self, name: str, *, status: int = 200, **context: Any) -> HttpResponse:
        context |= {
            "invitation": self.invitation,
            "organization": self.invitation.organization,
        }
        return render(self.request, f"workspace/invitation/{name}.html", context, status=status)

    def _over(self, whom: Invitation | None = None) -> HttpResponse:
        return render(self.request, "workspace/invitation/over.html", {"whom": whom}, status=410)
