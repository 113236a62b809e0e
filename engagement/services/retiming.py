"""Runs whose dates move: an anchor given by hand, an account's dates, or its market."""

import datetime as dt
from collections.abc import Mapping
from uuid import UUID

from django.db import models, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

from accounts.models import Account
from engagement.choices import UNDER_WAY, MoveKind, RunCause
from engagement.models import Run, RunMove
from engagement.progress import Standing
from engagement.run_move import MovePlan
from engagement.services.launching import start_runs
from engagement.services.move_planning import (
    KnownRun,
    Move,
    MovePlanner,
    read_runs,
)
from engagement.services.move_writing import subject_of, write_moves
from engagement.services.refusals import Refusal, Refused, RunRefused
from engagement.services.run_budgets import moves_within_budgets
from engagement.services.runs import cancel_run, lock_under_way
from engagement.standing import standing_of_task
from playbooks.choices import MarketMove
from playbooks.schedule import DATES_OF_ACCOUNT, Anchor
from regions.calendars import CalendarRangeError
from tenants.models import Membership
from toolkit import effects
from toolkit.effects import Effect, EffectKind
from toolkit.errors import InvalidInput

CHUNK = 500
"""Runs that follow their accounts together."""


def foresee_anchors(run: Run, anchors: Mapping[Anchor, dt.date], *, at: dt.datetime) -> Move:
    """Return what other dates to count from would make of a run's tasks; change nothing.

    :raises InvalidInput: for a date that no step counts from, or one beyond the calendar.
    """
    (known,) = read_runs(Run.objects.filter(pk=run.pk))
    planner = MovePlanner(at)
    used = planner.anchors_for(known, known.run.edition, {})
    unused = {
        anchor.value: _("No step of this playbook counts from this date.")
        for anchor in anchors
        if anchor not in used
    }
    if unused:
        raise InvalidInput(unused)
    moved = [anchor for anchor, day in anchors.items() if known.run.anchor_dates.get(anchor) != day]
    try:
        plan = _plan(planner, known, {**known.run.anchor_dates, **anchors}, moved)
    except CalendarRangeError as error:
        unknown = _("The holidays of that year are not known.")
        raise InvalidInput({anchor.value: unknown for anchor in anchors}) from error
    move = Move(
        known,
        MoveKind.ANCHOR,
        known.run.edition,
        known.run.market,
        {**known.run.anchor_dates, **anchors},
        plan,
        by_hand=tuple(anchor.value for anchor in moved),
        stays=known.run.stays,
    )
    return moves_within_budgets(planner, [move])[0]


@transaction.atomic
def move_anchors(
    run: Run, anchors: Mapping[Anchor, dt.date], *, at: dt.datetime, by: Membership | None
) -> Move:
    """Let a run count from other dates: what nobody touched is planned anew from them.

    What somebody touched keeps its day and is flagged. From now on the dates given do not follow
    the account. ``at`` is UTC, the dates are local to the run's market.

    :raises InvalidInput: for a date that no step counts from, or one beyond the calendar.
    :raises RunEnded: if the run has ended.
    :raises StaleVersion: if somebody changed it meanwhile.
    """
    lock_under_way(run)
    move = foresee_anchors(run, anchors, at=at)
    if move.by_hand:
        write_moves([move], by=by, at=at)
    return move


@transaction.atomic
def follow_accounts(*, accounts: QuerySet[Account], at: dt.datetime) -> None:
    """Let the runs under way of accounts follow their dates and markets. ``at`` is UTC.

    What becomes of a run whose account moved to another market is for its playbook to say. The
    effects are reported.
    """
    left_behind = list(_left_behind(accounts).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(left_behind), CHUNK):
        _follow(left_behind[start : start + CHUNK], at)


def _left_behind(accounts: QuerySet[Account]) -> QuerySet[Run]:
    """Return the runs that count from dates, or go by a market, that their account left."""
    elsewhere = ~Q(market=F("account__market")) & Q(stays=False)
    return Run.objects.filter(
        elsewhere
        | Q.create([_differs(*each) for each in DATES_OF_ACCOUNT.items()], connector=Q.OR),
        account__in=accounts.values("pk"),
        status__in=UNDER_WAY,
    )


def _differs(anchor: Anchor, column: str) -> Q:
    """Return whether an anchor that follows the account is another day than the account's."""
    of_account = Cast(f"account__{column}", models.TextField())
    return (
        Q(**{"anchors__has_key": anchor.value, f"account__{column}__isnull": False})
        & ~Q(anchors_by_hand__contains=[anchor.value])
        & ~Q(Exact(KT(f"anchors__{anchor.value}"), of_account))
    )


def _follow(ids: list[UUID], at: dt.datetime) -> None:
    runs = Run.objects.filter(pk__in=ids, status__in=UNDER_WAY)
    # In the order of their keys, and before any of their tasks.
    list(runs.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    planner = MovePlanner(at)
    moves = [move for known in read_runs(runs) if (move := _follow_one(planner, known))]
    write_moves(moves_within_budgets(planner, moves), by=None, at=at)


def _follow_one(planner: MovePlanner, known: KnownRun) -> Move | None:
    """Return how a run follows its account, None where it started anew instead."""
    run = known.run
    is_elsewhere = run.market_id != run.account.market_id and not run.stays
    policy = run.playbook.on_market_move
    refused = None
    if is_elsewhere and policy == MarketMove.RESTART:
        refused = _restart(known, planner.at)
        if refused is None:
            return None
    stays = run.stays or (is_elsewhere and policy == MarketMove.FINISH)
    market = run.market if stays else run.account.market
    of_account = known.wanted.dates
    anchors = {
        anchor: day if anchor.value in run.anchors_by_hand else of_account.get(anchor, day)
        for anchor, day in known.run.anchor_dates.items()
    }
    moved = [anchor for anchor, day in anchors.items() if known.run.anchor_dates[anchor] != day]
    plan, everything = MovePlan(), market.pk != run.market_id
    try:
        plan = planner.plan(
            known,
            to=run.edition,
            market=market,
            anchors=anchors,
            moved=moved,
            everything=everything,
        )
    except CalendarRangeError:
        plan = planner.keep(
            known, market=market, anchors=anchors, moved=moved, everything=everything
        )
        refused = refused or Refused(run.account_id, Refusal.CALENDAR_ENDS)
    kind = MoveKind.MARKET if is_elsewhere else MoveKind.ANCHOR
    return Move(known, kind, run.edition, market, anchors, plan, stays=stays, refused=refused)


def _plan(
    planner: MovePlanner,
    known: KnownRun,
    anchors: Mapping[Anchor, dt.date],
    moved: list[Anchor],
) -> MovePlan:
    run = known.run
    return planner.plan(known, to=run.edition, market=run.market, anchors=anchors, moved=moved)


def _restart(known: KnownRun, at: dt.datetime) -> Refused | None:
    """End a run and start its playbook in the new market; return why it does not start there."""
    run = Run.objects.select_related("account", "playbook", "edition", "market").get(
        pk=known.run.pk
    )
    from_market = run.market
    said = _("The account moved to another market, where the playbook starts anew.")
    try:
        with transaction.atomic():
            cancel_run(run, at=at, reason=said)
            anew = _start_anew(known, at)
    except RunRefused as refused:
        return refused.refused
    RunMove.objects.create(
        run=run,
        kind=MoveKind.MARKET.value,
        from_edition=run.edition,
        to_edition=anew.edition,
        from_market=from_market,
        to_market=anew.market,
        changes={"restarted": str(anew.pk)},
        moved_at=at,
    )
    if effects.wanted():
        effects.report(_effects_of_restart(known, anew))
    return None


def _start_anew(known: KnownRun, at: dt.datetime) -> Run:
    """Start a playbook where an account is now, with the dates that a person gave.

    :raises RunRefused: if it does not start there.
    """
    run = known.run
    launch = start_runs(
        playbook=run.playbook,
        accounts=Account.objects.filter(pk=run.account_id),
        by=None,
        at=at,
        anchors={
            anchor: day
            for anchor, day in known.run.anchor_dates.items()
            if anchor.value in run.anchors_by_hand and anchor is not Anchor.RUN_START
        },
        cause=RunCause.MARKET,
    )
    if launch.refused:
        raise RunRefused(launch.refused[0])
    runs = Run.objects.select_related("edition", "market").prefetch_related("tasks__step")
    return runs.get(pk=launch.run_ids[run.account_id])


def _effects_of_restart(known: KnownRun, anew: Run) -> list[Effect]:
    gone = [task for task in known.tasks if standing_of_task(task) is not Standing.SETTLED]
    name = known.run.account.name
    return [
        *(
            Effect(EffectKind.REMOVED, anew.market.name, subject_of(name, task), task.due_date)
            for task in gone
        ),
        *(
            Effect(EffectKind.ADDED, anew.market.name, subject_of(name, task), None, task.due_date)
            for task in anew.tasks.all()
        ),
    ]
