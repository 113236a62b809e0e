"""Today: what is overdue, what is due, what comes next."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, prefetch_related_objects
from django.db.models.enums import TextChoices
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from engagement.choices import Grouping
from engagement.due import Todays
from engagement.models import SavedView, Task
from engagement.querysets import TaskQuerySet
from engagement.schedule import HORIZON_DAYS
from regions.access import works_in
from regions.choices import MarketStatus
from regions.models import Market
from tenants.choices import LEADS, Role
from tenants.models import Membership
from tenants.permissions import Right, may
from tenants.services import settle_in
from workspace import formats, recent
from workspace.forms import BULK_FORMS, Show, TodayFilters, ViewForm
from workspace.paging import Page
from workspace.promises import owed_by
from workspace.rows import Row, RowMaker
from workspace.task_lists import by_weight_first, groups_of, page_by_group, page_by_priority
from workspace.views.members import MemberView, wants_part, way_back

MOST_VIEWS = 50
"""How many saved views are offered."""
FIRST_DAY_TASKS = 10
"""How many tasks a CSM sees before she has acted on one."""


class Group(TextChoices):
    """When a task is due, by the day that it goes by."""

    OVERDUE = "overdue", _("Overdue")
    TODAY = "today", _("Today")
    NEXT = "next", _("Next days")

    def of(self, todays: Todays) -> Q:
        """Return which tasks belong to it."""
        match self:
            case Group.OVERDUE:
                return todays.late()
            case Group.TODAY:
                return todays.today()
            case _:
                return todays.within(HORIZON_DAYS)


@dataclass(frozen=True, slots=True)
class Section:
    """The rows of one group, and the cursor of those that follow."""

    group: Group
    rows: list[Row]
    after: str

    @property
    def shown(self) -> str:
        """How many rows are shown."""
        return formats.shown_number(len(self.rows), more=bool(self.after))


@dataclass(frozen=True, slots=True)
class Divided:
    """The rows of one account, market or occasion; the last on a page has the cursor."""

    title: str
    rows: list[Row]
    is_continued: bool
    after: str = ""


class TodayView(MemberView):
    """The list of a CSM, filtered by the address of the page."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page, the list alone, or more rows of one group."""
        markets = list(Market.objects.all())
        started = any(market.status == MarketStatus.OPEN for market in markets)
        if not (started or request.GET or wants_part(request)) and works_in(self.identity, None):
            return redirect("workspace:start")
        filters = TodayFilters(request.GET, markets=markets, identity=self.identity)
        just_done = self._just_done(request)
        tasks = filters.apply(Task.objects.to_do()).exclude(
            pk__in=[row.task.pk for row in just_done]
        )
        wanted = [group for group in Group if group == request.GET.get("group")]
        after = request.GET.get("after", "")
        todays = Todays.at(self.now, markets)
        sections: list[Section] = []
        divided: list[Divided] = []
        if filters.grouping:
            tasks = tasks.filter(due_in(wanted or list(Group), todays))
            divided = self._divided(tasks, filters.grouping, after)
        else:
            groups = wanted or list(Group)
            sections = self._sections(
                tasks, todays, filters.shown, groups=groups, after=after if wanted else ""
            )
        context = {
            "filters": filters,
            "sections": sections,
            "divided": divided,
            "selectable": may(self.identity, Right.WORK),
            "actions": [(name, form.title) for name, form in BULK_FORMS.items()],
            "query": _without_cursor(request.GET),
            **self._views(filters),
            "just_done": just_done,
            "back": way_back(request) if wants_part(request) else request.get_full_path(),
        }
        if self._is_first_day(filters):
            context |= {"first_day": True, "sections": _first(sections, FIRST_DAY_TASKS)}
        if wants_part(request) and wanted and not filters.grouping:
            context["section"] = sections[0]
            return render(request, "workspace/today/more.html", context)
        if wants_part(request) and filters.grouping and after:
            return render(request, "workspace/today/divided.html", context)
        if filters.shown is Show.MINE and not filters.is_active:
            context["promises"] = owed_by(self.identity.membership_id, now=self.now)
        rows = divided or any(section.rows for section in sections)
        if not rows and not context.get("promises"):
            context["empty"] = self._why_empty(filters) if started else "not_started"
        if wants_part(request):
            return render(request, "workspace/today/list.html", context)
        return render(request, "workspace/today/page.html", context)

    def _divided(self, tasks: TaskQuerySet, grouping: Grouping, after: str) -> list["Divided"]:
        page = page_by_group(tasks.for_list(), grouping, after=after)
        rows = {row.task.pk: row for row in RowMaker(self.now).rows(page.rows)}
        groups = [
            Divided(group.title, [rows[task.pk] for task in group.tasks], group.is_continued)
            for group in groups_of(page, grouping, after=after)
        ]
        return [*groups[:-1], replace(groups[-1], after=page.after)] if groups else []

    def _views(self, filters: TodayFilters) -> dict[str, Any]:
        """Return the views that the member sees, and that which she looks at."""
        everywhere = works_in(self.identity, None)
        seen = SavedView.objects.seen_by(
            self.identity.membership_id, works_everywhere=everywhere
        ).select_related("owner")
        views = list(seen.order_by("name", "pk")[:MOST_VIEWS])
        wanted = self.request.GET.get("view", "")
        current = next((view for view in views if str(view.pk) == wanted), None)
        mine = current is not None and (
            everywhere or current.owner_id == self.identity.membership_id
        )
        initial = {"kept": json.dumps(filters.kept)}
        return {
            "views": views,
            "view": current,
            "view_form": ViewForm(initial=initial, role=self.identity.role),
            "change_form": ViewForm(
                initial={**initial, "name": current.name, "visibility": current.visibility},
                role=self.identity.role,
                prefix="change",
            )
            if mine and current
            else None,
            "by_weight_first": by_weight_first(filters.shown),
            "leads_somewhere": self.identity.role in LEADS,
            "batch": recent.batch(self.request, self.now),
        }

    def _sections(
        self,
        tasks: TaskQuerySet,
        todays: Todays,
        shown: Show,
        *,
        groups: list[Group],
        after: str,
    ) -> list[Section]:
        pages: dict[Group, Page[Task]] = {
            group: page_by_priority(
                tasks.filter(group.of(todays)).for_list().prefetch_related(None),
                shown,
                todays=todays,
                after=after,
            )
            for group in groups
        }
        # Contacts and agreements of all groups together, not once for each.
        everything = [task for page in pages.values() for task in page.rows]
        prefetch_related_objects(everything, "account__contacts", "account__agreements")
        rows = {row.task.pk: row for row in RowMaker(self.now).rows(everything)}
        return [
            Section(group, [rows[task.pk] for task in page.rows], page.after)
            for group, page in pages.items()
        ]

    def _is_first_day(self, filters: TodayFilters) -> bool:
        """Return whether a CSM sees her own list for the first time."""
        if self.identity.role != Role.CSM or filters.is_active or filters.grouping:
            return False
        if filters.shown is not Show.MINE:
            return False
        return Membership.objects.filter(
            pk=self.identity.membership_id, settled_in_at=None
        ).exists()

    def _why_empty(self, filters: TodayFilters) -> str:
        if filters.is_active:
            return "filtered"
        if not Account.objects.exists():
            return "no_accounts"
        return filters.shown.value if filters.shown is Show.MINE else "nothing"

    def _just_done(self, request: HttpRequest) -> list[Row]:
        """Return what this member did last, so that a reloaded page still offers to undo it."""
        ids = recent.task_ids(request, self.now)
        if not ids:
            return []
        rows = RowMaker(self.now).rows(list(Task.objects.for_list().filter(pk__in=ids)))
        return [row for row in rows if row.can_undo]


class WelcomeView(MemberView):
    """Puts the welcome away."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Show the whole list from now on."""
        settle_in(membership_id=self.identity.membership_id, at=self.now)
        return redirect("workspace:today")


def _without_cursor(query: QueryDict) -> str:
    """Return the address of a list, whole, as it is sent with a form or to a file."""
    kept = query.copy()
    kept.pop("after", None)
    return kept.urlencode()


def _first(sections: Iterable[Section], most: int) -> list[Section]:
    """Keep the first rows of all sections together."""
    kept: list[Section] = []
    for section in sections:
        kept.append(Section(section.group, section.rows[:most], after=""))
        most -= len(kept[-1].rows)
    return kept


def due_in(groups: Iterable[Group], todays: Todays) -> Q:
    """Return which tasks belong to any of the groups."""
    due = Q(pk__in=[])
    for group in groups:
        due |= group.of(todays)
    return due


def wanted_groups(query: QueryDict) -> list[Group]:
    """Return the groups that an address asks for; all of them where it names none."""
    return [group for group in Group if group == query.get("group")] or list(Group)
