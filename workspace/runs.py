"""Playbooks on their way for an account, as a CSM reads them."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.models import Account
from engagement.choices import RunStatus, TaskStatus
from engagement.models import Run, Task
from engagement.querysets import TO_DO
from engagement.run_plan import PlannedTask, RunPlan, waits_for
from engagement.services import foresee_holds
from engagement.services.arrays import moves_as_record
from engagement.standing import (
    RunStanding,
    StepLeftOut,
    left_out_of,
    prepare_standings,
    standing_of,
    what_waits,
)
from engagement.wording import say_left_out
from playbooks.changes import StepDocument
from playbooks.documents import edition_contents, edition_step
from playbooks.models import Edition, EditionStep
from playbooks.schedule import Anchor, root_anchor
from regions.working_time import working_time
from workspace import explanations
from workspace.editions import Said, say
from workspace.reading import Entry, playbooks_of

ENDED_SHOWN = 5
"""How many ended runs the page of an account shows."""

FROM_THE_ACCOUNT = (Anchor.RUN_START, Anchor.CONTRACT_START)
"""Events whose days are known without asking."""


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run in a list."""

    run: Run
    name: Said
    standing: RunStanding
    next_title: Said | None

    @property
    def is_under_way(self) -> bool:
        """Whether it has not ended."""
        return self.run.status in (RunStatus.ACTIVE, RunStatus.PAUSED)


@dataclass(frozen=True, slots=True)
class RunStep:
    """A task of a run on its page; ``is_overdue`` is seen from where the customer is."""

    task: Task
    title: Said
    outcome: Said
    waits_for: list[Said]
    why: list[str]
    is_overdue: bool

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to do."""
        return self.task.status in (
            TaskStatus.DONE,
            TaskStatus.NOT_APPLICABLE,
            TaskStatus.CANCELLED,
        )


@dataclass(frozen=True, slots=True)
class PreviewedStep:
    """A task as it would be if the playbook was started now."""

    title: Said
    outcome: Said
    day: dt.date
    waits_for: list[Said]
    why: list[str]
    needs_stand_in: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What starting a playbook would make for one account."""

    steps: list[PreviewedStep]
    left_out: list[StepLeftOut]


def lines_of(account: Account, *, now: dt.datetime) -> list[RunLine]:
    """Return the runs of an account: those under way, then the last that ended."""
    runs = Run.objects.for_list().filter(account=account)
    under_way = list(runs.under_way().order_by("-id"))
    ended = runs.exclude(ended_at=None).order_by("-ended_at", "-id")[:ENDED_SHOWN]
    found = [*under_way, *ended]
    prepare_standings(found)
    return [line_of(run, now=now) for run in found]


def line_of(run: Run, *, now: dt.datetime) -> RunLine:
    """Return a run at a glance."""
    standing = standing_of(run, now=now)
    upcoming = standing.next_task
    title = say_of_step(upcoming.step, "title") if upcoming and upcoming.step else None
    return RunLine(run, name_of(run.edition), standing, title)


def steps_of(run: Run, *, now: dt.datetime) -> list[RunStep]:
    """Return the tasks of a run in the order of its steps."""
    today = working_time(run.market).today(now)
    found = what_waits(run)
    foresee_holds([each.task for each in found], now=now)
    return [
        RunStep(
            task=each.task,
            title=_of_task(each.task, "title"),
            outcome=_of_task(each.task, "outcome"),
            waits_for=[_of_task(other, "title") for other in each.waits_for],
            why=explanations.why_moved(each.task.moves),
            is_overdue=each.task.status in TO_DO and each.task.due_date < today,
        )
        for each in found
    ]


def left_out(run: Run) -> list[StepLeftOut]:
    """Return the steps of a run that became no task, in the reader's words."""
    return left_out_of(run, titles_of(run.edition.steps.all()))


def preview_of(edition: Edition, plan: RunPlan) -> Preview:
    """Return a plan in the reader's words."""
    steps = {step.key: step for step in edition_contents(edition).steps}
    titles = {key: _say(step, "title") for key, step in steps.items()}
    words = {key: str(title.words) for key, title in titles.items()}
    planned = [task.key for task in plan.tasks]
    return Preview(
        steps=[_previewed(task, steps[task.key], titles, planned) for task in plan.tasks],
        left_out=[
            StepLeftOut(key, words[key], reason, detail, say_left_out(reason, detail, words))
            for key, (reason, detail) in plan.left_out.items()
        ],
    )


def playbooks_to_start(account: Account) -> list[Entry]:
    """Return the playbooks in force in an account's market that may be started for it now."""
    runs = Run.objects.under_way().filter(account=account, playbook__allows_several=False)
    under_way = set(runs.values_list("playbook_id", flat=True))
    entries = playbooks_of(account.market)
    return [entry for entry in entries if entry.edition.playbook_id not in under_way]


def anchors_to_ask(edition: Edition) -> list[Anchor]:
    """Return the events whose days only a person knows, in the order of a contract."""
    steps = {step.key: step for step in edition_contents(edition).steps}
    used = {root_anchor(key, steps) for key in steps}
    return [anchor for anchor in Anchor if anchor in used and anchor not in FROM_THE_ACCOUNT]


def name_of(edition: Edition) -> Said:
    """Return what a playbook is called, in the reader's language if it has a name there."""
    return _say(StepDocument("", edition.header["fields"]), "name")


def say_of_step(step: EditionStep, part: str) -> Said:
    """Return one part of a step in the reader's language, else as the playbook is written."""
    return _say(edition_step(step), part)


def titles_of(steps: Iterable[EditionStep]) -> dict[str, str]:
    """Return the titles of steps by key, in the reader's language."""
    return {step.key: str(say_of_step(step, "title").words) for step in steps}


def what_holding_does() -> str:
    """Return what becomes of the tasks of a run that is held."""
    return _(
        "Its tasks leave the lists until it goes on; then they move by the working days that it "
        "was held."
    )


def _previewed(
    task: PlannedTask, step: StepDocument, titles: Mapping[str, Said], planned: list[str]
) -> PreviewedStep:
    return PreviewedStep(
        title=titles[task.key],
        outcome=_say(step, "outcome"),
        day=task.due_date,
        waits_for=[titles[key] for key in waits_for(step, planned)],
        why=explanations.why_moved(moves_as_record(task.moves)),
        needs_stand_in=task.needs_stand_in,
    )


def _of_task(task: Task, part: str) -> Said:
    assert task.step is not None
    return say_of_step(task.step, part)


def _say(step: StepDocument, part: str) -> Said:
    return say(step, part, get_language() or "en")
