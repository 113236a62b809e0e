"""Which letters members want, on their pages."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from engagement import services
from engagement.models import LetterPreference
from tenants.admin import TenantAdmin, site
from tenants.permissions import Right


@admin.register(LetterPreference, site=site)
class LetterPreferenceAdmin(TenantAdmin[LetterPreference]):
    """Which letters members want; each says so on her own profile."""

    right = Right.MANAGE_MEMBERS
    read_right = Right.MANAGE_MEMBERS
    store = staticmethod(services.save_preference)
    remove = staticmethod(services.remove_preference)
    list_display = ("membership", "digest", "digest_at", "hand_overs", "mentions")
    list_select_related = ("membership",)
    list_filter = ("digest", "hand_overs", "mentions")
    search_fields = ("^membership__name",)
    ordering = ("membership__name", "id")
    fields = ("membership", ("digest", "digest_at"), "hand_overs", "mentions")
    empty_text = _("Nobody has chosen yet: everybody gets all letters.")
