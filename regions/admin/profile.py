"""Cultural statements: what the local team confirms or withdraws."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from regions import services
from regions.admin.access import InPlaceAdmin
from regions.admin.inlines import standing_of
from regions.models import CulturalStatement
from tenants.admin import object_action, site
from tenants.models import Membership
from tenants.permissions import identity_of


class StandingFilter(admin.SimpleListFilter):
    """Statements by what the local team made of them."""

    title = _("standing")
    parameter_name = "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choices."""
        return [
            ("open", _("Not confirmed")),
            ("confirmed", _("Confirmed")),
            ("withdrawn", _("Withdrawn")),
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[CulturalStatement]
    ) -> QuerySet[CulturalStatement]:
        """Keep what was chosen."""
        match self.value():
            case "open":
                return queryset.filter(confirmed_at=None, withdrawn_at=None)
            case "confirmed":
                return queryset.filter(confirmed_at__isnull=False, withdrawn_at=None)
            case "withdrawn":
                return queryset.filter(withdrawn_at__isnull=False)
        return queryset


@admin.register(CulturalStatement, site=site)
class CulturalStatementAdmin(InPlaceAdmin[CulturalStatement]):
    """Reports, one by one, for the local team to go through."""

    store = staticmethod(services.save_part)
    remove = staticmethod(services.remove_part)
    list_display = ("market", "dimension", "side", "scope", "text", "standing")
    list_display_links = ("text",)
    list_filter = ("market", "dimension", StandingFilter)
    list_select_related = ("market", "confirmed_by")
    ordering = ("market__name", "dimension", "id")
    fields = (
        "market",
        ("dimension", "side"),
        "text",
        "note",
        ("practitioner", "source_title"),
        ("scope", "reported_year"),
        "source_note",
        "standing",
    )
    readonly_fields = ("standing",)
    actions_detail = ("confirm", "withdraw")
    empty_text = _("No report fits. Markets adopted from the library bring theirs with them.")

    @admin.display(description=_("local team"))
    def standing(self, statement: CulturalStatement) -> str:
        """Return what the local team made of it."""
        return standing_of(statement)

    @object_action(
        description=_("Confirm"),
        question=_("The local team shares this statement. It is asked again after a year."),
        done=_("The statement is confirmed."),
        icon="check",
    )
    def confirm(self, request: HttpRequest, statement: CulturalStatement) -> None:
        """Note that the local team shares it."""
        identity = identity_of(request)
        assert identity  # nobody else gets in
        services.confirm_statement(
            statement,
            by=Membership.objects.get(pk=identity.membership_id),
            at=timezone.now(),
        )

    @object_action(
        description=_("Withdraw"),
        question=_("The local team does not share this statement. It is shown no more."),
        done=_("The statement is withdrawn."),
        icon="block",
        available=lambda statement: statement.withdrawn_at is None,
    )
    def withdraw(self, request: HttpRequest, statement: CulturalStatement) -> None:
        """Stop showing it."""
        services.withdraw_statement(statement, at=timezone.now())
