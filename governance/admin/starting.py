"""Lists that offer the shipped set while something of it is missing."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from governance import services
from regions.admin.access import EverywhereAdmin
from tenants.admin import ModelT
from tenants.admin.actions import asking_list_action
from tenants.permissions import member_of


class StartingSetAdmin(EverywhereAdmin[ModelT]):
    """Rows of which some ship with the product."""

    actions_list = ("adopt",)

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        """Offer the shipped set while something of it is missing."""
        actions: list[Any] = super().get_actions_list(request)  # type: ignore[misc]
        return actions if actions and services.lacks_starting_set() else []

    @asking_list_action(
        description=_("Start from the shipped set"),
        question=_(
            "Adds the philosophy, principles, voice, KPIs and guardrails that you do not have "
            "yet; yours stay as they are."
        ),
        icon="library_add",
    )
    def adopt(self, request: HttpRequest) -> str:
        """Add what is missing of the shipped set."""
        added = len(services.adopt_starting_set(by=member_of(request), at=timezone.now()))
        return ngettext("%(count)d entry added.", "%(count)d entries added.", added) % {
            "count": added
        }
