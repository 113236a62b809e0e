"""What is proposed after outcomes."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from engagement import services
from engagement.models import OutcomeRule
from regions.admin.access import EverywhereAdmin
from tenants.admin import site
from tenants.permissions import Right


@admin.register(OutcomeRule, site=site)
class OutcomeRuleAdmin(EverywhereAdmin[OutcomeRule]):
    """The playbooks that are proposed once a task is done with an outcome or a sentiment."""

    menu_right = Right.EDIT_STRUCTURE
    store = staticmethod(services.save_outcome_rule)
    remove = staticmethod(services.remove_outcome_rule)
    list_display = ("playbook", "outcome", "sentiment")
    list_select_related = ("playbook",)
    list_filter = ("outcome", "sentiment", "playbook")
    ordering = ("playbook__key", "id")
    fields = (("outcome", "sentiment"), "playbook")
    export_fields = ("outcome", "sentiment", "playbook")
    empty_text = _("Nothing is proposed. Add a playbook that often follows an outcome.")
