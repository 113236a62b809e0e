"""Who has a calendar feed; each makes her own on her profile."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from engagement import services
from engagement.models import CalendarFeed
from tenants.admin import TenantAdmin, site
from tenants.permissions import Right


@admin.register(CalendarFeed, site=site)
class CalendarFeedAdmin(TenantAdmin[CalendarFeed]):
    """Addresses at which calendar programs read; whoever leaves with one is stopped here."""

    right = Right.MANAGE_MEMBERS
    read_right = Right.MANAGE_MEMBERS
    remove = staticmethod(services.remove_feed)
    list_display = ("membership", "renewed_at")
    list_select_related = ("membership",)
    search_fields = ("^membership__name",)
    ordering = ("membership__name", "id")
    fields = ("membership", "renewed_at")
    readonly_fields = fields
    empty_text = _("Nobody has a calendar feed yet: each member makes her own.")
