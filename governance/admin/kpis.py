"""What the figures mean, and what they should be, everywhere and in single markets."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance import services
from governance.admin.starting import StartingSetAdmin
from governance.models import KpiDefinition, KpiTarget
from regions.admin.access import InPlaceAdmin
from tenants.admin import object_action, site
from tenants.admin.filters import ArchivedFilter


@admin.register(KpiDefinition, site=site)
class KpiDefinitionAdmin(StartingSetAdmin[KpiDefinition]):
    """Definitions of KPIs with the targets for all markets."""

    store = staticmethod(services.save_kpi)
    list_display = ("name", "unit", "direction", "target", "target_count")
    list_filter = ("unit", ArchivedFilter)
    search_fields = ("^name", "^key")
    ordering = ("name", "id")
    fields = (
        ("name", "key"),
        ("unit", "direction", "target"),
        "formula",
        "source",
        "archived_at",
    )
    actions_detail = ("archive", "restore")
    export_fields = (
        *("key", "name", "unit", "direction", "formula", "source", "target"),
        "archived_at",
    )
    empty_text = _("No KPI fits. Start from the shipped set, or define your own.")

    def get_queryset(self, request: HttpRequest) -> QuerySet[KpiDefinition]:
        """Count the markets with a target of their own in the same query."""
        return super().get_queryset(request).annotate(target_count=Count("targets"))

    def get_readonly_fields(self, request: HttpRequest, obj: KpiDefinition | None = None) -> Any:
        """Keep the key of a KPI that is there: programs name it."""
        return ("key", "archived_at") if obj else ("archived_at",)

    @admin.display(description=_("markets with their own"), ordering="target_count")
    def target_count(self, kpi: KpiDefinition) -> int:
        """Return how many markets have a target of their own."""
        return getattr(kpi, "target_count", 0)

    @object_action(
        description=_("Archive"),
        question=_("It is watched no more. Its targets are kept."),
        done=_("The KPI is archived."),
        icon="archive",
        available=lambda kpi: kpi.archived_at is None,
    )
    def archive(self, request: HttpRequest, kpi: KpiDefinition) -> None:
        """Stop watching the KPI."""
        services.archive_kpi(kpi, at=timezone.now())

    @object_action(
        description=_("Restore"),
        question=_("It is watched again, by the targets that it had."),
        done=_("The KPI is in use again."),
        icon="unarchive",
        available=lambda kpi: kpi.archived_at is not None,
    )
    def restore(self, request: HttpRequest, kpi: KpiDefinition) -> None:
        """Watch the KPI again."""
        services.restore_kpi(kpi)


@admin.register(KpiTarget, site=site)
class KpiTargetAdmin(InPlaceAdmin[KpiTarget]):
    """Targets of single markets, each with its reason."""

    store = staticmethod(services.save_kpi_target)
    remove = staticmethod(services.remove_kpi_target)
    list_display = ("kpi", "market", "value", "reason")
    list_filter = ("kpi", "market")
    list_select_related = ("kpi", "market")
    ordering = ("kpi__name", "market__name", "id")
    fields = (("kpi", "market"), "value", "reason")
    export_fields = ("kpi", "market", "value", "reason")
    empty_text = _("Every market has the target for all. Add where one is measured otherwise.")

    def get_readonly_fields(self, request: HttpRequest, obj: KpiTarget | None = None) -> Any:
        """Keep what a target is of, and where."""
        return ("kpi", "market") if obj else ()
