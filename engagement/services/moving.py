"""Moving runs to the edition in force: foreseen, then done, one transaction a run."""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from engagement.choices import MoveKind
from engagement.models import Run
from engagement.run_move import MovePlan
from engagement.services.move_planning import KnownRun, Move, MovePlanner, read_runs
from engagement.services.move_writing import write_moves
from engagement.services.refusals import Refusal, Refused, RunRefused
from engagement.services.run_budgets import moves_within_budgets
from engagement.services.runs import RunEnded, lock_under_way
from playbooks.choices import VersionStatus
from playbooks.models import Edition
from playbooks.schedule import Anchor
from playbooks.services import editions_in_force
from regions.calendars import CalendarRangeError
from tenants.models import Membership
from toolkit.storage import StaleVersion


def foresee_move(
    run: Run, *, at: dt.datetime, anchors: Mapping[Anchor, dt.date] | None = None
) -> Move:
    """Return what moving a run to the edition in force would make of its tasks; move nothing.

    :raises RunRefused: if it would not move, with the reason.
    """
    (move,) = foresee_moves(Run.objects.filter(pk=run.pk), at=at, anchors=anchors)
    if move.refused:
        raise RunRefused(move.refused)
    return move


def foresee_moves(
    runs: QuerySet[Run], *, at: dt.datetime, anchors: Mapping[Anchor, dt.date] | None = None
) -> list[Move]:
    """Return what moving runs to the editions in force would make of them, by their age.

    A number of queries that does not grow with them; each says itself whether it is refused.
    """
    known = read_runs(runs)
    planner = MovePlanner(at)
    targets = _targets(each.run for each in known)
    moves = [
        _foresee(
            planner,
            each,
            targets.get((each.run.playbook_id, each.run.account.market_id)),
            anchors or {},
        )
        for each in known
    ]
    return moves_within_budgets(planner, moves)


@transaction.atomic
def move_run(
    run: Run,
    *,
    at: dt.datetime,
    by: Membership | None,
    anchors: Mapping[Anchor, dt.date] | None = None,
) -> Move:
    """Move a run to the edition in force in its account's market.

    What is done stays as it was done, what is open follows the new steps, what is new is added,
    and what the edition lacks is closed with that reason. A held run stays held. ``at`` is UTC;
    ``anchors`` are dates that only the new edition counts from.

    :raises RunRefused: if it does not move, with the reason.
    :raises RunEnded: if it has ended.
    :raises StaleVersion: if somebody changed it meanwhile.
    """
    lock_under_way(run)
    move = foresee_move(run, at=at, anchors=anchors)
    write_moves([move], by=by, at=at)
    return move


def move_runs(runs: QuerySet[Run], *, at: dt.datetime, by: Membership | None) -> list[Move]:
    """Move runs to the editions in force, each by itself; tell of each whether it was refused."""
    foreseen = foresee_moves(runs.under_way(), at=at)  # type: ignore[attr-defined]
    return [move if move.refused else _move(move, at=at, by=by) for move in foreseen]


def _move(move: Move, *, at: dt.datetime, by: Membership | None) -> Move:
    try:
        return move_run(move.run, at=at, by=by)
    except RunRefused as refused:
        return _refused(move, refused.refused)
    except RunEnded:
        return _refused(move, Refused(move.run.account_id, Refusal.ENDED))
    except StaleVersion:
        return _refused(move, Refused(move.run.account_id, Refusal.CHANGED))


def _refused(move: Move, refused: Refused) -> Move:
    return Move(
        move.known, move.kind, move.run.edition, move.run.market, {}, MovePlan(), refused=refused
    )


def _targets(runs: Iterable[Run]) -> dict[tuple[UUID, UUID], Edition]:
    """Return the editions in force of playbooks that are in use, by playbook and market."""
    wanted = list(runs)
    editions = (
        editions_in_force()
        .filter(
            playbook__in={run.playbook_id for run in wanted},
            market__in={run.account.market_id for run in wanted},
            playbook__archived_at=None,
            playbook__versions__status=VersionStatus.PUBLISHED,
        )
        .prefetch_related("steps")
    )
    return {(edition.playbook_id, edition.market_id): edition for edition in editions}


def _foresee(
    planner: MovePlanner, known: KnownRun, to: Edition | None, given: Mapping[Anchor, dt.date]
) -> Move:
    run = known.run
    if to is None:
        return _stays(known, Refusal.NO_EDITION)
    if to.pk == run.edition_id:
        return _stays(known, Refusal.IN_FORCE)
    anchors = planner.anchors_for(known, to, given)
    market = run.account.market
    try:
        plan = planner.plan(
            known,
            to=to,
            market=market,
            anchors=anchors,
            moved=[
                anchor for anchor in given if known.run.anchor_dates.get(anchor) != given[anchor]
            ],
            everything=market.pk != run.market_id,
        )
    except CalendarRangeError:
        return _stays(known, Refusal.CALENDAR_ENDS)
    if plan.missing:
        return _stays(known, Refusal.ANCHOR_MISSING, ", ".join(plan.missing))
    by_hand = tuple(anchor.value for anchor in given)
    move = Move(known, MoveKind.EDITION, to, market, anchors, plan, by_hand)
    if plan.past:
        return _stays(known, Refusal.STEP_PAST, ", ".join(plan.past), move.titles)
    return move


def _stays(
    known: KnownRun, refusal: Refusal, detail: str = "", titles: Mapping[str, str] | None = None
) -> Move:
    run = known.run
    refused = Refused(run.account_id, refusal, detail, titles or {})
    return Move(known, MoveKind.EDITION, run.edition, run.market, {}, MovePlan(), refused=refused)
