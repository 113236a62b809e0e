"""Playbooks as code: exported, imported, compared and checked."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from playbooks import services
from playbooks.code.problems import CodeError
from playbooks.models import (
    Cadence,
    CadenceRevision,
    ContactBudget,
    LocalChange,
    Localization,
    Playbook,
    PlaybookVersion,
)
from playbooks.services.code import (
    Outcome,
    What,
    check_file,
    diff_file,
    export_file,
    export_playbooks,
    import_file,
)
from playbooks.services.code.differences import said
from regions.models import CulturalStatement, Market, Region
from talent.models import Role
from tenants.models import AuditEntry
from tests import factories
from tests.conftest import Cast, count_queries

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)

SMALL = """\
format: 1
playbooks:
- key: small
  name: Small
  motion: onboarding
  goal: It runs.
  steps:
  - key: kickoff
    title: Hold the kickoff
    outcome: You know what comes next.
    kind: call
  - key: survey
    title: Ask how it went
    outcome: You were heard.
    kind: survey
    offset: 20
  localizations:
  - market: FR
    changes:
    - step: kickoff
      action: set
      fields: {kind: in_person, duration_minutes: 90}
      reason:
        kind: culture
        text: A visit comes before a call here.
"""

RULES = """\
cadences:
- tier: tier_1
  stage: value
  title: Monthly call
  every: 1
  unit: months
contact_budgets:
- tier: tier_1
  most_touches: 6
"""


def places() -> None:
    """Adopt what the company below works in."""
    emea = Region.objects.filter(code="emea").first() or factories.region(code="emea")
    factories.market("FR", in_region=emea)
    if not Market.objects.filter(code="NO").exists():
        factories.handmade_market(code="NO", name="Norway", country="NO", region=emea)
    factories.market("JP", in_region=factories.region(code="apac"))


def company() -> None:
    """Write playbooks that use everything a file can say."""
    places()
    kickoff = factories.step(
        "kickoff",
        title="NO",
        instructions='First line\n\n  - indented: "quoted"\n# no comment\n',
        outcome="You know what comes next, " * 8,
        required=True,
        tone="formal",
        condition={
            "tiers": ["tier_1"],
            "languages": ["no", "on"],
            "attributes": {"plan": ["1:30", "012"], "edition": ["yes"]},
        },
        checklist=["on", "~", "A line, with: signs"],
        message="Dear {contact_name},\r\nsee you.\u2028 \n",
        translations={
            "no": {"title": "1:30", "checklist": ["null", ""]},
            "ja": {"outcome": "次に何が起こるかわかります。", "message": "{contact_name} 様"},
        },
    )
    training = factories.step(
        "training",
        kind="training",
        anchor="step_end",
        anchor_step="kickoff",
        offset=2,
        unit="weeks",
        depends_on=["kickoff"],
        position=5,
        stakeholders=["users"],
        assumption="remote",
    )
    version = factories.playbook(
        kickoff,
        training,
        key="onboarding",
        name="Onboarding: all",
        goal="It\nruns.",
        tiers=["tier_2", "tier_1"],
        stages=["onboarding"],
        change_note="First one.",
    )
    visit = factories.step("visit", position=15, translations={"fr": {"title": "Visite"}})
    del visit["key"]
    factories.localization(
        version,
        Region.objects.get(code="emea"),
        factories.change("visit", action="add", value=visit),
        factories.change("training", "offset", 3),
        factories.change("", "name", "Onboarding in EMEA"),
        note="1:30",
    )
    factories.localization(
        version,
        Market.objects.get(code="NO"),
        factories.change("training"),
        factories.change("visit", "duration_minutes", 90),
        factories.change("kickoff", "kind", "in_person"),
        factories.change("kickoff", "channel", "in_person", reason="Another reason."),
        factories.change("kickoff", "tone", None, evidence="on"),
        factories.change("kickoff", "translations.no", {"title": "NO", "message": "Hei\n"}),
        factories.change("kickoff", "checklist", []),
        factories.change("", "translations.no", {"name": "Navn", "goal": "Mål"}),
    )
    factories.localization(
        version, factories.market("FR"), factories.change("training", action="restore")
    )
    factories.cadence(weekdays=[1, 3], every=2, unit="weeks", mode="elastic")
    factories.cadence(market=Market.objects.get(code="NO"), reason="no", working_day="last")
    factories.cadence(region=Region.objects.get(code="emea"), reason="012", source="on", benefit="")
    for values in (
        {"tier": "tier_1", "most_touches": 6},
        {"tier": "tier_1", "most_touches": 4, "market": factories.market("JP"), "reason": "Less."},
    ):
        services.save_budget(ContactBudget(**{"severity": "error", **values}))


class TestExport:
    def test_imports_into_an_empty_organization_and_exports_the_same_bytes(
        self, cast: Cast, outsiders: Cast
    ) -> None:
        with cast.acting():
            company()
            text = export_playbooks()
        with outsiders.acting():
            places()
            report = import_file(text.encode(), by=outsiders.leader, at=NOW)
            assert {each.outcome for each in report.imported} == {Outcome.ADDED}
            assert export_playbooks() == text
            assert Localization.objects.count() == 3
            assert Cadence.objects.count() == 3

    def test_of_the_whole_library_comes_back_as_it_was(self, cast: Cast, outsiders: Cast) -> None:
        codes = ("FR", "DE", "GB", "JP", "ES", "AE", "US")
        with cast.acting():
            for code in codes:
                factories.market(code)
            for each in services.library_playbooks():
                services.adopt_library_playbook(each.key, by=cast.leader, at=NOW)
            services.adopt_starting_cadences()
            text = export_playbooks()
        with outsiders.acting():
            for code in codes:
                factories.market(code)
            import_file(text, by=outsiders.leader, at=NOW)
            assert export_playbooks() == text
            assert import_file(text, by=outsiders.leader, at=NOW).changes_nothing

    def test_has_the_newest_version_whatever_its_status(self, acting: Cast) -> None:
        version = factories.published(factories.step(), by=acting.leader, key="one")
        assert "name: Playbook one\n" in export_playbooks(["one"])
        draft = services.start_draft(version.playbook, by=acting.leader)
        draft.name = "Next"
        services.save_version(draft)
        assert "name: Next\n" in export_playbooks(["one"])

    def test_has_archived_playbooks_only_by_name(self, acting: Cast) -> None:
        playbook = factories.playbook(key="old").playbook
        services.archive_playbook(playbook, at=NOW)
        assert "old" not in export_playbooks()
        assert "key: old" in export_playbooks(["old"])

    def test_of_one_playbook_has_no_cadence(self, acting: Cast) -> None:
        company()
        text = export_playbooks(["onboarding"])
        assert "cadences" not in text
        assert "contact_budgets" not in text

    def test_leaves_out_what_changes_a_step_that_is_gone_and_says_so(self, acting: Cast) -> None:
        steps = (factories.step("kickoff"), factories.step("survey"))
        version = factories.published(*steps, by=acting.leader, key="one")
        factories.localization(
            version,
            factories.market("FR"),
            factories.change("survey"),
            factories.change("kickoff", "offset", 4),
        )
        draft = services.start_draft(version.playbook, by=acting.leader)
        services.save_version(draft, steps=steps[:1])
        exported = export_file()
        assert "step: survey" not in exported.text
        assert exported.left_out == ("one, FR: the change of “survey”, which is no step any more.",)

    def test_takes_a_number_of_queries_that_does_not_grow(self, acting: Cast) -> None:
        def queries() -> int:
            with count_queries() as captured:
                export_playbooks()
            return len(captured)

        company()
        few = queries()
        version = factories.playbook(factories.step(), factories.step("b"), key="another")
        factories.localization(version, factories.market("FR"), factories.change("b"))
        assert queries() == few

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        texts=st.lists(
            st.text(
                st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1
            ),
            min_size=3,
            max_size=3,
        )
    )
    def test_reads_back_whatever_text_it_has(self, acting: Cast, texts: list[str]) -> None:
        first, second, third = texts
        Playbook.objects.filter(key="fuzz").delete()
        version = factories.playbook(
            factories.step(instructions=first, message=third), key="fuzz", goal=second
        )
        assert diff_file(export_playbooks(["fuzz"])) == []
        services.discard_draft(version)


class TestImport:
    def test_adds_playbooks_cadences_and_budgets(self, acting: Cast) -> None:
        factories.market("FR")
        report = import_file(SMALL + RULES, by=acting.leader, at=NOW)
        assert [(each.what, each.name, each.outcome) for each in report.imported] == [
            (What.PLAYBOOK, "small", Outcome.ADDED),
            (What.LOCALIZATION, "small FR", Outcome.ADDED),
            (What.CADENCE, "tier_1 value", Outcome.ADDED),
            (What.CONTACT_BUDGET, "tier_1", Outcome.ADDED),
        ]
        version = PlaybookVersion.objects.get()
        assert (version.number, version.status, version.created_by) == (1, "draft", acting.leader)
        assert [step.position for step in version.steps.all()] == [10, 20]
        rows = LocalChange.objects.order_by("field")
        assert [(row.field, row.value, row.author) for row in rows] == [
            ("duration_minutes", 90, acting.leader),
            ("kind", "in_person", acting.leader),
        ]

    def test_of_the_same_file_twice_changes_nothing(self, acting: Cast) -> None:
        company()
        text = export_playbooks()
        before = AuditEntry.objects.count(), CadenceRevision.objects.count()
        report = import_file(text, by=acting.leader, at=NOW)
        assert report.changes_nothing
        assert (AuditEntry.objects.count(), CadenceRevision.objects.count()) == before

    def test_allows_several_runs_where_the_file_says_so(self, acting: Cast) -> None:
        factories.market("FR")
        import_file(SMALL, by=acting.leader, at=NOW)
        several = SMALL.replace("motion: onboarding", "motion: onboarding\n  allows_several: true")
        assert not import_file(several, by=acting.leader, at=NOW).changes_nothing
        assert PlaybookVersion.objects.get().playbook.allows_several
        assert "allows_several: true" in export_playbooks()
        assert import_file(several, by=acting.leader, at=NOW).changes_nothing
        import_file(SMALL, by=acting.leader, at=NOW)
        assert not PlaybookVersion.objects.get().playbook.allows_several

    def test_says_what_becomes_of_runs_when_an_account_moves(self, acting: Cast) -> None:
        factories.market("FR")
        import_file(SMALL, by=acting.leader, at=NOW)
        assert "on_market_move" not in export_playbooks()
        finish = SMALL.replace("motion: onboarding", "motion: onboarding\n  on_market_move: finish")
        assert not import_file(finish, by=acting.leader, at=NOW).changes_nothing
        assert PlaybookVersion.objects.get().playbook.on_market_move == "finish"
        assert "on_market_move: finish" in export_playbooks()
        assert import_file(finish, by=acting.leader, at=NOW).changes_nothing
        with pytest.raises(CodeError):
            import_file(finish.replace("finish", "stop"), by=acting.leader, at=NOW)

    def test_begins_a_draft_where_a_published_version_differs(self, acting: Cast) -> None:
        factories.market("FR")
        import_file(SMALL, by=acting.leader, at=NOW)
        first = PlaybookVersion.objects.get()
        services.publish_version(first, by=acting.leader, at=NOW)
        assert import_file(SMALL, by=acting.leader, at=NOW).changes_nothing
        report = import_file(SMALL.replace("offset: 20", "offset: 25"), by=acting.leader, at=NOW)
        assert [each.name for each in report.with_outcome(Outcome.CHANGED)] == ["small"]
        draft = PlaybookVersion.objects.get(number=2)
        assert draft.status == "draft"
        assert draft.steps.get(key="survey").offset == 25
        assert first.steps.get(key="survey").offset == 20

    def test_rewrites_a_draft_that_is_open(self, acting: Cast) -> None:
        factories.market("FR")
        import_file(SMALL, by=acting.leader, at=NOW)
        import_file(SMALL.replace("name: Small", "name: Smaller"), by=acting.leader, at=NOW)
        assert PlaybookVersion.objects.get().name == "Smaller"

    def test_refuses_to_rewrite_what_is_in_review(self, acting: Cast) -> None:
        factories.market("FR")
        import_file(SMALL, by=acting.leader, at=NOW)
        services.submit_version(PlaybookVersion.objects.get(), by=acting.leader, at=NOW)
        with pytest.raises(CodeError, match="^3:3: Version 1 is In review"):
            import_file(SMALL.replace("name: Small", "name: Smaller"), by=acting.leader, at=NOW)

    def test_leaves_an_archived_playbook_alone(self, acting: Cast) -> None:
        factories.market("FR")
        import_file(SMALL, by=acting.leader, at=NOW)
        services.archive_playbook(Playbook.objects.get(), at=NOW)
        with pytest.raises(CodeError, match="^3:3: small is archived"):
            import_file(SMALL.replace("name: Small", "name: Smaller"), by=acting.leader, at=NOW)

    def test_keeps_author_time_and_report_of_changes_that_stay(self, acting: Cast) -> None:
        france = factories.market("FR")
        report = CulturalStatement.objects.filter(market=france).first()
        assert report
        version = factories.playbook(factories.step("kickoff"), factories.step("survey"), key="one")
        factories.localization(
            version,
            france,
            factories.change("kickoff", "offset", 4, statement=report.pk),
            factories.change("survey", "offset", 9),
        )
        text = export_playbooks(["one"]).replace("{offset: 9}", "{offset: 8}")
        import_file(text, by=acting.leader, at=NOW)
        kept, changed = LocalChange.objects.order_by("step")
        assert (kept.statement, kept.author) == (report, None)
        assert (changed.value, changed.author, changed.since) == (8, acting.leader, NOW)

    def test_prepares_a_place_for_a_step_that_is_still_a_draft(self, acting: Cast) -> None:
        factories.market("FR")
        import_file(SMALL, by=acting.leader, at=NOW)
        services.publish_version(PlaybookVersion.objects.get(), by=acting.leader, at=NOW)
        text = SMALL.replace("key: survey", "key: question").replace(
            "step: kickoff", "step: question"
        )
        import_file(text, by=acting.leader, at=NOW)
        assert set(LocalChange.objects.values_list("step", flat=True)) == {"question"}

    def test_brings_shipped_roles_and_refuses_others(self, acting: Cast) -> None:
        factories.market("FR")
        own = SMALL.replace("kind: survey", "kind: survey\n    owner_role: local_csm")
        report = import_file(own, by=acting.leader, at=NOW)
        assert report.imported[0].name == "local_csm"
        assert list(Role.objects.values_list("code", flat=True)) == ["local_csm"]
        with pytest.raises(CodeError, match="^16:17: “locl_csm” .* Did you mean “local_csm”"):
            import_file(own.replace("local_csm", "locl_csm"), by=acting.leader, at=NOW)

    def test_takes_one_playbook_of_several_if_asked(self, acting: Cast) -> None:
        second = SMALL.partition("playbooks:\n")[2].replace("key: small", "key: second")
        factories.market("FR")
        import_file(SMALL + second + RULES, by=acting.leader, at=NOW, only=["second"])
        assert list(Playbook.objects.values_list("key", flat=True)) == ["second"]
        assert not Cadence.objects.exists()
        with pytest.raises(CodeError, match="Did you mean “second”"):
            import_file(SMALL + second, by=acting.leader, at=NOW, only=["secnd"])

    def test_changes_cadences_and_budgets_by_what_they_are_for(self, acting: Cast) -> None:
        import_file("format: 1\n" + RULES, by=acting.leader, at=NOW)
        text = RULES.replace("every: 1", "every: 2").replace("touches: 6", "touches: 5")
        report = import_file("format: 1\n" + text, by=acting.leader, at=NOW)
        assert len(report.with_outcome(Outcome.CHANGED)) == 2
        assert Cadence.objects.get().every == 2
        assert ContactBudget.objects.get().most_touches == 5

    def test_leaves_nothing_where_the_last_line_is_bad(self, acting: Cast) -> None:
        factories.market("FR")
        before = AuditEntry.objects.count()
        text = SMALL.replace("kind: survey", "kind: survey\n    owner_role: local_csm") + RULES
        bad = text.replace("most_touches: 6", "most_touches: 0")
        with pytest.raises(CodeError) as caught:
            import_file(bad, by=acting.leader, at=NOW)
        assert [(each.line, each.column) for each in caught.value.problems] == [
            (len(bad.splitlines()), 17)
        ]
        assert AuditEntry.objects.count() == before
        for model in (Playbook, Role, Cadence, ContactBudget, Localization):
            assert not model.objects.exists()


class TestWhatServicesRefuse:
    """Everything at once, each where it stands."""

    @pytest.mark.parametrize(
        ("line", "instead", "place"),
        [
            ("  - key: kickoff", "  - key: kick off", (8, 10)),
            ("    offset: 20", "    offset: 2000", (16, 13)),
            ("    offset: 20", "    anchor: step_end", (12, 5)),
            ("    title: Ask how it went", f"    title: {'x' * 201}", (13, 12)),
            (
                "    offset: 20",
                "    condition: {tiers: [tier_1], health: [green]}\n"
                f"    checklist: [a, {'b' * 201}]",
                (17, 16),
            ),
            ("  name: Small", f"  name: {'x' * 201}", (4, 9)),
            ("    - step: kickoff", "    - step: kickof", (20, 13)),
            ("  - market: FR", "  - market: FRA", (18, 13)),
            ("  - market: FR", "  - region: apac", (18, 13)),
            (
                "      fields: {kind: in_person, duration_minutes: 90}",
                "      fields: {kind: in_person, duration_minutes: 900}",
                (22, 51),
            ),
            (
                "      fields: {kind: in_person, duration_minutes: 90}",
                "      fields: {title: null, kind: call}",
                (22, 23),
            ),
            ("        text: A visit comes before a call here.", "        text: '  '", (25, 15)),
        ],
    )
    def test_is_told_with_line_and_column(
        self, acting: Cast, line: str, instead: str, place: tuple[int, int]
    ) -> None:
        factories.market("FR")
        assert f"{line}\n" in SMALL
        with pytest.raises(CodeError) as caught:
            import_file(SMALL.replace(line, instead), by=acting.leader, at=NOW)
        assert [(each.line, each.column) for each in caught.value.problems] == [place]
        assert not Playbook.objects.exists()

    def test_is_told_all_at_once(self, acting: Cast) -> None:
        factories.market("FR")
        text = SMALL.replace("offset: 20", "offset: 2000\n    owner_role: nobody").replace(
            "market: FR", "market: XX"
        ) + RULES.replace("every: 1", "every: 400").replace("touches: 6", "touches: 0")
        with pytest.raises(CodeError) as caught:
            import_file(text, by=acting.leader, at=NOW)
        assert [each.path for each in caught.value.problems] == [
            "playbooks[0].steps[1].offset",
            "playbooks[0].steps[1].owner_role",
            "playbooks[0].localizations[0].market",
            "cadences[0].every",
            "contact_budgets[0].most_touches",
        ]


class TestDiff:
    def test_says_what_an_import_would_add_change_and_remove(self, acting: Cast) -> None:
        factories.market("FR")
        import_file(SMALL + RULES, by=acting.leader, at=NOW)
        text = (
            (SMALL + RULES)
            .replace("key: survey", "key: question")
            .replace("title: Hold the kickoff", "title: Open it")
            .replace("duration_minutes: 90", "channel: in_person")
            .replace("every: 1", "every: 2")
        )
        lines = [line for each in diff_file(text) for line in said(each)]
        assert lines == [
            "~ playbook small",
            "  ~ step kickoff: Hold the kickoff",
            "      title: 'Hold the kickoff' → 'Open it'",
            "  + step question: Ask how it went",
            "  - step survey: Ask how it went",
            "~ localization small FR",
            "  + set kickoff channel",
            "  - set kickoff duration_minutes",
            "~ cadence tier_1 value",
            "    every: 1 → 2",
        ]

    def test_writes_nothing(self, acting: Cast) -> None:
        assert [each.outcome for each in diff_file(SMALL)] == [Outcome.ADDED, Outcome.ADDED]
        assert not Playbook.objects.exists()

    def test_says_nothing_where_nothing_would_change(self, acting: Cast) -> None:
        company()
        assert diff_file(export_playbooks()) == []


class TestCheck:
    def test_places_findings_at_the_step_they_are_about(self, acting: Cast) -> None:
        factories.market("FR")
        text = SMALL.replace(
            "kind: survey", "kind: survey\n    depends_on: [kickof]\n    message: Dear {contact}"
        )
        found = check_file(text, by=acting.leader, at=NOW)
        assert [(each.line, each.column, each.finding.rule) for each in found] == [
            (16, 17, "unknown_step"),
            (17, 14, "unknown_placeholder"),
        ]
        assert all(each.is_error for each in found)
        assert str(found[0]).startswith("16:17: error: ")

    def test_places_local_findings_at_the_local_change(self, acting: Cast) -> None:
        factories.market("FR")
        text = SMALL.replace("fields: {kind: in_person,", "fields: {depends_on: [nothing],")
        (found,) = check_file(text, by=acting.leader, at=NOW)
        assert (found.line, found.column, found.finding.market) == (22, 28, "FR")

    def test_keeps_nothing(self, acting: Cast) -> None:
        factories.market("FR")
        before = AuditEntry.objects.count()
        assert check_file(SMALL + RULES, by=acting.leader, at=NOW) == []
        assert not Playbook.objects.exists()
        assert not Cadence.objects.exists()
        assert AuditEntry.objects.count() == before

    def test_refuses_what_could_not_be_imported(self, acting: Cast) -> None:
        with pytest.raises(CodeError, match="^18:13: You have no market “FR”"):
            check_file(SMALL, by=acting.leader, at=NOW)
