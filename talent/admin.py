"""The leaders' pages on people: what they may do, where they work, when they are away."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)

from regions import services as regions_services
from regions.models import Assignment
from talent import services
from talent.models import Leave, WorkProfile
from tenants import services as tenants_services
from tenants.admin import TenantAdmin, TenantForm, TenantTabularInline, site
from tenants.admin.forms import refusals
from tenants.models import Membership
from tenants.permissions import Right, identity_of, may


class NewMemberForm(TenantForm[Membership]):
    """Who joins. A person who has signed in elsewhere keeps name and password."""

    email = forms.EmailField(label=_("E-mail"), widget=UnfoldAdminEmailInputWidget())
    name = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("As the person writes it."),
        widget=UnfoldAdminTextInputWidget(),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        help_text=_("The language of the pages."),
        widget=UnfoldAdminSelectWidget(),
    )
    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        help_text=_("Without one the person cannot sign in until a password is set."),
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )

    class Meta:
        model = Membership
        fields = ("role",)

    def clean_email(self) -> str:
        """Return the address as it is kept."""
        email: str = self.cleaned_data["email"]
        return email.lower()

    def clean_password(self) -> str | None:
        """Return a password that is good enough, or none."""
        password = self.cleaned_data["password"] or None
        if password:
            validate_password(password)
        return password


class AssignmentInline(TenantTabularInline[Assignment]):
    """Regions and markets in which the member works."""

    model = Assignment
    right = Right.MANAGE_MEMBERS
    store = staticmethod(regions_services.save_assignment)
    remove = staticmethod(regions_services.remove_assignment)
    fields = ("region", "market")


class WorkProfileInline(TenantTabularInline[WorkProfile]):
    """The market whose calendar is the member's own."""

    model = WorkProfile
    store = staticmethod(services.save_work_profile)
    remove = staticmethod(services.remove_work_profile)
    fields = ("home_market",)
    max_num = 1


class LeaveInline(TenantTabularInline[Leave]):
    """Days on which the member is away."""

    model = Leave
    store = staticmethod(services.save_leave)
    remove = staticmethod(services.remove_leave)
    fields = ("start", "end")


@admin.register(Membership, site=site)
class MemberAdmin(TenantAdmin[Membership]):
    """The people of the organization. One who leaves becomes inactive; the work stays."""

    previews_changes = True
    store = staticmethod(tenants_services.save_member)
    list_display = ("name", "email", "role", "is_active")
    list_filter = ("role", "is_active")
    search_fields = ("^name", "^email")
    ordering = ("name", "id")
    inlines = (WorkProfileInline, LeaveInline, AssignmentInline)
    fields = ("name", "email", ("role", "is_active"))
    empty_text = _("No member fits.")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may let people in."""
        return may(identity_of(request), Right.MANAGE_MEMBERS)

    def get_form(
        self,
        request: HttpRequest,
        obj: Membership | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Ask for the person when somebody joins."""
        if obj is None:
            kwargs["form"] = NewMemberForm
        return super().get_form(request, obj, change, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """Return what is asked of a new member, or shown of one that is there."""
        if obj is None:
            return ("email", "name", "role", "language", "password")
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """Leave roles to those who manage members; a person's name is her own."""
        if obj is None:
            return ()
        if may(identity_of(request), Right.MANAGE_MEMBERS):
            return ("name", "email")
        return ("name", "email", "role", "is_active")

    def get_inlines(self, request: HttpRequest, obj: Membership | None) -> Any:
        """Edit the calendar of a member who is there."""
        return self.inlines if obj else ()

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Let a person in, or save what she may do."""
        if change:
            super().save_model(request, obj, form, change)
            return
        with refusals(form.prefix):
            member = tenants_services.add_member(
                email=form.cleaned_data["email"],
                name=form.cleaned_data["name"],
                role=form.cleaned_data["role"],
                language=form.cleaned_data["language"],
                password=form.cleaned_data["password"],
            )
        obj.pk = member.pk
        obj.name = member.name
