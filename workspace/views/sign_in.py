"""The way in, and the way to a new password. Nothing here tells which addresses are known."""

from collections.abc import Mapping
from typing import Any

from axes.utils import reset as forget_failures
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import LoginView
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.generic import View

from tenants import services
from tenants.limits import attempt, client_address
from tenants.tasks import answer_password_requests
from workspace.forms import ForgottenForm, NewPasswordForm, SignInForm

SECONDS_PER_MINUTE = 60


class SignInView(LoginView):
    """Asks for address and password; who fails too often waits."""

    template_name = "workspace/login.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Let a person in, unless too many were tried from where she is."""
        if not attempt(settings.SIGN_IN_RATE_LIMIT, "sign-in", str(client_address(request))):
            return too_many(request, minutes=1)
        return super().post(request, *args, **kwargs)


@method_decorator(never_cache, name="dispatch")
class ForgottenView(View):
    """Takes an address and answers the same whether anybody has it or not."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Ask for the address, or say what happens now."""
        if "asked" in request.GET:
            return render(request, "workspace/password/asked.html")
        return self._page(ForgottenForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        """Have a letter written, if there is somebody to write to."""
        form = ForgottenForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        asker = str(client_address(request))
        if not attempt(settings.SECRET_RATE_LIMIT, "forgotten", asker):
            return too_many(request, minutes=60)
        email = form.cleaned_data["email"].lower()
        # Silent: who floods a mailbox is not told when it is full.
        if attempt(settings.LETTER_RATE_LIMIT, "letters", email):
            services.request_password_reset(email=email)
            # Robust: where nobody can be woken, the sweep finds it.
            transaction.on_commit(
                lambda: answer_password_requests.apply_async(retry=False), robust=True
            )
        return redirect(f"{request.path}?asked")

    def _page(self, form: ForgottenForm, *, status: int = 200) -> HttpResponse:
        return render(
            self.request, "workspace/password/forgotten.html", {"form": form}, status=status
        )


@method_decorator(never_cache, name="dispatch")
class ResetView(View):
    """Takes a new password from who opened the link in her mailbox."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Say so when the link does not work."""
        try:
            return super().dispatch(request, *args, **kwargs)
        except services.ResetOver:
            return render(request, "workspace/password/over.html", status=410)

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Ask for the password; looking changes nothing."""
        return self._page(token, NewPasswordForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Set it, and lead to the sign-in."""
        form = NewPasswordForm(request.POST)
        if not form.is_valid():
            return self._page(token, form, status=422)
        try:
            user = services.reset_password(token, password=form.cleaned_data["password"])
        except ValidationError as error:
            form.add_error(None, error)
            return self._page(token, form, status=422)
        # Who has proved to own the mailbox need not wait any more.
        forget_failures(username=user.email)
        messages.success(request, _("Your password is changed. Sign in with it."))
        return redirect("workspace:login")

    def _page(self, token: str, form: NewPasswordForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "email": services.user_of_reset(token).email}
        return render(self.request, "workspace/password/reset.html", context, status=status)


def locked_out(
    request: HttpRequest,
    _response: HttpResponse | None = None,
    _credentials: Mapping[str, str] | None = None,
) -> HttpResponse:
    """Answer who failed too often to sign in; the same for a name that nobody has."""
    wait = settings.AXES_COOLOFF_TIME.total_seconds()
    return too_many(request, minutes=int(wait) // SECONDS_PER_MINUTE)


def too_many(request: HttpRequest, *, minutes: int, outside: bool = False) -> HttpResponse:
    """Ask a person to wait; one ``outside`` has no password here."""
    context = {"minutes": minutes, "outside": outside}
    response = render(request, "workspace/too_many.html", context, status=429)
    response.headers["Retry-After"] = str(minutes * SECONDS_PER_MINUTE)
    return response
