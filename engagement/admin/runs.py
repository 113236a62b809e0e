"""Runs, to look at, and to move to the editions in force.

They are started, held and ended in the pages of CSMs and by the API.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.found_by_account import FoundByAccountAdmin
from engagement import services
from engagement.choices import Progress
from engagement.models import Run
from engagement.paces import paced
from engagement.run_move import Fate
from engagement.services import Move, say_refusal
from engagement.standing import left_out_of
from regions.access import works_there
from tenants.admin import site
from tenants.permissions import Right, identity_of, may, member_of

MOST_REFUSED = 5
"""How many of the runs that stay as they are get a message of their own."""


@dataclass(frozen=True, slots=True)
class MoveLine:
    """What moving one run would change, or why it stays as it is."""

    run: Run
    number: int
    moved: int
    kept: int
    added: int
    dropped: int
    why: str

    @classmethod
    def of(cls, move: Move) -> "MoveLine":
        """Count what a move does."""
        plan = move.plan
        return cls(
            run=move.run,
            number=move.to.number,
            moved=len(plan.of(Fate.MOVED)),
            kept=len(plan.of(Fate.KEPT)),
            added=len(plan.of(Fate.ADDED)),
            dropped=len(plan.of(Fate.DROPPED)),
            why=_why(move),
        )


class EditionFilter(admin.SimpleListFilter):
    """Keeps the runs that may move to another edition."""

    title = _("edition")
    parameter_name = "left_behind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what can be chosen."""
        return [("yes", _("Another is in force"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        """Keep those for which another edition is in force."""
        if self.value() != "yes":
            return queryset
        return queryset.filter(pk__in=Run.objects.left_behind().values("pk"))


class PaceFilter(admin.SimpleListFilter):
    """Keeps the runs that go as they should, or not."""

    title = _("progress")
    parameter_name = "pace"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return what can be chosen."""
        return Progress.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        """Keep those that are under way, not paused, and go so."""
        if self.value() is None:
            return queryset
        return paced(queryset, now=timezone.now()).filter(pace=self.value())


@admin.register(Run, site=site)
class RunAdmin(FoundByAccountAdmin[Run]):
    """The playbooks on their way for accounts, the newest first."""

    list_display = ("account", "playbook", "market", "status", "start_date", "started_by")
    list_display_links = ("account",)
    list_select_related = ("account__market", "market", "playbook", "edition", "started_by")
    list_filter = ("status", PaceFilter, EditionFilter, "market", "playbook", "cause")
    actions = ("move_selected",)
    ordering = ("-id",)
    fields = (
        ("account", "playbook"),
        ("status", "reason"),
        ("start_date", "paused_on", "ended_at"),
        ("cause", "started_by", "started_at"),
        "without_task",
    )
    readonly_fields = ("without_task",)
    export_fields = (
        *("account", "market", "playbook", "status", "start_date", "cause", "started_by"),
        *("started_at", "paused_on", "ended_at", "reason"),
    )
    empty_text = _("No run fits. A playbook is started on the page of an account, or by the API.")

    def has_action_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return whether the role may move runs, as it may launch them."""
        return may(identity_of(request), Right.EDIT_STRUCTURE)

    @admin.action(description=_("Move to the edition in force"), permissions=["action"])
    def move_selected(self, request: HttpRequest, runs: QuerySet[Run]) -> HttpResponse | None:
        """Show what moving the selected runs would change; move them once that is confirmed.

        :raises PermissionDenied: for a run of a market in which the member does not work.
        """
        chosen = list(runs.select_related("account__market"))
        markets = {run.account.market_id: run.account.market for run in chosen}
        if not all(works_there(request, partial(markets.get, pk)) for pk in markets):
            raise PermissionDenied
        selected = Run.objects.filter(pk__in=[run.pk for run in chosen])
        if "confirmed" not in request.POST:
            return self._ask(request, services.foresee_moves(selected, at=timezone.now()))
        moves = services.move_runs(selected, at=timezone.now(), by=member_of(request))
        refused = [move for move in moves if move.refused]
        moved = len(moves) - len(refused)
        said = ngettext("%(count)d run moved.", "%(count)d runs moved.", moved)
        self.message_user(request, said % {"count": moved}, messages.SUCCESS)
        for move in refused[:MOST_REFUSED]:
            self.message_user(request, f"{move.run.account}: {_why(move)}", messages.WARNING)
        return None

    def _ask(self, request: HttpRequest, moves: list[Move]) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": _t("Move to the edition in force"),
            "opts": self.opts,
            "media": self.media,
            "lines": [MoveLine.of(move) for move in moves],
            "movable": sum(move.refused is None for move in moves),
            "checkbox": ACTION_CHECKBOX_NAME,
            "back": self.list_url(),
        }
        return TemplateResponse(request, "admin/engagement/move_runs.html", context)

    @admin.display(description=_("market"))
    def market(self, run: Run) -> str:
        """Return where the account is."""
        return str(run.account.market)

    @admin.display(description=_("steps left out"))
    def without_task(self, run: Run) -> str:
        """Return the steps that became no task, each with the reason."""
        found = ((each.title, each.text) for each in left_out_of(run))
        return format_html_join("", "<p>{}: {}</p>", found) or str(_("None"))


def _why(move: Move) -> str:
    return say_refusal(move.refused) if move.refused else ""
