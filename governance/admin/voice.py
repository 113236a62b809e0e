"""The brand voice, and what markets vary of it."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from governance import services
from governance.admin.starting import StartingSetAdmin
from governance.models import VoiceTrait, VoiceVariation
from regions.admin.access import InPlaceAdmin
from tenants.admin import site


@admin.register(VoiceTrait, site=site)
class VoiceTraitAdmin(StartingSetAdmin[VoiceTrait]):
    """How we sound to customers, trait by trait."""

    store = staticmethod(services.save_voice_trait)
    remove = staticmethod(services.remove_voice_trait)
    list_display = ("name", "description", "is_local", "variation_count")
    list_filter = ("is_local",)
    search_fields = ("^name", "^key")
    ordering = ("name", "id")
    fields = (("name", "key"), "description", "is_local")
    export_fields = ("key", "name", "description", "is_local")
    empty_text = _("No trait fits. Start from the shipped set, or add your own.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[VoiceTrait]:
        """Count the variations of each trait in the same query."""
        return super().get_queryset(request).annotate(variation_count=Count("variations"))

    def get_readonly_fields(self, request: HttpRequest, obj: VoiceTrait | None = None) -> Any:
        """Keep the key of a trait that is there: programs name it."""
        return ("key",) if obj else ()

    @admin.display(description=_("markets that vary it"), ordering="variation_count")
    def variation_count(self, trait: VoiceTrait) -> int:
        """Return how many markets vary the trait."""
        return getattr(trait, "variation_count", 0)


@admin.register(VoiceVariation, site=site)
class VoiceVariationAdmin(InPlaceAdmin[VoiceVariation]):
    """What markets vary of the voice, each with its reason."""

    store = staticmethod(services.save_voice_variation)
    remove = staticmethod(services.remove_voice_variation)
    list_display = ("trait", "market", "wording", "reason")
    list_filter = ("trait", "market")
    list_select_related = ("trait", "market")
    ordering = ("trait__name", "market__name", "id")
    fields = (("trait", "market"), "wording", "reason")
    export_fields = ("trait", "market", "wording", "reason")
    empty_text = _("Every market sounds the same. Add where one has a reason to differ.")

    def get_readonly_fields(self, request: HttpRequest, obj: VoiceVariation | None = None) -> Any:
        """Keep what a variation is of, and where."""
        return ("trait", "market") if obj else ()

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the traits that a market may vary."""
        if db_field.name == "trait":
            kwargs["queryset"] = VoiceTrait.objects.filter(is_local=True)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
