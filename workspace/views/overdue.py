"""What is overdue where a lead works, by owner or market; and the list of Today as a file."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from engagement.choices import Show
from engagement.due import Todays
from engagement.list_filters import NOBODY
from engagement.models import Task
from engagement.ordering import ranked
from engagement.priority import BY_DAY, BY_WEIGHT
from engagement.querysets import TaskQuerySet
from governance.services import settings_in_force
from regions.access import works_in
from regions.models import Market
from tenants.choices import LEADS
from toolkit.api.files import file_response
from toolkit.tables import MOST_ROWS, Cell, write_table
from workspace import formats
from workspace.forms import TodayFilters
from workspace.task_lists import by_weight_first
from workspace.views.imports import kind_of
from workspace.views.members import MemberView
from workspace.views.today import Group, due_in, wanted_groups

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class OverdueOf:
    """How much is overdue of one owner (None for nobody's) or one market, and since when."""

    name: str | None
    tasks: int
    accounts: int
    oldest: dt.date
    address: str

    @property
    def counted(self) -> str:
        """How many tasks are overdue, in words."""
        return formats.shown_number(self.tasks, more=False)


class OverdueView(MemberView):
    """Overdue tasks in the places of a lead. They do not climb by themselves: she decides."""

    def admit(self) -> None:
        """Let leads in.

        :raises PermissionDenied: for everybody else.
        """
        if self.identity.role not in LEADS:
            raise PermissionDenied

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show who has what overdue, the most first.

        By market, as long as the organization wants no figures about single people.
        """
        everywhere = works_in(self.identity, None)
        tasks = Task.objects.to_do().filter(Todays.at(self.now).late())
        if not everywhere:
            tasks = tasks.where_works(self.identity.membership_id)
        shown = Show.EVERYTHING if everywhere else Show.MY_REGION
        people = settings_in_force().figures_about_people
        by = ("owner", "owner__name") if people else ("account__market", "account__market__name")
        found = (
            tasks.order_by()
            .values_list(*by)
            .annotate(tasks=Count("pk"), accounts=Count("account", distinct=True))
            .annotate(oldest=Min("due_date"))
            .order_by("-tasks", "oldest", by[1])
        )
        rows = [
            OverdueOf(name, count, accounts, oldest, _address(shown, by[0], pk))
            for pk, name, count, accounts, oldest in found
        ]
        context = {"rows": rows, "people": people, "total": sum(each.tasks for each in rows)}
        return render(request, "workspace/overdue.html", context)


class TodayExportView(MemberView):
    """Sends the list of Today, all pages of it, as a file."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Send what the filters keep, in the order of the list."""
        markets = list(Market.objects.all())
        filters = TodayFilters(request.GET, markets=markets, identity=self.identity)
        todays = Todays.at(self.now, markets)
        due = due_in(wanted_groups(request.GET), todays)
        tasks = filters.apply(Task.objects.to_do()).filter(due)
        order = BY_WEIGHT if by_weight_first(filters.shown) else BY_DAY
        listed = ranked(tasks, todays=todays).order_by(*(part.value for part in order), "pk")
        titles = [
            *(_("Account"), _("Market"), _("Tier"), _("Task"), _("Due on"), _("Owner")),
            *(_("Status"), _("Reason")),
        ]
        return file_response(
            write_table("today", titles, _rows(listed[:MOST_ROWS]), kind=kind_of(request))
        )


def _rows(tasks: TaskQuerySet) -> Iterator[list[Cell | None]]:
    rows = tasks.select_related("account__market", "cadence", "step", "owner")
    for task in rows.iterator(AT_ONCE):
        account = task.account
        yield [
            *(account.name, account.market.name, account.get_tier_display(), task.work.title),
            *(task.due_date.isoformat(), task.owner.name if task.owner else None),
            *(task.get_status_display(), task.reason or None),
        ]


def _address(shown: Show, by: str, pk: UUID | None) -> str:
    """Return the list of what is overdue of one owner, or in one market."""
    name = "owner" if by == "owner" else "market"
    query = {"show": shown.value, name: pk or NOBODY, "group": Group.OVERDUE.value}
    return f"{reverse('workspace:today')}?{urlencode(query)}"
