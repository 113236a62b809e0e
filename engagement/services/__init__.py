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
from engagement.services.calendars import (
    feed_of,
    make_feed,
    open_feed,
    read_feed,
    remove_feed,
    renew_feed,
)
from engagement.services.channels import (
    remove_channel,
    save_channel,
    try_channel,
    write_due_summaries,
)
from engagement.services.digests import (
    organizations_with_members,
    write_due_digests,
    write_member_letters,
)
from engagement.services.known_days import NoKnownDay, within_known_days
from engagement.services.launching import (
    Foreseen,
    Launch,
    foresee_run,
    foresee_runs,
    start_run,
    start_runs,
)
from engagement.services.notices import notice_hand_overs, notice_mentions, write_due_notices
from engagement.services.passes import plan_market
from engagement.services.preferences import (
    NoSuchLetters,
    WayOut,
    preference_of,
    remove_preference,
    save_preference,
    switch_letters,
)
from engagement.services.refusals import Refusal, Refused, RunRefused, say_refusal
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
from engagement.services.runs import (
    AlreadyPaused,
    NotPaused,
    RunEnded,
    cancel_run,
    pause_run,
    resume_run,
)
from engagement.services.starting import foresee_start, preview_once_open

__all__ = [
    "UNDO_WITHIN",
    "AlreadyPaused",
    "Foreseen",
    "Launch",
    "LeaseLost",
    "NoKnownDay",
    "NotPaused",
    "NothingToUndo",
    "Refusal",
    "Refused",
    "RunEnded",
    "RunRefused",
    "TaskAlreadyClosed",
    "cancel_run",
    "complete_task",
    "demand_planning",
    "ensure_region_planning",
    "foresee_run",
    "foresee_runs",
    "foresee_start",
    "hand_over_task",
    "lease_due_regions",
    "mark_not_applicable",
    "pause_run",
    "plan_leased_region",
    "plan_market",
    "plan_region_now",
    "planning_state",
    "preview_once_open",
    "replan",
    "resume_run",
    "save_region_planning",
    "say_refusal",
    "snooze_task",
    "start_run",
    "start_runs",
    "undo_task",
    "within_known_days",
    "organizations_with_members",
    "write_due_digests",
    "write_member_letters",
    "notice_hand_overs",
    "notice_mentions",
    "write_due_notices",
    "NoSuchLetters",
    "WayOut",
    "preference_of",
    "remove_preference",
    "save_preference",
    "switch_letters",
    "feed_of",
    "make_feed",
    "open_feed",
    "read_feed",
    "remove_feed",
    "renew_feed",
    "remove_channel",
    "save_channel",
    "try_channel",
    "write_due_summaries",
]
