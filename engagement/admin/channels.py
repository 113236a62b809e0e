"""Chats that hear of the work."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminURLInputWidget

from engagement import services
from engagement.models import ChatChannel
from tenants.admin import TenantAdmin, object_action, site
from tenants.admin.forms import VersionedForm
from tenants.permissions import Right


class ChannelForm(VersionedForm[ChatChannel]):
    """Takes the secret address, which it never shows."""

    url = forms.URLField(
        label=_("Incoming webhook"),
        required=False,
        max_length=500,
        assume_scheme="https",
        widget=UnfoldAdminURLInputWidget(attrs={"autocomplete": "off"}),
        help_text=_(
            "Slack: an app's “Incoming Webhooks”. Teams: the channel's workflow “Post to a channel "
            "when a webhook request is received”. Empty: the address of before stays."
        ),
    )


@admin.register(ChatChannel, site=site)
class ChatChannelAdmin(TenantAdmin[ChatChannel]):
    """Channels of Slack and Teams, and what each is told."""

    form = ChannelForm
    right = Right.MANAGE_MEMBERS
    read_right = Right.MANAGE_MEMBERS
    store = staticmethod(services.save_channel)
    list_display = ("name", "kind", "region", "summaries", "hand_overs", "is_active", "state")
    list_select_related = ("endpoint", "region")
    list_filter = ("kind", "is_active")
    search_fields = ("^name",)
    ordering = ("name", "id")
    fields = (
        "name",
        "kind",
        "url",
        "address",
        "state",
        "language",
        "region",
        ("summaries", "summary_at"),
        "hand_overs",
        "run_starts",
        "is_active",
    )
    readonly_fields = ("address", "state")
    actions_detail = ("test",)
    empty_text = _("No chat hears of the work yet.")

    def get_readonly_fields(self, request: HttpRequest, obj: ChatChannel | None = None) -> Any:
        """Leave the kind of a channel as it is."""
        return self.readonly_fields if obj is None else (*self.readonly_fields, "kind")

    @admin.display(description=_("address"))
    def address(self, channel: ChatChannel) -> str:
        """Return where it is, without the secret."""
        return channel.endpoint.url

    @admin.display(description=_("why we switched it off"))
    def state(self, channel: ChatChannel) -> str:
        """Return why nothing is posted there any more, if that was our doing."""
        return channel.endpoint.disabled_because

    def save_model(self, request: HttpRequest, obj: ChatChannel, form: Any, change: bool) -> None:
        """Hand the channel to its service, with the address that was typed."""
        obj.url = form.cleaned_data.get("url", "")
        super().save_model(request, obj, form, change)

    @staticmethod
    def remove(channel: ChatChannel) -> None:
        """Post nothing there any more."""
        services.remove_channel(channel, at=timezone.now())

    @object_action(
        description=_("Send a test"),
        question=_("The channel is sent a message that tells of nothing."),
        done=_("The test is on its way; the deliveries tell what became of it."),
        icon="send",
        available=lambda channel: channel.is_active,
    )
    def test(self, request: HttpRequest, channel: ChatChannel) -> None:
        """Post a message that tells of nothing."""
        services.try_channel(channel)
