"""The leaders' pages on people: what they may do, where they work, when they are away."""

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, ngettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminSelectWidget

from accounts.models import Account
from regions import services as regions_services
from regions.access import Place, works_there
from regions.admin.access import InPlaceAdmin
from regions.models import Assignment
from talent import services
from talent.models import Leave, WorkProfile
from talent.models import Role as CustomerRole
from tenants import services as tenants_services
from tenants.admin import (
    TenantAdmin,
    TenantForm,
    TenantTabularInline,
    asking_list_action,
    object_action,
    site,
)
from tenants.admin.filters import ArchivedFilter
from tenants.admin.forms import refusals
from tenants.choices import Role
from tenants.models import Membership
from tenants.permissions import Right, identity_of, may, may_invite, member_of
from tenants.querysets import MembershipQuerySet


class NewMemberForm(TenantForm[Membership]):
    """Whom to invite. She says her own name and language when she joins."""

    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_("The invitation goes there, and with it she signs in."),
        widget=UnfoldAdminEmailInputWidget(),
    )
    language = forms.ChoiceField(
        label=_("Language"),
        choices=settings.LANGUAGES,
        initial=get_language,
        help_text=_("The language of the invitation."),
        widget=UnfoldAdminSelectWidget(),
    )

    class Meta:
        model = Membership
        fields = ("name", "role")

    def clean_email(self) -> str:
        """Return the address as it is kept."""
        email: str = self.cleaned_data["email"]
        return email.lower()


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
    fields = ("home_market", "minutes_a_day")
    max_num = 1


class LeaveInline(TenantTabularInline[Leave]):
    """Days on which the member is away."""

    model = Leave
    store = staticmethod(services.save_leave)
    remove = staticmethod(services.remove_leave)
    fields = ("start", "end")


class JoinedFilter(admin.SimpleListFilter):
    """Who has joined, who was invited, and who only stands in the list."""

    title = _("joined")
    parameter_name = "joined"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [("yes", _("Yes")), ("invited", _("Invited")), ("no", _("Not invited"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[Membership]
    ) -> QuerySet[Membership]:
        """Keep the members that fit."""
        members = cast("QuerySet[Any]", queryset)
        match self.value():
            case "yes":
                return members.filter(user__isnull=False)
            case "invited":
                return members.filter(user=None, invited_at__isnull=False)
            case "no":
                return members.filter(user=None, invited_at=None)
        return members


@admin.register(Membership, site=site)
class MemberAdmin(TenantAdmin[Membership]):
    """The people of the organization. One who leaves becomes inactive; the work stays."""

    menu_right = Right.EDIT_STRUCTURE
    previews_changes = True
    store = staticmethod(tenants_services.save_member)
    list_display = ("name", "email", "role", "is_active", "joined", "invited")
    list_filter = ("role", "is_active", JoinedFilter)
    search_fields = ("^name", "^email")
    ordering = ("name", "id")
    inlines = (WorkProfileInline, LeaveInline, AssignmentInline)
    fields = ("name", "email", ("role", "is_active"), ("joined", "invited"), "accounts_owned")
    actions = ("invite_selected",)
    actions_detail = ("invite", "withdraw_invitation")
    export_fields = ("name", "email", "role", "is_active", "joined", "invited")
    empty_text = _("No member fits.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Membership]:
        """Load the open invitation with each member."""
        members = cast("MembershipQuerySet", super().get_queryset(request))
        return members.with_invitation()

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may let people in."""
        return may(identity_of(request), Right.INVITE)

    def has_action_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may invite this member, or some member."""
        identity = identity_of(request)
        if isinstance(obj, Membership):
            return may_invite(identity, obj.role)
        return may(identity, Right.INVITE)

    def get_form(
        self,
        request: HttpRequest,
        obj: Membership | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        """Ask for the person when somebody is invited."""
        if obj is None:
            kwargs["form"] = NewMemberForm
        return super().get_form(request, obj, change, **kwargs)

    def formfield_for_choice_field(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the roles that the reader may give."""
        if db_field.name == "role":
            identity = identity_of(request)
            given = [choice for choice in Role.choices if may_invite(identity, choice[0])]
            kwargs["choices"] = [("", "—"), *given]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """Return what is asked of a new member, or shown of one that is there."""
        if obj is None:
            return ("email", "name", "role", "language")
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Membership | None = None) -> Any:
        """Leave roles to those who manage members; a person's name is her own."""
        if obj is None:
            return ()
        shown = ("name", "email", "joined", "invited", "accounts_owned")
        if may(identity_of(request), Right.MANAGE_MEMBERS):
            return shown
        return (*shown, "role", "is_active")

    def get_inlines(self, request: HttpRequest, obj: Membership | None) -> Any:
        """Edit the calendar of a member who is there."""
        return self.inlines if obj else ()

    @admin.display(description=_("joined"), boolean=True)
    def joined(self, member: Membership) -> bool:
        """Return whether she has accepted an invitation."""
        return member.has_joined

    @admin.display(description=_("invited"))
    def invited(self, member: Membership) -> str | None:
        """Return when the invitation was sent that is still open."""
        invited_at = cast("Any", member).invited_at
        return (
            date_format(timezone.localtime(invited_at), "DATETIME_FORMAT") if invited_at else None
        )

    @admin.display(description=_("accounts"))
    def accounts_owned(self, member: Membership) -> str:
        """Return how many accounts would be without an owner, and lead to them."""
        owned = Account.objects.active().filter(owner=member).count()
        if not owned:
            return gettext("owns none")
        text = ngettext("owns %(count)d account", "owns %(count)d accounts", owned)
        if not member.is_active:
            text += gettext(" and is inactive: give them to somebody else")
        address = reverse(f"{self.admin_site.name}:accounts_account_changelist")
        return format_html(
            '<a href="{}?owner__id__exact={}">{}</a>', address, member.pk, text % {"count": owned}
        )

    def save_model(self, request: HttpRequest, obj: Membership, form: Any, change: bool) -> None:
        """Invite a person, or save what she may do.

        :raises PermissionDenied: for a role that the reader may not give.
        """
        if change:
            super().save_model(request, obj, form, change)
            return
        if not may_invite(identity_of(request), obj.role):
            raise PermissionDenied
        person = tenants_services.Person(
            form.cleaned_data["email"], name=obj.name, role=Role(obj.role)
        )
        with refusals(form.prefix):
            member, _ticket = tenants_services.invite_person(
                person,
                by=member_of(request),
                at=timezone.now(),
                language=form.cleaned_data["language"],
            )
        obj.pk = member.pk

    @object_action(
        description=_("Send the invitation"),
        question=_("She gets a letter with a new link; links of earlier letters stop working."),
        done=_("The invitation is on its way."),
        icon="mail",
        available=lambda member: member.is_active and not member.has_joined,
    )
    def invite(self, request: HttpRequest, member: Membership) -> None:
        """Write to a member who has not joined yet, once more."""
        tenants_services.invite_member(
            member, by=member_of(request), at=timezone.now(), language=get_language()
        )

    @object_action(
        description=_("Withdraw the invitation"),
        question=_("The link in the letter stops working. She can be invited again."),
        done=_("The invitation is withdrawn."),
        icon="unsubscribe",
        available=lambda member: member.invited_at is not None,
    )
    def withdraw_invitation(self, request: HttpRequest, member: Membership) -> None:
        """Let the link stop working."""
        tenants_services.withdraw_invitation(member, at=timezone.now())

    @admin.action(description=_("Invite the selected members"), permissions=["action"])
    def invite_selected(self, request: HttpRequest, members: QuerySet[Membership]) -> None:
        """Write to those of the selected members who have not joined."""
        identity = identity_of(request)
        invited = tenants_services.invite_members(
            [member for member in members if may_invite(identity, member.role)],
            by=member_of(request),
            at=timezone.now(),
            language=get_language(),
        )
        text = ngettext(
            "%(count)d member is invited.", "%(count)d members are invited.", len(invited)
        )
        self.message_user(request, text % {"count": len(invited)})


@admin.register(CustomerRole, site=site)
class CustomerRoleAdmin(InPlaceAdmin[CustomerRole]):
    """The roles that steps of playbooks name. One that is given up is archived."""

    menu_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_role)
    list_display = ("name", "code", "level", "description")
    list_filter = ("level", ArchivedFilter)
    search_fields = ("^name", "^code")
    ordering = ("name", "id")
    fields = (("name", "code"), "level", "description", "archived_at")
    actions_list = ("adopt",)
    actions_detail = ("archive", "restore")
    export_fields = ("code", "name", "level", "description", "archived_at")
    empty_text = _("No role fits. Start from the shipped roles, or add your own.")

    def place_of(self, obj: CustomerRole) -> Place:
        """Return the whole organization: roles are the same in every market."""
        return None

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the member answers for the whole organization."""
        return super().has_add_permission(request) and works_there(request, lambda: None)

    def get_readonly_fields(
        self, request: HttpRequest, obj: CustomerRole | None = None
    ) -> tuple[str, ...]:
        """Keep the code of a role that is there: steps name it."""
        return ("code", "archived_at") if obj else ("archived_at",)

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        """Offer the shipped roles while one of them is missing."""
        actions: list[Any] = super().get_actions_list(request)  # type: ignore[misc]
        return actions if actions and services.lacks_starting_roles() else []

    @asking_list_action(
        description=_("Start from the shipped roles"),
        question=_("Adds those whose code you do not have yet; yours stay as they are."),
        icon="library_add",
    )
    def adopt(self, request: HttpRequest) -> str:
        """Add the shipped roles that are missing."""
        added = len(services.adopt_starting_roles())
        return ngettext("%(count)d role added.", "%(count)d roles added.", added) % {"count": added}

    @object_action(
        description=_("Archive"),
        question=_("It is offered for no new step. Steps that name it go on naming it."),
        done=_("The role is archived."),
        icon="archive",
        available=lambda role: role.archived_at is None,
    )
    def archive(self, request: HttpRequest, role: CustomerRole) -> None:
        """Offer the role no longer."""
        services.archive_role(role, at=timezone.now())

    @object_action(
        description=_("Restore"),
        question=_("It can be given to steps again."),
        done=_("The role is in use again."),
        icon="unarchive",
        available=lambda role: role.archived_at is not None,
    )
    def restore(self, request: HttpRequest, role: CustomerRole) -> None:
        """Offer the role again."""
        services.restore_role(role)
