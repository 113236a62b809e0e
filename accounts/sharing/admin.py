"""Agreements shared with customers, to look at; a link that went astray is ended here."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from accounts import sharing
from accounts.choices import ProposalStatus
from accounts.found_by_account import FoundByAccountAdmin
from accounts.models import AgreementLink, AgreementProposal, WorkingAgreement
from accounts.wording import proposed
from regions.access import Place
from regions.admin.access import InPlaceAdmin
from tenants import letters
from tenants.admin import object_action, site
from tenants.permissions import Right


class WorkingFilter(admin.SimpleListFilter):
    """Keeps links by whether they open the agreement now."""

    title = _("state")
    parameter_name = "working"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what can be chosen."""
        return [("yes", _("Works")), ("no", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Keep those of the state chosen."""
        match self.value():
            case "yes":
                return queryset.working(at=timezone.now())
            case "no":
                return queryset.over(at=timezone.now())
        return queryset


@admin.register(AgreementLink, site=site)
class AgreementLinkAdmin(FoundByAccountAdmin[AgreementLink], InPlaceAdmin[AgreementLink]):
    """Who sees an agreement by a link, the newest first; the links themselves are not stored."""

    right = Right.EDIT_ACCOUNTS
    menu_right = Right.EDIT_ACCOUNTS
    list_display = ("made_at", "account", "contact_name", "made_by", "expires_at", "revoked_at")
    list_display_links = ("contact_name",)
    list_select_related = ("account__market", "contact", "made_by")
    list_filter = (WorkingFilter, "account__market")
    ordering = ("-id",)
    fields = (
        ("account", "contact_name"),
        ("made_at", "made_by"),
        ("expires_at", "revoked_at"),
    )
    export_fields = ("made_at", "account", "contact_name", "made_by", "expires_at", "revoked_at")
    actions_detail = ("revoke",)
    empty_text = _("No link fits. An agreement is shared on the page of its account.")

    def place_of(self, obj: AgreementLink) -> Place:
        """Return where the account is."""
        return obj.account.market

    @object_action(
        description=_("Revoke"),
        question=_("Who has the link sees the agreement no longer."),
        done=_("The link does not work any more."),
        icon="link_off",
        available=lambda link: link.revoked_at is None,
    )
    def revoke(self, request: HttpRequest, link: AgreementLink) -> None:
        """Let the link stop working."""
        sharing.revoke_link(link, at=timezone.now())


@admin.register(AgreementProposal, site=site)
class AgreementProposalAdmin(FoundByAccountAdmin[AgreementProposal]):
    """What customers want to be agreed otherwise; it is decided on in the pages of CSMs."""

    menu_right = Right.EDIT_ACCOUNTS
    list_display = ("proposed_at", "account", "proposed_by", "status", "decided_by", "decided_at")
    list_display_links = ("account",)
    list_select_related = ("account__market", "contact", "decided_by")
    list_filter = ("status", "account__market")
    ordering = ("-id",)
    fields = (
        ("account", "proposed_by"),
        ("proposed_at", "status"),
        "wanted",
        "remark",
        ("decided_at", "decided_by"),
        "reason",
        "decision",
    )
    readonly_fields = ("wanted", "decision")
    export_fields = (
        *("proposed_at", "account", "proposed_by", "remark", "status"),
        *("decided_at", "decided_by", "reason"),
    )
    empty_text = _("No proposal fits. Customers make them by the links that are shared with them.")

    @admin.display(description=_("what is proposed"), empty_value="—")
    def wanted(self, proposal: AgreementProposal) -> str | None:
        """Return what would hold, and what holds now."""
        agreement = WorkingAgreement.objects.filter(account=proposal.account_id).first()
        said = proposed(proposal, agreement)
        parts = ((said[part],) for part in sharing.parts_of(proposal))
        return format_html_join("", "<p>{}</p>", parts) or None

    @admin.display(description=_("decision"), empty_value="—")
    def decision(self, proposal: AgreementProposal) -> str | None:
        """Return the way to where it is decided on."""
        if proposal.status != ProposalStatus.OPEN:
            return None
        page = letters.address("agreement_proposal", str(proposal.pk))
        return format_html('<a href="{}">{}</a>', page, _("See what follows, and decide"))
