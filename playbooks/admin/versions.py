"""A version of a playbook: its steps in their order, and the way to its publication."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRedirect
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from governance.services import settings_in_force
from playbooks import services
from playbooks.admin.findings import previewed, version_findings
from playbooks.admin.words import Words, roles_by_code
from playbooks.choices import VersionStatus
from playbooks.models import Playbook, PlaybookVersion, Step
from playbooks.services.drafts import POSITION_GAP
from regions.admin.access import EverywhereAdmin
from tenants.admin import TenantTabularInline, VersionedForm, object_action, site
from tenants.admin.base import carry_version
from tenants.admin.forms import Refused, refusals
from tenants.permissions import member_of

if TYPE_CHECKING:
    from django.forms import Form as BaseDialogForm
else:
    from unfold.forms import BaseDialogForm

LINE_FIELDS = ("position", "kind", "owner_role", "required")


def is_draft(version: PlaybookVersion) -> bool:
    """Return whether a version can be edited."""
    return bool(version.status == VersionStatus.DRAFT)


def is_in_review(version: PlaybookVersion) -> bool:
    """Return whether a version waits for approval."""
    return bool(version.status == VersionStatus.IN_REVIEW)


class StepLine(VersionedForm[Step]):
    """A step in the list of its version: what one looks at when putting steps in order."""

    class Meta:
        model = Step
        fields = LINE_FIELDS

    def __init__(self, *args: Any, roles: Sequence[tuple[str, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "owner_role" in self.fields:
            own = self.instance.owner_role
            more = [(own, own)] if own and own not in dict(roles) else []
            field = self.fields["owner_role"]
            self.fields["owner_role"] = forms.ChoiceField(
                label=field.label,
                help_text=_("Who carries the step out."),
                required=False,
                choices=[("", "—"), *roles, *more],
                widget=UnfoldAdminSelectWidget(),
            )
        for field in self.fields.values():
            # A column's heading names no field of a line.
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance.title}"


class StepInline(TenantTabularInline[Step]):
    """The steps of a version. All else of a step stands on its own page."""

    model = Step
    form = StepLine
    tab = False
    template = "admin/playbooks/playbookversion/steps.html"
    fields = ("position", "page", "kind", "owner_role", "when", "required")
    readonly_fields = ("page", "when")
    hide_title = True
    ordering = ("position", "key")
    ordering_field = "position"
    store = staticmethod(services.save_step)
    remove = staticmethod(services.remove_step)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Add no step here: what it needs is more than a line."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the version is a draft that the member may write."""
        return super().has_change_permission(request, obj) and (obj is None or is_draft(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the version is a draft that the member may write."""
        return super().has_delete_permission(request, obj) and (obj is None or is_draft(obj))

    def works_here(self, request: HttpRequest, obj: Any) -> bool:
        """Leave it to the page of the version."""
        return True

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset; roles and titles are loaded once for all lines."""
        formset = super().get_formset(request, obj, **kwargs)
        roles = roles_by_code()
        self.words = Words(
            roles=roles, titles=dict(obj.steps.values_list("key", "title")) if obj else {}
        )

        class Steps(formset):  # type: ignore[misc, valid-type]
            """The lines, each with the roles to choose from."""

            def get_form_kwargs(self, index: int | None) -> dict[str, Any]:
                return {**super().get_form_kwargs(index), "roles": tuple(roles.items())}

            def clean(self) -> None:
                super().clean()
                if self.total_form_count() > self.initial_form_count():
                    raise ValidationError(_("Add a step on a page of its own."))

        return Steps

    @admin.display(description=_("step"))
    def page(self, step: Step) -> str:
        """Return what the step is called, with the way to its page."""
        if step._state.adding:
            return ""  # Somebody sent a line of no step.
        url = reverse("admin:playbooks_step_change", args=[step.pk])
        return format_html('<a class="text-link underline" href="{}">{}</a>', url, step.title)

    @admin.display(description=_("due"))
    def when(self, step: Step) -> str:
        """Return when a step falls due, in words."""
        return "" if step._state.adding else self.words.timing(step.document)


class SendBackForm(BaseDialogForm):
    """Why a version goes back to its author."""

    comment = forms.CharField(
        label=_("What is to be changed"),
        help_text=_("The author reads it on the page of the version."),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )


@admin.register(PlaybookVersion, site=site)
class PlaybookVersionAdmin(EverywhereAdmin[PlaybookVersion]):
    """A draft is edited with its steps; what is published is read."""

    store = staticmethod(services.save_version)
    list_display = ("name", "number", "status", "playbook", "created_by", "published_at")
    list_filter = ("status", "playbook")
    list_select_related = ("playbook", "created_by", "submitted_by", "decided_by")
    ordering = ("playbook", "-number")
    search_fields = ("^name",)
    inlines = (StepInline,)
    actions_detail = ("submit", "publish", "approve", "send_back", "discard", "retire")
    change_form_template = "admin/playbooks/playbookversion/change_form.html"
    empty_text = _("There is no version yet. A new playbook begins with its first draft.")
    fieldsets = (
        (None, {"fields": ("name", "goal", "change_note")}),
        (_("Audience"), {"fields": ("tiers", "stages", "complexities"), "classes": ["collapse"]}),
    )

    class Media:
        css = {"all": ["playbooks/playbooks.css"]}

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Offer no list in the menu: versions are found by their playbook."""
        return False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Begin no version here, but on the page of its playbook."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the member may write, and the version is a draft."""
        return super().has_change_permission(request, obj) and (obj is None or is_draft(obj))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Add what a check finds, as long as something can be done about it."""
        version = kwargs.get("obj")
        if version is not None:
            context["playbook_version"] = version
            context["earlier"] = _earlier(version)
            if is_draft(version) or is_in_review(version):
                context["findings"] = version_findings(version)
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: PlaybookVersion, form: Any, change: bool
    ) -> None:
        """Keep the version for its steps: both are one edit."""
        carry_version(obj, form)
        with refusals(form.prefix):
            self.check_place(request, obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Save the version with its steps in one call.

        :raises Refused: if the service says no.
        """
        formset.save(commit=False)
        for row in formset.deleted_forms:
            if row.is_stale():
                raise Refused({None: [row.stale_message()]}, None)
        kept = [row.instance for row in formset.initial_forms if row not in formset.deleted_forms]
        _space_out(kept)
        with refusals(form.prefix):
            services.save_version(
                form.instance, steps=[services.step_values(step) for step in kept]
            )

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Stay with the version."""
        return HttpResponseRedirect(self.change_url(obj.pk))

    def _preview(self, request: HttpRequest, save: Any) -> HttpResponse:
        """Tell what a check would find in the version as it is typed."""
        pk = request.resolver_match.kwargs["object_id"]  # type: ignore[union-attr]
        return previewed(
            request, save, lambda: version_findings(PlaybookVersion.objects.get(pk=pk))
        )

    @object_action(
        description=_("Submit for review"),
        question=_("It is checked whole. Nobody edits it until it is approved or sent back."),
        done=_("The version is submitted."),
        icon="send",
        available=is_draft,
    )
    def submit(self, request: HttpRequest, version: PlaybookVersion) -> None:
        """Hand the draft in."""
        services.submit_version(version, by=member_of(request), at=timezone.now())

    @object_action(
        description=_("Publish"),
        question=_(
            "Markets that changed nothing carry it out from now on. Those with a localization "
            "stay with their edition until it is moved to this version."
        ),
        done=_("The version is published."),
        icon="publish",
        available=lambda version: (
            is_draft(version) and not settings_in_force().second_person_approves
        ),
    )
    def publish(self, request: HttpRequest, version: PlaybookVersion) -> None:
        """Publish the draft without a review."""
        services.publish_version(version, by=member_of(request), at=timezone.now())

    @object_action(
        description=_("Approve and publish"),
        question=_(
            "Markets that changed nothing carry it out from now on. Those with a localization "
            "stay with their edition until it is moved to this version."
        ),
        done=_("The version is published."),
        icon="publish",
        available=is_in_review,
    )
    def approve(self, request: HttpRequest, version: PlaybookVersion) -> None:
        """Publish what was submitted."""
        services.publish_version(version, by=member_of(request), at=timezone.now())

    @action(  # type: ignore[untyped-decorator]  # unfold has no types
        description=_("Send back"),
        icon="undo",
        permissions=["action"],
        dialog={
            "title": _("Send back"),
            "description": _("It becomes a draft again."),
            "form_class": SendBackForm,
            "form_submit_text": _("Send back"),
        },
    )
    def send_back(self, request: HttpRequest, form: SendBackForm, object_id: str) -> HttpResponse:
        """Send it back to its author, who reads why."""
        version = self.get_object(request, object_id)
        if version is None:
            return _to(request, self.change_url(object_id))
        if not self.has_action_permission(request, version):
            raise PermissionDenied
        try:
            with refusals():
                comment = form.cleaned_data["comment"]
                services.reject_version(version, by=member_of(request), comment=comment)
            self.message_user(request, _("The version is with its author again."), messages.SUCCESS)
        except Refused as refused:
            self.message_user(request, refused.text, messages.ERROR)
        return _to(request, self.change_url(version.pk))

    send_back.available = is_in_review

    @object_action(
        description=_("Discard the draft"),
        question=_("The draft and its steps are gone. A playbook's only version takes it along."),
        done=_("The draft is discarded."),
        icon="delete",
        available=is_draft,
    )
    def discard(self, request: HttpRequest, version: PlaybookVersion) -> str:
        """Throw the draft away."""
        pk = version.playbook_id
        services.discard_draft(version)
        if not Playbook.objects.filter(pk=pk).exists():
            return reverse("admin:playbooks_playbook_changelist")
        return reverse("admin:playbooks_playbook_change", args=[pk])

    @object_action(
        description=_("Retire"),
        question=_("Nobody begins with it any more. What runs goes on."),
        done=_("The version is retired."),
        icon="event_busy",
        available=lambda version: version.status == VersionStatus.PUBLISHED,
    )
    def retire(self, request: HttpRequest, version: PlaybookVersion) -> None:
        """Take the version out of use."""
        services.retire_version(version, at=timezone.now())


def _space_out(steps: list[Step]) -> None:
    """Leave gaps again between steps that were dragged, which numbers them 0, 1, 2."""
    if sorted(step.position for step in steps) == list(range(len(steps))):
        for place, step in enumerate(sorted(steps, key=lambda step: step.position), 1):
            step.position = place * POSITION_GAP


def _earlier(version: PlaybookVersion) -> PlaybookVersion | None:
    """Return the version before, to compare with."""
    versions: QuerySet[PlaybookVersion] = version.playbook.versions.order_by("-number")
    return versions.filter(number__lt=version.number).first()


def _to(request: HttpRequest, url: str) -> HttpResponse:
    if getattr(request, "htmx", False):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url)
