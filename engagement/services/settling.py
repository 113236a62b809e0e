"""What of a planning pass gives way to other work: spreading after days off, contact budgets."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple
from uuid import UUID

from engagement.choices import TaskStatus
from engagement.contact_budget import Allowance, Contact, Later, keep
from engagement.models import Task
from engagement.schedule import CheckInState, PlannedCheckIn
from engagement.services.batch import Batch
from engagement.services.budgeting import Allowances, reach, taken_days
from engagement.spreading import AFTER_LANDING, spread, was_brought_together
from regions.calendars import CalendarRangeError, WorkingCalendar
from regions.models import Market
from regions.offsets import Move, MoveReason
from regions.shared_days import later_shared_days
from regions.working_time import working_time

Key = tuple[str, str]
"""The order of those that meet: the tier, and the account's id."""

FURTHEST_SPREAD = dt.timedelta(days=60)
"""How far from the day on which it landed a spread check-in may lie, over any tolerance."""


class _Place(NamedTuple):
    """A check-in of a batch: its row, and its place in the row's plan."""

    position: int
    number: int


def spread_out(batch: Batch, *, market: Market) -> None:
    """Spread the contacts of each owner that landed on one day after the same days off.

    One query, and none where nothing met. What is planned already keeps its place.
    """
    piles: dict[tuple[UUID, dt.date], dict[Key, _Place]] = defaultdict(dict)
    for place, check_in in _open_contacts(batch, such_as=_landed):
        row = batch.rows[place.position]
        if row.owner_id:
            piles[row.owner_id, check_in.due_date][row.tier, str(row.account_id)] = place
    if not piles:
        return
    beside = _planned_already(market, piles)
    calendar = working_time(market).calendar
    for (owner_id, day), pile in piles.items():
        others = beside.get((owner_id, day), set())
        if len(pile.keys() | others) < 2:
            continue
        days = {key: _days_to_spread(batch, place, market) for key, place in pile.items()}
        names = calendar.status(day).names
        for key, found in spread(days, others).items():
            if found != day:
                move = Move(day, found, MoveReason.SPREAD, names)
                batch.move(pile[key].position, {pile[key].number: move})


def keep_budgets(batch: Batch, *, market: Market) -> None:
    """Move the contacts of a batch that would exceed the budget of their customer.

    Two queries, one where no budget holds. Contacts that are late already stay.
    """
    allowances = Allowances()
    if not allowances.are_set:
        return
    wanted: dict[int, list[_Place]] = defaultdict(list)
    for place, _found in _open_contacts(batch, such_as=lambda each: each.due_date >= batch.today):
        if allowances.of(market, batch.rows[place.position].tier):
            wanted[place.position].append(place)
    if not wanted:
        return
    limits = {position: allowances.of(market, batch.rows[position].tier) for position in wanted}
    known = {position: limit for position, limit in limits.items() if limit}
    days = [_check_in(batch, place).due_date for places in wanted.values() for place in places]
    first, last = reach(days, set(known.values()))
    accounts = {batch.rows[position].account_id: market for position in wanted}
    taken = taken_days(accounts, first=first, last=last)
    for position, allowance in known.items():
        before = taken.get(batch.rows[position].account_id, [])
        places = sorted(wanted[position], key=lambda place: _check_in(batch, place).due_date)
        contacts = [_contact(batch, place, allowance, market) for place in places]
        kept = keep(contacts, before, allowance)
        moves = {
            place.number: found.move
            for place, found in zip(places, kept, strict=True)
            if found.move
        }
        if moves:
            batch.move(position, moves)


def _contact(batch: Batch, place: _Place, allowance: Allowance, market: Market) -> Contact:
    day = _check_in(batch, place).due_date

    def later() -> Later:
        time = working_time(market)
        days = later_shared_days(
            day,
            market=time.calendar,
            owner=batch.owner_of(place.position),
            until=min(day + allowance.reach, _day_before_next(batch, place)),
            quiet=time.quiet,
        )
        tolerance = batch.timing_of(place.position).tolerance
        return Later(days, _tolerance_ends(day, tolerance, time.calendar))

    return Contact(day, later)


def _open_contacts(
    batch: Batch, *, such_as: Callable[[PlannedCheckIn], bool]
) -> Iterator[tuple[_Place, PlannedCheckIn]]:
    """Run through open contacts of a kind; plans that hold none are looked at once."""
    of_plan = {
        number: [
            (place, check_in)
            for place, check_in in enumerate(plan.check_ins)
            if check_in.state is CheckInState.OPEN and such_as(check_in)
        ]
        for number, plan in enumerate(batch.plans, 1)
    }
    for position, number in enumerate(batch.plan_of_row):
        found = of_plan[number]
        if found and batch.timing_of(position).contact:
            for place, check_in in found:
                yield _Place(position, place), check_in


def _landed(check_in: PlannedCheckIn) -> bool:
    moves = [(move.reason, move.names) for move in check_in.moves]
    return was_brought_together(check_in.nominal, check_in.due_date, moves)


def _check_in(batch: Batch, place: _Place) -> PlannedCheckIn:
    return batch.plan_of(place.position).check_ins[place.number]


def _day_before_next(batch: Batch, place: _Place) -> dt.date:
    """Return the last day before the rhythm's next date, so that no contact overtakes another."""
    plan = batch.plan_of(place.position)
    following = plan.check_ins[place.number + 1 :]
    following_day = following[0].nominal if following else plan.next_nominal
    return following_day - dt.timedelta(days=1) if following_day else dt.date.max


def _days_to_spread(batch: Batch, place: _Place, market: Market) -> list[dt.date]:
    """Return the days on which a check-in may fall, beginning with that on which it landed."""
    time, timing = working_time(market), batch.timing_of(place.position)
    check_in = _check_in(batch, place)
    day = check_in.due_date
    if check_in.needs_stand_in:
        return [day]
    away = [move.from_date for move in check_in.moves if move.reason is MoveReason.OWNER_AWAY]
    ends = _tolerance_ends(min([day, *away]), timing.tolerance, time.calendar)
    later = later_shared_days(
        day,
        market=time.calendar,
        owner=batch.owner_of(place.position),
        until=min(ends, _day_before_next(batch, place), day + FURTHEST_SPREAD),
        quiet=time.quiet,
    )
    return [day, *later]


def _tolerance_ends(day: dt.date, tolerance: int, calendar: WorkingCalendar) -> dt.date:
    try:
        return calendar.shift(day, tolerance) if tolerance else day
    except CalendarRangeError:
        return day


def _planned_already(
    market: Market, piles: Mapping[tuple[UUID, dt.date], Any]
) -> dict[tuple[UUID, dt.date], set[Key]]:
    """Return who landed on the same days before, in one query."""
    days = [day for _owner, day in piles]
    tasks = Task.objects.check_ins().filter(
        account__market=market,
        status=TaskStatus.OPEN,
        moves__isnull=False,
        owner__in={owner for owner, _day in piles},
        due_date__gte=min(days),
        due_date__lte=max(days) + FURTHEST_SPREAD,
    )
    found: dict[tuple[UUID, dt.date], set[Key]] = defaultdict(set)
    rows: Any = tasks.values_list(
        "owner_id", "account_id", "account__tier", "nominal_date", "due_date", "moves"
    )
    for owner_id, account_id, tier, nominal, due, moves in rows:
        after = [move["from"] for move in moves if move["reason"] in AFTER_LANDING]
        landing = dt.date.fromisoformat(after[0]) if after else due
        known = [(move["reason"], move["names"]) for move in moves]
        if was_brought_together(nominal, landing, known):
            found[owner_id, landing].add((tier, str(account_id)))
    return found
