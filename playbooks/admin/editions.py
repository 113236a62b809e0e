"""The edition of a market: what is carried out there, and on which days for a sample account."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from accounts.models import Account
from playbooks import services
from playbooks.admin.comparing import Whys
from playbooks.admin.words import Words, label, roles_by_code
from playbooks.changes import Level, StepDocument
from playbooks.documents import edition_contents
from playbooks.models import Edition
from playbooks.schedule import Anchor, dates_of, is_contact
from playbooks.services import DatedStep
from regions.admin.access import EverywhereAdmin
from regions.admin.entries import DayInput
from regions.admin.year import name_for_reader
from regions.offsets import Move, MoveReason
from tenants.admin import site
from toolkit.errors import InvalidInput

REASONS = {
    MoveReason.REST_DAY: _("rest day"),
    MoveReason.HOLIDAY: _("public holiday"),
    MoveReason.CLOSURE: _("closure"),
    MoveReason.QUIET_PERIOD: _("quiet period"),
    MoveReason.BEFORE_TODAY: _("already past"),
    MoveReason.OWNER_AWAY: _("owner away"),
    MoveReason.SPREAD: _("spread after days off"),
    MoveReason.BUDGET: _("contact budget"),
    MoveReason.BUDGET_FAR: _("contact budget, beyond the tolerance"),
    MoveReason.OVER_BUDGET: _("over the contact budget"),
}


class ScheduleForm(forms.Form):
    """From when the steps are counted."""

    account = forms.ModelChoiceField(
        Account.objects.none(),
        label=_("Dates of an account"),
        required=False,
        help_text=_("Its own dates are taken where a day below is left empty."),
        widget=UnfoldAdminSelectWidget(),
    )
    run_start = forms.DateField(
        label=_("Start of the run"), widget=DayInput(), help_text=_("When somebody begins with it.")
    )
    contract_start = forms.DateField(
        label=_("Start of the contract"),
        required=False,
        widget=DayInput(),
        help_text=_("For steps that count from it."),
    )
    notice_deadline = forms.DateField(
        label=_("Notice deadline"),
        required=False,
        widget=DayInput(),
        help_text=_("The last day on which the customer can give notice."),
    )
    renewal = forms.DateField(
        label=_("Renewal date"),
        required=False,
        widget=DayInput(),
        help_text=_("The day on which the contract ends or renews."),
    )
    event = forms.DateField(
        label=_("Date of the event"),
        required=False,
        widget=DayInput(),
        help_text=_("Such as the day of the business review."),
    )

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = Account.objects.filter(market=edition.market_id, archived_at=None)
        choices: Any = self.fields["account"]
        choices.queryset = accounts.order_by("search_name", "pk")

    def anchors(self) -> dict[Anchor, dt.date]:
        """Return the days that are known."""
        given = dict(self.cleaned_data)
        account = given.pop("account")
        known = dates_of(account) if account else {}
        return known | {Anchor(name): day for name, day in given.items() if day}


@dataclass(frozen=True, slots=True)
class EditionLine:
    """A step of an edition: when it is due, and what of it is local."""

    step: StepDocument
    when: str
    role: str
    kind: str
    date: dt.date | None
    missing: str
    moves: tuple[str, ...]
    past: str
    """What becomes of it where its day lies before the start of the run."""
    local: tuple[tuple[str, Any], ...]
    """What differs from the global version, with who says so and why."""


@dataclass(frozen=True, slots=True)
class Week:
    """What falls into one week."""

    monday: dt.date
    steps: int
    contacts: int
    minutes: int


@admin.register(Edition, site=site)
class EditionAdmin(EverywhereAdmin[Edition]):
    """Editions are made by publishing; here they are read."""

    list_display = ("playbook", "market", "number", "playbook_version", "created_at")
    list_filter = ("playbook", "market")
    list_select_related = (
        *("playbook", "market", "market__region", "playbook_version"),
        *("region_revision", "market_revision"),
    )
    ordering = ("-created_at", "id")
    fields = (("market", "number"), ("playbook_version", "created_at"))
    change_form_template = "admin/playbooks/edition/change_form.html"
    empty_text = _("There is no edition yet. Publishing a playbook makes one for every market.")

    class Media:
        css = {"all": ["playbooks/playbooks.css"]}

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Offer no list in the menu: editions are found by their playbook."""
        return False

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        """Add the steps, their days, and the load by week."""
        edition = kwargs.get("obj")
        if edition is not None:
            context |= _preview(edition, request.GET)
        return super().render_change_form(request, context, *args, **kwargs)


def _preview(edition: Edition, asked: Mapping[str, str]) -> dict[str, Any]:
    today = timezone.now().date()
    form = ScheduleForm(asked if "run_start" in asked else None, edition=edition)
    if not form.is_bound:
        form.initial["run_start"] = today
    anchors = {Anchor.RUN_START: today}
    if form.is_bound:
        anchors = form.anchors() if form.is_valid() else {}
    dated: list[DatedStep] = []
    if anchors:
        try:
            dated = services.date_edition(edition, anchors=anchors, now=timezone.now())
        except InvalidInput as error:
            said = next(iter(error.errors.values()))
            if form.is_bound:
                form.add_error(None, said)
    contents = edition_contents(edition)
    words = Words(roles_by_code(), {step.key: step.fields["title"] for step in contents.steps})
    origins = [origin for step in contents.steps for origin in step.origins.values()]
    origins += [origin for _step, origin in contents.dropped.values()]
    whys = Whys(origins)
    by_key = {each.step.key: each for each in dated}
    return {
        "schedule_form": form,
        "header": contents.header,
        "lines": [
            _line(step, by_key.get(step.key), words, whys, start=anchors.get(Anchor.RUN_START))
            for step in contents.steps
        ],
        "dropped": [
            (step.fields["title"], whys.of(origin)) for step, origin in contents.dropped.values()
        ],
        "weeks": _weeks(dated),
        "warnings": edition.findings,
    }


def _line(
    step: StepDocument,
    dated: DatedStep | None,
    words: Words,
    whys: Whys,
    *,
    start: dt.date | None,
) -> EditionLine:
    scheduled = dated.scheduled if dated else None
    is_past = bool(scheduled and scheduled.date and start and scheduled.date < start)
    missing = scheduled.missing if scheduled else ""
    return EditionLine(
        step=step,
        when=words.timing(step.fields),
        role=words.value("owner_role", step.fields["owner_role"]),
        kind=words.value("kind", step.fields["kind"]),
        date=scheduled.date if scheduled else None,
        missing=words.value("anchor", missing) or missing,
        moves=tuple(map(_move, scheduled.moves)) if scheduled else (),
        past=words.value("if_past", step.fields["if_past"]) if is_past else "",
        local=_local(step, whys),
    )


def _local(step: StepDocument, whys: Whys) -> tuple[tuple[str, Any], ...]:
    """Return what is local with its reason; fields that share one stand together."""
    local = [
        (name, origin) for name, origin in step.origins.items() if origin.level is not Level.GLOBAL
    ]
    if local and len(local) == len(step.origins):
        return (("", whys.of(local[0][1])),)
    names: dict[Any, list[str]] = {}
    for name, origin in local:
        names.setdefault(whys.of(origin), []).append(label(name))
    return tuple((", ".join(several), why) for why, several in names.items())


def _move(move: Move) -> str:
    """Return a move in words, with the name of what stood in the way."""
    reason = str(REASONS[move.reason])
    names = name_for_reader(move.names) if move.names else ""
    why = f"{reason}: {names}" if names else reason
    if move.to_date is None:
        return _t("skipped (%(why)s)") % {"why": why}
    return _t("moved from %(day)s (%(why)s)") % {
        "day": date_format(move.from_date, "DATE_FORMAT"),
        "why": why,
    }


def _weeks(dated: list[DatedStep]) -> list[Week]:
    by_week: dict[dt.date, list[StepDocument]] = defaultdict(list)
    for each in dated:
        day = each.scheduled.date
        if day:
            by_week[day - dt.timedelta(days=day.weekday())].append(each.step)
    return [
        Week(
            monday,
            len(steps),
            sum(1 for step in steps if is_contact(step)),
            sum(step.fields["duration_minutes"] for step in steps),
        )
        for monday, steps in sorted(by_week.items())
    ]
