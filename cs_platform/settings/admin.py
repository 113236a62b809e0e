"""The look of the admin, and what its sidebar offers."""

from typing import Any

from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _


def _item(title: Any, icon: str, model: str, permission: str | None = None) -> dict[str, Any]:
    link = reverse_lazy(f"admin:{model}_changelist")
    return {"title": title, "icon": icon, "link": link, "permission": permission}


UNFOLD = {
    "SITE_TITLE": _("Customer success"),
    "SITE_HEADER": _("Customer success"),
    "SITE_SUBHEADER": "tenants.admin.site.organization_name",
    "SITE_SYMBOL": "public",
    "SITE_URL": reverse_lazy("workspace:today"),
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "cs_platform.dashboard.planning_overview",
    "STYLES": [lambda _request: static("tenants/admin.css")],
    "SIDEBAR": {
        "navigation": [
            {
                "items": [
                    {
                        "title": _("Planning overview"),
                        "icon": "dashboard",
                        "link": reverse_lazy("admin:index"),
                    },
                ],
            },
            {
                "title": _("Markets"),
                "separator": True,
                "items": [
                    _item(_("Markets"), "flag", "regions_market"),
                    _item(_("Regions"), "map", "regions_region"),
                    _item(_("Cultural profiles"), "diversity_3", "regions_culturalstatement"),
                ],
            },
            {
                "title": _("Work with customers"),
                "separator": True,
                "items": [
                    _item(_("Cadences"), "event_repeat", "playbooks_cadence"),
                    _item(_("Accounts"), "domain", "accounts_account"),
                    _item(_("Tasks"), "task_alt", "engagement_task"),
                    _item(_("Region planning"), "schedule", "engagement_regionplanning"),
                    _item(_("Planning passes"), "history", "engagement_marketpass"),
                ],
            },
            {
                "title": _("Organization"),
                "separator": True,
                "items": [
                    _item(_("Members"), "group", "tenants_membership"),
                    _item(
                        _("API keys"),
                        "key",
                        "tenants_apikey",
                        "tenants.admin.site.manages_members",
                    ),
                    _item(
                        _("Audit trail"),
                        "policy",
                        "tenants_auditentry",
                        "tenants.admin.site.reads_audit_trail",
                    ),
                ],
            },
        ],
    },
}
