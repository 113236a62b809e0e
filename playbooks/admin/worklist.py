"""What deserves a localization, and what somebody found fine as it is."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from playbooks import services
from playbooks.admin.reach import Reach
from playbooks.models import AssumptionDecision, Localization, Playbook
from playbooks.services import OpenQuestion
from regions.access import Place
from regions.admin.access import InPlaceAdmin
from regions.choices import SIDES
from regions.models import Market
from tenants.admin import site
from tenants.admin.forms import Refused, refusals
from tenants.permissions import member_of

SIDE_LABELS = dict(SIDES)


@dataclass(frozen=True, slots=True)
class Line:
    """A step that rests on what a market's profile denies."""

    question: OpenQuestion
    assumption: str
    localization: UUID | None
    may_write: bool


@admin.register(AssumptionDecision, site=site)
class AssumptionDecisionAdmin(InPlaceAdmin[AssumptionDecision]):
    """The worklist of every market above what was decided so far."""

    remove = staticmethod(services.withdraw_decision)
    store = staticmethod(lambda decision: decision)
    list_display = ("step", "playbook", "market", "assumption", "because", "decided_by")
    list_filter = ("playbook", "market")
    list_select_related = ("playbook", "market", "decided_by")
    ordering = ("playbook", "market__name", "step", "id")
    fields = (("playbook", "market"), ("step", "assumption"), "because")
    readonly_fields = ("playbook", "market", "step", "assumption")
    list_before_template = "admin/playbooks/assumptiondecision/worklist.html"
    export_fields = ("playbook", "market", "step", "assumption", "because", "decided_by")
    empty_text = _("Nothing was found fine as it is yet.")

    class Media:
        css = {"all": ["playbooks/playbooks.css"]}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Decide in the worklist alone, where one reads what is decided about."""
        return False

    def get_custom_urls(self) -> tuple[tuple[str, str, Any], ...]:
        """Return the pages beside the usual ones."""
        return (
            ("decide/", "playbooks_assumptiondecision_decide", self.decide_view),
            *super().get_custom_urls(),
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """Show what deserves a localization above the decisions."""
        offered = {"title": _t("What deserves a localization"), **self._open(request)}
        return super().changelist_view(request, offered | (extra_context or {}))

    def save_model(
        self, request: HttpRequest, obj: AssumptionDecision, form: Any, change: bool
    ) -> None:
        """Note another reason.

        :raises Refused: if the service says no.
        """
        with refusals(form.prefix):
            self.check_place(request, obj)
            if "version" in form.cleaned_data:
                obj.version = form.cleaned_data["version"]
            services.decide_assumption(obj, by=member_of(request), at=timezone.now())

    def decide_view(self, request: HttpRequest, model_admin: Any) -> HttpResponse:
        """Note that a step is fine in a market as it is.

        :raises PermissionDenied: if the member may not write there.
        :raises Http404: for a playbook or market that is not there.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self._may_write(request, None):
            raise PermissionDenied
        given = request.POST
        playbook = _row(Playbook, given.get("playbook", ""))
        market = _row(Market, given.get("market", ""))
        decision = AssumptionDecision(
            playbook=playbook,
            market=market,
            step=given.get("step", ""),
            assumption=given.get("assumption", ""),
            because=given.get("because", "").strip(),
        )
        try:
            with refusals():
                self.check_place(request, decision)
                services.decide_assumption(decision, by=member_of(request), at=timezone.now())
            said = _t("Noted: “%(step)s” is fine in %(market)s as it is.")
            self.message_user(
                request, said % {"step": decision.step, "market": market}, messages.SUCCESS
            )
        except Refused as refused:
            self.message_user(request, refused.text, messages.ERROR)
        return HttpResponseRedirect(f"{self.list_url()}?playbook__id__exact={playbook.pk}")

    def _open(self, request: HttpRequest) -> dict[str, Any]:
        """Return the open questions of one playbook, or of all, and of one market, or of all."""
        writes, reach = self._may_write(request, None), Reach(request)
        playbook = _chosen(Playbook, request.GET.get("playbook__id__exact", ""))
        market = _chosen(Market, request.GET.get("market__id__exact", ""))
        found = services.worklist(playbook, now=timezone.now(), market=market)
        localizations = {
            (row[1], row[2]): row[0]
            for row in Localization.objects.filter(market__isnull=False).values_list(
                "pk", "playbook_id", "market_id"
            )
        }
        lines = [
            Line(
                each,
                str(SIDE_LABELS.get(each.question.assumption.value, each.question.assumption)),
                localizations.get((each.edition.playbook_id, each.market.pk)),
                writes and reach.includes(each.market),
            )
            for each in found
        ]
        return {"open_lines": lines, "chosen_playbook": playbook}

    def place_of(self, obj: AssumptionDecision) -> Place:
        """Return the market that it is about."""
        return obj.market


def _chosen(model: Any, pk: str) -> Any:
    try:
        return model.objects.filter(pk=UUID(pk)).first() if pk else None
    except ValueError:
        return None


def _row(model: Any, pk: str) -> Any:
    """Return a row.

    :raises Http404: if there is none.
    """
    found = _chosen(model, pk)
    if found is None:
        raise Http404
    return found
