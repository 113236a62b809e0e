"""Keys and the audit trail."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.paginator import InfinitePaginator

from tenants import services
from tenants.admin.actions import object_action
from tenants.admin.base import TenantAdmin
from tenants.admin.exports import Asked, Export, Line, in_cell
from tenants.admin.forms import refusals
from tenants.admin.history import Change, Reader, thing_of
from tenants.admin.site import site
from tenants.audit_trail import actor_of, with_names
from tenants.models import ApiKey, AuditEntry
from tenants.permissions import Right


@admin.register(ApiKey, site=site)
class ApiKeyAdmin(TenantAdmin[ApiKey]):
    """Keys are made and revoked, never changed."""

    right = Right.MANAGE_MEMBERS
    read_right = Right.MANAGE_MEMBERS
    list_display = ("name", "member", "scope", "prefix", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("membership",)
    list_filter = ("scope",)
    search_fields = ("^name",)
    ordering = ("name", "id")
    fields = ("name", "membership", "scope", "expires_at")
    actions_detail = ("revoke",)
    empty_text = _("No program has a key yet. A key lets one act as a member, through the API.")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may make keys."""
        return self._may_write(request, None)

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        """Show what happened to a key, once there is one."""
        if obj is None:
            return self.fields
        return (*self.fields, "prefix", "created_at", "last_used_at", "revoked_at")

    @admin.display(description=_("member"), ordering="membership__name")
    def member(self, key: ApiKey) -> str:
        """Return as whom the key acts."""
        return str(key.membership)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        """Make the key; its text goes to the next page and nowhere else."""
        with refusals():
            key, text = services.create_api_key(
                membership=obj.membership,
                name=obj.name,
                scope=form.cleaned_data["scope"],
                expires_at=obj.expires_at,
            )
        obj.pk = key.pk
        request.key_text = text  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the text once, in this answer only: no cookie and no session keeps it."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("New API key"),
            "opts": self.opts,
            "key": obj,
            "text": request.key_text,  # type: ignore[attr-defined]
            "next": self.change_url(obj.pk),
        }
        return TemplateResponse(request, "admin/tenants/new_key.html", context)

    @object_action(
        description=_("Revoke"),
        question=_("Programs that use this key are refused from now on. This cannot be undone."),
        done=_("The key is revoked."),
        icon="key_off",
        available=lambda key: key.revoked_at is None,
    )
    def revoke(self, request: HttpRequest, key: ApiKey) -> None:
        """Refuse the key from now on."""
        services.revoke_api_key(key=key, at=timezone.now())


class ThingFilter(admin.SimpleListFilter):
    """Entries about one kind of thing. Its choices are not read from the trail, which is long."""

    title = _("what")
    parameter_name = "thing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the tables that an admin knows."""
        models = [model for model in site._registry if model is not AuditEntry]
        named = [(model._meta.db_table, str(model._meta.verbose_name)) for model in models]
        return sorted(named, key=lambda item: item[1])

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[AuditEntry]
    ) -> QuerySet[AuditEntry]:
        """Keep one table."""
        return queryset.filter(table=self.value()) if self.value() else queryset


@admin.register(AuditEntry, site=site)
class AuditEntryAdmin(TenantAdmin[AuditEntry]):
    """What happened, as the database wrote it down. Nobody changes it."""

    read_right = Right.READ_AUDIT
    list_display = ("at", "who", "door", "action", "thing", "row_id")
    list_filter = (ThingFilter, "action")
    ordering = ("-id",)
    paginator = InfinitePaginator
    fields = ("at", "who", "door", "request_id", "action", "thing", "row_id", "changes")
    readonly_fields = fields
    empty_text = _("Nothing has been changed yet.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        """Load the name of who did it with each entry."""
        return with_names(super().get_queryset(request))

    def exports(self) -> Sequence[Export]:
        """Return the trail, between two days."""
        header = (_("When (UTC)"), _("Who"), _("Door"), _("Action"), _("What"), _("Row"))
        named = (*header, _("Before and after"))
        return (
            Export("audit-trail", _("audit trail"), named, _lines, asks="days", narrow=_between),
        )

    @admin.display(description=_("who"))
    def who(self, entry: AuditEntry) -> str:
        """Return the member's name."""
        return actor_of(entry)

    @admin.display(description=_("what"))
    def thing(self, entry: AuditEntry) -> str:
        """Return the kind of thing that changed."""
        return thing_of(entry)

    @admin.display(description=_("before and after"))
    def changes(self, entry: AuditEntry) -> SafeString:
        """Return the fields that changed."""
        found = Reader([entry]).changes(entry)
        return render_to_string("admin/tenants/changes.html", {"changes": found})


def _between(entries: QuerySet[AuditEntry], asked: Asked) -> QuerySet[AuditEntry]:
    """Keep what happened from a first to a last day, UTC."""
    if asked.first:
        entries = entries.filter(at__gte=_midnight(asked.first))
    if asked.last and asked.last < dt.date.max:
        entries = entries.filter(at__lt=_midnight(asked.last + dt.timedelta(1)))
    return entries


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def _lines(rows: QuerySet[AuditEntry], _asked: Asked) -> Iterator[Line]:
    entries = list(rows)
    reader = Reader(entries)
    for entry in entries:
        yield (
            in_cell(entry.at),
            actor_of(entry),
            entry.door,
            entry.get_action_display(),
            thing_of(entry),
            str(entry.row_id),
            "; ".join(map(_in_a_line, reader.changes(entry))),
        )


def _in_a_line(change: Change) -> str:
    return f"{change.field}: {change.before or '–'} → {change.after or '–'}"
