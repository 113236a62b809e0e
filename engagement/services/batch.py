"""What one planning pass plans: a plan for each distinct combination of what dates depend on."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID

from engagement.rhythm import phase
from engagement.schedule import CadenceMode, CadenceTiming, Plan, PlannedCheckIn, plan
from engagement.services.arrays import array_of, instants, moves_as_json
from engagement.timing import AgreedTiming
from playbooks.models import Cadence
from regions.hours import due_at
from regions.market_time import MarketTime
from regions.offsets import Move
from regions.shared_days import Availability
from talent.services import availabilities


class DueEnrolment(NamedTuple):
    """An enrolment whose next date the horizon reaches."""

    enrolment_id: UUID
    account_id: UUID
    tier: str
    owner_id: UUID | None
    cadence_id: UUID
    origin: dt.date
    nominal: dt.date
    agreed: AgreedTiming


class Batch:
    """The due enrolments of a market, and one plan for each distinct combination of dates."""

    def __init__(self, *, time: MarketTime, today: dt.date, rows: list[DueEnrolment]) -> None:
        self.rows = rows
        self.today = today
        self.plans: list[Plan] = []
        self.plan_of_row: list[int] = []
        self._time = time
        self._cadences = Cadence.objects.in_bulk({row.cadence_id for row in rows})
        self._availability = availabilities({row.owner_id for row in rows if row.owner_id})
        self._timings: dict[tuple[UUID, AgreedTiming], CadenceTiming] = {}
        self._numbers: dict[tuple[Any, ...], int] = {}
        self._changed: dict[tuple[int, tuple[PlannedCheckIn, ...]], int] = {}
        for row in rows:
            self.plan_of_row.append(self._number(row))

    def plan_of(self, position: int) -> Plan:
        """Return the plan of the row at a position."""
        return self.plans[self.plan_of_row[position] - 1]

    def timing_of(self, position: int) -> CadenceTiming:
        """Return the timing of the row at a position."""
        return self._timing(self.rows[position])

    def owner_of(self, position: int) -> Availability | None:
        """Return when the owner of the row at a position works, if there is one who says so."""
        owner_id = self.rows[position].owner_id
        return self._availability.get(owner_id) if owner_id else None

    def move(self, position: int, moves: Mapping[int, Move]) -> None:
        """Move check-ins of one row, by their place in its plan; rows moved alike share a plan."""
        row, before = self.rows[position], self.plan_of(position)
        time = row.agreed.applied_to_market(self._time)
        check_ins = tuple(
            _moved(check_in, moves[place], time) if place in moves else check_in
            for place, check_in in enumerate(before.check_ins)
        )
        key = (self.plan_of_row[position], check_ins)
        if key not in self._changed:
            self.plans.append(replace(before, check_ins=check_ins))
            self._changed[key] = len(self.plans)
        self.plan_of_row[position] = self._changed[key]

    def _number(self, row: DueEnrolment) -> int:
        """Return the number, from 1, of the plan for a row; rows alike share one."""
        owner = self._availability.get(row.owner_id) if row.owner_id else None
        timing = self._timing(row)
        key = (
            id(timing),
            # An elastic rhythm counts from the last contact.
            phase(timing.rhythm, row.origin) if timing.mode is CadenceMode.FIXED else None,
            row.nominal,
            owner and (id(owner.calendar), owner.leave),
        )
        number = self._numbers.get(key)
        if number is None:
            self.plans.append(self._plan(row, timing, owner))
            number = self._numbers[key] = len(self.plans)
        return number

    def _timing(self, row: DueEnrolment) -> CadenceTiming:
        key = (row.cadence_id, row.agreed)
        timing = self._timings.get(key)
        if timing is None:
            cadence = self._cadences[row.cadence_id]
            timing = self._timings[key] = row.agreed.applied_to(cadence)
        return timing

    def _plan(self, row: DueEnrolment, timing: CadenceTiming, owner: Availability | None) -> Plan:
        return plan(
            timing,
            origin=row.origin,
            next_nominal=row.nominal,
            market=row.agreed.applied_to_market(self._time),
            owner=owner,
            today=self.today,
        )

    def move_reasons(self) -> Counter[str]:
        """Count the check-ins moved, by reason."""
        reasons = [
            {str(move.reason) for check_in in each.check_ins for move in check_in.moves}
            for each in self.plans
        ]
        counted: Counter[str] = Counter()
        for number in self.plan_of_row:
            counted.update(reasons[number - 1])
        return counted

    def parameters(self) -> dict[str, Any]:
        """Return the arrays of the statement."""
        check_ins = [
            (number, check_in)
            for number, each in enumerate(self.plans, 1)
            for check_in in each.check_ins
        ]
        plans = [self.plans[number - 1] for number in self.plan_of_row]
        return {
            "enrolments": array_of(row.enrolment_id for row in self.rows),
            "owners": array_of(row.owner_id for row in self.rows),
            "nominals": array_of(row.nominal for row in self.rows),
            "plans": array_of(self.plan_of_row),
            "next_nominals": array_of(each.next_nominal for each in plans),
            "next_dues": array_of(each.next_due for each in plans),
            "check_in_plans": array_of(number for number, _ in check_ins),
            "check_in_nominals": array_of(check_in.nominal for _, check_in in check_ins),
            "due_dates": array_of(check_in.due_date for _, check_in in check_ins),
            "due_ats": instants(check_in.due_at for _, check_in in check_ins),
            "statuses": array_of(check_in.state for _, check_in in check_ins),
            "moves": [moves_as_json(check_in.moves) for _, check_in in check_ins],
            "stand_ins": array_of(check_in.needs_stand_in for _, check_in in check_ins),
            "today": self.today,
        }


def _moved(check_in: PlannedCheckIn, move: Move, time: MarketTime) -> PlannedCheckIn:
    assert move.to_date is not None
    return replace(
        check_in,
        due_date=move.to_date,
        due_at=due_at(move.to_date, time.hours, time.zone),
        moves=(*check_in.moves, move),
    )
