"""The base of every admin: the organization's own rows, saved by services, never by the ORM."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.admin.exports import (
    MOST_EXPORTED,
    Export,
    TooManyRows,
    asked_of,
    fields_export,
    file_of,
)
from tenants.admin.forms import Refused, TenantForm, VersionedForm, refusals
from tenants.admin.guarded import Guarded, ModelT
from tenants.admin.history import history_of
from tenants.admin.preview import PREVIEW, Preview
from tenants.permissions import Right, identity_of, may
from toolkit import effects
from toolkit.consequences import gathering, settle

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline, TabularInline
else:
    from unfold.admin import ModelAdmin, StackedInline, TabularInline

# What the filters of a list put into its address.
FILTER_LOOKUPS = ("", "__exact", "__id__exact", "__isnull")


class TenantAdmin(Guarded[ModelT], ModelAdmin[ModelT]):
    """Shows and saves the rows of the organization in force.

    The menu offers it to who has ``menu_right``: who only reads needs no list of regions.
    """

    menu_right: ClassVar[Right | None] = None
    previews_changes: ClassVar[bool] = False
    empty_text: ClassVar[Any] = gettext_lazy("Nothing is here yet.")
    list_per_page = 50
    show_full_result_count = False
    list_after_template = "admin/tenants/exports.html"
    export_fields: ClassVar[tuple[str, ...]] = ()
    change_form_template = "admin/tenants/change_form.html"

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Return whether the menu offers this: to who reads it and has some use for it."""
        wanted = self.menu_right is None or may(identity_of(request), self.menu_right)
        return self.has_view_permission(request) and wanted

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[ModelT]:
        """Load what rows are named by, in lists and on pages."""
        related = self.get_list_select_related(request)
        queryset = super().get_queryset(request)
        return queryset.select_related(*related) if isinstance(related, tuple) else queryset

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show the list, without what no database can hold."""
        if "%00" in request.GET.urlencode():
            return HttpResponseRedirect(f"{request.path}?{ERROR_FLAG}=1")
        offered = {"exports": self.exports(), "most_exported": MOST_EXPORTED}
        return super().changelist_view(request, offered | (extra_context or {}))

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Return whether a filter of the list asks for this; nobody needs more."""
        own = {getattr(each, "parameter_name", None) for each in self.list_filter}
        names = [name for name in self.list_filter if isinstance(name, str)]
        allowed = (f"{name}{end}" for name in names for end in FILTER_LOOKUPS)
        return lookup in own or lookup in allowed

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Return the pages beside the usual ones."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_export"
        return (("export/", name, self.export_view),) if self.exports() else ()

    def exports(self) -> Sequence[Export]:
        """Return the tables that the list offers to take along."""
        if not self.export_fields:
            return ()
        name = str(self.opts.model_name)
        return (fields_export(self, name, self.opts.verbose_name_plural, self.export_fields),)

    def export_view(self, request: HttpRequest, model_admin: Any) -> HttpResponse:
        """Answer with what the list shows by its filters, as a file.

        :raises PermissionDenied: if the role may not read the list.
        :raises Http404: for a table that is not offered.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        what, kind, asked = asked_of(request, today=timezone.now().date())
        offered = {export.name: export for export in self.exports()}
        export = offered.get(what or next(iter(offered)))
        if export is None:
            raise Http404
        list_url = self.list_url()
        if "%00" in request.GET.urlencode():
            return HttpResponseRedirect(f"{list_url}?{ERROR_FLAG}=1")
        try:
            return file_of(export, self.get_changelist_instance(request).queryset, asked, kind)
        except IncorrectLookupParameters:
            return HttpResponseRedirect(f"{list_url}?{ERROR_FLAG}=1")
        except TooManyRows:
            said = _("A file holds %(count)d rows at most. Choose fewer by the filters.")
            self.message_user(request, said % {"count": MOST_EXPORTED}, messages.ERROR)
            return HttpResponseRedirect(f"{list_url}?{request.GET.urlencode()}")

    def has_action_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may run the actions of an object."""
        return self._may_write(request, obj)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Return the actions that make sense for the object as it is."""
        actions = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        obj = self.get_object(request, str(object_id)) if actions else None
        return [action for action in actions if obj is not None and action.method.available(obj)]

    def get_form(
        self, request: HttpRequest, obj: ModelT | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Return the form, which knows what the attempt to save was refused for."""
        if self.form is forms.ModelForm:
            kwargs.setdefault("form", _form_for(self.model))
        return _with_refusal(super().get_form(request, obj, change, **kwargs), request)

    def get_fields(self, request: HttpRequest, obj: ModelT | None = None) -> Any:
        """Return the fields to show; the version is in the form without being shown."""
        return [name for name in super().get_fields(request, obj) if name != "version"]

    def get_fieldsets(self, request: HttpRequest, obj: ModelT | None = None) -> Any:
        """Return the fields to show; what can only be read begins with the object."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        hidden = set(self.get_readonly_fields(request, obj))
        return [
            (name, {**options, "fields": _without(options["fields"], hidden)})
            for name, options in fieldsets
        ]

    def save_model(self, request: HttpRequest, obj: ModelT, form: Any, change: bool) -> None:
        """Hand the object to its service.

        :raises Refused: if the service says no, or the member's reach ends before.
        """
        if self.store is None:
            raise PermissionDenied
        carry_version(obj, form)
        with refusals(form.prefix):
            self.check_place(request, obj)
            self.store(obj)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Hand the rows of an inline to their services: what is new first, then what goes.

        :raises Refused: if a service says no.
        """
        changed = formset.save(commit=False)
        for row in formset.forms:
            if row.instance in changed:
                carry_version(row.instance, row)
                with refusals(row.prefix):
                    formset.inline.store(row.instance)
        for row in formset.deleted_forms:
            # A formset asks nothing of a line that is to go.
            if isinstance(row, VersionedForm) and row.is_stale():
                raise Refused({None: [row.stale_message()]}, None)
        for gone in formset.deleted_objects:
            with refusals():
                formset.inline.remove(gone)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the inlines, and draw once what follows from all that was saved.

        :raises Refused: if a service says no.
        """
        super().save_related(request, form, formsets, change)
        with refusals(form.prefix):
            settle()

    def delete_model(self, request: HttpRequest, obj: ModelT) -> None:
        """Hand the object to its service.

        :raises Refused: if the service says no.
        """
        if self.remove is None:
            raise PermissionDenied
        with refusals():
            self.remove(obj)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        """Name the object alone: the service knows what goes with it, and what forbids it."""
        return [str(obj) for obj in objs], {}, set(), []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show or save the form; what a service refuses is said on the form, with all input."""

        def save() -> Any:
            with gathering():
                return super(TenantAdmin, self).changeform_view(
                    request, object_id, form_url, extra_context
                )

        extra_context = {"previews_changes": self.previews_changes} | (extra_context or {})
        if request.method == "POST" and PREVIEW in request.GET:
            return self._preview(request, save)
        try:
            return save()
        except Refused as refused:
            request.refused = refused  # type: ignore[attr-defined]
            return save()

    def _preview(self, request: HttpRequest, save: Callable[[], Any]) -> HttpResponse:
        """Save, tell what followed, and take it back."""
        answers: list[Any] = []
        try:
            found = effects.preview(lambda: answers.append(save()))
        except Refused as refused:
            # Once more, so that the form words the refusal.
            request.refused = refused  # type: ignore[attr-defined]
            found = effects.preview(lambda: answers.append(save()))
        context = getattr(answers[-1], "context_data", None) or {}
        preview = Preview(errors=list(context.get("errors", ())), markets=effects.summarize(found))
        return TemplateResponse(request, "admin/tenants/preview.html", {"preview": preview})

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Ask and remove; say why not."""
        try:
            return super().delete_view(request, object_id, extra_context)
        except Refused as refused:
            self.message_user(request, refused.text, messages.ERROR)
            return HttpResponseRedirect(self.change_url(object_id))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show who changed what, from the audit trail of the database.

        :raises PermissionDenied: if the role may not read this.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        obj = self.get_object(request, object_id)
        if obj is None:
            return self._get_obj_does_not_exist_redirect(  # type: ignore[attr-defined, no-any-return]
                request, self.opts, object_id
            )
        return TemplateResponse(
            request,
            "admin/tenants/history.html",
            {
                **self.admin_site.each_context(request),
                "title": _("History"),
                "subtitle": str(obj),
                "object": obj,
                "opts": self.opts,
                "lines": history_of(obj, self._parts(request, obj)),
            },
        )

    def change_url(self, object_id: object) -> str:
        """Return the address of an object's page."""
        name = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_change"
        return reverse(name, args=[object_id])

    def list_url(self) -> str:
        """Return the address of the list."""
        return reverse(
            f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_changelist"
        )

    def message_user(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Say something, unless this is a preview, after which nothing has happened."""
        if PREVIEW not in request.GET:
            super().message_user(request, *args, **kwargs)

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: the database keeps the audit trail."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """Write nothing: the database keeps the audit trail."""

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        """Write nothing: the database keeps the audit trail."""

    def _parts(self, request: HttpRequest, obj: ModelT) -> list[tuple[type[models.Model], str]]:
        return [
            (formset.model, formset.fk.attname)
            for formset, _inline in self.get_formsets_with_inlines(request, obj)
        ]


class TenantInline(Guarded[ModelT]):
    """Rows edited on the page of another one."""

    extra = 0
    show_change_link = False
    tab = True

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields to show, and the version that the line was opened with, unseen."""
        fields = super().get_fields(request, obj)
        return (*fields, "version") if _is_versioned(self.model) else fields

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Return the formset, which knows its inline and what was refused."""
        if self.form is forms.ModelForm:
            kwargs.setdefault("form", _form_for(self.model))
        shown = flatten_fieldsets(self.get_fieldsets(request, obj))
        # The form has the version as a field of its own.
        kwargs.setdefault("fields", [name for name in shown if name != "version"])
        formset = super().get_formset(request, obj, **kwargs)  # type: ignore[misc]
        formset.inline = self
        _with_refusal(formset.form, request)
        return formset


class TenantTabularInline(TenantInline[ModelT], TabularInline[ModelT, Any]):
    """One line per row; what its columns mean is told below, for keyboards and phones, too."""

    template_after = "admin/tenants/columns.html"


class TenantStackedInline(TenantInline[ModelT], StackedInline[ModelT, Any]):
    """One block per row, with what concerns a whole row above them."""

    template_before = "admin/tenants/line_errors.html"


def _form_for(model: type[models.Model]) -> type[TenantForm[Any]]:
    return VersionedForm if _is_versioned(model) else TenantForm


def _is_versioned(model: type[models.Model]) -> bool:
    return any(field.name == "version" for field in model._meta.local_fields)


def _with_refusal(form: Any, request: HttpRequest) -> Any:
    form.refused = getattr(request, "refused", None)
    return form


def _without(fields: Any, hidden: set[Any]) -> list[Any]:
    lines = ([name for name in _line(line) if name not in hidden] for line in fields)
    return [line for line in lines if line]


def _line(line: Any) -> Any:
    return (line,) if isinstance(line, str) else line


def carry_version(obj: models.Model, form: Any) -> None:
    if "version" in form.cleaned_data and not obj._state.adding:
        obj.version = form.cleaned_data["version"]  # type: ignore[attr-defined]
