"""Start: the markets open, and planning begins."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from engagement.tasks import wake_planning
from regions.services import open_markets
from toolkit.storage import StaleVersion
from workspace.steps import Checklist
from workspace.views.start.base import StepView


class OpenStepView(StepView):
    """Says what happens, and opens the markets chosen."""

    step, template = "open", "open"

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the markets that wait."""
        return self._page()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Open the markets chosen as their reader saw them."""
        chosen = dict(each.split("~", 1) for each in request.POST.getlist("market") if "~" in each)
        checklist = Checklist()
        markets = [each for each in checklist.preparing if str(each.pk) in chosen]
        if not markets:
            return self._page(refused=_("Choose at least one market."), status=422)
        if not checklist.can_start:
            return self._page(refused=_("Something is missing: see the steps."), status=409)
        if any(chosen[str(each.pk)] != str(each.version) for each in markets):
            return self._page(refused=str(StaleVersion()), status=409)
        try:
            open_markets(markets)
        except StaleVersion as error:
            return self._page(refused=str(error), status=409)
        transaction.on_commit(wake_planning)
        return self.go_on(_("The markets are open."), level=messages.SUCCESS)

    def _page(self, *, refused: str = "", status: int = 200) -> HttpResponse:
        checklist = Checklist()
        return self.page(
            checklist=checklist,
            waiting=[
                (market, checklist.accounts_by_market.get(market.pk, 0))
                for market in checklist.preparing
            ],
            refused=refused,
            status=status,
        )
