"""The outbox in the admin: letters, webhook endpoints, and the log of what these were told."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.paginator import InfinitePaginator
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from outbox import events, services, webhooks
from outbox.choices import DeliveryStatus, EndpointKind
from outbox.models import Letter, WebhookDelivery, WebhookEndpoint
from tenants.admin import TenantAdmin, object_action, site
from tenants.admin.forms import Refused, refusals
from tenants.permissions import Right


class LetterState(admin.SimpleListFilter):
    """Keeps letters by what became of them."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what can be chosen."""
        return [("waiting", _("On its way")), ("sent", _("Sent")), ("parked", _("Given up"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep those of the state chosen."""
        match self.value():
            case "waiting":
                return queryset.waiting()
            case "sent":
                return queryset.exclude(sent_at=None)
            case "parked":
                return queryset.exclude(parked_at=None)
        return queryset


@admin.register(Letter, site=site)
class LetterAdmin(TenantAdmin[Letter]):
    """What was written to people by mail; what it says is between them and us."""

    right = Right.MANAGE_MEMBERS
    read_right = Right.MANAGE_MEMBERS
    list_display = ("created_at", "to", "subject", "attempts", "sent_at", "parked_at", "failure")
    list_display_links = ("created_at",)
    list_filter = (LetterState,)
    search_fields = ("=to",)
    search_help_text = _("The whole address.")
    ordering = ("-id",)
    paginator = InfinitePaginator
    fields = (
        *("to", "subject", "language", "created_at", "due_at", "attempts", "sent_at"),
        *("parked_at", "failure"),
    )
    readonly_fields = fields
    export_fields = ("created_at", *fields[:3], "attempts", "sent_at", "parked_at", "failure")
    actions_detail = ("send_again",)
    empty_text = _("No letter was written yet.")

    @object_action(
        description=_("Send again"),
        question=_("The letter is sent again within a minute, as it was."),
        done=_("The letter is on its way."),
        icon="replay",
        available=lambda letter: letter.parked_at is not None and not letter.has_secret,
    )
    def send_again(self, request: HttpRequest, letter: Letter) -> None:
        """Send the letter again."""
        services.send_again(letter)


@admin.register(WebhookEndpoint, site=site)
class WebhookEndpointAdmin(TenantAdmin[WebhookEndpoint]):
    """Programs that are told what happens."""

    right = Right.MANAGE_MEMBERS
    read_right = Right.MANAGE_MEMBERS
    store = staticmethod(webhooks.save_endpoint)
    list_display = ("url", "description", "is_active", "disabled_at", "disabled_because")
    list_filter = ("is_active",)
    search_fields = ("^description",)
    ordering = ("url", "id")
    fields = ("url", "description", "event_types", "is_active")
    readonly_fields = ("created_at", "old_secret_until", "disabled_at", "disabled_because")
    actions_detail = ("test", "rotate_secret")
    empty_text = _("No program is told what happens yet. An endpoint is an address that is.")

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[WebhookEndpoint]:
        """Leave out chats, and what was removed."""
        rows = super().get_queryset(request)
        return rows.filter(removed_at=None, kind=EndpointKind.PROGRAM)

    def get_fields(self, request: HttpRequest, obj: WebhookEndpoint | None = None) -> Any:
        """Show what happened to an endpoint, once there is one."""
        return self.fields if obj is None else (*self.fields, *self.readonly_fields)

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        """Offer the events as boxes to check."""
        if db_field.name == "url":
            kwargs["assume_scheme"] = "https"
        if db_field.name != "event_types":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        return forms.MultipleChoiceField(
            choices=events.choices(),
            required=False,
            label=capfirst(str(db_field.verbose_name)),
            help_text=str(db_field.help_text),
            widget=UnfoldAdminCheckboxSelectMultipleWidget(),
        )

    def save_model(
        self, request: HttpRequest, obj: WebhookEndpoint, form: Any, change: bool
    ) -> None:
        """Save the endpoint; a new one's secret goes to the next page and nowhere else."""
        if change:
            super().save_model(request, obj, form, change)
            return
        with refusals():
            _made, request.webhook_secret = webhooks.create_endpoint(obj)  # type: ignore[attr-defined]

    def response_add(
        self, request: HttpRequest, obj: WebhookEndpoint, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret once, in this answer only: no cookie and no session keeps it."""
        return self._show(request, obj, request.webhook_secret)  # type: ignore[attr-defined]

    @staticmethod
    def remove(endpoint: WebhookEndpoint) -> None:
        """Send nothing there any more."""
        webhooks.remove_endpoint(endpoint, at=timezone.now())

    @object_action(
        description=_("Send a test"),
        question=_("The endpoint is sent a message that tells of nothing."),
        done=_("The test is on its way; the deliveries tell what became of it."),
        icon="send",
        available=lambda endpoint: endpoint.is_active,
    )
    def test(self, request: HttpRequest, endpoint: WebhookEndpoint) -> None:
        """Send a message that tells of nothing."""
        webhooks.send_test(endpoint)

    @action(  # type: ignore[untyped-decorator]
        description=_("Replace the secret"), icon="key", permissions=["action"]
    )
    def rotate_secret(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask, and then show the new secret once."""
        endpoint = self.get_object(request, object_id)
        if endpoint is None:
            return HttpResponseRedirect(self.change_url(object_id))
        if not self.has_action_permission(request, endpoint):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, endpoint, "rotate", title=_("Replace the secret"))
        try:
            with refusals():
                _rotated, secret = webhooks.rotate_secret(endpoint, at=timezone.now())
        except Refused as refused:
            self.message_user(request, refused.text, messages.ERROR)
            return HttpResponseRedirect(self.change_url(endpoint.pk))
        return self._show(request, endpoint, secret)

    rotate_secret.available = lambda _endpoint: True

    def _show(self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
        return self._page(request, endpoint, "secret", title=_("New secret"), text=secret)

    def _page(
        self, request: HttpRequest, endpoint: WebhookEndpoint, name: str, **context: Any
    ) -> HttpResponse:
        context |= {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "endpoint": endpoint,
            "next": self.change_url(endpoint.pk),
        }
        return TemplateResponse(request, f"admin/outbox/{name}.html", context)


@admin.register(WebhookDelivery, site=site)
class WebhookDeliveryAdmin(TenantAdmin[WebhookDelivery]):
    """What endpoints were told and are to be told."""

    right = Right.MANAGE_MEMBERS
    read_right = Right.MANAGE_MEMBERS
    list_display = (
        "created_at",
        "event_type",
        "endpoint",
        "status",
        "attempts",
        "due_at",
        "answer",
        "failure",
        "milliseconds",
    )
    list_select_related = ("endpoint",)
    list_filter = ("status",)
    search_fields = ("=message_id",)
    ordering = ("-id",)
    paginator = InfinitePaginator
    fields = (
        "endpoint",
        "event_type",
        "message_id",
        "payload",
        "status",
        "created_at",
        "attempts",
        "due_at",
        "closed_at",
        "answer",
        "failure",
        "milliseconds",
    )
    readonly_fields = fields
    actions_detail = ("replay",)
    empty_text = _("No endpoint was told anything yet.")

    @object_action(
        description=_("Send again"),
        question=_("The message is sent again, with the same id."),
        done=_("The message is on its way."),
        icon="replay",
        available=lambda delivery: delivery.status != DeliveryStatus.QUEUED,
    )
    def replay(self, request: HttpRequest, delivery: WebhookDelivery) -> None:
        """Send the message again."""
        webhooks.replay(delivery)
