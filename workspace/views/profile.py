"""A member's own page: what she is called, what she reads, how she signs in."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from engagement.services import feed_of, preference_of, save_preference
from regions.models import Market
from talent.services import set_home_market
from tenants import services
from tenants.limits import attempt
from tenants.models import Membership, User
from tenants.permissions import member_of
from toolkit.errors import DomainError, InvalidInput
from workspace.forms import AddressForm, LettersForm, PasswordForm, ProfileForm
from workspace.views.members import MemberView
from workspace.views.sign_in import too_many


class ProfilePage(MemberView):
    """The page with all its forms, of which one may hold what was just refused."""

    @property
    def user(self) -> User:
        """The person herself."""
        return cast("User", self.request.user)

    def page(self, *, status: int = 200, **tried: forms.BaseForm | str) -> HttpResponse:
        """Show the page, with what was tried or made just now."""
        member = member_of(self.request)
        context: dict[str, Any] = {
            "profile": ProfileForm(initial=self._known(member)),
            "letters": LettersForm(instance=preference_of(member)),
            "feed": feed_of(member),
            "password": PasswordForm(user=self.user),
            "address": AddressForm(user=self.user),
        }
        return render(self.request, "workspace/profile/page.html", context | tried, status=status)

    def guesses_too_often(self) -> bool:
        """Return whether somebody tries passwords on a page that was left open."""
        return not attempt(settings.SECRET_RATE_LIMIT, "own-password", str(self.user.pk))

    def _known(self, member: Membership) -> dict[str, Any]:
        home = Market.objects.filter(residents__membership=member).first()
        return {"name": member.name, "language": self.user.language, "home_market": home}


class ProfileView(ProfilePage):
    """Name, language and home market."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        return self.page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save them."""
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self.page(profile=form, status=422)
        member, values = member_of(request), form.cleaned_data
        services.save_profile(
            user=self.user, membership=member, name=values["name"], language=values["language"]
        )
        if "home_market" in values:
            set_home_market(membership=member, market=values["home_market"])
        messages.success(request, _("Your profile is saved."))
        return redirect("workspace:profile")


class LettersView(ProfilePage):
    """Which letters she wants, and when."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Save it."""
        form = LettersForm(request.POST, instance=preference_of(member_of(request)))
        if not form.is_valid():
            return self.page(letters=form, status=422)
        save_preference(form.instance)
        messages.success(request, _("Your letters are as you want them."))
        return redirect("workspace:profile")


class PasswordView(ProfilePage):
    """Another password, for who knows the present one."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Change it; only this session goes on."""
        if self.guesses_too_often():
            return too_many(request, minutes=60)
        form = PasswordForm(request.POST, user=self.user)
        if not form.is_valid():
            return self.page(password=form, status=422)
        try:
            services.change_password(self.user, password=form.cleaned_data["password"])
        except ValidationError as error:
            form.add_error(None, error)
            return self.page(password=form, status=422)
        update_session_auth_hash(request, self.user)
        messages.success(request, _("Your password is changed."))
        return redirect("workspace:profile")


class AddressView(ProfilePage):
    """Another address to sign in with, once its mailbox has answered."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Write there; the answer is the same whether somebody has it or not."""
        if self.guesses_too_often():
            return too_many(request, minutes=60)
        form = AddressForm(request.POST, user=self.user)
        if not form.is_valid():
            return self.page(address=form, status=422)
        email = form.cleaned_data["email"].lower()
        try:
            if attempt(settings.LETTER_RATE_LIMIT, "letters", email):
                services.request_new_address(user=self.user, email=email)
        except InvalidInput as error:
            form.add_error("email", str(error))
            return self.page(address=form, status=422)
        messages.success(
            request,
            _("We have written to %(email)s. Open the link in that letter to confirm it.")
            % {"email": email},
        )
        return redirect("workspace:profile")


class ConfirmAddressView(ProfilePage):
    """The link in the letter to a new address. Looking changes nothing."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Ask."""
        try:
            email = services.address_to_confirm(token, user=self.user)
        except DomainError as error:
            return self._over(error, status=410)
        return render(request, "workspace/profile/confirm.html", {"email": email})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Change the address everywhere."""
        try:
            services.confirm_new_address(token, user=self.user)
        except services.ConfirmationOver as error:
            return self._over(error, status=410)
        except DomainError as error:
            return self._over(error, status=409)
        messages.success(request, _("You sign in with your new address from now on."))
        return redirect("workspace:profile")

    def _over(self, error: DomainError, *, status: int) -> HttpResponse:
        context = {"reason": str(error)}
        return render(self.request, "workspace/profile/not_confirmed.html", context, status=status)


class SessionsView(ProfilePage):
    """Her sessions on other devices."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """End them all; this one goes on."""
        services.sign_out_everywhere(self.user)
        update_session_auth_hash(request, self.user)
        messages.success(request, _("You are signed out everywhere else."))
        return redirect("workspace:profile")
