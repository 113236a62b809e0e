"""What no market may break, and who approves."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from governance import services
from governance.admin.parameters import GuardrailForm, conditions, shown_parameters
from governance.admin.starting import StartingSetAdmin
from governance.models import GovernanceSettings, Guardrail
from regions.admin.access import EverywhereAdmin
from tenants.admin import site
from tenants.permissions import Right


@admin.register(Guardrail, site=site)
class GuardrailAdmin(StartingSetAdmin[Guardrail]):
    """Rules of playbooks; each kind asks for its own parameters."""

    form = GuardrailForm
    store = staticmethod(services.save_guardrail)
    remove = staticmethod(services.remove_guardrail)
    conditional_fields = conditions()
    list_display = ("name", "scope", "parameters_shown", "severity", "is_active", "protects")
    list_filter = ("kind", "severity", "motion", "is_active")
    search_fields = ("^name", "^playbook_key")
    ordering = ("name", "id")
    readonly_fields = ("parameters_shown",)
    export_fields = (
        *("name", "kind", "parameters_shown", "severity", "motion", "playbook_key"),
        *("protects", "is_active"),
    )
    empty_text = _("No guardrail fits. Start from the shipped set, or add your own.")

    def get_fieldsets(self, request: HttpRequest, obj: Guardrail | None = None) -> Any:
        """Return the fields; who only reads sees the parameters in one line."""
        writes = self.has_change_permission(request, obj) if obj else True
        parameters = tuple(self.conditional_fields) if writes else ("parameters_shown",)
        return (
            (None, {"fields": ("name", "protects", ("severity", "is_active"))}),
            (_("Rule"), {"fields": ("kind", *parameters)}),
            (_("Where it holds"), {"fields": (("motion", "playbook_key"),)}),
        )

    @admin.display(description=_("holds for"))
    def scope(self, guardrail: Guardrail) -> str:
        """Return where it holds, in words."""
        return guardrail.playbook_key or guardrail.get_motion_display() or _t("All playbooks")

    @admin.display(description=_("parameters"))
    def parameters_shown(self, guardrail: Guardrail) -> str:
        """Return the parameters in one line."""
        return shown_parameters(guardrail)


@admin.register(GovernanceSettings, site=site)
class GovernanceSettingsAdmin(EverywhereAdmin[GovernanceSettings]):
    """How playbooks are approved: one entry at most."""

    menu_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_settings)
    list_display = ("__str__", "second_person_approves", "figures_about_people")
    fields = ("second_person_approves", "figures_about_people")
    empty_text = _("Nothing is set: whoever may edit a playbook may approve it, her own included.")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether nothing is set yet, and the member may."""
        return super().has_add_permission(request) and not GovernanceSettings.objects.exists()
