"""What becomes of a localization on a newer version, and what a person has to settle."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playbooks.changes import HEADER, Change, Layer, Level, StepDocument
from playbooks.rebase import Choice, Conflict, ConflictKind, Rebased, Settlement, rebase
from tests.unit.playbook_samples import (
    VALUES,
    adds,
    changes,
    drops,
    fields_of,
    laid,
    market,
    region,
    restores,
    sets,
    step,
    versions,
)

OLD = (step("kickoff"), step("training"))


def moved(
    new: tuple[StepDocument, ...],
    *local: Change,
    old: tuple[StepDocument, ...] = OLD,
    settled: Any = None,
) -> Rebased:
    """Return what becomes of changes where one version follows another."""
    return rebase(local, before=laid(old), after=laid(new), settled=settled)


def conflicts(rebased: Rebased) -> list[tuple[ConflictKind, str, str]]:
    return [(each.kind, each.step, each.field) for each in rebased.conflicts]


class TestAField:
    def test_that_only_the_localization_changed_stays_as_it_is_there(self) -> None:
        local = sets("kickoff", "offset", 9)
        assert moved((step("kickoff", title="Call"), OLD[1]), local) == Rebased((local,), ())

    def test_that_only_the_base_changed_follows(self) -> None:
        new = (step("kickoff", offset=5), OLD[1])
        local = sets("kickoff", "title", "Appel")
        rebased = moved(new, local)
        assert fields_of(laid(new, market(*rebased.changes)), "kickoff")["offset"] == 5

    def test_that_both_changed_to_different_values_is_in_conflict(self) -> None:
        local = sets("kickoff", "offset", 9)
        rebased = moved((step("kickoff", offset=5), OLD[1]), local)
        assert rebased.conflicts == (
            Conflict(ConflictKind.CHANGED_BOTH, "kickoff", "offset", before=2, after=5, local=9),
        )
        assert rebased.changes == (local,), "nothing is lost while nobody has settled it"

    def test_that_both_changed_to_the_same_value_is_not(self) -> None:
        local = sets("kickoff", "offset", 5)
        assert moved((step("kickoff", offset=5), OLD[1]), local) == Rebased((local,), ())

    def test_overridden_with_the_value_of_its_base_stays_an_override(self) -> None:
        local = sets("kickoff", "offset", 2)
        assert moved((step("kickoff", offset=5), OLD[1]), local) == Rebased((local,), ())

    @pytest.mark.parametrize(("field", "full"), [("message", "Dear"), ("checklist", ["agenda"])])
    def test_that_both_emptied_is_not_in_conflict(self, field: str, full: Any) -> None:
        old, new = (step("kickoff", **{field: full}),), (step("kickoff"),)
        assert not moved(new, sets("kickoff", field, None), old=old).conflicts

    def test_that_is_a_list_is_in_conflict_as_a_whole(self) -> None:
        old, new = (step("kickoff", checklist=["a"]),), (step("kickoff", checklist=["a", "b"]),)
        local = sets("kickoff", "checklist", ["a", "c"])
        assert conflicts(moved(new, local, old=old)) == [
            (ConflictKind.CHANGED_BOTH, "kickoff", "checklist")
        ]

    def test_of_the_playbook_itself_is_in_conflict_like_a_steps(self) -> None:
        before, after = laid(OLD), laid(OLD, region(sets(HEADER, "name", "Welcome")))
        rebased = rebase([sets(HEADER, "name", "Accueil")], before=before, after=after)
        assert conflicts(rebased) == [(ConflictKind.CHANGED_BOTH, HEADER, "name")]


class TestATranslation:
    def test_into_another_language_is_not_in_conflict(self) -> None:
        new = (step("kickoff", translations={"de": {"title": "Anruf"}}),)
        local = sets("kickoff", "translations.fr", {"title": "Appel"})
        assert not moved(new, local).conflicts

    def test_into_the_same_language_by_both_is(self) -> None:
        new = (step("kickoff", translations={"fr": {"title": "Coup de fil"}}),)
        local = sets("kickoff", "translations.fr", {"title": "Appel"})
        assert conflicts(moved(new, local)) == [
            (ConflictKind.CHANGED_BOTH, "kickoff", "translations.fr")
        ]


class TestAStepThatIsGone:
    NEW = (step("kickoff"),)

    def test_and_was_changed_here_is_one_conflict_however_much_was_changed(self) -> None:
        local = (sets("training", "offset", 9), sets("training", "title", "Formation"))
        assert conflicts(moved(self.NEW, *local)) == [(ConflictKind.STEP_GONE, "training", "")]

    def test_takes_its_changes_along_once_somebody_agrees(self) -> None:
        local = (sets("training", "offset", 9), sets("training", "title", "Formation"))
        settled = {("training", ""): Settlement(Choice.BASE)}
        assert moved(self.NEW, *local, settled=settled) == Rebased((), ())

    @pytest.mark.parametrize("choice", [Choice.LOCAL, Choice.VALUE])
    def test_cannot_be_kept_by_changing_it(self, choice: Choice) -> None:
        settled = {("training", ""): Settlement(choice, 3)}
        assert moved(self.NEW, sets("training", "offset", 9), settled=settled).conflicts

    def test_and_was_left_out_here_is_settled_by_itself(self) -> None:
        assert moved(self.NEW, drops("training")) == Rebased((), ())

    def test_and_was_brought_back_here_is_in_conflict(self) -> None:
        before = laid(OLD, region(drops("training")))
        rebased = rebase([restores("training")], before=before, after=laid(self.NEW))
        assert conflicts(rebased) == [(ConflictKind.STEP_GONE, "training", "")]


class TestAStepThatTheRegionLeavesOut:
    def test_is_in_conflict_where_the_market_changed_it(self) -> None:
        after = laid(OLD, region(drops("training")))
        rebased = rebase([sets("training", "offset", 9)], before=laid(OLD), after=after)
        assert conflicts(rebased) == [(ConflictKind.STEP_GONE, "training", "")]

    def test_follows_the_base_where_the_market_brought_it_back(self) -> None:
        dropping = region(drops("training"))
        local = (restores("training"), sets("training", "title", "Formation"))
        new = (OLD[0], step("training", offset=5))
        rebased = rebase(local, before=laid(OLD, dropping), after=laid(new, dropping))
        assert rebased == Rebased(local, ())
        resolved = laid(new, dropping, market(*rebased.changes))
        fields = fields_of(resolved, "training")
        assert (fields["offset"], fields["title"]) == (5, "Formation")

    def test_is_in_conflict_by_field_where_the_market_brought_it_back(self) -> None:
        dropping = region(drops("training"))
        local = (restores("training"), sets("training", "offset", 9))
        new = (OLD[0], step("training", offset=5))
        rebased = rebase(local, before=laid(OLD, dropping), after=laid(new, dropping))
        assert conflicts(rebased) == [(ConflictKind.CHANGED_BOTH, "training", "offset")]

    def test_needs_no_bringing_back_once_the_region_keeps_it(self) -> None:
        local = (restores("training"), sets("training", "offset", 9))
        rebased = rebase(local, before=laid(OLD, region(drops("training"))), after=laid(OLD))
        assert rebased == Rebased(local[1:], ())


class TestAStepLeftOutHere:
    def test_stays_out_though_the_base_changed_it(self) -> None:
        new = (OLD[0], step("training", offset=5))
        assert moved(new, drops("training")) == Rebased((drops("training"),), ())


class TestAnAddedStep:
    def test_stays(self) -> None:
        assert moved(OLD, adds("visit")) == Rebased((adds("visit"),), ())

    def test_stays_with_what_is_said_of_it(self) -> None:
        local = (adds("visit"), sets("visit", "translations.fr", {"title": "Visite"}))
        assert moved(OLD, *local) == Rebased(local, ())

    def test_that_the_base_has_otherwise_is_in_conflict(self) -> None:
        rebased = moved((*OLD, step("visit", title="Visit them")), adds("visit"))
        assert conflicts(rebased) == [(ConflictKind.ADDED_BOTH, "visit", "")]
        assert rebased.conflicts[0].after["title"] == "Visit them"
        assert rebased.conflicts[0].local["title"] == "Do visit"

    def test_gives_way_to_that_of_the_base_where_somebody_agrees(self) -> None:
        settled = {("visit", ""): Settlement(Choice.BASE)}
        assert moved((*OLD, step("visit", offset=8)), adds("visit"), settled=settled).changes == ()

    def test_cannot_stand_beside_that_of_the_base(self) -> None:
        settled = {("visit", ""): Settlement(Choice.LOCAL)}
        new = (*OLD, step("visit", title="Visit them"))
        assert moved(new, adds("visit"), settled=settled).conflicts

    def test_that_the_base_has_word_for_word_is_the_bases(self) -> None:
        new = (*OLD, step("visit"))
        rebased = moved(new, adds("visit"))
        assert rebased == Rebased((), ())
        assert not laid(new, market(*rebased.changes)).misfits


class TestAConflict:
    NEW = (step("kickoff", offset=5), OLD[1])
    LOCAL = sets("kickoff", "offset", 9, author="anna")

    def settle(self, *settlement: Any) -> Rebased:
        settled = {("kickoff", "offset"): Settlement(*settlement)}
        return moved(self.NEW, self.LOCAL, settled=settled)

    def test_settled_for_the_localization_keeps_the_change_and_its_author(self) -> None:
        assert self.settle(Choice.LOCAL) == Rebased((self.LOCAL,), ())

    def test_settled_for_the_base_drops_the_change(self) -> None:
        assert self.settle(Choice.BASE) == Rebased((), ())

    def test_settled_by_a_third_value_takes_it(self) -> None:
        (change,) = self.settle(Choice.VALUE, 7).changes
        assert (change.value, change.reason) == (7, self.LOCAL.reason)

    def test_that_is_not_there_needs_no_settlement(self) -> None:
        settled = {("kickoff", "offset"): Settlement(Choice.BASE)}
        assert moved(OLD, self.LOCAL, settled=settled).changes == (self.LOCAL,)


class TestEveryRebase:
    @given(versions(), versions())
    def test_without_local_changes_equals_the_new_version(
        self, old: tuple[StepDocument, ...], new: tuple[StepDocument, ...]
    ) -> None:
        rebased = rebase((), before=laid(old), after=laid(new))
        assert laid(new, market(*rebased.changes)) == laid(new)

    @given(versions(), changes())
    def test_onto_the_same_version_is_never_in_conflict_over_a_field(
        self, old: tuple[StepDocument, ...], local: tuple[Change, ...]
    ) -> None:
        rebased = rebase(local, before=laid(old), after=laid(old))
        assert {each.kind for each in rebased.conflicts} <= {ConflictKind.STEP_GONE}

    @given(versions(), versions(), changes(), st.data())
    def test_once_settled_is_never_in_conflict_again(
        self, old: Any, new: Any, local: tuple[Change, ...], data: st.DataObject
    ) -> None:
        settled, rebased = settle_all(old, new, local, data)
        assert not rebased.conflicts
        again = rebase(rebased.changes, before=laid(new), after=laid(new), settled=settled)
        assert again.changes == rebased.changes

    @given(versions(), versions(), changes(), st.data())
    def test_keeps_every_settled_choice(
        self, old: Any, new: Any, local: tuple[Change, ...], data: st.DataObject
    ) -> None:
        settled, rebased = settle_all(old, new, local, data)
        resolved = laid(new, market(*rebased.changes))
        by_place = {change.place: change for change in local}
        for (key, name), settlement in settled.items():
            found = resolved.find(key)
            if not name or found is None:  # Left out by the localization itself.
                continue
            base = fields_of(laid(new), key).get(name)
            wanted = {
                Choice.BASE: base,
                Choice.LOCAL: by_place[key, name].value,
                Choice.VALUE: settlement.value,
            }[settlement.choice]
            assert (found.fields.get(name) or None) == (wanted or None)

    @given(versions(), versions(), changes(), st.data())
    def test_keeps_what_the_base_left_alone_and_follows_where_nobody_changed(
        self, old: Any, new: Any, local: tuple[Change, ...], data: st.DataObject
    ) -> None:
        _settled, rebased = settle_all(old, new, local, data)
        resolved, base = laid(new, market(*rebased.changes)), laid(new)
        touched = {change.place for change in local}
        added = {change.step for change in rebased.changes if change.place[1] == ""}
        for found in resolved.steps:
            if found.key in added:
                continue
            for name, value in fields_of(base, found.key).items():
                if (found.key, name) not in touched:
                    assert found.fields[name] == value


def settle_all(
    old: tuple[StepDocument, ...],
    new: tuple[StepDocument, ...],
    local: tuple[Change, ...],
    data: st.DataObject,
) -> tuple[dict[tuple[str, str], Settlement], Rebased]:
    """Settle every conflict in one way or another; whole steps only as the base has them."""
    layer = Layer(Level.MARKET, local)
    before, after = laid(old), laid(new)
    settled: dict[tuple[str, str], Settlement] = {}
    for conflict in rebase(layer.changes, before=before, after=after).conflicts:
        choice = Choice.BASE
        if conflict.field:
            choice = data.draw(st.sampled_from(list(Choice)))
        value = data.draw(VALUES[conflict.field]) if choice is Choice.VALUE else None
        settled[conflict.place] = Settlement(choice, value)
    return settled, rebase(layer.changes, before=before, after=after, settled=settled)
