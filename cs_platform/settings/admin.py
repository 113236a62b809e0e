"""The look of the admin, and what its sidebar offers."""

from typing import Any

from django.apps import apps
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _


def _item(title: Any, icon: str, model: str) -> dict[str, Any]:
    """Return an entry that leads to the list of a model, for whom its admin lets see it."""
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model.replace('.', '_')}_changelist"),
        "permission": lambda request: _is_offered(request, model),
    }


def _is_offered(request: HttpRequest, model: str) -> bool:
    # Models are not loaded yet when settings are read.
    site = import_string("tenants.admin.site.site")
    offered: bool = site.get_model_admin(apps.get_model(model)).has_module_permission(request)
    return offered


UNFOLD = {
    "SITE_TITLE": _("Customer success"),
    "SITE_HEADER": _("Customer success"),
    "SITE_SUBHEADER": "tenants.admin.site.organization_name",
    "SITE_SYMBOL": "public",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda _request: static("workspace/icon.svg"),
        }
    ],
    "SITE_URL": reverse_lazy("workspace:today"),
    "SHOW_VIEW_ON_SITE": False,
    "DASHBOARD_CALLBACK": "cs_platform.dashboard.planning_overview",
    "STYLES": [lambda _request: static("tenants/admin.css")],
    "SCRIPTS": [lambda _request: static("tenants/admin.js")],
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
                    _item(_("Markets"), "flag", "regions.market"),
                    _item(_("Regions"), "map", "regions.region"),
                    _item(_("Cultural profiles"), "diversity_3", "regions.culturalstatement"),
                ],
            },
            {
                "title": _("Governance"),
                "separator": True,
                "items": [
                    _item(_("Philosophy"), "lightbulb", "governance.philosophy"),
                    _item(_("Principles"), "balance", "governance.principle"),
                    _item(_("Brand voice"), "campaign", "governance.voicetrait"),
                    _item(_("Local voice"), "record_voice_over", "governance.voicevariation"),
                    _item(_("KPIs"), "monitoring", "governance.kpidefinition"),
                    _item(_("Targets of markets"), "flag_circle", "governance.kpitarget"),
                    _item(_("Guardrails"), "fence", "governance.guardrail"),
                    _item(
                        _("Settings of the organization"),
                        "how_to_reg",
                        "governance.governancesettings",
                    ),
                ],
            },
            {
                "title": _("Playbooks"),
                "separator": True,
                "items": [
                    _item(_("Playbooks"), "menu_book", "playbooks.playbook"),
                    _item(_("Localizations"), "translate", "playbooks.localization"),
                    _item(
                        _("What deserves a localization"),
                        "rule",
                        "playbooks.assumptiondecision",
                    ),
                    _item(_("Contact budgets"), "speed", "playbooks.contactbudget"),
                    _item(_("Cadences"), "event_repeat", "playbooks.cadence"),
                    _item(_("Triggers"), "bolt", "engagement.trigger"),
                    _item(_("Firings of triggers"), "receipt_long", "engagement.triggerfiring"),
                ],
            },
            {
                "title": _("Work with customers"),
                "separator": True,
                "items": [
                    _item(_("Accounts"), "domain", "accounts.account"),
                    _item(_("Account attributes"), "list_alt", "accounts.accountattribute"),
                    _item(_("Runs"), "play_circle", "engagement.run"),
                    _item(_("Tasks"), "task_alt", "engagement.task"),
                    _item(_("Promises"), "handshake", "accounts.promise"),
                    _item(_("Agreement links"), "link", "accounts.agreementlink"),
                    _item(
                        _("Corrections of agreements"), "rate_review", "accounts.agreementproposal"
                    ),
                    _item(_("Incoming mails"), "mark_email_read", "engagement.incomingmail"),
                    _item(_("Proposals"), "recommend", "engagement.outcomerule"),
                    _item(_("Region planning"), "schedule", "engagement.regionplanning"),
                    _item(_("Planning passes"), "history", "engagement.marketpass"),
                ],
            },
            {
                "title": _("Organization"),
                "separator": True,
                "items": [
                    _item(_("Members"), "group", "tenants.membership"),
                    _item(_("Roles"), "badge", "talent.role"),
                    _item(_("API keys"), "key", "tenants.apikey"),
                    _item(_("Webhook endpoints"), "webhook", "outbox.webhookendpoint"),
                    _item(_("Chat channels"), "forum", "engagement.chatchannel"),
                    _item(_("Webhook deliveries"), "outbox", "outbox.webhookdelivery"),
                    _item(_("Letters"), "drafts", "outbox.letter"),
                    _item(_("Letter preferences"), "mail", "engagement.letterpreference"),
                    _item(_("Calendar feeds"), "event", "engagement.calendarfeed"),
                    _item(_("Audit trail"), "policy", "tenants.auditentry"),
                ],
            },
        ],
    },
}
