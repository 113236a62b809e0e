"""Runs that move: to a newer edition, with a date they count from, or to another market."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from accounts import services as accounts
from accounts.models import Account
from engagement import services
from engagement.models import Run, RunMove, Task
from engagement.run_move import Fate
from engagement.services import RunRefused
from playbooks import services as playbooks
from playbooks.models import Playbook, PlaybookVersion
from playbooks.schedule import Anchor
from regions.models import Market
from tests import factories
from tests.conftest import Cast, count_queries, day
from tests.integration.imports.files import lines
from tests.integration.imports.files import run as run_import
from tests.integration.localizing import following
from toolkit import effects
from toolkit.effects import EffectKind
from toolkit.errors import InvalidInput
from toolkit.storage import StaleVersion

pytestmark = pytest.mark.django_db

# A Monday.
NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def _clock() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def version(acting: Cast) -> PlaybookVersion:
    """A call, a survey, a mail after the end of the call, and an offer before the renewal."""
    factories.market("FR")
    return factories.published(*steps(), by=acting.leader)


def steps(**changed: Any) -> tuple[dict[str, Any], ...]:
    return (
        factories.step("call", **changed),
        factories.step("survey", kind="email", channel="email", offset=4, position=10),
        factories.step("mail", anchor="step_end", anchor_step="call", offset=1, position=20),
        factories.step("offer", anchor="renewal", offset=-30, unit="days", position=30),
    )


def started(version: PlaybookVersion, cast: Cast, **values: Any) -> Run:
    defaults = {"owner": cast.csm, "renewal_date": day("2026-06-30")}
    account = factories.account(**defaults | values)
    return services.start_run(playbook=version.playbook, account=account, by=cast.csm, at=NOW)


def publish_second(version: PlaybookVersion, cast: Cast, *written: dict[str, Any]) -> None:
    following(version, cast, *written)


def task_of(run: Run, key: str) -> Task:
    return Task.objects.select_related("step", "account__market").get(run=run, step__key=key)


def fresh(run: Run) -> Run:
    return Run.objects.select_related("account__market", "market", "edition").get(pk=run.pk)


def states(run: Run) -> dict[str, str]:
    return dict(run.tasks.values_list("step__key", "status"))


def due(run: Run) -> dict[str, str]:
    return {key: str(date) for key, date in run.tasks.values_list("step__key", "due_date")}


def move(run: Run, cast: Cast) -> services.Move:
    return services.move_run(fresh(run), at=NOW, by=cast.csm)


class TestToANewerEdition:
    def test_freezes_updates_adds_and_closes(self, acting: Cast, version: PlaybookVersion) -> None:
        run = started(version, acting)
        services.complete_task(task=task_of(run, "call"), by=acting.csm, at=NOW)
        call, mail = task_of(run, "call"), task_of(run, "mail")
        first = run.edition_id
        publish_second(
            version,
            acting,
            factories.step("call", title="Ring", offset=9),
            factories.step("mail", anchor="step_end", anchor_step="call", offset=3, position=20),
            factories.step("offer", anchor="renewal", offset=-30, unit="days", position=30),
            factories.step("visit", offset=6, position=40),
        )
        moved = move(run, acting)
        assert states(run) == {
            "call": "done",
            "survey": "cancelled",
            "mail": "open",
            "offer": "open",
            "visit": "open",
        }
        assert due(run) == {
            "call": "2026-03-04",
            "survey": "2026-03-06",
            "mail": "2026-03-05",
            "offer": "2026-05-29",
            "visit": "2026-03-10",
        }
        assert task_of(run, "survey").reason == "The new edition does not have this step."
        run = fresh(run)
        assert run.edition.number == 2
        assert task_of(run, "call").step_id == call.step_id
        after = task_of(run, "mail")
        assert after.pk == mail.pk
        assert after.step is not None
        assert after.step.edition_id == run.edition_id
        entry = RunMove.objects.get(run=run)
        assert (entry.from_edition_id, entry.to_edition_id) == (first, run.edition_id)
        assert entry.moved_by == acting.csm
        assert entry.changes["moved"] == [["mail", "2026-03-03", "2026-03-05"]]
        assert entry.changes["added"] == [["visit", "2026-03-10"]]
        assert entry.changes["dropped"] == [["survey", "2026-03-06", "not_in_edition", ""]]
        assert len(moved.plan.of(Fate.FROZEN)) == 1

    def test_is_what_was_foreseen(self, acting: Cast, version: PlaybookVersion) -> None:
        run = started(version, acting)
        publish_second(version, acting, *steps(offset=6)[:3], factories.step("visit"))
        before = (states(run), due(run))
        foreseen = services.foresee_move(fresh(run), at=NOW)
        assert (states(run), due(run)) == before
        assert move(run, acting).plan == foreseen.plan
        lines = [line for line in foreseen.plan.lines if line.after]
        assert {line.key: str(line.after) for line in lines} == {
            key: value for key, value in due(run).items() if key != "offer"
        }

    def test_is_refused_where_it_is_in_it_already(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        with pytest.raises(RunRefused, match="in the edition in force already"):
            move(run, acting)
        playbooks.retire_version(version, at=NOW)
        with pytest.raises(RunRefused, match="not published"):
            move(run, acting)

    def test_asks_for_dates_that_only_the_new_one_counts_from(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        publish_second(version, acting, *steps(), factories.step("fair", anchor="event"))
        with pytest.raises(RunRefused, match="Date of the event"):
            move(run, acting)
        services.move_run(
            fresh(run), at=NOW, by=acting.csm, anchors={Anchor.EVENT: day("2026-05-04")}
        )
        assert due(run)["fair"] == "2026-05-06"
        assert fresh(run).anchors_by_hand == ["event"]

    def test_leaves_a_held_run_held_and_shifts_it_when_it_goes_on(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        services.pause_run(run, at=NOW, reason="They move.")
        publish_second(version, acting, *steps(offset=3), factories.step("visit", offset=5))
        later = NOW + dt.timedelta(days=7)
        services.move_run(fresh(run), at=later, by=acting.csm)
        assert states(run)["visit"] == "paused"
        assert due(run)["call"] == "2026-03-05"
        services.resume_run(fresh(run), at=later)
        assert (states(run)["visit"], states(run)["mail"]) == ("open", "waiting")
        assert (due(run)["call"], due(run)["visit"]) == ("2026-03-12", "2026-03-16")

    def test_ends_a_run_in_which_nothing_is_left(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        version = factories.published(
            factories.step("a"), factories.step("b"), by=acting.leader, key="short"
        )
        run = started(version, acting)
        services.complete_task(task=task_of(run, "a"), by=acting.csm, at=NOW)
        publish_second(version, acting, factories.step("a"))
        move(run, acting)
        assert (fresh(run).status, states(run)) == ("done", {"a": "done", "b": "cancelled"})

    def test_and_back_takes_up_again_what_was_closed(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        publish_second(version, acting, *steps()[1:2])
        move(run, acting)
        assert states(run)["call"] == "cancelled"
        publish_second(version, acting, *steps())
        move(run, acting)
        assert states(run) == {
            "call": "open",
            "survey": "open",
            "mail": "waiting",
            "offer": "open",
        }
        assert task_of(run, "call").reason == ""

    def test_while_somebody_closes_a_task_keeps_what_she_did(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        seen, opened = fresh(run), task_of(run, "survey")
        publish_second(version, acting, *steps()[2:], factories.step("call", offset=7))
        services.complete_task(task=opened, by=acting.csm, at=NOW)
        services.move_run(seen, at=NOW, by=acting.leader)
        assert states(run)["survey"] == "done"
        with pytest.raises(services.TaskAlreadyClosed):
            services.complete_task(task=opened, by=acting.csm, at=NOW)
        with pytest.raises(services.NothingToUndo):
            services.undo_task(task=task_of(run, "survey"), by=acting.csm, at=NOW)

    def test_by_two_at_once_happens_once(self, acting: Cast, version: PlaybookVersion) -> None:
        run = started(version, acting)
        publish_second(version, acting, *steps(offset=6))
        first, second = fresh(run), fresh(run)
        services.move_run(first, at=NOW, by=acting.csm)
        with pytest.raises(StaleVersion):
            services.move_run(second, at=NOW, by=acting.leader)
        assert RunMove.objects.count() == 1

    def test_a_step_that_must_not_be_late_keeps_the_run(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        publish_second(version, acting, *steps(), factories.step("late", if_past="refuse"))
        with pytest.raises(RunRefused, match="“Do late”"):
            services.move_run(fresh(run), at=NOW + dt.timedelta(days=10), by=acting.csm)


class TestMany:
    def test_are_foreseen_in_as_many_queries_as_a_few(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        publish = (*steps(offset=6), factories.step("visit"))
        started(version, acting)
        publish_second(version, acting, *publish)
        runs = Run.objects.left_behind()
        services.foresee_moves(runs, at=NOW)
        with count_queries() as few:
            services.foresee_moves(runs, at=NOW)
        for _number in range(4):
            other = started(version, acting)
            Run.objects.filter(pk=other.pk).update(edition=Run.objects.earliest("pk").edition)
        with count_queries() as many:
            assert len(services.foresee_moves(runs, at=NOW)) == 5
        assert len(many) == len(few)

    def test_move_each_by_itself_and_tell_of_each(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        free, known = started(version, acting), started(version, acting)
        services.move_anchors(known, {Anchor.RENEWAL: day("2026-09-30")}, at=NOW, by=acting.csm)
        publish_second(version, acting, *steps(), factories.step("fair", anchor="event"))
        Run.objects.filter(pk=known.pk).update(anchors={**known.anchors, "event": "2026-05-04"})
        moves = services.move_runs(Run.objects.left_behind(), at=NOW, by=acting.leader)
        refused = {each.run.pk: each.refused and each.refused.reason for each in moves}
        assert refused == {free.pk: "anchor_missing", known.pk: None}
        assert [fresh(run).edition.number for run in (free, known)] == [1, 2]


class TestAnAnchor:
    def test_given_by_hand_moves_what_counts_from_it(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        before = due(run)
        with effects.collect() as found:
            services.move_anchors(run, {Anchor.RENEWAL: day("2026-07-31")}, at=NOW, by=acting.csm)
        assert due(run) == before | {"offer": "2026-07-01"}
        assert [(each.kind, str(each.before), str(each.after)) for each in found] == [
            (EffectKind.MOVED, "2026-05-29", "2026-07-01")
        ]
        entry = RunMove.objects.get(run=run)
        assert entry.changes["anchors"] == {"renewal": ["2026-06-30", "2026-07-31"]}

    def test_given_by_hand_does_not_follow_the_account(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        services.move_anchors(run, {Anchor.RENEWAL: day("2026-07-31")}, at=NOW, by=acting.csm)
        run.account.renewal_date = day("2026-12-31")
        accounts.save_account(run.account)
        assert due(run)["offer"] == "2026-07-01"

    def test_that_nothing_counts_from_is_refused(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        for anchors in ({Anchor.EVENT: day("2026-07-31")}, {Anchor.RENEWAL: day("2926-07-31")}):
            with pytest.raises(InvalidInput):
                services.move_anchors(run, anchors, at=NOW, by=acting.csm)

    def test_of_the_account_is_followed_and_what_was_touched_is_flagged(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run, touched = started(version, acting), started(version, acting)
        services.snooze_task(
            task=task_of(touched, "offer"),
            by=acting.csm,
            at=NOW,
            until=day("2026-05-20"),
            reason="Asked for.",
        )
        for each in (run, touched):
            each.account.renewal_date = day("2026-07-31")
        with effects.collect() as found:
            for each in (run, touched):
                accounts.save_account(each.account)
        assert (due(run)["offer"], due(touched)["offer"]) == ("2026-07-01", "2026-05-20")
        assert task_of(touched, "offer").is_flagged
        assert [each.kind for each in found] == [EffectKind.MOVED, EffectKind.KEPT]
        assert str(found[0].subject).endswith(": Do offer")

    def test_of_the_account_is_previewed_by_the_change_itself(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        account = Account.objects.get(pk=run.account_id)
        account.renewal_date = day("2028-02-29")
        (found,) = effects.preview(lambda: accounts.save_account(account))
        assert due(run)["offer"] == "2026-05-29"
        account = Account.objects.get(pk=run.account_id)
        account.renewal_date = day("2028-02-29")
        accounts.save_account(account)
        assert due(run)["offer"] == str(found.after) == "2028-01-28"

    def test_of_a_notice_deadline_is_followed_from_a_page_and_from_a_file(
        self, acting: Cast
    ) -> None:
        version = factories.published(
            factories.step("ask", anchor="notice_deadline", offset=-14, unit="days"),
            by=acting.leader,
        )
        run = started(version, acting, notice_deadline=day("2026-06-30"), external_id="7")
        assert due(run) == {"ask": "2026-06-16"}
        run.account.notice_deadline = day("2026-07-31")
        accounts.save_account(run.account)
        assert due(run) == {"ask": "2026-07-17"}
        header = "External ID,Name,Country,Notice deadline"
        row = f"7,{run.account.name},France,2026-10-15"
        assert run_import(acting, lines(row, header=header)).status == "done"
        assert due(run) == {"ask": "2026-10-01"}

    def test_beyond_the_calendar_leaves_the_day_and_flags_it(
        self, acting: Cast, version: PlaybookVersion
    ) -> None:
        run = started(version, acting)
        run.account.renewal_date = day("2150-01-01")
        accounts.save_account(run.account)
        assert due(run)["offer"] == "2026-05-29"
        assert task_of(run, "offer").is_flagged
        assert RunMove.objects.get(run=run).changes["refused"][0] == "calendar_ends"

    def test_that_goes_is_still_counted_from(self, acting: Cast, version: PlaybookVersion) -> None:
        run = started(version, acting)
        run.account.renewal_date = None
        accounts.save_account(run.account)
        assert due(run)["offer"] == "2026-05-29"


class TestAnotherMarket:
    @pytest.fixture
    def riyadh(self, acting: Cast) -> Market:
        """A market whose weekend is Friday and Saturday."""
        return factories.market("SA")

    def moved(self, run: Run, to: Market) -> None:
        run.account.market = to
        accounts.save_account(run.account)

    def policy(self, run: Run, value: str) -> None:
        Playbook.objects.filter(pk=run.playbook_id).update(on_market_move=value)

    def test_goes_on_by_its_days_in_the_same_edition(
        self, acting: Cast, version: PlaybookVersion, riyadh: Market
    ) -> None:
        run = started(version, acting)
        edition = run.edition_id
        self.moved(run, riyadh)
        run = fresh(run)
        assert (run.market, run.edition_id, run.status) == (riyadh, edition, "active")
        assert due(run)["survey"] == "2026-03-08"
        assert run.left_out == {}
        self.moved(run, riyadh)
        assert RunMove.objects.count() == 1

    def test_finishes_by_the_days_of_the_old_one(
        self, acting: Cast, version: PlaybookVersion, riyadh: Market
    ) -> None:
        run = started(version, acting)
        self.policy(run, "finish")
        before = due(run)
        france = run.market
        self.moved(run, riyadh)
        assert (fresh(run).market, fresh(run).stays, due(run)) == (france, True, before)
        run.account.tier = "tier_2"
        accounts.save_account(run.account)
        assert RunMove.objects.count() == 1
        thursday = NOW + dt.timedelta(days=3)
        services.complete_task(task=task_of(run, "call"), by=acting.csm, at=thursday)
        assert due(run)["mail"] == "2026-03-06"

    def test_starts_anew_in_the_edition_of_the_new_one(
        self, acting: Cast, version: PlaybookVersion, riyadh: Market
    ) -> None:
        run = started(version, acting)
        self.policy(run, "restart")
        self.moved(run, riyadh)
        assert fresh(run).status == "cancelled"
        anew = Run.objects.get(status="active")
        assert (anew.edition.market, anew.cause) == (riyadh, "market")
        assert RunMove.objects.get(run=run).changes == {"restarted": str(anew.pk)}

    def test_goes_on_where_it_cannot_start_anew_and_says_why(
        self, acting: Cast, version: PlaybookVersion, riyadh: Market
    ) -> None:
        run = started(version, acting)
        self.policy(run, "restart")
        playbooks.retire_version(version, at=NOW)
        self.moved(run, riyadh)
        assert (fresh(run).status, fresh(run).market) == ("active", riyadh)
        assert RunMove.objects.get(run=run).changes["refused"][0] == "no_edition"

    def test_may_be_followed_by_the_edition_in_force_there(
        self, acting: Cast, version: PlaybookVersion, riyadh: Market
    ) -> None:
        run = started(version, acting)
        self.moved(run, riyadh)
        moved = move(run, acting)
        assert (fresh(run).edition.market, moved.plan.of(Fate.DROPPED)) == (riyadh, [])


class TestTwoOrganizations:
    def test_move_nothing_of_each_other(
        self, acting: Cast, version: PlaybookVersion, outsiders: Cast
    ) -> None:
        run = started(version, acting)
        publish_second(version, acting, *steps(offset=6))
        with outsiders.acting():
            assert services.foresee_moves(Run.objects.all(), at=NOW) == []
            assert services.move_runs(Run.objects.all(), at=NOW, by=outsiders.leader) == []
        assert fresh(run).edition.number == 1
