"""Every write of carrying out: planning, re-planning, and what people do with their tasks."""

from engagement.services.actions import (
    UNDO_WITHIN,
    NothingToUndo,
    TaskAlreadyClosed,
    complete_task,
    hand_over_task,
    mark_not_applicable,
    snooze_task,
    undo_task,
)
from engagement.services.known_days import NoKnownDay, within_known_days
from engagement.services.passes import plan_market
from engagement.services.regions import (
    LeaseLost,
    demand_planning,
    ensure_region_planning,
    lease_due_regions,
    plan_leased_region,
    plan_region_now,
    planning_state,
    save_region_planning,
)
from engagement.services.replanning import replan
from engagement.services.starting import foresee_start, preview_once_open

__all__ = [
    "UNDO_WITHIN",
    "LeaseLost",
    "NoKnownDay",
    "NothingToUndo",
    "TaskAlreadyClosed",
    "complete_task",
    "demand_planning",
    "ensure_region_planning",
    "foresee_start",
    "hand_over_task",
    "lease_due_regions",
    "mark_not_applicable",
    "plan_leased_region",
    "plan_market",
    "plan_region_now",
    "planning_state",
    "preview_once_open",
    "replan",
    "save_region_planning",
    "snooze_task",
    "undo_task",
    "within_known_days",
]
