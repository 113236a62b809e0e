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
from engagement.services.bulk import (
    MOST_TASKS,
    Deed,
    TooManyTasks,
    act_on_tasks,
    ids_of,
)
from engagement.services.bulk_undo import can_undo, undo_batch
from engagement.services.by_hand import NextStep, TaskGone, make_task, promise_from_task
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
from engagement.services.digital import (
    hold_in_words,
    keep_with_a_person,
    message_of_task,
    send_due_messages,
    send_test,
    stop_messages,
    take_back_undelivered,
)
from engagement.services.firing import (
    Fired,
    HeldBack,
    NotOnCall,
    TriggerOff,
    dry_run,
    fire_market,
    fire_trigger,
)
from engagement.services.following import lock_runs_of
from engagement.services.judging_messages import Judged, foresee_holds
from engagement.services.known_days import NoKnownDay, within_known_days
from engagement.services.launching import (
    Foreseen,
    Launch,
    foresee_run,
    foresee_runs,
    start_run,
    start_runs,
)
from engagement.services.mail import account_in, address_of, take_in_mail
from engagement.services.meetings import Logged, log_meeting, undo_meeting
from engagement.services.move_planning import Move
from engagement.services.moving import foresee_move, foresee_moves, move_run, move_runs
from engagement.services.notices import notice_hand_overs, notice_mentions, write_due_notices
from engagement.services.outcomes import (
    NoEscalation,
    raise_escalation,
    remove_outcome_rule,
    save_outcome_rule,
)
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
from engagement.services.retiming import follow_accounts, foresee_anchors, move_anchors
from engagement.services.runs import (
    AlreadyPaused,
    NotPaused,
    RunEnded,
    cancel_run,
    pause_run,
    resume_run,
)
from engagement.services.saved_views import remove_view, save_view
from engagement.services.starting import foresee_start, preview_once_open
from engagement.services.triggers import TriggerArchived, archive_trigger, save_trigger

__all__ = [
    "Judged",
    "hold_in_words",
    "message_of_task",
    "send_due_messages",
    "send_test",
    "keep_with_a_person",
    "stop_messages",
    "take_back_undelivered",
    "MOST_TASKS",
    "UNDO_WITHIN",
    "AlreadyPaused",
    "Fired",
    "Deed",
    "Foreseen",
    "HeldBack",
    "Launch",
    "LeaseLost",
    "Logged",
    "NextStep",
    "NoEscalation",
    "Move",
    "NoKnownDay",
    "NotOnCall",
    "NotPaused",
    "NothingToUndo",
    "Refusal",
    "Refused",
    "RunEnded",
    "RunRefused",
    "TaskAlreadyClosed",
    "TaskGone",
    "TriggerArchived",
    "TriggerOff",
    "archive_trigger",
    "account_in",
    "address_of",
    "TooManyTasks",
    "act_on_tasks",
    "can_undo",
    "cancel_run",
    "complete_task",
    "demand_planning",
    "dry_run",
    "ensure_region_planning",
    "fire_market",
    "fire_trigger",
    "follow_accounts",
    "foresee_anchors",
    "foresee_holds",
    "foresee_move",
    "foresee_moves",
    "foresee_run",
    "foresee_runs",
    "foresee_start",
    "hand_over_task",
    "ids_of",
    "lease_due_regions",
    "log_meeting",
    "make_task",
    "lock_runs_of",
    "mark_not_applicable",
    "move_anchors",
    "move_run",
    "move_runs",
    "pause_run",
    "plan_leased_region",
    "plan_market",
    "plan_region_now",
    "planning_state",
    "preview_once_open",
    "promise_from_task",
    "raise_escalation",
    "remove_outcome_rule",
    "remove_view",
    "replan",
    "resume_run",
    "save_outcome_rule",
    "save_region_planning",
    "save_trigger",
    "save_view",
    "say_refusal",
    "snooze_task",
    "start_run",
    "start_runs",
    "take_in_mail",
    "undo_meeting",
    "undo_batch",
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
