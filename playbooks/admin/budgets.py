"""How often customers may be touched, by tier and place."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from playbooks import services
from playbooks.models import ContactBudget
from regions.access import Place
from regions.admin.access import InPlaceAdmin
from tenants.admin import site


@admin.register(ContactBudget, site=site)
class ContactBudgetAdmin(InPlaceAdmin[ContactBudget]):
    """The most touches in a period; the most specific budget holds."""

    store = staticmethod(services.save_budget)
    remove = staticmethod(services.remove_budget)
    list_display = ("tier", "place", "touches", "severity", "reason")
    list_display_links = ("tier",)
    list_select_related = ("region", "market")
    list_filter = ("tier", "region", "market", "severity")
    ordering = ("tier", "region", "market", "id")
    export_fields = ("tier", "place", "most_touches", "period_days", "severity", "reason")
    empty_text = _("No contact budget fits. Without one, nothing limits how often a tier is met.")
    fieldsets = (
        (_("For whom"), {"fields": ("tier", ("region", "market"), "reason")}),
        (_("How often"), {"fields": (("most_touches", "period_days"), "severity")}),
    )

    def place_of(self, obj: ContactBudget) -> Place:
        """Return where it holds; a global one concerns the whole organization."""
        return obj.market or obj.region

    @admin.display(description=_("holds in"))
    def place(self, budget: ContactBudget) -> str:
        """Return where it holds, in words."""
        return str(budget.market or budget.region or _("Everywhere"))

    @admin.display(description=_("at most"), ordering="most_touches")
    def touches(self, budget: ContactBudget) -> str:
        """Return how often, in words."""
        said = ngettext(
            "%(count)d touch in %(days)d days",
            "%(count)d touches in %(days)d days",
            budget.most_touches,
        )
        return said % {"count": budget.most_touches, "days": budget.period_days}
